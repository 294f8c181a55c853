#define CAF_SUITE directline
#include "tests/gateway/fixture.hpp"

#include "gateway/directline.hpp"

using namespace interject;
using namespace interject::gateway;
using test::body_of;
using test::text_at;

namespace {

struct line_fixture : test::gateway_fixture {
  line_fixture() {
    on_question = [](const question& q) -> std::optional<answer> {
      if (auto open = std::get_if<open_conversation>(&q))
        return opened{0, open->conversation, true};
      if (auto post = std::get_if<post_activity>(&q))
        return posted{0, activity_id(post->conversation, 7)};
      return std::nullopt;
    };
  }
  std::string token_for(const user_id& user, const conversation_id& conversation) {
    grant g;
    g.user = user;
    g.conversation = conversation;
    return with->tokens.issue(g);
  }
};

constexpr const char* base = "/v3/directline";

} // namespace

CAF_TEST_FIXTURE_SCOPE(line_tests, line_fixture)

CAF_TEST(a token is generated with the secret and contacts no conversation) {
  auto r = ask({.method = "POST",
                .path = "/v3/directline/tokens/generate",
                .body = R"({"user": {"id": "dl_ann", "name": "Ann"}, "unknown": 1})",
                .key = test::secret});
  CAF_CHECK_EQUAL(r.status, 200u);
  auto body = body_of(r);
  CAF_CHECK_EQUAL(text_at(body, {"expires_in"}), "1800");
  auto g = with->tokens.check_token(text_at(body, {"token"}));
  CAF_REQUIRE(g);
  CAF_CHECK_EQUAL(g->conversation, text_at(body, {"conversationId"}));
  CAF_CHECK_EQUAL(g->user, "dl_ann");
  CAF_CHECK_EQUAL(shard_of(g->conversation), shard_of_user("dl_ann"));
  CAF_CHECK(questions.empty());
}

CAF_TEST(what a token may not be generated with is refused) {
  struct row {
    const char* body;
    std::string key;
    unsigned status;
  };
  const row rows[] = {{R"({"user": {"id": "ann"}})", test::secret, 400},
                      {R"({"user": "dl_ann"})", test::secret, 400},
                      {R"({"user": {"id": 5}})", test::secret, 400},
                      {R"({"trustedOrigins": [5]})", test::secret, 400},
                      {"[1", test::secret, 400},
                      {"[]", test::secret, 400},
                      {"{}", token_for("dl_ann", "0a1-x"), 403}};
  for (auto& row : rows) {
    auto r = ask({.method = "POST",
                  .path = "/v3/directline/tokens/generate",
                  .body = row.body,
                  .key = row.key});
    CAF_CHECK_EQUAL(r.status, row.status);
    CAF_CHECK_NOT_EQUAL(text_at(body_of(r), {"error", "message"}), "(none)");
  }
}

CAF_TEST(a refreshed token has the same rights and lives longer) {
  auto token = token_for("dl_ann", "0a1-x");
  clock->advance_to(clock->now() + std::chrono::minutes(20));
  auto r = ask({.method = "POST", .path = "/v3/directline/tokens/refresh", .key = token});
  CAF_CHECK_EQUAL(r.status, 200u);
  clock->advance_to(clock->now() + std::chrono::minutes(20));
  auto g = with->tokens.check_token(text_at(body_of(r), {"token"}));
  CAF_REQUIRE(g);
  CAF_CHECK_EQUAL(g->user, "dl_ann");
  auto late = ask({.method = "POST", .path = "/v3/directline/tokens/refresh", .key = token});
  CAF_CHECK_EQUAL(late.status, 403u);
  CAF_CHECK_EQUAL(text_at(body_of(late), {"error", "code"}), "TokenExpired");
  CAF_CHECK_EQUAL(
      ask({.method = "POST", .path = "/v3/directline/tokens/refresh", .key = test::secret}).status,
      400u);
}

