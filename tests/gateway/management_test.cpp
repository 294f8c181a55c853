#define CAF_SUITE management
#include "tests/gateway/fixture.hpp"

#include "gateway/notification_json.hpp"

using namespace interject;
using namespace interject::gateway;
using test::body_of;
using test::pointers_of;
using test::text_at;

namespace {

struct api_fixture : test::gateway_fixture {
  response notify(const std::string& body) {
    return ask({.method = "POST", .path = "/api/v1/notifications", .body = body});
  }
  void decide(delivery_action action, delivery_code code) {
    on_question = [=, this](const question& q) -> std::optional<answer> {
      auto n = std::get_if<interject::notify>(&q);
      if (!n)
        return done{};
      decision d;
      d.action = action;
      d.code = code;
      d.at = clock->now();
      d.retry = action == delivery_action::queued ? "dialog_end" : "";
      return decided{0, n->what.id, n->conversation.empty() ? "0a1-found" : n->conversation, d};
    };
  }
};

using strings = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(api_tests, api_fixture)

CAF_TEST(a notification is read with all its fields) {
  decide(delivery_action::queued, delivery_code::await_boundary);
  auto r = notify(
      R"({"id": "hotel-lv-8841.1", "to": {"user": "dl_ann"}, "delivery": "interrupt", "return": "reset",
    "urgency": "time_sensitive", "expires_in": "2h", "topic": "offers", "collapse_key": "k", "digest_key": "d",
    "repeat_window": "10m", "priority": 7, "inhibits": ["ads"], "template": "t",
    "text": {"en": "Down to {price, number, ::currency/USD}.", "fr": "{price}"}, "dialog": {"id": "offer", "params": {"price": 158.25}},
    "params": {"price": "158.25"}})");
  CAF_CHECK_EQUAL(r.status, 202u);
  auto body = body_of(r);
  CAF_CHECK_EQUAL(text_at(body, {"id"}), "hotel-lv-8841.1");
  CAF_CHECK_EQUAL(text_at(body, {"conversation"}), "0a1-found");
  CAF_CHECK_EQUAL(text_at(body, {"decision", "action"}), "queued");
  CAF_CHECK_EQUAL(text_at(body, {"decision", "code"}), "await_boundary");
  CAF_CHECK_EQUAL(text_at(body, {"decision", "retry"}), "dialog_end");
  auto& q = asked<interject::notify>();
  CAF_CHECK_EQUAL(q.user, "dl_ann");
  auto& n = q.what;
  CAF_CHECK(n.mode == delivery_mode::interrupt && n.returns == return_mode::reset);
  CAF_CHECK(n.urgency == urgency::time_sensitive && n.lifetime == std::chrono::hours(2));
  CAF_CHECK(n.repeat_window == std::chrono::minutes(10) && n.priority == 7 && n.needs_answer &&
            !n.solicited);
  CAF_CHECK_EQUAL(n.inhibits, strings{"ads"});
  CAF_CHECK_EQUAL(n.text.size(), 2u);
  CAF_CHECK_EQUAL(n.dialog, "offer");
  CAF_CHECK_EQUAL(display(n.dialog_params.at(0).second), "158.25");
  CAF_CHECK(n.created == clock->now());
}

CAF_TEST(an id is made when none is given) {
  decide(delivery_action::sent, delivery_code::idle);
  auto r = notify(R"({"to": {"conversation": "0a1-x"}, "text": "Hello"})");
  CAF_CHECK_EQUAL(r.status, 202u);
  CAF_CHECK(is_notification_id(asked<interject::notify>().what.id));
  CAF_CHECK_EQUAL(text_at(body_of(r), {"id"}), asked<interject::notify>().what.id);
}

