#define CAF_SUITE routes
#include "tests/gateway/fixture.hpp"

#include <set>

using namespace interject;
using namespace interject::gateway;
using test::header_of;

namespace {

struct routes_fixture : test::gateway_fixture {};

bool fits(std::string_view pattern, const std::vector<std::string>& segments) {
  std::vector<std::string> captures;
  return gateway::fits(pattern, segments, captures);
}

std::string filled(std::string pattern) {
  for (auto at = pattern.find('{'); at != pattern.npos; at = pattern.find('{'))
    pattern.replace(at, pattern.find('}') + 1 - at, "x-1");
  return pattern;
}

} // namespace

CAF_TEST(patterns fit segment by segment) {
  CAF_CHECK(fits("/a/{id}/c", {"a", "b", "c"}));
  CAF_CHECK(!fits("/a/{id}/c", {"a", "b"}));
  CAF_CHECK(!fits("/a/{id}/c", {"a", "b", "c", "d"}));
  CAF_CHECK(!fits("/a/{id}/c", {"a", "", "c"}));
  CAF_CHECK(!fits("/a", {"A"}));
}

CAF_TEST(targets are decoded once) {
  auto t = parse_target("/a/b%2Fc?x=1%202&y&x=3");
  CAF_REQUIRE(t);
  CAF_CHECK_EQUAL(t->segments, (std::vector<std::string>{"a", "b/c"}));
  gateway::request in;
  in.target = *t;
  CAF_CHECK_EQUAL(*in.find("x"), "1 2");
  CAF_CHECK_EQUAL(*in.find("y"), "");
  CAF_CHECK(!in.find("z"));
  for (auto path : {"/a", "/a/b-c/D_4.e~f", "/a/../b", "/a/", "/", "/a//b"}) { // a query or none
    auto plain = parse_target(path), general = parse_target(path + std::string("?"));
    CAF_REQUIRE(plain && general);
    CAF_CHECK_EQUAL(plain->segments, general->segments);
    CAF_CHECK(plain->query.empty());
  }
  CAF_CHECK(!parse_target(""));
  CAF_CHECK(!parse_target("no-slash"));
  CAF_CHECK(!parse_target("/bad%zz"));
  CAF_CHECK_EQUAL(percent_encode("a b/|"), "a%20b%2F%7C");
}

CAF_TEST(no two rows of the table are alike and each says what it does) {
  std::set<std::pair<std::string, std::string>> seen;
  for (auto& r : routes()) {
    CAF_CHECK(seen.emplace(r.method, r.pattern).second);
    CAF_CHECK(std::string(r.help).size() > 5);
  }
}

CAF_TEST_FIXTURE_SCOPE(route_tests, routes_fixture)

CAF_TEST(nothing that needs a right is served without a credential or with a wrong one) {
  for (auto& r : routes()) {
    if (r.needs == scope::open)
      continue;
    for (auto key : {"", "wrong-wrong-wrong-wrong"}) {
      auto answer = ask({.method = r.method, .path = filled(r.pattern), .body = "{}", .key = key});
      CAF_CHECK_EQUAL(answer.status, 401u);
      CAF_CHECK_EQUAL(header_of(answer, "WWW-Authenticate"), "Bearer");
      CAF_CHECK(questions.empty());
    }
    auto crossed = ask({.method = r.method,
                        .path = filled(r.pattern),
                        .body = "{}",
                        .key = r.needs == scope::directline ? test::api_key : test::secret});
    CAF_CHECK_EQUAL(crossed.status, 401u);
  }
}

CAF_TEST(a key does what its scopes say and nothing else) {
  const std::string shop = "shop-key-0123456789abcdef";
  scope_set may;
  may.add(scope::read);
  may.add(scope::notify);
  with->scoped_keys.push_back({"SHOP", may, shop});
  int refused = 0;
  for (auto& r : routes()) {
    if (r.needs == scope::open || r.needs == scope::directline)
      continue;
    auto answer = ask({.method = r.method, .path = filled(r.pattern), .body = "{}", .key = shop});
    CAF_CHECK_EQUAL(answer.status == 403, !may.has(r.needs));
    if (answer.status == 403) {
      ++refused;
      CAF_CHECK(questions.empty());
      CAF_CHECK_EQUAL(test::text_at(test::body_of(answer), {"detail"}),
                      std::string("this API key has not the scope ") + to_string(r.needs));
    }
  }
  CAF_CHECK(refused > 5);
}

CAF_TEST(an unknown path is 404 and a known one with another method 405 that names the right ones) {
  auto none = ask({.path = "/api/v1/no-such-thing"});
  CAF_CHECK_EQUAL(none.status, 404u);
  CAF_CHECK_EQUAL(none.content_type, "application/problem+json");
  auto method = ask({.method = "PATCH", .path = "/api/v1/watches"});
  CAF_CHECK_EQUAL(method.status, 405u);
  CAF_CHECK_EQUAL(header_of(method, "Allow"), "POST, GET");
  auto line = ask({.path = "/v3/directline/no-such-thing"});
  CAF_CHECK_EQUAL(line.status, 404u);
  CAF_CHECK_EQUAL(test::text_at(test::body_of(line), {"error", "code"}), "NotFound");
}

