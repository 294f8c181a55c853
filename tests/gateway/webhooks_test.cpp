#define CAF_SUITE webhooks
#include "tests/gateway/fixture.hpp"

#include "actors/monitors/webhook.hpp"
#include "actors/monitors/webhook_signature.hpp"

using namespace interject;
using namespace interject::gateway;
using test::body_of;
using test::text_at;

namespace {

struct fixture : test::gateway_fixture {
  fixture() {
    with->bot.set(
        test::bot_of(R"({"id": "b", "name": "B", "locales": ["en"], "channels": {"directline": {},
      "sms": {"url": "http://127.0.0.1:9000/in", "secret": "${env:SMS_SECRET}"}},
      "dialogs": {"d": {"steps": [{"do": "say", "text": "Hello."}]}}})"));
    with->secrets = [this](std::string_view, std::string_view) -> result<std::string> {
      if (key.empty())
        return error{errc::not_found, "the secret ${env:SMS_SECRET} is not set"};
      return key;
    };
    on_question = [](const question& q) -> std::optional<answer> {
      if (auto* open = std::get_if<open_conversation>(&q))
        return opened{0, open->conversation, true};
      if (auto* post = std::get_if<post_activity>(&q))
        return posted{0, activity_id(post->conversation, 2)};
      return done{};
    };
  }
  response send(const std::string& body, const std::string& by = "sms-secret") {
    return ask({.method = "POST",
                .path = "/channels/webhook/sms/activities",
                .body = body,
                .key = "",
                .signature = monitors::sign(by, body, clock->now())});
  }
  void keep(std::uint64_t seq, bool dead) {
    auto c = std::make_shared<journal::commit>();
    c->fence = {shard_of("c1"), 1};
    c->conversation = "c1";
    c->expected_version = seq - 1;
    c->calls = {monitors::delivery_of("c1", seq, "sms", R"({"text":"hi"})", clock->now())};
    if (dead) {
      c->calls[0].dead_at = clock->now() + std::chrono::seconds(seq);
      c->calls[0].tries = 6;
      c->calls[0].why = "status 500";
    }
    journal::commit_ptr batch[] = {c};
    result<void> outcomes[1];
    CAF_REQUIRE(store->write(batch, outcomes));
    CAF_REQUIRE(outcomes[0]);
  }
  std::string key = "sms-secret";
};

const char* hello =
    R"({"id": "m-1", "from": {"id": "+49151", "name": "Ann"}, "text": "hello", "locale": "fr"})";

} // namespace

CAF_TEST_FIXTURE_SCOPE(webhooks_tests, fixture)

CAF_TEST(what a person says opens the conversation of person and channel) {
  auto r = send(hello);
  CAF_CHECK_EQUAL(r.status, 200u);
  CAF_REQUIRE_EQUAL(questions.size(), 2u);
  auto& open = asked<open_conversation>();
  CAF_CHECK(open.user == "+49151" && open.user_name == "Ann" && open.locale == "fr" &&
            open.channel == "sms");
  CAF_CHECK_EQUAL(shard_of(open.conversation), shard_of_user("+49151"));
  auto& post = asked<post_activity>(1);
  CAF_CHECK_EQUAL(post.conversation, open.conversation);
  CAF_CHECK(post.activity.client_id == "m-1" && post.activity.text == "hello" &&
            post.activity.from == "+49151");
  auto body = body_of(r);
  CAF_CHECK_EQUAL(text_at(body, {"conversation"}), open.conversation);
  CAF_CHECK_EQUAL(text_at(body, {"id"}), activity_id(open.conversation, 2));
  auto same = open.conversation;
  send(R"({"id": "m-2", "from": {"id": "+49151"}, "text": "2"})");
  CAF_CHECK_EQUAL(asked<open_conversation>().conversation, same);
  send(R"({"id": "m-3", "from": {"id": "+49152"}, "text": "2"})");
  CAF_CHECK(asked<open_conversation>().conversation != same);
}