CAF_TEST(a conversation begins as the token says and with a stream address that opens) {
  auto r = ask({.method = "POST",
                .path = "/v3/directline/conversations",
                .body = R"({"user": {"id": "dl_eve"}, "locale": "fr-CA"})",
                .key = token_for("dl_ann", "0a1-x")});
  CAF_CHECK_EQUAL(r.status, 201u);
  auto& open = asked<open_conversation>();
  CAF_CHECK_EQUAL(open.conversation, "0a1-x");
  CAF_CHECK_EQUAL(open.user, "dl_ann");
  CAF_CHECK_EQUAL(open.locale, "fr-CA");
  auto body = body_of(r);
  CAF_CHECK_EQUAL(text_at(body, {"conversationId"}), "0a1-x");
  auto url = text_at(body, {"streamUrl"});
  CAF_CHECK_EQUAL(url.substr(0, url.find("?")),
                  "ws://gateway.test:8080/v3/directline/conversations/0a1-x/stream");
  gateway::request in;
  in.target = *parse_target(url.substr(url.find("/v3")));
  auto wish = directline::read_stream_wish(*with, in);
  CAF_REQUIRE(wish);
  CAF_REQUIRE(*wish);
  CAF_CHECK_EQUAL((*wish)->conversation, "0a1-x");
  CAF_CHECK_EQUAL((*wish)->watermark, 0u);
}

CAF_TEST(a conversation that exists is answered 200 and a refusal by its status) {
  auto token = token_for("dl_ann", "0a1-x");
  on_question = [](const question&) -> std::optional<answer> { return opened{0, "0a1-x", false}; };
  CAF_CHECK_EQUAL(
      ask({.method = "POST", .path = "/v3/directline/conversations", .key = token}).status, 200u);
  on_question = [](const question&) -> std::optional<answer> {
    return refused{0, errc::unavailable, "not durable"};
  };
  auto r = ask({.method = "POST", .path = "/v3/directline/conversations", .key = token});
  CAF_CHECK_EQUAL(r.status, 503u);
  CAF_CHECK_EQUAL(test::header_of(r, "Retry-After"), "1");
}

CAF_TEST(with the secret each start is a new conversation of the user it names) {
  auto one = ask({.method = "POST",
                  .path = "/v3/directline/conversations",
                  .body = R"({"user": {"id": "u1"}})",
                  .key = test::secret});
  CAF_CHECK_EQUAL(asked<open_conversation>().user, "u1");
  auto first = text_at(body_of(one), {"conversationId"});
  auto two = ask({.method = "POST", .path = "/v3/directline/conversations", .key = test::secret});
  CAF_CHECK_NOT_EQUAL(text_at(body_of(two), {"conversationId"}), first);
}

CAF_TEST(a post goes to the conversation with the user of the token) {
  auto r = ask(
      {.method = "POST",
       .path = "/v3/directline/conversations/0a1-x/activities",
       .body =
           R"({"type": "message", "text": "Hi", "from": {"id": "dl_eve"}, "channelData": {"clientActivityID": "c1"}})",
       .key = token_for("dl_ann", "0a1-x")});
  CAF_CHECK_EQUAL(r.status, 200u);
  CAF_CHECK_EQUAL(text_at(body_of(r), {"id"}), "0a1-x|0000007");
  auto& post = asked<post_activity>();
  CAF_CHECK_EQUAL(post.conversation, "0a1-x");
  CAF_CHECK_EQUAL(post.activity.from, "dl_ann");
  CAF_CHECK_EQUAL(post.activity.text, "Hi");
  CAF_CHECK_EQUAL(post.activity.client_id, "c1");
}

CAF_TEST(with the secret the client says who writes) {
  ask({.method = "POST",
       .path = "/v3/directline/conversations/0a1-x/activities",
       .body = R"({"type": "message", "text": "Hi", "from": {"id": "u1"}})",
       .key = test::secret});
  CAF_CHECK_EQUAL(asked<post_activity>().activity.from, "u1");
}

CAF_TEST(a token opens its own conversation only and only while it lives) {
  auto token = token_for("dl_ann", "0a1-x");
  for (auto path :
       {"/v3/directline/conversations/0a1-y/activities", "/v3/directline/conversations/0a1-y"}) {
    auto r = ask({.path = path, .key = token});
    CAF_CHECK_EQUAL(r.status, 403u);
    CAF_CHECK_EQUAL(text_at(body_of(r), {"error", "code"}), "Forbidden");
  }
  clock->advance_to(clock->now() + token_lifetime);
  auto r = ask({.method = "POST",
                .path = "/v3/directline/conversations/0a1-x/activities",
                .body = "{}",
                .key = token});
  CAF_CHECK_EQUAL(r.status, 403u);
  CAF_CHECK_EQUAL(text_at(body_of(r), {"error", "code"}), "TokenExpired");
  CAF_CHECK(questions.empty());
}

