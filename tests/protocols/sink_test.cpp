#define CAF_SUITE sink
#include "tests/support/caf_test.hpp"

#include "protocols/codec/json_append.hpp"
#include "protocols/codec/sink.hpp"

using namespace interject;

CAF_TEST(a sink holds what a string would at every size around its own) {
  for (std::size_t size : {0u, 1u, 2047u, 2048u, 2049u, 4096u, 4097u, 10'000u}) {
    sink one, whole;
    std::string expected;
    for (std::size_t i = 0; i < size; ++i) {
      auto c = static_cast<char>('a' + i % 26);
      one += c;
      expected += c;
    }
    whole += expected;
    CAF_CHECK_EQUAL(one.size(), size);
    CAF_CHECK(one.view() == expected);
    CAF_CHECK(whole.str() == expected);
  }
}

CAF_TEST(a sink that has grown goes on) {
  sink out;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    out += std::string_view("a few bytes ");
    out += 'x';
    expected += "a few bytes x";
  }
  CAF_CHECK(out.view() == expected);
}

// Eight bytes are looked at together: each byte at each place among clean neighbours, against the
// rule itself.
CAF_TEST(each byte is escaped or left at each place) {
  for (int byte = 0; byte < 256; ++byte)
    for (std::size_t at = 0; at < 19; ++at) {
      std::string text(19, '~');
      text[at] = static_cast<char>(byte);
      std::string out;
      append_json_escaped(out, text);
      bool clean = byte >= 0x20 && byte != '"' && byte != '\\';
      CAF_REQUIRE_EQUAL(out == text, clean);
      CAF_REQUIRE(out.substr(0, at) == text.substr(0, at));
      CAF_REQUIRE(out.ends_with(text.substr(at + 1)));
      if (!clean)
        CAF_REQUIRE_EQUAL(out[at], '\\');
    }
}
