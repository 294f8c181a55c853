// What dialogs ask of the monitors: calls, watches, reminders, notices.
#define CAF_SUITE asked_for
#include "tests/support/caf_test.hpp"

#include "protocols/secret_reference.hpp"
#include "tests/support/bots.hpp"
#include "tests/support/talk.hpp"

using namespace interject;

namespace {

constexpr time_point now{std::chrono::milliseconds{1'800'000'000'000}};

/// The effects of a message to a bot whose only dialog begins with "go".
std::vector<dialog::effect> effects(const std::string& steps,
                                    const std::string& said = "go Ö & b/c") {
  auto bot =
      test::bot_of(R"json({ "id": "b", "hosts": ["api.test"], "dialogs": { "d": { "intents": [
    { "pattern": "^go (?P<word>.+)" }], "steps": [ )json" +
                   steps + R"json( ] },
    "offer": { "params": { "price": "number", "half": "number", "word": "text" }, "steps": [ { "do": "say", "text": "x" } ] } } })json");
  dialog::conversation c;
  c.id = "c1";
  c.user = "ann";
  c.locale = "en";
  return dialog::advance(*bot, c, dialog::said{said, {}}, now).effects;
}

template <class T> const T& only(const std::vector<dialog::effect>& all) {
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_REQUIRE(std::holds_alternative<T>(all[0]));
  return std::get<T>(all[0]);
}

std::string json(const named_values& all) {
  std::string out;
  append_json(out, value(value::object(all.begin(), all.end())));
  return out;
}

} // namespace

CAF_TEST(a request is filled in and encoded) {
  auto all = effects(
      R"({ "do": "request", "method": "POST", "url": "http://api.test/{word}?q={word}", "name": "n",
    "headers": { "X-Word": "{word}" }, "body": { "said": "{word}", "n": 1.50 }, "read": { "a": "/x/0", "b": "" },
    "timeout": "5s", "retries": 2 })");
  auto& row = only<call_row>(all);
  CAF_CHECK_EQUAL(row.id, "c-c1-1");
  CAF_CHECK_EQUAL(row.conversation, "c1");
  CAF_CHECK_EQUAL(row.url, "http://api.test/%C3%96%20%26%20b%2Fc?q=%C3%96%20%26%20b%2Fc");
  CAF_CHECK_EQUAL(row.headers.size(), 2u);
  CAF_CHECK_EQUAL(row.headers[0].second, "Ö & b/c");
  CAF_CHECK_EQUAL(row.headers[1].second, "application/json");
  CAF_CHECK_EQUAL(row.body, "{\"said\":\"Ö & b/c\",\"n\":1.5}");
  CAF_CHECK_EQUAL(row.read.size(), 2u);
  CAF_CHECK(row.restart == call_restart::fail);
  CAF_CHECK(row.mode == call_mode::foreground);
  CAF_CHECK_EQUAL(row.timeout.count(), 5000);
  CAF_CHECK_EQUAL(row.retries, 2u);
  CAF_CHECK(row.created == now);
}

CAF_TEST(a content type of its own is kept in any case of letters) {
  auto all = effects(R"({ "do": "request", "method": "POST", "url": "http://api.test/",
    "headers": { "content-TYPE": "application/vnd.api+json" }, "body": { "a": 1 } })");
  auto& row = only<call_row>(all);
  CAF_REQUIRE_EQUAL(row.headers.size(), 1u);
  CAF_CHECK_EQUAL(row.headers[0].second, "application/vnd.api+json");
}

CAF_TEST(secrets leave a dialog as references and nobody can write one into a chat) {
  const char* step =
      R"({ "do": "request", "method": "POST", "url": "http://api.test/?k=${env:KEY}&q={word}",
    "headers": { "X-Key": "${file:/run/key} {word}" }, "body": { "k": "${env:KEY}", "said": "{word}" } })";
  auto all = effects(step, "go ${env:OTHER}\x01"
                           "env:OTHER\x02");
  auto& row = only<call_row>(all);
  auto put_in = [](const std::string& in) {
    return *resolve_references(
        in, secret_place::header,
        [](auto, auto name) -> result<std::string> { return "<" + std::string(name) + ">"; });
  };
  CAF_CHECK(!holds_reference(row.url.substr(row.url.find("&q"))));
  CAF_CHECK_EQUAL(put_in(row.url),
                  "http://api.test/?k=<KEY>&q=%24%7Benv%3AOTHER%7D%01env%3AOTHER%02");
  CAF_CHECK_EQUAL(put_in(row.headers[0].second), "</run/key> ${env:OTHER} env:OTHER ");
  CAF_CHECK_EQUAL(put_in(row.body), R"({"k":"<KEY>","said":"${env:OTHER}\u0001env:OTHER\u0002"})");
}

