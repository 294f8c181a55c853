// What a bot says beside its dialogs: read, checked, and every mistake named with its place.
#define CAF_SUITE sections
#include "tests/support/caf_test.hpp"

#include "actors/dialog/bot_model.hpp"
#include "protocols/secret_reference.hpp"
#include "tests/support/bots.hpp"

using namespace interject;
using namespace std::chrono_literals;

namespace {

std::string with(const std::string& section) {
  return R"json({ "id": "b", "locales": ["en", "fr"], "dialogs": {
    "trip": { "params": { "city": "text" }, "steps": [
      { "do": "ask", "id": "city", "type": "text", "text": "Where?", "into": "city" },
      { "do": "say", "text": "{city}!" } ] } }, )json" +
         section + " }";
}

/// "pointer: what; remedy" of all faults, one a line.
std::string faults(const std::string& section) {
  std::string out;
  for (auto& f : test::faults_of(with(section)))
    out += (f.warning ? "warning " : "") + f.pointer + ": " + f.what +
           (f.remedy.empty() ? "" : "; " + f.remedy) + "\n";
  return out;
}

} // namespace

CAF_TEST(every section is read) {
  auto bot = test::bot_of(with(R"json(
    "feeds": { "market": { "url": "https://example.test/q", "every": "5s", "items": "/quotes", "symbol": "/id",
                           "price": "/last", "headers": { "X-Key": "${env:KEY}" }, "stale_after": "1m" } },
    "events": [ { "type": "shipped", "to": { "user": "/data/customer" }, "with": { "number": "/data/number" },
                  "notification": { "text": "Order {number}", "collapse_key": "order-{number}",
                                    "dialog": { "id": "trip", "params": { "city": { "=": "number" } } } } } ],
    "recognizer": { "url": "http://127.0.0.1:5005/model/parse", "timeout": "250ms" },
    "channels": { "phone": { "max_silence": "5s", "cards": false } },
    "delivery": { "topics": ["offers", "news"] },
    "migrate": [ { "from": "0123abcd", "dialog": "trip", "steps": { "ask_city": "city", "steps/2": "steps/1" } } ])json"));
  auto& s = dialog::sections(*bot);
  CAF_REQUIRE_EQUAL(s.feeds.size(), 1u);
  auto& feed = s.feeds[0];
  CAF_CHECK_EQUAL(feed.name, "market");
  CAF_CHECK_EQUAL(feed.url, "https://example.test/q");
  CAF_CHECK(feed.every == 5s);
  CAF_CHECK_EQUAL(feed.items + feed.symbol + feed.price, "/quotes/id/last");
  CAF_REQUIRE_EQUAL(feed.headers.size(), 1u);
  CAF_CHECK_EQUAL(show_references(feed.headers[0].second), "${env:KEY}");
  CAF_REQUIRE(feed.stale_after.has_value());
  CAF_CHECK(*feed.stale_after == 1min);
  CAF_REQUIRE(s.recognizer.has_value());
  CAF_CHECK_EQUAL(s.recognizer->url, "http://127.0.0.1:5005/model/parse");
  CAF_CHECK(s.recognizer->timeout == 250ms);
  auto* phone = dialog::find_channel(s, "phone");
  CAF_REQUIRE(phone != nullptr);
  CAF_REQUIRE(phone->max_silence.has_value());
  CAF_CHECK(*phone->max_silence == 5s);
  CAF_CHECK(phone->buttons);
  CAF_CHECK(!phone->cards);
  CAF_CHECK(dialog::find_channel(s, "fax") == nullptr);
  CAF_CHECK_EQUAL(s.topics, (std::vector<std::string>{"offers", "news"}));
  CAF_REQUIRE_EQUAL(s.migrations.size(), 1u);
  CAF_CHECK_EQUAL(s.migrations[0].from, "0123abcd");
  CAF_CHECK_EQUAL(bot->dialogs[s.migrations[0].dialog].id, "trip");
  CAF_REQUIRE_EQUAL(s.migrations[0].steps.size(), 2u);
  CAF_CHECK_EQUAL(s.migrations[0].steps[0].second, "city");
}

CAF_TEST(a feed whose host is not listed is told of) {
  struct {
    const char *url, *host;
    bool listed;
  } table[] = {
      {"https://Quotes.test/q?key=${env:KEY}", "quotes.test", true},
      {"https://quotes.test:8443/q", "quotes.test", true},
      {"https://quotes.test/q", "quotes.test:443", true},
      {"http://quotes.test/q", "quotes.test:443", false},
      {"http://quotes.test:81/q", "quotes.test:81", true},
      {"http://quotes.test:81/q", "quotes.test:82", false},
      {"http://[::1]:81/q", "[::1]:81", true},
      {"http://[::1]/q", "::1", true},
      {"http://other.test/q", "quotes.test", false},
  };
  for (auto& row : table) {
    auto told =
        faults(std::string(R"("hosts": [")") + row.host + R"("], "feeds": { "m": { "url": ")" +
               row.url + R"(", "every": "5s", "symbol": "/s", "price": "/p" } })");
    CAF_MESSAGE(row.url << " " << told);
    CAF_CHECK_EQUAL(told.empty(), row.listed);
    CAF_CHECK_EQUAL(told.starts_with("warning /feeds/m/url: \"hosts\" does not list"), !row.listed);
  }
}