CAF_TEST(a token that trusts origins is refused from others) {
  grant g;
  g.conversation = "0a1-x";
  g.origins = {"https://shop.test"};
  auto token = with->tokens.issue(g);
  test::commit_conversation(*store, "0a1-x", {}, clock->now());
  CAF_CHECK_EQUAL(ask({.path = "/v3/directline/conversations/0a1-x",
                       .key = token,
                       .origin = "https://shop.test"})
                      .status,
                  200u);
  CAF_CHECK_EQUAL(ask({.path = "/v3/directline/conversations/0a1-x",
                       .key = token,
                       .origin = "https://evil.test"})
                      .status,
                  403u);
}

CAF_TEST(what cannot be read is a bad argument and reaches nobody) {
  for (auto body : {"", "{", "[]", "null", R"({"type": 5})", R"({"text": "no type"} x)"}) {
    auto r = ask({.method = "POST",
                  .path = "/v3/directline/conversations/0a1-x/activities",
                  .body = body,
                  .key = test::secret});
    CAF_CHECK_EQUAL(r.status, 400u);
    CAF_CHECK_EQUAL(text_at(body_of(r), {"error", "code"}), "BadArgument");
    CAF_CHECK(questions.empty());
  }
}

CAF_TEST(a full conversation is 429 and one that does not answer 503) {
  on_question = [](const question&) -> std::optional<answer> {
    return refused{0, errc::busy, "too many"};
  };
  auto r = ask({.method = "POST",
                .path = "/v3/directline/conversations/0a1-x/activities",
                .body = R"({"type": "message", "text": "Hi"})",
                .key = test::secret});
  CAF_CHECK_EQUAL(r.status, 429u);
  on_question = nullptr;
  r = ask({.method = "POST",
           .path = "/v3/directline/conversations/0a1-x/activities",
           .body = R"({"type": "message", "text": "Hi"})",
           .key = test::secret});
  CAF_CHECK_EQUAL(r.status, 0u);
  via->tick(std::chrono::steady_clock::now() + std::chrono::seconds(11));
  CAF_CHECK_EQUAL(last.status, 503u);
}

CAF_TEST(polling gives what follows the watermark and a watermark to go on from) {
  test::commit_conversation(*store, "0a1-x", {R"({"n":1})", R"({"n":2})", R"({"n":3})"},
                            clock->now());
  auto poll = [&](const std::string& query) {
    return ask({.path = std::string(base) + "/conversations/0a1-x/activities" + query,
                .key = test::secret});
  };
  CAF_CHECK_EQUAL(poll("").body, R"({"activities":[{"n":1},{"n":2},{"n":3}],"watermark":"3"})");
  CAF_CHECK_EQUAL(poll("?watermark=2").body, R"({"activities":[{"n":3}],"watermark":"3"})");
  CAF_CHECK_EQUAL(poll("?watermark=3").body, R"({"activities":[],"watermark":"3"})");
  CAF_CHECK_EQUAL(poll("?watermark=99").body, R"({"activities":[],"watermark":"3"})");
  CAF_CHECK_EQUAL(poll("?watermark=-").body, poll("").body);
  CAF_CHECK_EQUAL(poll("?watermark=x").status, 400u);
  CAF_CHECK_EQUAL(
      ask({.path = std::string(base) + "/conversations/0a1-none/activities", .key = test::secret})
          .status,
      404u);
}

CAF_TEST(coming back gives a fresh token and the stream after the watermark) {
  test::commit_conversation(*store, "0a1-x", {}, clock->now());
  auto r = ask({.path = "/v3/directline/conversations/0a1-x?watermark=5",
                .key = token_for("dl_ann", "0a1-x")});
  CAF_CHECK_EQUAL(r.status, 200u);
  auto url = text_at(body_of(r), {"streamUrl"});
  CAF_CHECK(url.find("?watermark=5&t=") != std::string::npos);
  CAF_CHECK_EQUAL(
      ask({.path = "/v3/directline/conversations/0a1-none", .key = test::secret}).status, 404u);
}

