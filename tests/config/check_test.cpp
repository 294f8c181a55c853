// `interject check`: what a stranger reads about a faulty bot. Every fault at once, each with its
// file, line and place, what is wrong, and what would be right.
#define CAF_SUITE check
#include "tests/support/caf_test.hpp"

#include "tests/config/folder.hpp"

using namespace interject;
using namespace interject::test;

namespace {

/// One dialog of these steps, one a line from line 3 on, in a bot that also has these members.
std::string check(const std::string& steps, const std::string& members = "") {
  std::map<std::string, std::string> files;
  files["bot.json"] = R"({ "id": "b", "locales": ["en", "fr"], "start": "trip", )" + members +
                      R"("hosts": ["api.test"],
  "dialogs": { "trip": { "steps": [
)" + steps + R"( ] }, "offer": { "params": { "price": "number" }, "steps": [] } } })";
  return faults(files);
}

} // namespace

CAF_TEST(each kind of fault says where it is and what would be right) {
  struct {
    const char *steps, *expected;
  } table[] = {
      // an unknown dialog, with the nearest name
      {R"({ "do": "call", "dialog": "ofer" })", "bot.json:3: /dialogs/trip/steps/0/dialog: there "
                                                "is no dialog \"ofer\"; did you mean \"offer\"?\n"},
      // a missing locale: the fallback's is a fault, another's a warning
      {R"({ "do": "say", "text": { "fr": "Oui." } })",
       "bot.json:3: /dialogs/trip/steps/0/text: the text is missing in `en`, which the other "
       "locales fall back to; add it\n"},
      {R"({ "do": "say", "text": { "en": "Yes." } })",
       "bot.json:3: warning: /dialogs/trip/steps/0/text: the text is missing in `fr`; until it is "
       "added, `en` is said\n"},
      // steps that nothing reaches
      {R"({ "do": "end" },
{ "do": "say", "text": "never" })",
       "bot.json:4: warning: /dialogs/trip/steps/1: this step is never reached; the one before it "
       "ends the dialog in every case\n"},
      {R"({ "do": "branch", "when": "true", "then": [ { "do": "end" } ], "else": [ { "do": "replace", "dialog": "offer" } ] },
{ "do": "say", "text": "never" })",
       "bot.json:4: warning: /dialogs/trip/steps/1: this step is never reached; the one before it "
       "ends the dialog in every case\n"},
      {R"({ "do": "branch", "when": "true", "then": [ { "do": "end" } ] },
{ "do": "say", "text": "sometimes" })",
       ""},
      // names and types in expressions, with their column
      {R"({ "do": "set", "into": "nights", "to": "1" },
{ "do": "branch", "when": "nihgts > 3", "then": [] })",
       "bot.json:4: /dialogs/trip/steps/1/when: column 1: `nihgts` is not known here; did you mean "
       "\"nights\"?\n"},
      // numbers are JSON's own
      {R"({ "do": "ask", "type": "number", "text": "?", "into": "n", "tries": "3" })",
       "bot.json:3: /dialogs/trip/steps/0/tries: expected number, found text\n"},
  };
  for (auto& row : table)
    CAF_CHECK_EQUAL(check(row.steps), std::string(row.expected));
}

CAF_TEST(an apostrophe that would swallow a variable is found) {
  auto found = check(R"({ "do": "set", "into": "city", "to": "'Rome'" },
{ "do": "say", "text": "l'{city}" })");
  CAF_CHECK(found.starts_with("bot.json:4: "));
  CAF_CHECK(found.find("/dialogs/trip/steps/1/text: ") != found.npos);
  CAF_CHECK(found.find("’") != found.npos);
}

CAF_TEST(an expression of the wrong type says the column) {
  auto found = check(R"({ "do": "set", "into": "n", "to": "1 + 'a' * true" })");
  CAF_CHECK(found.starts_with("bot.json:3: /dialogs/trip/steps/0/to: column "));
}

CAF_TEST(a silence that a channel does not allow is found) {
  auto phone = R"("channels": { "phone": { "max_silence": "5s" } }, )";
  CAF_CHECK_EQUAL(check(R"({ "do": "request", "url": "http://api.test/" })", phone),
                  "bot.json:3: warning: /dialogs/trip/steps/0: up to 30s without a word, but "
                  "\"phone\" allows 5s; "
                  "add a \"progress\" text at 5s or before\n");
  CAF_CHECK_EQUAL(
      check(
          R"({ "do": "request", "url": "http://api.test/", "timeout": "12s", "progress": [ { "at": "4s", "text": "One moment." } ] })",
          phone),
      "bot.json:3: warning: /dialogs/trip/steps/0: up to 8s without a word, but \"phone\" allows "
      "5s; "
      "add a \"progress\" text at 9s or before\n");
  CAF_CHECK_EQUAL(
      check(
          R"({ "do": "request", "url": "http://api.test/", "progress": { "every": { "first": "4s", "then": "5s", "text": "One moment." } } })",
          phone),
      "");
  CAF_CHECK_EQUAL(
      check(
          R"({ "do": "request", "url": "http://api.test/", "mode": "background", "notify": { "text": "x" } })",
          phone),
      "");
}

CAF_TEST(a dialog that nothing leads to is found) {
  auto found = faults({{"bot.json", R"({ "id": "b", "start": "hello",
  "dialogs": { "hello": { "steps": [ { "do": "say", "text": "Hello." } ] },
    "help": { "steps": [] },
    "lost": { "steps": [ { "do": "call", "dialog": "lost_too" } ] },
    "lost_too": { "steps": [] },
    "opened": { "params": { "price": "number" }, "steps": [] } } })"}});
  CAF_CHECK_EQUAL(
      found, "bot.json:4: warning: /dialogs/lost: nothing in the bot leads to this dialog; "
             "give it \"intents\", or \"call\" it; a notification from outside can open it\n"
             "bot.json:5: warning: /dialogs/lost_too: nothing in the bot leads to this dialog; "
             "give it \"intents\", or \"call\" it; a notification from outside can open it\n");
}