CAF_TEST(only what is signed and fresh is taken) {
  CAF_CHECK_EQUAL(send(hello, "other").status, 401u);
  CAF_CHECK(questions.empty());
  auto signature = monitors::sign("sms-secret", hello, clock->now());
  clock->advance_to(clock->now() + std::chrono::seconds(301));
  auto late = ask({.method = "POST",
                   .path = "/channels/webhook/sms/activities",
                   .body = hello,
                   .key = "",
                   .signature = signature});
  CAF_CHECK_EQUAL(late.status, 401u);
  CAF_CHECK(late.body.find("five minutes") != late.body.npos);
  auto none = ask({.method = "POST", .path = "/channels/webhook/sms/activities", .body = hello});
  CAF_CHECK_EQUAL(none.status, 401u); // the API key is none
  key.clear();
  CAF_CHECK_EQUAL(send(hello).status, 503u);
}

CAF_TEST(only webhook channels are there) {
  for (auto* name : {"directline", "fax"})
    CAF_CHECK_EQUAL(ask({.method = "POST",
                         .path = "/channels/webhook/" + std::string(name) + "/activities",
                         .body = hello})
                        .status,
                    404u);
}

CAF_TEST(wrong fields are named) {
  auto r = send(R"({"id": "", "from": {"name": "Ann"}, "txt": "x"})");
  CAF_CHECK_EQUAL(r.status, 422u);
  auto all = test::pointers_of(r);
  for (auto* pointer : {"/id", "/from/id", "/text", "/txt"})
    CAF_CHECK(std::find(all.begin(), all.end(), pointer) != all.end());
  CAF_CHECK_EQUAL(send("{").status, 400u);
  CAF_CHECK(questions.empty());
}

CAF_TEST(a refusal is a problem) {
  on_question = [](const question&) -> std::optional<answer> {
    return refused{0, errc::busy, "too many"};
  };
  CAF_CHECK_EQUAL(send(hello).status, 429u);
}

CAF_TEST(dead letters are listed oldest first and page by page) {
  for (std::uint64_t seq = 1; seq <= 4; ++seq)
    keep(seq, seq != 2);
  auto first = ask({.path = "/api/v1/webhooks/dead?limit=2"});
  CAF_CHECK_EQUAL(first.status, 200u);
  auto body = body_of(first);
  auto* items = body.find("items")->as_list();
  CAF_REQUIRE_EQUAL(items->size(), 2u);
  CAF_CHECK_EQUAL(text_at((*items)[0], {"id"}), "d-c1-1");
  CAF_CHECK_EQUAL(text_at((*items)[1], {"id"}), "d-c1-3");
  CAF_CHECK_EQUAL(text_at((*items)[0], {"activity", "text"}), "hi");
  CAF_CHECK_EQUAL(text_at((*items)[0], {"why"}) + text_at((*items)[0], {"tries"}), "status 5006");
  auto second = body_of(ask(
      {.path = "/api/v1/webhooks/dead?limit=2&cursor=" + percent_encode(text_at(body, {"next"}))}));
  CAF_CHECK_EQUAL(second.find("items")->as_list()->size(), 1u);
  CAF_CHECK(second.find("next")->is_null());
}

CAF_TEST(a dead letter is sent again) {
  auto r = ask({.method = "POST", .path = "/api/v1/webhooks/dead/d-c1-1/resend"});
  CAF_CHECK_EQUAL(r.status, 204u);
  CAF_CHECK_EQUAL(asked<resend_delivery>().id, "d-c1-1");
  on_question = [](const question&) -> std::optional<answer> {
    return refused{0, errc::not_found, "no such"};
  };
  CAF_CHECK_EQUAL(ask({.method = "POST", .path = "/api/v1/webhooks/dead/d-x/resend"}).status, 404u);
}

CAF_TEST_FIXTURE_SCOPE_END()
