// Exact boundaries of what a conversation counts: budgets, caps, windows and lifetimes.
#define CAF_SUITE edges
#include "tests/support/caf_test.hpp"

#include "actors/monitors/reminder_rows.hpp"
#include "tests/conversation/desk.hpp"

using namespace interject;
using namespace interject::conversation;
using namespace std::chrono_literals;
using interject::test::desk;

namespace {

/// A bot of one greeting, with these settings of delivery and of its channel.
std::string with(const std::string& delivery, const std::string& channel = "{}") {
  return R"json({ "id": "edges", "start": "hello", "delivery": )json" + delivery +
         R"json(, "channels": { "directline": )json" + channel + R"json( },
    "dialogs": { "hello": { "steps": [ { "do": "say", "text": "Hello." } ] } } })json";
}

/// Notices of these topics are told at the beginning; then one more after a while.
struct probe {
  const char* name;
  std::string bot;
  std::vector<const char*> told;
  const char* topic;
  duration after;
  delivery_code expected;
  urgency level = urgency::normal;
  bool solicited = false;
};

void check(const probe& p) {
  CAF_MESSAGE(p.name);
  desk d(p.bot);
  auto tell = [&](const char* topic, urgency level, bool solicited) {
    auto n = d.notice(delivery_mode::ad_hoc);
    n.topic = topic;
    n.urgency = level;
    n.solicited = solicited;
    return d.tell(n).code;
  };
  for (auto* topic : p.told)
    CAF_CHECK(tell(topic, urgency::normal, false) == delivery_code::idle);
  d.now += p.after;
  CAF_CHECK_EQUAL(std::string(to_string(tell(p.topic, p.level, p.solicited))),
                  to_string(p.expected));
}

} // namespace

CAF_TEST(budgets of the conversation the topic and the channel hold to the instant) {
  const auto two_a_minute = with(R"({ "budget": { "per": "1m", "burst": 2 } })");
  const auto of_topic = with(R"({ "budget": { "per": "1s", "burst": 9 },
                                  "topic_budgets": { "rare": { "per": "1h", "burst": 1 } } })");
  const auto of_channel = with(R"({ "budget": { "per": "1s", "burst": 9 } })",
                               R"({ "budget": { "per": "10m", "burst": 1 } })");
  const auto of_both = with(
      R"({ "budget": { "per": "1s", "burst": 9 }, "topic_budgets": { "rare": { "per": "1h", "burst": 1 } } })",
      R"({ "budget": { "per": "10m", "burst": 1 } })");
  using enum delivery_code;
  for (auto& p : std::vector<probe>{
           {"the burst", two_a_minute, {""}, "", 0s, idle},
           {"over it", two_a_minute, {"", ""}, "", 0s, rate_limited},
           {"a millisecond early", two_a_minute, {"", ""}, "", 1min - 1ms, rate_limited},
           {"a token is back", two_a_minute, {"", ""}, "", 1min, idle},
           {"one more is there for critical news",
            two_a_minute,
            {"", ""},
            "",
            0s,
            idle,
            urgency::critical},
           {"who asked for it need not wait",
            two_a_minute,
            {"", ""},
            "",
            0s,
            idle,
            urgency::normal,
            true},
           {"a topic", of_topic, {"rare"}, "rare", 1h - 1ms, rate_limited},
           {"a topic has its token back", of_topic, {"rare"}, "rare", 1h, idle},
           {"another topic", of_topic, {"rare"}, "other", 0s, idle},
           {"no topic", of_topic, {"rare"}, "", 0s, idle},
           {"a channel", of_channel, {""}, "", 10min - 1ms, rate_limited},
           {"a channel has its token back", of_channel, {""}, "", 10min, idle},
           {"the channel counts all topics", of_both, {"other"}, "rare", 10min - 1ms, rate_limited},
           {"the emptiest decides", of_both, {"rare"}, "rare", 10min, rate_limited},
           {"all have one", of_both, {"rare"}, "rare", 1h, idle},
       })
    check(p);
}