CAF_TEST(a background request carries its notice) {
  auto all = effects(
      R"({ "do": "request", "mode": "background", "url": "http://api.test/", "read": { "pages": "/p" },
    "notify": { "text": "{pages} for {word}" } })");
  auto& row = only<call_row>(all);
  CAF_CHECK(row.mode == call_mode::background);
  CAF_CHECK(row.restart == call_restart::repeat);
  CAF_CHECK(row.notify.solicited);
  CAF_CHECK(row.notify.urgency == urgency::time_sensitive);
  CAF_CHECK_EQUAL(json(row.notify.params), R"({"word":"Ö & b/c"})");
}

CAF_TEST(a watch keeps what depends on the price for later) {
  auto all = effects(
      R"json({ "do": "watch", "symbol": "GOOG", "when": { "drops_by": "20%" }, "name": "mine",
    "notify": { "delivery": "interrupt", "collapse_key": "k-{word}", "expires_in": "2h", "text": "{symbol} {price} {word}",
      "dialog": { "id": "offer", "params": { "half": { "=": "price * 0.5 + size(word)" }, "word": "{word}!", "price": { "=": "price" } } } } })json");
  auto& row = only<watch_row>(all);
  CAF_CHECK_EQUAL(row.id, "w-c1-1");
  CAF_CHECK_EQUAL(row.symbol, "GOOG");
  CAF_CHECK(row.when.kind == watch_kind::drops_by);
  CAF_CHECK_EQUAL(to_string(row.when.level), "20");
  CAF_CHECK(!row.notify.solicited);
  CAF_CHECK(row.notify.needs_answer);
  CAF_CHECK(row.notify.mode == delivery_mode::interrupt);
  CAF_CHECK_EQUAL(row.notify.collapse_key, "k-Ö & b/c");
  CAF_CHECK_EQUAL(json(row.notify.params), R"({"word":"Ö & b/c"})");
  CAF_CHECK_EQUAL(
      json(row.notify.dialog_params),
      R"json({"half":{"=":"price * 0.5 + size(word)"},"word":"Ö & b/c!","price":{"=":"price"}})json");
  auto facts = row.notify.params;
  facts.emplace_back("price", value(decimal::of(80)));
  CAF_CHECK_EQUAL(json(dialog::evaluate_params(row.notify.dialog_params, facts)),
                  R"({"half":47,"word":"Ö & b/c!","price":80})");
}

CAF_TEST(a parameter that cannot be evaluated is null) {
  named_values late{{"a", value(value::object{{"=", value("nothing + 1")}})}, {"b", value(2)}};
  CAF_CHECK_EQUAL(json(dialog::evaluate_params(late, {})), R"({"a":null,"b":2})");
}

CAF_TEST(a reminder is due after its time and was asked for) {
  auto all = effects(R"({ "do": "set", "into": "m", "to": "10" },
    { "do": "remind", "in": "{m}m", "name": "{word}", "notify": { "text": "Now {word}" } })");
  auto& row = only<reminder_row>(all);
  CAF_CHECK_EQUAL(row.id, "r-c1-1");
  CAF_CHECK_EQUAL(row.name, "Ö & b/c");
  CAF_CHECK(row.due == now + std::chrono::minutes(10));
  CAF_CHECK(row.notify.solicited);
}

CAF_TEST(a reminder at an instant) {
  auto all = effects(
      R"({ "do": "remind", "at": "2030-01-01T00:00:00Z", "notify": { "text": "Happy new year" } })");
  CAF_CHECK_EQUAL(format_time(only<reminder_row>(all).due), "2030-01-01T00:00:00.000Z");
}

