#define CAF_SUITE secret_reference
#include "tests/support/caf_test.hpp"

#include "protocols/secret_reference.hpp"

#include <vector>

using namespace interject;

namespace {

result<std::string> known(std::string_view kind, std::string_view name) {
  if (kind == "env" && name == "KEY")
    return std::string("s3 \"cr/t");
  if (kind == "file" && name == "/run/key")
    return std::string("from file");
  return error{errc::not_found, "no " + std::string(kind) + ":" + std::string(name)};
}

std::string put_in(std::string_view written, secret_place where) {
  auto marked = mark_references(written);
  if (!marked)
    return "refused: " + marked.error().what;
  auto filled = resolve_references(*marked, where, known);
  return filled ? *filled : "error: " + filled.error().what;
}

} // namespace

CAF_TEST(references are put in as their place needs it) {
  struct row {
    const char* written;
    secret_place where;
    const char* expected;
  };
  for (auto& r : std::vector<row>{
           {"Bearer ${env:KEY}", secret_place::header, "Bearer s3 \"cr/t"},
           {"http://h/?k=${env:KEY}&x", secret_place::url, "http://h/?k=s3%20%22cr%2Ft&x"},
           {R"({"k": "${env:KEY}"})", secret_place::body, R"({"k": "s3 \"cr/t"})"},
           {"${env:KEY}${file:/run/key}", secret_place::header, "s3 \"cr/tfrom file"},
           {"plain {name} $5 ${name} $", secret_place::header, "plain {name} $5 ${name} $"},
           {"$${env:KEY}", secret_place::url, "$s3%20%22cr%2Ft"},
           {"${env:NONE} ${env:KEY}", secret_place::header, "error: no env:NONE"},
           {"${env:}", secret_place::header, "refused: \"\" is no name of an environment variable"},
           {"${env:A-B}", secret_place::header,
            "refused: \"A-B\" is no name of an environment variable"},
           {"${file:key}", secret_place::header, "refused: \"key\" is no absolute path"},
           {"${env:KEY", secret_place::header, "refused: ${env:KEY… lacks its }"},
           {"a\x01"
            "env:KEY\x02",
            secret_place::header, "refused: control characters may not stand here"},
       })
    CAF_CHECK_EQUAL(put_in(r.written, r.where), r.expected);
}

CAF_TEST(rows hold references and people see them as written) {
  auto marked = mark_references("Bearer ${env:KEY} and ${file:/run/key}.");
  CAF_REQUIRE(marked.has_value());
  CAF_CHECK(holds_reference(*marked));
  CAF_CHECK_EQUAL(show_references(*marked), "Bearer ${env:KEY} and ${file:/run/key}.");
  CAF_CHECK(!holds_reference("Bearer ${env:KEY}")); // what somebody typed is a text
  CAF_CHECK_EQUAL(*resolve_references("Bearer ${env:KEY}", secret_place::header, known),
                  "Bearer ${env:KEY}");
}