CAF_TEST(caps hold to the instant) {
  const auto one_an_hour = with(R"({ "budget": { "per": "1s", "burst": 9 },
                                     "caps": [ { "topic": "offers", "per": "1h", "at_most": 1 },
                                               { "per": "1d", "at_most": 2 } ] })");
  using enum delivery_code;
  for (auto& p : std::vector<probe>{
           {"a millisecond early", one_an_hour, {"offers"}, "offers", 1h - 1ms, freq_cap},
           {"at its end", one_an_hour, {"offers"}, "offers", 1h, idle},
           {"another topic", one_an_hour, {"offers"}, "bills", 0s, idle},
           {"all topics together", one_an_hour, {"offers", "bills"}, "", 24h - 1ms, freq_cap},
           {"and the end of that", one_an_hour, {"offers", "bills"}, "", 24h, idle},
           {"critical news is counted, too",
            one_an_hour,
            {"offers"},
            "offers",
            0s,
            freq_cap,
            urgency::critical},
           {"what was asked for is not",
            one_an_hour,
            {"offers"},
            "offers",
            0s,
            idle,
            urgency::normal,
            true},
       })
    check(p);
}

CAF_TEST(a session window closes at its instant) {
  const auto day = with("{}", R"({ "session_window": "24h", "templates": { "known": "T." } })");
  struct row {
    const char* name;
    bool wrote;
    duration after;
    const char* words; ///< of the template that the notice names
    delivery_code expected;
  };
  using enum delivery_code;
  for (auto& r : std::vector<row>{{"open until then", true, 24h - 1ms, "", idle},
                                  {"closed", true, 24h, "", window_closed},
                                  {"closed to who never wrote", false, 1min, "", window_closed},
                                  {"a template opens it", true, 24h, "known", idle},
                                  {"one that there is", true, 24h, "other", window_closed}}) {
    CAF_MESSAGE(r.name);
    desk d(day);
    if (r.wrote)
      d.say("Hello");
    d.now += r.after;
    d.heard();
    auto n = d.notice(delivery_mode::ad_hoc);
    n.template_id = r.words;
    CAF_CHECK_EQUAL(std::string(to_string(d.tell(n).code)), to_string(r.expected));
    if (r.expected == idle)
      CAF_CHECK_EQUAL(d.transcript.back(), *r.words ? "! T." : "! News.");
  }
}

CAF_TEST(a collapse key is not said again within its window) {
  struct row {
    const char* name;
    const char* key;
    duration after;
    urgency level;
    delivery_code expected;
  };
  using enum delivery_code;
  for (auto& r : std::vector<row>{
           {"at once", "k", 0s, urgency::normal, repeat_window},
           {"a millisecond early", "k", 1h - 1ms, urgency::normal, repeat_window},
           {"at its end", "k", 1h, urgency::normal, idle},
           {"more urgent", "k", 1min, urgency::time_sensitive, idle},
           {"less urgent", "k", 1min, urgency::passive, repeat_window},
           {"another key", "l", 1min, urgency::normal, idle},
       }) {
    CAF_MESSAGE(r.name);
    desk d(with("{}"));
    auto first = d.notice(delivery_mode::ad_hoc);
    first.collapse_key = "k";
    first.repeat_window = 1h;
    CAF_CHECK(d.tell(first).code == idle);
    d.now += r.after;
    auto again = d.notice(delivery_mode::ad_hoc);
    again.collapse_key = r.key;
    again.repeat_window = 1h;
    again.urgency = r.level;
    CAF_CHECK_EQUAL(std::string(to_string(d.tell(again).code)), to_string(r.expected));
  }
}

CAF_TEST(a window longer than a week is remembered whatever else is said) {
  for (auto [after, expected] :
       {std::pair<duration, delivery_code>{24h * 30 - 1ms, delivery_code::repeat_window},
        {24h * 30, delivery_code::idle}}) {
    desk d(with("{}"));
    auto tell = [&](const char* key, duration window) {
      auto n = d.notice(delivery_mode::ad_hoc);
      n.collapse_key = key;
      n.repeat_window = window;
      return d.tell(n).code;
    };
    CAF_CHECK(tell("k", 24h * 30) == delivery_code::idle);
    for (int day = 1; day < 30; ++day) {
      d.now += 24h;
      CAF_CHECK(tell("l", 0s) == delivery_code::idle);
    }
    d.now += after - 24h * 29;
    CAF_CHECK_EQUAL(std::string(to_string(tell("k", 24h * 30))), to_string(expected));
  }
}