CAF_TEST(a notice goes to whom it names) {
  auto all = effects(
      R"({ "do": "notify", "to": { "user": "bob" }, "delivery": "ad_hoc", "text": "{word} {n}", "params": { "n": { "=": "1 + 1" } } })");
  auto& sent = only<dialog::send_notice>(all);
  CAF_CHECK_EQUAL(sent.user, "bob");
  CAF_CHECK(sent.what.mode == delivery_mode::ad_hoc);
  CAF_CHECK_EQUAL(dialog::render(sent.what.text, sent.what.params, "en"), "Ö & b/c 2");
}

CAF_TEST(a level may lie below zero and a wrong one or a wrong symbol is named) {
  auto watch = [](const std::string& symbol, const std::string& level) {
    return R"({ "do": "watch", "symbol": )" + symbol + R"(, "when": { "falls_to": )" + level +
           R"( }, "notify": { "text": "x" } })";
  };
  CAF_CHECK(only<watch_row>(effects(watch(R"("WTI")", "-5"))).when.level == decimal::of(-5));
  for (auto& [symbol, level, says] : std::vector<std::array<std::string, 3>>{
           {R"("WTI")", R"({ "=": "word" })", "\"falls_to\" of the watch: a number is expected"},
           {R"({ "=": "word" })", "5", "\"symbol\" of the watch: a text of 1 to 64 bytes"},
       }) {
    auto all = effects(watch(symbol, level), "go " + std::string(65, 'x'));
    auto failed = std::find_if(all.begin(), all.end(), [](auto& e) {
      return std::holds_alternative<dialog::dialog_failed>(e);
    });
    CAF_REQUIRE(failed != all.end());
    auto& why = std::get<dialog::dialog_failed>(*failed).why;
    CAF_MESSAGE(why);
    CAF_CHECK(why.find(says) != std::string::npos);
  }
}

CAF_TEST(to stop what has no name stops nothing else) {
  auto bot = test::bot_of(R"json({ "id": "b", "dialogs": {
    "on": { "intents": ["on"], "steps": [ { "do": "watch", "symbol": "A", "when": { "falls_to": 10 }, "notify": { "text": "A" } },
      { "do": "watch", "symbol": "B", "when": { "falls_to": 10 }, "name": "two", "notify": { "text": "B" } },
      { "do": "watch", "symbol": "C", "when": { "falls_to": 10 }, "name": "two", "notify": { "text": "C" } } ] },
    "off": { "intents": ["off"], "steps": [ { "do": "cancel", "watch": "" } ] },
    "two": { "intents": ["two"], "steps": [ { "do": "cancel", "watch": "two" } ] } } })json");
  CHECK_TALK(bot, R"(
    user> on
    ... watch w-talk-1 A falls_to 10
    ... watch w-talk-2 B falls_to 10
    ... watch w-talk-3 C falls_to 10
    user> off
    user> two
    ... stop w-talk-2
    ... stop w-talk-3
  )");
}

CAF_TEST(what was begun can be stopped by name by id or as a whole) {
  auto bot = test::bot_of(R"json({ "id": "b", "dialogs": {
    "on": { "intents": ["on"], "steps": [
      { "do": "watch", "symbol": "A", "when": { "falls_to": 10 }, "name": "a", "notify": { "text": "A {price}" } },
      { "do": "watch", "symbol": "B", "when": { "rises_to": 10 }, "notify": { "text": "B {price}" } },
      { "do": "remind", "in": "1m", "name": "a", "notify": { "text": "R" } } ] },
    "off": { "intents": ["off"], "steps": [ { "do": "cancel", "watch": "a" } ] },
    "own": { "intents": ["own"], "steps": [
      { "do": "remind", "in": "1h", "into": "id", "notify": { "text": "R" } },
      { "do": "ask", "type": "yes_no", "into": "ok", "text": "Really?" },
      { "do": "cancel", "reminder": "{id}" } ] },
    "none": { "intents": ["none"], "steps": [ { "do": "cancel", "watch": "*", "reminder": "*" } ] } } })json");
  CHECK_TALK(bot, R"(
    user> on
    ... watch w-talk-1 A falls_to 10
    ... watch w-talk-2 B rises_to 10
    ... remind r-talk-3 in 1m
    --- price B 9
    --- price B 10
    bot* B 10
    ... over n1 answered
    user> off
    ... stop w-talk-1
    --- 1m
    bot* R
    user> none
    ... stop w-talk-2
    ... stop r-talk-3
    user> own
    ... remind r-talk-4 in 1h
    bot> Really? [Yes | No]
    user> no
    ... stop r-talk-4
  )");
}