CAF_TEST(addresses may hold secrets by reference but for the host) {
  auto bot = test::bot_of(with(R"json(
    "feeds": { "m": { "url": "https://example.test/q?key=${env:FEED}", "every": "5s", "symbol": "/id", "price": "/last" } },
    "recognizer": { "url": "http://127.0.0.1:5005/model/parse?token=${file:/run/rasa}" },
    "channels": { "sms": { "url": "https://sms.test/${env:ACCOUNT}/in", "secret": "${env:SMS}" } })json"));
  auto& s = dialog::sections(*bot);
  for (auto* url : {&s.feeds.at(0).url, &s.recognizer->url, &s.channels.at(0).url})
    CAF_CHECK(holds_reference(*url));
  CAF_CHECK_EQUAL(show_references(s.recognizer->url),
                  "http://127.0.0.1:5005/model/parse?token=${file:/run/rasa}");
}

CAF_TEST(an event becomes a notice with what it brings) {
  auto bot = test::bot_of(
      with(R"json("events": [ { "type": "shipped", "to": { "conversation": "/subject" },
    "with": { "number": "/data/number" },
    "notification": { "urgency": "time_sensitive", "text": "Order {number} is on its way.", "collapse_key": "order-{number}",
                      "digest_key": "orders", "params": { "shop": "B" },
                      "dialog": { "id": "trip", "params": { "city": { "=": "number" } } } } } ])json"));
  auto& rule = dialog::sections(*bot).events.at(0);
  CAF_CHECK_EQUAL(rule.to_conversation, "/subject");
  CAF_CHECK_EQUAL(rule.to_user, "");
  auto n = dialog::notice_of(rule, {{"number", value("A7")}}, "en");
  CAF_CHECK_EQUAL(n.collapse_key, "order-A7");
  CAF_CHECK_EQUAL(n.digest_key, "orders");
  CAF_CHECK(n.urgency == urgency::time_sensitive);
  CAF_CHECK_EQUAL(dialog::render(n.text, n.params, "en"), "Order A7 is on its way.");
  auto params = dialog::evaluate_params(n.dialog_params, n.params);
  CAF_REQUIRE_EQUAL(params.size(), 1u);
  CAF_CHECK(params[0].second == value("A7"));
}