CAF_TEST(what is stopped is not heard of also when its news waits already) {
  const auto bot = R"json({ "id": "edges", "start": "hello", "dialogs": {
    "hello": { "steps": [ { "do": "say", "text": "Hello." } ] },
    "on": { "intents": ["on"], "steps": [
      { "do": "watch", "symbol": "A", "when": { "falls_to": 10 }, "name": "a", "notify": { "delivery": "deferred", "text": "A fell." } },
      { "do": "remind", "in": "1h", "name": "tea", "notify": { "delivery": "deferred", "text": "Tea!" } } ] },
    "stop": { "intents": ["stop"], "interruptible": "never", "steps": [
      { "do": "ask", "type": "text", "into": "what", "text": "What?" },
      { "do": "cancel", "watch": "{what}", "reminder": "{what}" },
      { "do": "say", "text": "Stopped." } ] } } })json";
  for (bool more : {false, true})
    for (std::string what : {"a", "tea", "*", "other"}) {
      CAF_MESSAGE(what << (more ? ", again and again" : ", once"));
      desk d(bot);
      d.say("on");
      CAF_REQUIRE(d.out.watches.size() == 1u && d.out.reminders.size() == 1u);
      auto alert = [&](const notification& of, const std::string& source) {
        auto n = of;
        n.source = source;
        n.id = source + ".1";
        n.more = more;
        n.created = d.now;
        return n;
      };
      auto price = alert(d.out.watches[0].notify, d.out.watches[0].id);
      auto tea = alert(d.out.reminders[0].notify, d.out.reminders[0].id);
      d.say("stop");
      CAF_CHECK(d.tell(price).action == delivery_action::queued);
      CAF_CHECK(d.tell(tea).action == delivery_action::queued);
      d.heard();
      d.say(what);
      CAF_CHECK_EQUAL(d.out.watches_gone.size(), what == "a" || what == "*" ? 1u : 0u);
      d.pass_in_steps(10min);
      auto heard = d.heard();
      auto hears = [&](const char* text) {
        return std::find(heard.begin(), heard.end(), std::string("! ") + text) != heard.end();
      };
      CAF_CHECK_EQUAL(hears("A fell."), what != "a" && what != "*");
      CAF_CHECK_EQUAL(hears("Tea!"), what != "tea" && what != "*");
      if (!more) // nothing is left to be stopped
        CAF_CHECK(d.now_is.talk.subscriptions.empty());
    }
}

CAF_TEST(a reminder that comes late is said unless it has expired) {
  struct row {
    const char* name;
    duration late;
    misfire_policy policy;
    delivery_action expected;
  };
  for (auto& r : std::vector<row>{
           {"on time", 0s, misfire_policy::fire_once, delivery_action::sent},
           {"a millisecond before its expiry", 10min - 1ms, misfire_policy::fire_once,
            delivery_action::sent},
           {"at its expiry", 10min, misfire_policy::fire_once, delivery_action::dropped},
           {"late, and to be passed over", 1s, misfire_policy::skip, delivery_action::dropped},
       }) {
    CAF_MESSAGE(r.name);
    desk d(with("{}"));
    reminder_row row;
    row.id = "r-1";
    row.due = d.now;
    row.misfire = r.policy;
    row.notify = d.notice(delivery_mode::ad_hoc, "Tea!");
    row.notify.lifetime = 10min;
    d.now += r.late;
    auto what = monitors::fire(row, r.late > 0s, d.now).what;
    auto did = d.tell(what);
    CAF_CHECK(did.action == r.expected);
    CAF_CHECK(d.out.reminders_gone == std::vector<std::string>{"r-1"}); // in either case it is over
    if (did.action == delivery_action::dropped)
      CAF_CHECK(did.code == delivery_code::expired);
    // It comes again when its answer was lost.
    CAF_CHECK(std::holds_alternative<repeated>(d.give(notify{3, "0a1-test", "", what})));
  }
}
