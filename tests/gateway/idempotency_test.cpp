#define CAF_SUITE idempotency
#include "tests/gateway/fixture.hpp"

#include "gateway/idempotency.hpp"

using namespace interject;
using namespace interject::gateway;
using test::header_of;

namespace {

const std::string remind =
    R"({"conversation": "0a1-x", "in": "10m", "notify": {"text": "It is time."}})";

struct once_fixture : test::gateway_fixture {
  response post(const std::string& key, const std::string& body = remind,
                const std::string& path = "/api/v1/reminders") {
    return ask({.method = "POST", .path = path, .body = body, .idempotency_key = key});
  }
  void agree() {
    on_question = [](const question&) -> std::optional<answer> { return done{}; };
  }
  void refuse_with(errc code) {
    on_question = [=](const question&) -> std::optional<answer> { return refused{0, code, "no"}; };
  }
  std::string row() const { return asked<interject::create_reminder>().row.id; }
};

request request_of(const std::string& method, const std::string& path, const std::string& body) {
  request in;
  in.method = method;
  in.target = *parse_target(path);
  in.body = body;
  return in;
}

} // namespace

CAF_TEST(keys are one to 255 printable characters) {
  struct row {
    std::string field, key; // an empty key: refused
  };
  for (auto& [field, key] : std::vector<row>{{"a", "a"},
                                             {"a b~!", "a b~!"},
                                             {"\"a\"", "a"},
                                             {R"("a\"b\\")", R"(a"b\)"},
                                             {std::string(255, 'x'), std::string(255, 'x')},
                                             {"", ""},
                                             {"\"\"", ""},
                                             {std::string(256, 'x'), ""},
                                             {"a\tb", ""},
                                             {"a\nb", ""},
                                             {"schl\xc3\xbcssel", ""},
                                             {"a\x7f", ""}}) {
    auto read = read_idempotency_key(field);
    CAF_CHECK_EQUAL(read ? *read : "", key);
    if (!read)
      CAF_CHECK(read.error().what.find("Idempotency-Key") != std::string::npos);
  }
}

CAF_TEST(the verdict on a repeat) {
  const std::string same = "p", other = "q";
  struct row {
    const std::string *running, *kept;
    write_verdict expected;
  };
  for (auto& [running, kept, expected] :
       std::vector<row>{{nullptr, nullptr, write_verdict::run},
                        {nullptr, &same, write_verdict::replay},
                        {nullptr, &other, write_verdict::other_body},
                        {&same, nullptr, write_verdict::under_way},
                        {&other, nullptr, write_verdict::other_body},
                        {&same, &same, write_verdict::under_way}})
    CAF_CHECK(judge("p", running, kept) == expected);
}

CAF_TEST(only final answers are kept) {
  for (auto status : {200u, 201u, 202u, 204u, 400u, 404u, 409u, 413u, 415u, 422u})
    CAF_CHECK(is_final(status));
  for (auto status : {101u, 401u, 403u, 408u, 429u, 500u, 503u})
    CAF_CHECK(!is_final(status));
}

CAF_TEST(a write is known by its caller and key and method and path) {
  auto in = request_of("POST", "/api/v1/watches", "{}");
  auto first = identify(in, "", "k");
  CAF_CHECK_EQUAL(identify(in, "", "k").key, first.key);
  CAF_CHECK_EQUAL(identify(in, "", "k").print, first.print);
  CAF_CHECK_NOT_EQUAL(identify(in, "SHOP", "k").key, first.key);
  CAF_CHECK_NOT_EQUAL(identify(in, "", "l").key, first.key);
  CAF_CHECK_NOT_EQUAL(identify(request_of("PUT", "/api/v1/watches", "{}"), "", "k").key, first.key);
  CAF_CHECK_NOT_EQUAL(identify(request_of("POST", "/api/v1/reminders", "{}"), "", "k").key,
                      first.key);
  auto other = identify(request_of("POST", "/api/v1/watches", "{ }"), "", "k");
  CAF_CHECK_EQUAL(other.key, first.key);
  CAF_CHECK_NOT_EQUAL(other.print, first.print);
  in.event_headers = {{"id", "1"}};
  CAF_CHECK_NOT_EQUAL(identify(in, "", "k").print, first.print);
}

CAF_TEST(all writes but notifications take a key) {
  for (auto& r : routes()) {
    std::string_view pattern = r.pattern, method = r.method;
    bool expected = method != "GET" && pattern.starts_with("/api/v1/") &&
                    !pattern.starts_with("/api/v1/notifications");
    if (takes_idempotency_key(r) != expected)
      CAF_FAIL(method << " " << pattern);
  }
}

CAF_TEST_FIXTURE_SCOPE(once_tests, once_fixture)