CAF_TEST(every mistake has its place and its remedy) {
  struct {
    const char *section, *expected;
  } table[] = {
      {R"("feeds": { "m": { "url": "example.test", "every": "100ms", "items": "quotes", "price": "/a~b" } })",
       "/feeds/m: \"symbol\" is missing; a JSON pointer within an item, such as \"/id\"\n"
       "/feeds/m/url: \"example.test\" is no web address; such as \"https://example.test/quotes\"\n"
       "/feeds/m/every: \"100ms\" is too short; \"1s\" or longer\n"
       "/feeds/m/items: \"quotes\" is no JSON pointer; it begins with /, such as \"/data/id\"\n"
       "/feeds/m/price: \"/a~b\" is no JSON pointer; ~ is written ~0, and / within a name ~1\n"},
      {R"("feeds": { "m": { "url": "http://a.test", "every": "10s", "symbol": "/s", "price": "/p", "stale_after": "5s",
          "headers": { "A": 1 } } })",
       "warning /feeds/m/url: \"hosts\" does not list a.test, so that it is never asked; add "
       "\"a.test\" to the bot's "
       "\"hosts\"\n"
       "/feeds/m/stale_after: \"5s\" is too short; longer than \"every\", or each pause is stale\n"
       "/feeds/m/headers/A: expected a text of one line\n"},
      {R"("feeds": { "m": 5 })", "/feeds/m: expected a feed, found number; {\"url\": …, \"every\": "
                                 "\"5s\", \"symbol\": \"/id\", \"price\": \"/last\"}\n"},
      {R"("events": [ { "tpye": "x", "to": {}, "notification": { "text": "{nr}" }, "with": { "nmbr": "data" } } ])",
       "/events/0/tpye: unknown key \"tpye\"; did you mean \"type\"?\n"
       "/events/0: \"type\" is missing; the event's type, such as \"com.example.order.shipped\"\n"
       "/events/0/with/nmbr: \"data\" is no JSON pointer; it begins with /, such as \"/data/id\"\n"
       "/events/0/to: expected either \"user\", \"conversation\" or \"filter\"; such as {\"user\": "
       "\"/data/customer\"}\n"
       "/events/0/notification/text: `nr` is not known here; known here are nmbr\n"},
      {R"("events": [ 1, { "type": "t", "to": { "user": "/u" }, "notification": { "text": "{user.city}" } } ])",
       "/events/0: expected an object, found number\n"
       "/events/1/notification: its texts name variables of a conversation; an event knows only "
       "what its \"with\" reads\n"},
      {R"("events": [ { "type": "t", "to": { "filter": [[ { "field": "plan", "op": "is", "value": 1 } ], 5 ] },
          "notification": { "text": "x" } } ])",
       "/events/0/to/filter/0/0/field: expected \"custom.\" and the name of an attribute\n"
       "/events/0/to/filter/0/0/op: expected one of eq, ne, gt, ge, lt, le, contains, "
       "not_contains, in, not_in, exists, not_exists\n"
       "/events/0/to/filter/1: expected a list of 1 to 50 conditions\n"},
      {R"("events": [ { "type": "t", "to": { "user": "/u" }, "notification": { "dialog": { "id": "tripp" } } } ])",
       "/events/0/notification/dialog/id: there is no dialog \"tripp\"; did you mean \"trip\"?\n"},
      {R"("recognizer": { "url": "localhost:5005", "timeout": "1m" })",
       "/recognizer/url: \"localhost:5005\" is no web address; such as "
       "\"https://example.test/quotes\"\n"
       "/recognizer/timeout: every message would wait so long; \"10s\" at most\n"},
      {R"("recognizer": { "url": "https://${env:HOST}:5005/model/parse" })",
       "/recognizer/url: the host may not be a secret; write it out\n"},
      {R"("recognizer": { "url": "https://rasa.test/${env:TO-KEN}" })",
       "/recognizer/url: \"TO-KEN\" is no name of an environment variable; a secret is written "
       "${env:NAME} or "
       "${file:/absolute/path}\n"},
      {R"("inactivity": { "nudge": { "after": "10m", "text": "Hm {x}" }, "end": "5m" })",
       "/inactivity/nudge/text: `x` is not known here; no dialog runs here: user.NAME and "
       "conversation.NAME are known\n"
       "/inactivity/nudge/after: the conversation has ended by then; shorter than \"end\"\n"},
      {R"("inactivity": { "nudge": {}, "end": "5" })",
       "/inactivity/end: \"5\" is no duration; such as \"250ms\", \"90s\", \"10m\", \"24h\" or "
       "\"PT1M30S\"\n"
       "/inactivity/nudge: \"after\" is missing; how long nothing was said, such as \"10m\"\n"
       "/inactivity/nudge: \"text\" is missing; what is said then\n"},
      {R"("channels": { "phone": { "max_silense": "5s" }, "fax": 1 })",
       "/channels/phone/max_silense: unknown key \"max_silense\"; did you mean \"max_silence\"?\n"
       "/channels/fax: expected an object, found number; {}\n"},
      {R"("delivery": { "topics": ["a", "a", 1], "digest_text": { "en": "{count} x {itmes}", "fr": "{count}" } })",
       "/delivery/topics/1: \"a\" stands there twice\n"
       "/delivery/topics/2: expected the name of a topic; such as \"offers\"\n"
       "/delivery/digest_text/en: `itmes` is not known here; did you mean \"items\"?\n"},
      {R"("delivery": { "digest_text": ["a"] })",
       "/delivery/digest_text: a digest has no variants; one text, or one per locale\n"},
      {R"("migrate": [ { "from": "12G", "dialog": "trips", "steps": {} },
          { "from": "0123", "dialog": "trip", "steps": { "a": "ctiy", "b": 1 } }, { "from": "abcd", "dialog": "trip" } ])",
       "/migrate/0/from: \"12G\" is no beginning of a version; 4 to 64 of the digits 0-9 and a-f\n"
       "/migrate/0/dialog: there is no dialog \"trips\"; did you mean \"trip\"?\n"
       "/migrate/1/steps/a: dialog \"trip\" has no step \"ctiy\"; did you mean \"city\"?\n"
       "/migrate/1/steps/b: expected the name of a step\n"
       "/migrate/2: \"steps\" is missing; {\"old_step\": \"new_step\"}\n"},
  };
  for (auto& row : table)
    CAF_CHECK_EQUAL(faults(row.section), std::string(row.expected));
}