CAF_TEST(every wrong field is named at once and nothing is sent) {
  struct row {
    const char* body;
    strings pointers;
  };
  const row rows[] = {
      {R"({"id": "has spaces", "to": {"conversation": "c", "nobody": 1}, "text": "Hi", "delivry": "x", "urgency": "huge"})",
       {"/delivry", "/id", "/to/nobody", "/urgency"}},
      {R"({"text": "Hi"})", {"/to"}},
      {R"({"to": {"conversation": "c", "user": "u"}, "text": "Hi"})", {"/to"}},
      {R"({"to": {}, "text": "Hi"})", {"/to"}},
      {R"({"to": "ann", "text": "Hi"})", {"/to"}},
      {R"({"to": {"user": "u"}, "text": 5, "priority": 0, "expires_in": "soon", "needs_answer": "yes", "id": 7})",
       {"/expires_in", "/id", "/needs_answer", "/priority", "/text"}},
      {R"({"to": {"user": "u"}, "text": "Hi", "expires_in": "0s"})", {"/expires_in"}},
      {R"({"to": {"user": "u"}, "text": {"en": "Hi {name"}})", {"/text/en"}},
      {R"({"to": {"user": "u"}, "text": "Hi {name}"})", {"/text"}},
      {R"({"to": {"user": "u"}, "text": {}})", {"/text"}},
      {R"({"to": {"user": "u"}, "dialog": "offer"})", {"/dialog"}},
      {R"({"to": {"user": "u"}, "dialog": {"params": {}}})", {"/dialog/id"}},
      {R"({"to": {"user": "u"}, "delivery": "interrupt", "dialog": {"id": "none"}})",
       {"/dialog/id"}},
      {R"({"to": {"user": "u"}, "delivery": "interrupt", "dialog": {"id": "offer", "params": {"prize": 1}, "x": 1}})",
       {"/dialog/params/prize", "/dialog/x"}},
      {R"({"to": {"user": "u"}, "text": "Hi", "inhibits": ["a", 5]})", {"/inhibits"}},
      {R"({"to": {"user": "u"}, "text": "Hi", "solicited": true})", {"/solicited"}},
      {"[]", {""}},
      {"null", {""}},
  };
  for (auto& row : rows) {
    auto r = notify(row.body);
    CAF_CHECK_EQUAL(r.status, 422u);
    CAF_CHECK_EQUAL(r.content_type, "application/problem+json");
    CAF_CHECK_EQUAL(pointers_of(r), row.pointers);
    CAF_CHECK(questions.empty());
  }
}

CAF_TEST(what the delivery rule refuses is refused when it is made) {
  for (auto body :
       {R"({"to": {"user": "u"}, "delivery": "ad_hoc", "needs_answer": true, "text": "Yes?"})",
        R"({"to": {"user": "u"}, "delivery": "deferred", "return": "reset", "text": "Hi"})",
        R"({"to": {"user": "u"}, "delivery": "ad_hoc"})"}) {
    auto r = notify(body);
    CAF_CHECK_EQUAL(r.status, 422u);
    CAF_CHECK_EQUAL(pointers_of(r).size(), 1u);
    CAF_CHECK(questions.empty());
  }
}

CAF_TEST(malformed JSON is 400 and another media type 415) {
  for (auto body : {"", "{", "[[[", "{\"a\":1}}", "\x01"})
    CAF_CHECK_EQUAL(notify(body).status, 400u);
  auto r = ask({.method = "POST",
                .path = "/api/v1/notifications",
                .body = "{}",
                .content_type = "text/plain"});
  CAF_CHECK_EQUAL(r.status, 415u);
  r = ask({.method = "POST",
           .path = "/api/v1/notifications",
           .body = "{",
           .content_type = "Application/JSON; charset=utf-8"});
  CAF_CHECK_EQUAL(r.status, 400u);
}

CAF_TEST(without a decision in time a notification is accepted) {
  auto r = notify(R"({"id": "slow", "to": {"conversation": "0a1-x"}, "text": "Hello"})");
  CAF_CHECK_EQUAL(r.status, 0u);
  via->tick(std::chrono::steady_clock::now() + std::chrono::milliseconds(2100));
  CAF_CHECK_EQUAL(last.status, 202u);
  CAF_CHECK_EQUAL(text_at(body_of(last), {"decision", "action"}), "accepted");
  CAF_CHECK_EQUAL(text_at(body_of(last), {"decision", "code"}), "(none)");
}

CAF_TEST(refusals keep their status) {
  for (auto [code, status] :
       {std::pair{errc::not_found, 404u}, {errc::busy, 429u}, {errc::unavailable, 503u}}) {
    on_question = [code](const question&) -> std::optional<answer> {
      return refused{0, code, "why"};
    };
    auto r = notify(R"({"to": {"conversation": "c"}, "text": "Hello"})");
    CAF_CHECK_EQUAL(r.status, status);
    CAF_CHECK_EQUAL(text_at(body_of(r), {"detail"}), "why");
  }
}

CAF_TEST(many notifications are answered one by one and in their order) {
  decide(delivery_action::sent, delivery_code::idle);
  std::string items;
  for (int i = 0; i < 100; ++i)
    items += (i ? "," : "") + (i == 41 ? std::string(R"({"id": "n41", "txt": "?"})")
                                       : R"({"id": "n)" + std::to_string(i) +
                                             R"(", "to": {"user": "u"}, "text": "Hi"})");
  auto r = notify("{\"items\": [" + items + "]}");
  CAF_CHECK_EQUAL(r.status, 202u);
  auto body = body_of(r);
  auto list = body.find("items")->as_list();
  CAF_REQUIRE(list);
  CAF_REQUIRE_EQUAL(list->size(), 100u);
  for (std::size_t i = 0; i < 100; ++i)
    CAF_CHECK_EQUAL(text_at((*list)[i], {"id"}), "n" + std::to_string(i));
  CAF_CHECK_EQUAL(text_at((*list)[41], {"error", "status"}), "422");
  CAF_CHECK_EQUAL(text_at((*list)[42], {"decision", "action"}), "sent");
  CAF_CHECK_EQUAL(questions.size(), 99u);
  for (auto wrong : {R"({"items": []})", R"({"items": 5})", R"({"items": [{}], "more": 1})"})
    CAF_CHECK_EQUAL(notify(wrong).status, 422u);
}

