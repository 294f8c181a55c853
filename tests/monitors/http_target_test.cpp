#define CAF_SUITE http_target
#include "tests/support/caf_test.hpp"

#include "actors/monitors/http_target.hpp"
#include "protocols/codec/json_answer.hpp"

using namespace interject;
using namespace interject::monitors;

CAF_TEST(urls are taken apart or refused) {
  struct row {
    const char* url;
    const char* expected; ///< "host port target" or the error's code
  };
  for (auto& r : std::vector<row>{
           {"http://api.example.com/a/b?c=d%20e#f", "api.example.com 80 /a/b?c=d%20e"},
           {"HTTPS://API.Example.COM", "api.example.com 443 /"},
           {"http://127.0.0.1:8090/slow", "127.0.0.1 8090 /slow"},
           {"http://[::1]:81?x", "::1 81 /?x"},
           {"http://h:/p", "h 80 /p"},
           {"http://h:0/p", "bad_input"},
           {"http://h:65536/p", "bad_input"},
           {"http://user:secret@h/p", "bad_input"},
           {"ftp://h/p", "bad_input"},
           {"file:///etc/passwd", "bad_input"},
           {"/p", "bad_input"},
           {"http:///p", "bad_input"},
           {"http://h/a b", "bad_input"},
           {"http://h/a\r\nHost: other", "bad_input"},
           {"http://h/orders/../keys", "bad_input"},
           {"http://h/orders/%2e%2E", "bad_input"},
           {"http://h/orders/.%2e/keys?x", "bad_input"},
           {"http://h/./keys", "bad_input"},
           {"http://h/.../..a/a../%2e%2e%2e/?to=../..", "h 80 /.../..a/a../%2e%2e%2e/?to=../.."},
           {"", "bad_input"},
       }) {
    auto to = parse_target(r.url);
    auto got = to ? to->host + " " + std::to_string(to->port) + " " + to->target
                  : to_string(to.error().code);
    CAF_CHECK_EQUAL(got, r.expected);
  }
}

CAF_TEST(only named hosts are called) {
  std::vector<std::string> hosts{"api.example.com", "Other.example.com:8443", "127.0.0.1:8090",
                                 "[::1]:81"};
  CAF_CHECK(is_named(hosts, "api.example.com", 80));
  CAF_CHECK(is_named(hosts, "api.example.com", 9999));
  CAF_CHECK(is_named(hosts, "other.example.com", 8443));
  CAF_CHECK(!is_named(hosts, "other.example.com", 443));
  CAF_CHECK(!is_named(hosts, "example.com", 80));
  CAF_CHECK(is_named(hosts, "127.0.0.1", 8090));
  CAF_CHECK(!is_named(hosts, "127.0.0.1", 8091));
  CAF_CHECK(is_named(hosts, "::1", 81));
  CAF_CHECK(!is_named({}, "api.example.com", 80));
}

CAF_TEST(addresses that are not on the internet are told apart) {
  for (auto* text : {"127.0.0.1",
                     "127.8.9.1",
                     "10.1.2.3",
                     "172.16.0.1",
                     "172.31.255.255",
                     "192.168.1.1",
                     "169.254.169.254",
                     "0.0.0.0",
                     "100.64.0.1",
                     "224.0.0.1",
                     "255.255.255.255",
                     "::1",
                     "::",
                     "fe80::1",
                     "fc00::1",
                     "fd12::1",
                     "ff02::1",
                     "::ffff:127.0.0.1",
                     "::ffff:10.0.0.1",
                     "64:ff9b::7f00:1",
                     "2002:7f00:1::",
                     "2001:db8::1",
                     "2001:0:7f00:1::1"})
    CAF_CHECK_EQUAL(std::string(text) +
                        (is_public(boost::asio::ip::make_address(text)) ? " public" : ""),
                    text);
  for (auto* text : {"8.8.8.8", "172.32.0.1", "172.15.255.255", "100.128.0.1", "2606:4700::1111",
                     "::ffff:8.8.8.8"})
    CAF_CHECK_EQUAL(std::string(text) +
                        (is_public(boost::asio::ip::make_address(text)) ? "" : " private"),
                    text);
}

CAF_TEST(a public name does not lead into the private network) {
  auto reach = [](std::vector<std::string> hosts, const char* url, const char* address) {
    return may_reach(hosts, *parse_target(url), boost::asio::ip::make_address(address));
  };
  CAF_CHECK(reach({"api.example.com"}, "http://api.example.com/", "8.8.8.8"));
  CAF_CHECK(!reach({"api.example.com"}, "http://api.example.com/", "127.0.0.1"));
  CAF_CHECK(!reach({"api.example.com"}, "http://api.example.com/", "169.254.169.254"));
  CAF_CHECK(reach({"api.example.com", "10.0.0.7"}, "http://api.example.com/", "10.0.0.7"));
  CAF_CHECK(!reach({"api.example.com", "10.0.0.7:81"}, "http://api.example.com/", "10.0.0.7"));
  CAF_CHECK(reach({"127.0.0.1:8090"}, "http://127.0.0.1:8090/", "127.0.0.1"));
  CAF_CHECK(reach({"localhost"}, "http://localhost/", "127.0.0.1"));
  CAF_CHECK(reach({"inventory"}, "http://inventory/", "172.18.0.3"));
  CAF_CHECK(reach({"db.internal"}, "http://db.internal/", "10.0.0.1"));
}

CAF_TEST(an answer is read by pointer with exact numbers) {
  auto root =
      read_json_answer(R"({"a": {"b": [1, 19.99, {"c": "x"}]}, "m~n": true, "o/p": null, "": 7,
                                   "big": 1790000000123, "huge": 1e300, "exp": 1.5e2})");
  CAF_REQUIRE(root.has_value());
  struct row {
    const char* pointer;
    const char* expected;
  };
  for (auto& r : std::vector<row>{{"/a/b/0", "1"},
                                  {"/a/b/1", "19.99"},
                                  {"/a/b/2/c", "x"},
                                  {"/m~0n", "true"},
                                  {"/", "7"},
                                  {"/big", "1790000000123"},
                                  {"/huge", "1e300"},
                                  {"/exp", "150"}})
    CAF_CHECK_EQUAL(display(at_pointer(*root, r.pointer)), r.expected);
  for (auto* nothing :
       {"/o~1p", "/x", "/a/b/3", "/a/b/-1", "/a/b/00", "/a/b/", "/a/b/0/1", "a", "/a/x/y"})
    CAF_CHECK(at_pointer(*root, nothing).is_null());
  CAF_CHECK(at_pointer(*root, "").as_object() != nullptr);
  CAF_CHECK(read_json_answer("3")->as_number() != nullptr);
}

CAF_TEST(what is no JSON is told so) {
  for (auto* text : {"", "{", "<html>", "{\"a\": 1} x", "nul", "\"\xff\""})
    CAF_CHECK(!read_json_answer(text).has_value());
  CAF_CHECK(!read_json_answer(std::string(100, '[') + std::string(100, ']')).has_value());
  CAF_CHECK(!read_json_answer(std::string(1'000'000, '[')).has_value());
}