CAF_TEST(a repeat gets the first answer and does nothing) {
  agree();
  auto first = post("k");
  CAF_REQUIRE_EQUAL(first.status, 201u);
  CAF_CHECK_EQUAL(header_of(first, "Idempotency-Replayed"), "");
  clock->advance_to(clock->now() + std::chrono::hours(23));
  auto again = post("k");
  CAF_CHECK_EQUAL(again.status, 201u);
  CAF_CHECK_EQUAL(again.body, first.body);
  CAF_CHECK_EQUAL(again.content_type, first.content_type);
  CAF_CHECK_EQUAL(header_of(again, "Location"), header_of(first, "Location"));
  CAF_CHECK_EQUAL(header_of(again, "Idempotency-Replayed"), "true");
  CAF_CHECK(questions.empty());
  CAF_CHECK_EQUAL(post("l").status, 201u);
  CAF_CHECK_EQUAL(questions.size(), 1u);
}

CAF_TEST(after a day a key is free again) {
  agree();
  post("k");
  auto first = row();
  clock->advance_to(clock->now() + std::chrono::hours(24));
  auto later = post("k", R"({"conversation": "0a1-x", "in": "20m", "notify": {"text": "Later."}})");
  CAF_CHECK_EQUAL(later.status, 201u);
  CAF_CHECK_EQUAL(header_of(later, "Idempotency-Replayed"), "");
  CAF_CHECK_NOT_EQUAL(row(), first);
}

CAF_TEST(another body under the same key is refused) {
  agree();
  post("k");
  auto other =
      post("k", R"({"conversation": "0a1-y", "in": "10m", "notify": {"text": "It is time."}})");
  CAF_CHECK_EQUAL(other.status, 422u);
  CAF_CHECK(other.body.find("Idempotency-Key") != std::string::npos);
  CAF_CHECK(questions.empty());
}

CAF_TEST(a repeat waits for the first) {
  on_question = [](const question&) { return std::optional<answer>(); };
  CAF_CHECK_EQUAL(post("k").status, 0u);
  auto same = post("k");
  CAF_CHECK_EQUAL(same.status, 409u);
  CAF_CHECK_EQUAL(header_of(same, "Retry-After"), "1");
  CAF_CHECK_EQUAL(post("k", "{}").status, 422u);
  CAF_CHECK(questions.empty());
  // The first runs out of time, which is not final: the key is free again and the row the same.
  via->tick(std::chrono::steady_clock::now() + std::chrono::hours(1));
  settle();
  CAF_CHECK_EQUAL(last.status, 503u);
  agree();
  CAF_CHECK_EQUAL(post("k").status, 201u);
}

CAF_TEST(a refusal that may pass is not kept and the row stays the same) {
  refuse_with(errc::busy);
  CAF_CHECK_EQUAL(post("k").status, 429u);
  auto first = row();
  refuse_with(errc::unavailable);
  CAF_CHECK_EQUAL(post("k").status, 503u);
  agree();
  CAF_CHECK_EQUAL(post("k").status, 201u);
  CAF_CHECK_EQUAL(row(), first);
}

CAF_TEST(a refusal for good is kept) {
  refuse_with(errc::not_found);
  CAF_CHECK_EQUAL(post("k").status, 404u);
  agree();
  auto again = post("k");
  CAF_CHECK_EQUAL(again.status, 404u);
  CAF_CHECK_EQUAL(header_of(again, "Idempotency-Replayed"), "true");
  CAF_CHECK(questions.empty());
}

CAF_TEST(keys of one caller are not those of another) {
  with->scoped_keys.push_back({"SHOP", *scope_set::parse("manage"), "shop-key-0123456789"});
  agree();
  post("k");
  auto other = ask({.method = "POST",
                    .path = "/api/v1/reminders",
                    .body = remind,
                    .key = "shop-key-0123456789",
                    .idempotency_key = "k"});
  CAF_CHECK_EQUAL(other.status, 201u);
  CAF_CHECK_EQUAL(header_of(other, "Idempotency-Replayed"), "");
  CAF_CHECK_EQUAL(questions.size(), 1u);
}

CAF_TEST(a bad key is refused by name) {
  agree();
  auto r = post("");
  CAF_CHECK_EQUAL(r.status, 400u);
  CAF_CHECK(r.body.find("Idempotency-Key") != std::string::npos);
  CAF_CHECK(questions.empty());
}

CAF_TEST(beyond the bound the oldest is forgotten) {
  with->how.max_idempotency_keys = 2;
  agree();
  for (auto key : {"a", "b", "c"})
    CAF_CHECK_EQUAL(post(key).status, 201u);
  CAF_CHECK_EQUAL(header_of(post("b"), "Idempotency-Replayed"), "true");
  CAF_CHECK_EQUAL(header_of(post("c"), "Idempotency-Replayed"), "true");
  CAF_CHECK_EQUAL(header_of(post("a"), "Idempotency-Replayed"), "");
}

CAF_TEST(reads and notifications do not look at it) {
  test::commit_conversation(*store, "0a1-x", {}, clock->now());
  CAF_CHECK_EQUAL(ask({.path = "/api/v1/conversations", .idempotency_key = ""}).status, 200u);
}

CAF_TEST_FIXTURE_SCOPE_END()