CAF_TEST(a batch never has more than sixteen under way) {
  std::string items;
  for (int i = 0; i < 40; ++i)
    items += (i ? "," : "") + std::string(R"({"to": {"conversation": "c"}, "text": "Hi"})");
  notify("{\"items\": [" + items + "]}");
  CAF_CHECK_EQUAL(questions.size(), 16u);
  CAF_CHECK_EQUAL(via->pending(), 16u);
}

CAF_TEST(prices are read exactly from numbers and from texts) {
  on_question = [](const question&) -> std::optional<answer> { return prices_taken{0, 3, 1, 2}; };
  auto r = ask({.method = "POST", .path = "/api/v1/prices", .body = R"({"samples": [
    {"symbol": "A", "price": 0.1}, {"symbol": "B", "price": "101.50", "seq": 7}, {"symbol": "C", "price": 1e2, "at": "2026-12-01T10:00:00+01:00"},
    {"symbol": "D", "price": 64000.12345678, "seq": 1767225600123},
    {"symbol": "E", "price": 1, "at": "2026-12-02T10:00:00+01:00", "seq": "9223372036854775807"}]})"});
  CAF_CHECK_EQUAL(r.status, 200u);
  CAF_CHECK_EQUAL(r.body, R"({"accepted":3,"ignored":1,"fired":2})");
  auto& samples = asked<take_prices>().samples;
  CAF_REQUIRE_EQUAL(samples.size(), 5u);
  CAF_CHECK_EQUAL(samples[0].price.units, 10'000'000);
  CAF_CHECK_EQUAL(to_string(samples[1].price), "101.5");
  CAF_CHECK(samples[1].seq == 7u);
  CAF_CHECK(samples[2].at == clock->now());
  CAF_CHECK_EQUAL(to_string(samples[3].price), "64000.12345678");
  CAF_CHECK(samples[3].seq == 1767225600123u);
  CAF_CHECK(samples[4].seq == 9223372036854775807u);
}

