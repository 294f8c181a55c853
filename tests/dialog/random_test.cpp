// Random inputs in random order: whatever comes, a conversation stays sound and everything that
// began also ends.
#define CAF_SUITE random
#include "tests/support/caf_test.hpp"

#include "tests/support/bots.hpp"

#include "actors/dialog/conversation.hpp"

#include <map>
#include <random>

using namespace interject;
using namespace interject::dialog;

namespace {

dialog::bot_ptr everything() {
  return test::bot_of(
      R"json({ "id": "all", "locales": ["en", "fr"], "start": "menu", "hosts": ["h.test"], "dialogs": {
    "menu": { "steps": [ { "do": "ask", "type": "choice", "into": "x", "text": "?", "choices": ["book", "slow"] },
      { "do": "branch", "when": "x == 'book'", "then": [ { "do": "replace", "dialog": "book" } ],
        "else": [ { "do": "call", "dialog": "slow", "into": "x" } ] } ] },
    "book": { "intents": ["book"], "resume": "Back.", "steps": [
      { "do": "ask", "type": "text", "into": "city", "text": "Where?" },
      { "do": "say", "boundary": true, "text": "Half." },
      { "do": "call", "dialog": "count", "into": "n" },
      { "do": "ask", "type": "yes_no", "into": "ok", "text": "{n}?", "tries": 2, "else": [ { "do": "end" } ] } ] },
    "count": { "result": "n", "steps": [ { "do": "ask", "type": "number", "into": "n", "text": "How many?", "max": 9 } ] },
    "slow": { "intents": ["slow"], "steps": [
      { "do": "request", "url": "http://h.test/", "timeout": "8s", "read": { "a": "/a" }, "before": [ { "do": "say", "text": "Now." } ],
        "progress": { "pre": [ { "at": "2s", "text": "Two." } ], "post": [ { "at": "1s", "text": "One." } ], "every": { "first": "3s", "then": "3s", "text": "More." } },
        "after": [ { "do": "request", "url": "http://h.test/", "timeout": "3s" } ],
        "on_failure": [ { "do": "say", "text": "{reason}" } ] },
      { "do": "say", "text": "{a}." } ] },
    "guarded": { "intents": ["guarded"], "interruptible": "never", "steps": [ { "do": "ask", "type": "text", "into": "x", "text": "?" } ] },
    "broken": { "intents": ["broken"], "steps": [ { "do": "set", "into": "x", "to": "0" }, { "do": "set", "into": "x", "to": "1 / x" } ] },
    "watch": { "intents": ["watch"], "steps": [
      { "do": "watch", "symbol": "S", "when": { "falls_to": 1 }, "name": "w", "notify": { "text": "{price}" } },
      { "do": "cancel", "watch": "*" } ] },
    "alert": { "params": { "n": "number" }, "steps": [ { "do": "ask", "type": "yes_no", "into": "ok", "text": "Alert {n}?" } ] } } })json");
}

/// What must hold between two inputs.
void check_sound(const bot& b, const conversation& c, stop at) {
  CAF_REQUIRE(c.stack.size() <= 32);
  CAF_REQUIRE_EQUAL(at == stop::idle, c.stack.empty());
  for (std::size_t i = 0; i < c.stack.size(); ++i) {
    auto& f = c.stack[i];
    bool top = i + 1 == c.stack.size();
    CAF_REQUIRE_EQUAL(f.waiting == waiting::child, !top && c.stack[i + 1].began == began_as::child);
    CAF_REQUIRE_EQUAL(f.waiting == waiting::answer, f.prompt != 0);
    CAF_REQUIRE_EQUAL(f.waiting == waiting::call, !f.call.empty());
    CAF_REQUIRE(i == 0 || f.began != began_as::root);
  }
  if (at == stop::waiting) {
    CAF_REQUIRE(!c.stack.empty());
    CAF_REQUIRE(c.stack.back().waiting == waiting::answer ||
                c.stack.back().waiting == waiting::call);
    CAF_REQUIRE(!c.resume_pending);
  }
  CAF_REQUIRE_EQUAL(view(b, c).size(), c.stack.size());
  look(b, c);
}

struct run {
  explicit run(std::uint64_t seed) : dice(seed) {}

  std::size_t roll(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(dice);
  }

  input next(const conversation& c) {
    static const std::vector<std::string> words{
        "book", "slow",    "yes",    "no",    "3", "99",  "cancel", "start over",
        "help", "guarded", "broken", "watch", "",  "bla", "1",      "Oslo"};
    switch (roll(10)) {
    case 0: {
      begun in;
      in.dialog = roll(5) == 0 ? "" : roll(6) == 0 ? "broken" : roll(3) == 0 ? "slow" : "alert";
      in.text = in.dialog.empty() ? "News." : "";
      in.notice = "n" + std::to_string(++notices);
      in.clear_first = roll(6) == 0;
      return in;
    }
    case 1:
      return announced{"Aside."};
    case 2: {
      answered in;
      for (auto& f : c.stack)
        if (!f.call.empty() && roll(2) == 0)
          in.call = f.call;
      in.result.outcome = roll(3) == 0 ? call_outcome::failed : call_outcome::succeeded;
      return in;
    }
    case 3:
      return woken{};
    case 4:
      return roll(20) == 0 ? input(cleared{})
                           : input(said{"yes", std::to_string(1 + roll(c.last_prompt + 1))});
    default:
      return said{words[roll(words.size())], {}};
    }
  }

  std::mt19937_64 dice;
  int notices = 0;
};

} // namespace

CAF_TEST(whatever comes a conversation stays sound) {
  auto bot = everything();
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAF_MESSAGE("seed " << seed);
    run r(seed);
    conversation c;
    c.id = "c";
    c.locale = "en";
    time_point now{std::chrono::hours(1)};
    std::map<std::string, int> notices; // begun, not yet over
    auto take = [&](const input& in, bool pause) {
      if (auto* b = std::get_if<begun>(&in))
        ++notices[b->notice];
      auto moved = advance(*bot, std::move(c), in, now, pause);
      c = std::move(moved.after);
      for (auto& e : moved.effects) {
        if (auto* over = std::get_if<interruption_over>(&e))
          notices.erase(over->notice);
        if (auto* u = std::get_if<utterance>(&e))
          CAF_REQUIRE(!u->expects_input || u->prompt != 0);
      }
      check_sound(*bot, c, moved.at);
      return moved.at;
    };
    take(started{}, false);
    for (int i = 0; i < 200; ++i) {
      bool pause = r.roll(3) == 0;
      auto at = take(r.next(c), pause);
      for (int rounds = 0; at == stop::boundary; ++rounds) {
        CAF_REQUIRE(rounds < 100);
        at = take(r.roll(4) == 0 ? input(announced{"At a boundary."}) : input(proceed{}), true);
      }
      now += std::chrono::milliseconds(r.roll(4000));
      if (auto wake = next_wake(*bot, c); wake && *wake <= now) {
        at = take(woken{}, false);
        auto again = next_wake(*bot, c);
        CAF_REQUIRE(!again || *again > now);
      }
    }
    take(cleared{}, false);
    CAF_REQUIRE(c.stack.empty());
    CAF_REQUIRE(c.subscriptions.empty());
    CAF_CHECK(notices.empty());
  }
}
