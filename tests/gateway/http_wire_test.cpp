#define CAF_SUITE http_wire
#include "tests/support/caf_test.hpp"

#include "gateway/http_wire.hpp"

using namespace interject::gateway;

CAF_TEST(an answer goes out with its fields and length) {
  response r;
  r.body = "{}";
  r.headers = {{"Allow", "GET"}};
  std::string out = "before ";
  append_answer(out, r, {});
  CAF_CHECK_EQUAL(out, "before HTTP/1.1 200 OK\r\nCache-Control: no-store\r\n"
                       "X-Content-Type-Options: nosniff\r\n"
                       "Content-Type: application/json; charset=utf-8\r\nAllow: GET\r\n"
                       "Content-Length: 2\r\n\r\n{}");
}

CAF_TEST(the end of a connection is said in the words of its version) {
  auto head = [](unsigned version, bool keep_alive) {
    response r{.status = 204, .body = {}, .content_type = {}, .headers = {}};
    std::string out;
    append_answer(out, r, {version, keep_alive});
    return out;
  };
  std::string common = " 204 No Content\r\nCache-Control: no-store\r\n"
                       "X-Content-Type-Options: nosniff\r\n";
  CAF_CHECK_EQUAL(head(11, true), "HTTP/1.1" + common + "\r\n");
  CAF_CHECK_EQUAL(head(11, false), "HTTP/1.1" + common + "Connection: close\r\n\r\n");
  CAF_CHECK_EQUAL(head(10, true), "HTTP/1.0" + common + "Connection: keep-alive\r\n\r\n");
  CAF_CHECK_EQUAL(head(10, false), "HTTP/1.0" + common + "Connection: close\r\n\r\n");
}

CAF_TEST(of a field that stands twice the first counts) {
  http_message m;
  m.method_string("PURGE");
  m.insert("Authorization", "Bearer a");
  m.insert("authorization", "Bearer b");
  m.insert("X-Forwarded-Proto", "HTTPS");
  m.insert("x-forwarded-proto", "http");
  m.insert("Idempotency-Key", "k1");
  m.insert("idempotency-key", "k2");
  m.insert("CE-Type", "T");
  m.insert("interject-signature", "s");
  m.insert("Host", "h");
  m.insert("Cookie", "c");
  auto in = read_request(m, {}, true);
  CAF_CHECK_EQUAL(in.method, "PURGE");
  CAF_CHECK_EQUAL(in.authorization, "Bearer a");
  CAF_CHECK(in.secure);
  CAF_CHECK_EQUAL(in.idempotency_key.value_or(""), "k1\nk2");
  CAF_CHECK_EQUAL(in.event_headers, (parameters{{"type", "T"}}));
  CAF_CHECK_EQUAL(in.signature, "s");
  CAF_CHECK_EQUAL(in.host, "h");
  CAF_CHECK(in.loopback);
}