CAF_TEST(a stream opens for its own token and for nothing else) {
  auto token = token_for("dl_ann", "0a1-x");
  auto wish = [&](const std::string& path) {
    gateway::request in;
    in.target = *parse_target(path);
    return directline::read_stream_wish(*with, in);
  };
  CAF_CHECK(!wish("/v3/directline/conversations/0a1-x?t=" + token));
  struct row {
    std::string path;
    errc code;
  };
  const row rows[] = {
      {"/v3/directline/conversations/0a1-x/stream", errc::unauthorized},
      {"/v3/directline/conversations/0a1-x/stream?t=" + test::secret, errc::unauthorized},
      {"/v3/directline/conversations/0a1-y/stream?t=" + token, errc::forbidden},
      {"/v3/directline/conversations/0a1-x/stream?watermark=z&t=" + token, errc::bad_input},
  };
  for (auto& row : rows) {
    auto w = wish(row.path);
    CAF_REQUIRE(w);
    CAF_REQUIRE(!*w);
    CAF_CHECK(w->error().code == row.code);
  }
  auto good = wish("/v3/directline/conversations/0a1-x/stream?watermark=4&t=" + token);
  CAF_CHECK_EQUAL((**good).watermark, 4u);
  CAF_CHECK_EQUAL(ask({.path = "/v3/directline/conversations/0a1-x/stream", .key = ""}).status,
                  426u);
}

CAF_TEST(an upload reaches the conversation with its files and the addresses of them) {
  std::string body = "--X\r\nContent-Disposition: form-data; name=file; filename=\"a.png\"\r\n"
                     "Content-Type: Image/PNG\r\n\r\nbytes\r\n--X--\r\n";
  auto r = ask({.method = "POST",
                .path = "/v3/directline/conversations/0a1-x/upload?userId=dl_u",
                .body = body,
                .key = test::secret,
                .content_type = "multipart/form-data; boundary=X"});
  CAF_CHECK_EQUAL(r.status, 200u);
  auto& post = asked<interject::post_activity>();
  CAF_CHECK_EQUAL(post.activity.from, "dl_u");
  CAF_REQUIRE_EQUAL(post.files.size(), 1u);
  auto& file = post.files.front();
  CAF_CHECK_EQUAL(file.body, "bytes");
  CAF_CHECK_EQUAL(file.content_type, "image/png");
  auto url = "http://gateway.test:8080/v3/directline/files/" + file.id + "/a.png";
  CAF_CHECK(post.activity.rest.find(url) != std::string::npos);
}

CAF_TEST(a file is served by its whole address and so that it can do no harm) {
  auto c = std::make_shared<journal::commit>();
  c->fence = {shard_of("0a1-x"), 1};
  c->conversation = "0a1-x";
  c->files.push_back({"f-1", "logo.svg", "image/svg+xml", "<svg/>"});
  c->files.push_back({"f-2", "a b.txt", "text/plain", "hello"});
  journal::commit_ptr batch[] = {c};
  result<void> outcomes[1];
  CAF_REQUIRE(store->write(batch, outcomes) && outcomes[0]);
  auto svg = ask({.path = "/v3/directline/files/f-1/logo.svg", .key = ""});
  CAF_CHECK_EQUAL(svg.status, 200u);
  CAF_CHECK_EQUAL(svg.content_type, "application/octet-stream");
  CAF_CHECK_EQUAL(svg.body, "<svg/>");
  CAF_CHECK_EQUAL(test::header_of(svg, "Content-Disposition"),
                  "attachment; filename*=UTF-8''logo.svg");
  CAF_CHECK_EQUAL(test::header_of(svg, "Content-Security-Policy"), "default-src 'none'; sandbox");
  auto text = ask({.path = "/v3/directline/files/f-2/a%20b.txt", .key = ""});
  CAF_CHECK_EQUAL(text.content_type, "text/plain; charset=utf-8");
  CAF_CHECK_EQUAL(test::header_of(text, "Content-Disposition"),
                  "inline; filename*=UTF-8''a%20b.txt");
  CAF_CHECK_EQUAL(ask({.path = "/v3/directline/files/f-1/other.svg", .key = ""}).status, 404u);
  CAF_CHECK_EQUAL(ask({.path = "/v3/directline/files/f-3/logo.svg", .key = ""}).status, 404u);
}

CAF_TEST(what is no JSON is no activity) {
  auto r = ask({.method = "POST",
                .path = "/v3/directline/conversations/0a1-x/activities",
                .body = "type=message",
                .key = test::secret,
                .content_type = "application/x-www-form-urlencoded"});
  CAF_CHECK_EQUAL(r.status, 415u);
  CAF_CHECK_EQUAL(text_at(body_of(r), {"error", "code"}), "UnsupportedMediaType");
}

CAF_TEST_FIXTURE_SCOPE_END()