CAF_TEST(bad samples are named and none is taken) {
  auto r = ask({.method = "POST", .path = "/api/v1/prices", .body = R"({"samples": [
    {"symbol": "A", "price": 1}, {"symbol": "", "price": "dear"}, {"price": 1, "volume": 3}, 7, {"symbol": "B", "price": 1, "seq": -1},
    {"symbol": "B", "price": 1, "seq": 9223372036854775808}, {"symbol": "B", "price": 1, "seq": 1.5},
    {"symbol": "B", "price": 1, "at": "2026-12-02T09:00:00.001Z"}]})"});
  CAF_CHECK_EQUAL(r.status, 422u);
  CAF_CHECK_EQUAL(pointers_of(r),
                  (strings{"/samples/1/price", "/samples/1/symbol", "/samples/2/symbol",
                           "/samples/2/volume", "/samples/3", "/samples/4/seq", "/samples/5/seq",
                           "/samples/6/seq", "/samples/7/at"}));
  CAF_CHECK(questions.empty());
  for (auto body : {R"({})", R"({"samples": []})", R"({"samples": {}})"})
    CAF_CHECK_EQUAL(pointers_of(ask({.method = "POST", .path = "/api/v1/prices", .body = body})),
                    strings{"/samples"});
}

CAF_TEST(a watch goes to its conversation with an id and its condition) {
  decide(delivery_action::sent, delivery_code::idle);
  ask({.method = "POST",
       .path = "/api/v1/watches",
       .body = R"({"conversation": "0a1-x", "symbol": "GOOG",
    "when": {"drops_by": "20%"}, "name": "goog", "notify": {"delivery": "interrupt", "text": "{symbol} at {price}, was {baseline}"}})"});
  auto& row = asked<create_watch>().row;
  CAF_CHECK_EQUAL(row.conversation, "0a1-x");
  CAF_CHECK(row.when.kind == watch_kind::drops_by);
  CAF_CHECK_EQUAL(to_string(row.when.level), "20");
  CAF_CHECK(row.id.starts_with("w-"));
  CAF_CHECK(row.notify.from == origin::watch && row.notify.source == row.id);
  CAF_CHECK(row.state == watch_state::waiting);
}

