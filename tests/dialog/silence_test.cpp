// Silence: the person is nudged once, then the conversation ends; a bot that works is never silent
// for longer than the channel allows.
#define CAF_SUITE silence
#include "tests/support/caf_test.hpp"

#include "tests/support/bots.hpp"
#include "tests/support/talk.hpp"

using namespace interject;

namespace {

dialog::bot_ptr patient(const std::string& inactivity) {
  return test::bot_of(R"json({ "id": "b", "start": "hello", "inactivity": )json" + inactivity +
                      R"json(, "dialogs": {
    "hello": { "steps": [ { "do": "say", "text": "Hello." } ] },
    "order": { "intents": ["order"], "steps": [
      { "do": "ask", "type": "choice", "choices": ["tea", "milk"], "text": "What?", "into": "x" },
      { "do": "ask", "type": "number", "text": "How many?", "into": "n" },
      { "do": "say", "text": "{n} {x}." } ] } } })json");
}

} // namespace

CAF_TEST(a question that waits is nudged once per silence) {
  CHECK_TALK(patient(R"({ "nudge": { "after": "10m", "text": "Are you still there?" } })"), R"(
    --- open
    bot> Hello.
    --- 1h
    user> order
    bot> What? [tea | milk]
    --- 599999ms
    --- 1ms
    bot> Are you still there? [tea | milk]
    --- 5h
    user> tea
    bot> How many?
    --- 10m
    bot> Are you still there?
    user> 2
    bot> 2 tea.
    --- 5h
  )");
}

CAF_TEST(the conversation ends after a longer silence and begins anew) {
  CHECK_TALK(patient(R"({ "nudge": { "after": "10m", "text": "Still there?" }, "end": "1h" })"), R"(
    --- open
    bot> Hello.
    user> order
    bot> What? [tea | milk]
    --- 2h
    bot> Still there? [tea | milk]
    ... the conversation ends
    --- 50h
    user> tea
    bot> Sorry, I did not understand that.
    user> order
    bot> What? [tea | milk]
    --- 1h
    bot> Still there? [tea | milk]
    ... the conversation ends
  )");
}

CAF_TEST(nobody is asked for when the end passed while nobody ran) {
  auto bot = patient(R"({ "nudge": { "after": "10m", "text": "Still there?" }, "end": "1h" })");
  constexpr time_point began{std::chrono::milliseconds{1'800'000'000'000}};
  struct {
    std::chrono::minutes later;
    const char* said;
  } table[] = {{std::chrono::minutes(59), "Still there?"},
               {std::chrono::minutes(60), "(over)"},
               {std::chrono::hours(50), "(over)"}};
  for (auto& row : table) {
    dialog::conversation c;
    c.id = "c1";
    c.locale = "en";
    c = dialog::advance(*bot, c, dialog::said{"order", {}}, began).after;
    std::string said;
    for (auto& each : dialog::advance(*bot, c, dialog::woken{}, began + row.later).effects)
      if (auto* u = std::get_if<utterance>(&each))
        said += u->type == activity_type::end_of_conversation ? "(over)" : u->text;
    CAF_CHECK_EQUAL(said, row.said);
  }
}

CAF_TEST(who opened a conversation and said nothing is let go) {
  CHECK_TALK(patient(R"({ "end": "1h" })"), R"(
    --- open
    bot> Hello.
    --- 3599999ms
    --- 1ms
    ... the conversation ends
    --- 3h
  )");
}

CAF_TEST(an interruption that nobody answers ends before the nudge) {
  CHECK_TALK(patient(R"({ "nudge": { "after": "10m", "text": "Still there?" } })"), R"(
    --- open
    bot> Hello.
    user> order
    bot> What? [tea | milk]
    --- 9m
    --- push order
    bot* What? [tea | milk]
    --- 2m
    ... over n1 interrupter_timeout
    bot> What? [tea | milk]
    --- 9m
    --- 1m
    bot> Still there? [tea | milk]
  )");
}

CAF_TEST(a channel that allows no long silence hears that work goes on) {
  auto bot = test::bot_of(
      R"json({ "id": "b", "hosts": ["api.test"], "channels": { "phone": { "max_silence": "5s" } },
    "dialogs": { "d": { "intents": ["go"], "steps": [
      { "do": "request", "url": "http://api.test/x", "timeout": "1m", "progress": [ { "at": "3s", "text": "Nearly." } ] },
      { "do": "say", "text": "Done." } ] } } })json");
  CHECK_TALK(bot, R"(
    --- channel phone
    user> go
    ... call GET http://api.test/x
    --- 3s
    bot> Nearly.
    --- 4999ms
    --- 1ms
    bot> Still working on it, one moment please.
    --- 11s
    bot> Still working on it, one moment please.
    bot> Still working on it, one moment please.
    --- answer
    bot> Done.
    --- 1m
  )");
  CHECK_TALK(bot, R"(
    --- channel directline
    user> go
    ... call GET http://api.test/x
    --- 30s
    bot> Nearly.
    --- answer
    bot> Done.
  )");
}