CAF_TEST(a browser may ask Direct Line from any origin and the API from none) {
  auto preflight = ask({.method = "OPTIONS",
                        .path = "/v3/directline/conversations/x/activities?watermark=3",
                        .key = "",
                        .origin = "https://shop.test"});
  CAF_CHECK_EQUAL(preflight.status, 204u);
  CAF_CHECK_EQUAL(header_of(preflight, "Access-Control-Allow-Origin"), "*");
  CAF_CHECK_EQUAL(header_of(preflight, "Access-Control-Allow-Methods"), "GET, POST, OPTIONS");
  CAF_CHECK_EQUAL(header_of(preflight, "Access-Control-Allow-Headers"),
                  "Authorization, Content-Type, X-Ms-Bot-Agent, X-Requested-With");
  CAF_CHECK_EQUAL(header_of(preflight, "Access-Control-Max-Age"), "86400");
  auto refused =
      ask({.path = "/v3/directline/conversations/x", .key = "", .origin = "https://shop.test"});
  CAF_CHECK_EQUAL(header_of(refused, "Access-Control-Allow-Origin"), "*");
  auto session = ask(
      {.path = "/v3/directline/session/getsessionid", .key = "", .origin = "https://shop.test"});
  CAF_CHECK_EQUAL(session.status, 200u);
  CAF_CHECK_EQUAL(header_of(session, "Access-Control-Allow-Origin"), "https://shop.test");
  CAF_CHECK_EQUAL(header_of(session, "Access-Control-Allow-Credentials"), "true");
  auto api = ask({.method = "OPTIONS", .path = "/api/v1/prices", .origin = "https://shop.test"});
  CAF_CHECK_EQUAL(api.status, 405u);
  CAF_CHECK_EQUAL(header_of(api, "Access-Control-Allow-Origin"), "");
}

CAF_TEST(a server that stops takes nothing new and still says how it is) {
  with->stopping = true;
  CAF_CHECK_EQUAL(ask({.path = "/api/v1/dialogs"}).status, 503u);
  CAF_CHECK_EQUAL(ask({.path = "/healthz", .key = ""}).status, 200u);
  CAF_CHECK_EQUAL(ask({.path = "/readyz", .key = ""}).status, 503u);
}

CAF_TEST(a server that is about to stop is not ready and still serves) {
  with->leaving = true;
  auto ready = ask({.path = "/readyz", .key = ""});
  CAF_CHECK_EQUAL(ready.status, 503u);
  CAF_CHECK_EQUAL(test::text_at(test::body_of(ready), {"why"}), "stopping");
  CAF_CHECK_EQUAL(ask({.path = "/healthz", .key = ""}).status, 200u);
  CAF_CHECK_EQUAL(ask({.path = "/api/v1/dialogs"}).status, 200u);
}

CAF_TEST(a ready server says so and what its clock is) {
  auto ready = ask({.path = "/readyz", .key = ""});
  CAF_CHECK_EQUAL(ready.status, 200u);
  CAF_CHECK_EQUAL(test::text_at(test::body_of(ready), {"clock"}), "test");
}

CAF_TEST(only what people say is turned away and only while too much is said) {
  const std::string path = "/v3/directline/conversations/0a1-x/activities";
  CAF_CHECK(turn_away(*with, *via, "POST", path) == nullptr);
  for (std::size_t i = 0; i < admission::few; ++i)
    via->ask(with->router, post_activity{}, std::chrono::seconds(10), [](answer) {});
  auto now = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i)
    via->tick(now, bridge::usual_wait * 2);
  auto away = turn_away(*with, *via, "POST", path);
  CAF_REQUIRE(away != nullptr);
  // As one that was read and then refused.
  auto read = ask({.method = "POST",
                   .path = path,
                   .body = R"({"type":"message","text":"hi"})",
                   .key = test::secret});
  CAF_CHECK_EQUAL(away->status, 503u);
  CAF_CHECK_EQUAL(away->status, read.status);
  CAF_CHECK_EQUAL(away->body, read.body);
  CAF_CHECK_EQUAL(away->content_type, read.content_type);
  CAF_CHECK(away->headers == read.headers);
  CAF_CHECK_EQUAL(header_of(*away, "Retry-After"), "1");
  CAF_CHECK(turn_away(*with, *via, "GET", path) == nullptr);
  CAF_CHECK(turn_away(*with, *via, "POST", "/v3/directline/conversations") == nullptr);
  CAF_CHECK(turn_away(*with, *via, "POST", "/api/v1/notifications") == nullptr);
  auto text = ask({.path = "/metrics", .key = ""}).body;
  CAF_CHECK(text.find("/activities\",status=\"5xx\"} 2") != std::string::npos);
}

CAF_TEST(requests are counted by route and never by id) {
  ask({.path = "/api/v1/watches/w-secret-id"});
  ask({.path = "/nowhere/w-secret-id"});
  auto text = ask({.path = "/metrics", .key = ""}).body;
  CAF_CHECK(text.find("route=\"/api/v1/watches/{id}\",status=\"4xx\"} 1") != std::string::npos);
  CAF_CHECK(text.find("route=\"none\",status=\"4xx\"} 1") != std::string::npos);
  CAF_CHECK(text.find("w-secret-id") == std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