CAF_TEST(wrong watches and reminders are refused with their fields) {
  struct row {
    const char* path;
    const char* body;
    strings pointers;
  };
  const row rows[] = {
      {"/api/v1/watches", "{}", {"/conversation", "/notify", "/symbol", "/when"}},
      {"/api/v1/watches",
       R"({"conversation": "c", "symbol": "S", "when": {"drops_by": 150}, "notify": {"text": "x"}})",
       {"/when/drops_by"}},
      {"/api/v1/watches",
       R"({"conversation": "c", "symbol": "S", "when": {"falls": 1}, "notify": {"text": "x"}})",
       {"/when"}},
      {"/api/v1/watches",
       R"({"conversation": "c", "symbol": "S", "when": {"falls_to": "x"}, "notify": {"txt": "x"}})",
       {"/notify/text", "/notify/txt", "/when/falls_to"}},
      {"/api/v1/watches",
       R"({"conversation": "c", "symbol": "", "when": {"falls_to": 1}, "notify": {"text": "x"}})",
       {"/symbol"}},
      {"/api/v1/watches",
       R"({"conversation": "c", "symbol": "S", "when": {"falls_to": 1}, "notify": {"text": "x", "params": {"a": 1}},
           "no_longer": {"en": "{symbol} {price} {a} {b}", "fr": "{"}})",
       {"/no_longer/en", "/no_longer/fr"}},
      {"/api/v1/reminders", R"({"conversation": "c", "notify": {"text": "x"}})", {"/at"}},
      {"/api/v1/reminders",
       R"({"conversation": "c", "in": "1h", "at": "2026-12-02T00:00:00Z", "notify": {"text": "x"}})",
       {"/in"}},
      {"/api/v1/reminders",
       R"({"conversation": "c", "at": "2026-11-30T00:00:00Z", "notify": {"text": "x"}})",
       {"/at"}},
      {"/api/v1/reminders",
       R"({"conversation": "c", "at": "tomorrow", "notify": {"text": "x"}})",
       {"/at"}},
      {"/api/v1/reminders",
       R"({"conversation": "c", "in": "1h", "notify": {"delivery": "ad_hoc"}})",
       {"/notify/text"}},
  };
  for (auto& row : rows) {
    auto r = ask({.method = "POST", .path = row.path, .body = row.body});
    CAF_CHECK_EQUAL(r.status, 422u);
    CAF_CHECK_EQUAL(pointers_of(r), row.pointers);
    CAF_CHECK(questions.empty());
  }
}

CAF_TEST(a reminder says when it comes next) {
  on_question = [](const question&) -> std::optional<answer> { return done{}; };
  auto r = ask(
      {.method = "POST",
       .path = "/api/v1/reminders",
       .body =
           R"({"conversation": "0a1-x", "in": "90m", "notify": {"text": "The oven is hot."}})"});
  CAF_CHECK_EQUAL(r.status, 201u);
  CAF_CHECK_EQUAL(text_at(body_of(r), {"next"}), "2026-12-01T10:30:00.000Z");
  auto& row = asked<create_reminder>().row;
  CAF_CHECK_EQUAL(test::header_of(r, "Location"), "/api/v1/reminders/" + row.id);
  CAF_CHECK(!row.notify.solicited);
}

CAF_TEST(what is not there is 404) {
  for (auto path : {"/api/v1/notifications/n-0", "/api/v1/conversations/0a1-none",
                    "/api/v1/conversations/0a1-none/activities", "/api/v1/watches/w-0",
                    "/api/v1/reminders/r-0"}) {
    auto r = ask({.path = path});
    CAF_CHECK_EQUAL(r.status, 404u);
    CAF_CHECK_EQUAL(r.content_type, "application/problem+json");
  }
  for (auto path : {"/api/v1/watches/w-0", "/api/v1/reminders/r-0", "/api/v1/notifications/n-0"})
    CAF_CHECK_EQUAL(ask({.method = "DELETE", .path = path}).status, 404u);
}

CAF_TEST(history comes in pages) {
  strings bodies;
  for (int i = 1; i <= 7; ++i)
    bodies.push_back("{\"n\":" + std::to_string(i) + "}");
  test::commit_conversation(*store, "0a1-x", bodies, clock->now());
  auto page = ask({.path = "/api/v1/conversations/0a1-x/activities?limit=3"});
  CAF_CHECK_EQUAL(page.body, R"({"items":[{"n":1},{"n":2},{"n":3}],"next":"3"})");
  page = ask({.path = "/api/v1/conversations/0a1-x/activities?limit=4&cursor=3"});
  CAF_CHECK_EQUAL(page.body, R"({"items":[{"n":4},{"n":5},{"n":6},{"n":7}],"next":"7"})");
  page = ask({.path = "/api/v1/conversations/0a1-x/activities?cursor=7"});
  CAF_CHECK_EQUAL(page.body, R"({"items":[],"next":null})");
}

CAF_TEST(lists take a limit a cursor and nothing else) {
  for (auto query : {"?limit=0", "?limit=501", "?limit=x", "?page=2", "?limit=3x"})
    CAF_CHECK_EQUAL(ask({.path = std::string("/api/v1/conversations") + query}).status, 400u);
  for (auto id : {"0a1-a", "0a1-b", "0a1-c"})
    test::commit_conversation(*store, id, {}, clock->now());
  std::string cursor;
  std::size_t seen = 0;
  do {
    auto r =
        body_of(ask({.path = "/api/v1/conversations?limit=2&cursor=" + percent_encode(cursor)}));
    seen += r.find("items")->as_list()->size();
    auto next = r.find("next");
    cursor = next->as_text() ? *next->as_text() : "";
  } while (!cursor.empty());
  CAF_CHECK_EQUAL(seen, 3u);
}

CAF_TEST(a reset goes to the conversation) {
  on_question = [](const question&) -> std::optional<answer> { return done{}; };
  auto r = ask({.method = "POST", .path = "/api/v1/conversations/0a1-x/reset"});
  CAF_CHECK_EQUAL(r.status, 204u);
  CAF_CHECK_EQUAL(asked<reset_conversation>().conversation, "0a1-x");
}

CAF_TEST(the dialogs that are loaded are listed) {
  auto body = body_of(ask({.path = "/api/v1/dialogs"}));
  CAF_CHECK_EQUAL(text_at(body, {"bot", "id"}), "example");
  CAF_CHECK_EQUAL(text_at((*body.find("items")->as_list()).at(0), {"id"}), "offer");
}

CAF_TEST(the clock moves only where it is a test clock and from this machine) {
  on_question = [this](const question& q) -> std::optional<answer> {
    clock->advance_to(clock->now() + std::get<advance_clock>(q).by);
    return done{};
  };
  auto r = ask({.method = "POST", .path = "/api/v1/test/clock", .body = R"({"advance": "3s"})"});
  CAF_CHECK_EQUAL(r.status, 200u);
  CAF_CHECK_EQUAL(text_at(body_of(r), {"now"}), "2026-12-01T09:00:03.000Z");
  CAF_CHECK_EQUAL(
      ask({.method = "POST", .path = "/api/v1/test/clock", .body = R"({"advance": "a while"})"})
          .status,
      422u);
  CAF_CHECK_EQUAL(ask({.method = "POST",
                       .path = "/api/v1/test/clock",
                       .body = R"({"advance": "3s"})",
                       .loopback = false})
                      .status,
                  404u);
  with->manual = nullptr;
  CAF_CHECK_EQUAL(
      ask({.method = "POST", .path = "/api/v1/test/clock", .body = R"({"advance": "3s"})"}).status,
      404u);
}

CAF_TEST(the trail of a notification tells its status) {
  journal::stored_notification n;
  n.what.id = "n-1";
  n.what.created = clock->now();
  n.conversation = "0a1-x";
  CAF_CHECK_EQUAL(gateway::status_of(n), "accepted");
  decision d;
  d.action = delivery_action::pushed;
  d.code = delivery_code::interrupted;
  d.rule = "B7/ladder6";
  d.inputs = R"({"stack":"awaiting_input"})";
  n.trail.push_back(d);
  CAF_CHECK_EQUAL(gateway::status_of(n), "pushed");
  n.ended = interruption_end::resumed;
  CAF_CHECK_EQUAL(gateway::status_of(n), "resumed");
  n.ended = interruption_end::answered;
  CAF_CHECK_EQUAL(gateway::status_of(n), "answered");
  std::string out;
  append_trail(out, n);
  auto v = parse_json(out);
  CAF_REQUIRE(v);
  auto trail = v->find("trail")->as_list();
  CAF_CHECK_EQUAL(text_at((*trail)[0], {"rule"}), "B7/ladder6");
  CAF_CHECK_EQUAL(text_at((*trail)[0], {"inputs", "stack"}), "awaiting_input");
}

CAF_TEST_FIXTURE_SCOPE_END()
