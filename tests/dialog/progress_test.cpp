// Progress texts: each counted from the start of its phase, each said once.
#define CAF_SUITE progress
#include "tests/support/caf_test.hpp"

#include "tests/support/bots.hpp"
#include "tests/support/talk.hpp"

using namespace interject;

namespace {

dialog::bot_ptr reports(const std::string& more) {
  return test::bot_of(
      R"json({ "id": "r", "locales": ["en", "fr"], "hosts": ["127.0.0.1:9"], "dialogs": {
    "report": { "intents": ["report"], "steps": [
      { "do": "request", "id": "r", "url": "http://127.0.0.1:9/r", "read": { "pages": "/pages" }, "timeout": "60s" )json" +
      more + R"json( },
      { "do": "say", "text": { "en": "{pages} pages.", "fr": "{pages} feuilles." } } ] },
    "alert": { "steps": [ { "do": "ask", "type": "yes_no", "into": "ok", "text": { "en": "Alert?", "fr": "Alerte ?" } } ] } } })json");
}

} // namespace

CAF_TEST(a text at three seconds of ten is said once) {
  CHECK_TALK(reports(R"(, "progress": [ { "at": "3s", "text": "Working." } ])"), R"(
    user> report
    ... call GET http://127.0.0.1:9/r
    --- 2s
    --- 1s
    bot> Working.
    --- 7s
    --- answer pages=2
    bot> 2 pages.
    --- 1h
  )");
}

CAF_TEST(texts at two and five seconds are said then) {
  CHECK_TALK(
      reports(
          R"(, "progress": { "pre": [ { "at": "5s", "text": { "en": "Still.", "fr": "Encore." } }, { "at": "2s", "text": { "en": "Working.", "fr": "Un instant." } } ] })"),
      R"(
    user> report
    ... call GET http://127.0.0.1:9/r
    --- 2s
    bot> Working.
    --- 2s
    --- locale fr
    --- 1s
    bot> Encore.
    --- answer pages=1
    bot> 1 feuilles.
  )");
}

CAF_TEST(the answer cancels what is unsaid and wins a tie) {
  CHECK_TALK(
      reports(
          R"(, "progress": [ { "at": "3s", "text": "Working." }, { "at": "9s", "text": "Still." } ])"),
      R"(
    user> report
    ... call GET http://127.0.0.1:9/r
    --- 2999ms
    --- answer pages=1
    bot> 1 pages.
    --- 1h
  )");
}

CAF_TEST(equal times keep the order of the list) {
  CHECK_TALK(
      reports(
          R"(, "progress": [ { "at": "3s", "text": "A" }, { "at": "1s", "text": "B" }, { "at": "3s", "text": "C" } ])"),
      R"(
    user> report
    ... call GET http://127.0.0.1:9/r
    --- 5s
    bot> B
    bot> A
    bot> C
  )");
}

CAF_TEST(both phases count from their own start) {
  CHECK_TALK(
      reports(
          R"(, "progress": { "pre": [ { "at": "3s", "text": "Before." } ], "post": [ { "at": "2s", "text": "After." } ] },
      "before": [ { "do": "request", "url": "http://127.0.0.1:9/b" } ],
      "after": [ { "do": "request", "url": "http://127.0.0.1:9/a" } ])"),
      R"(
    user> report
    ... call GET http://127.0.0.1:9/b
    --- 1s
    --- answer
    ... call GET http://127.0.0.1:9/r
    --- 2s
    bot> Before.
    --- 10s
    --- answer pages=4
    ... call GET http://127.0.0.1:9/a
    --- 1s
    --- 1s
    bot> After.
    --- answer
    bot> 4 pages.
  )");
}

CAF_TEST(periodic texts repeat until the answer is there) {
  CHECK_TALK(
      reports(
          R"(, "progress": { "pre": [ { "at": "10s", "text": "Ten." } ], "every": { "first": "10s", "then": "15s", "text": ["One.", "Two."] } })"),
      R"(
    user> report
    ... call GET http://127.0.0.1:9/r
    --- 42s
    bot> Ten.
    bot> One.
    bot> Two.
    bot> One.
    --- answer pages=1
    bot> 1 pages.
  )");
}

CAF_TEST(under an interrupter progress is mute and what was skipped is not repeated) {
  CHECK_TALK(
      reports(
          R"(, "progress": [ { "at": "2s", "text": "Two." }, { "at": "5s", "text": "Five." }, { "at": "20s", "text": "Twenty." } ])"),
      R"(
    user> report
    ... call GET http://127.0.0.1:9/r
    --- 1s
    --- push alert
    bot* Alert? [Yes | No]
    --- 9s
    user> yes
    ... over n1 resumed
    --- 10s
    bot> Twenty.
    --- answer pages=1
    bot> 1 pages.
  )");
}

CAF_TEST(a result that came meanwhile is taken when it is over) {
  CHECK_TALK(reports(R"(, "progress": [ { "at": "2s", "text": "Two." } ])"), R"(
    user> report
    ... call GET http://127.0.0.1:9/r
    --- push alert
    bot* Alert? [Yes | No]
    --- answer pages=7
    --- 5s
    user> no
    ... over n1 resumed
    bot> 7 pages.
  )");
}

CAF_TEST(a call under an interrupter that took too long fails when it is over) {
  CHECK_TALK(
      reports(R"(, "on_timeout": [ { "do": "say", "text": "Too long." }, { "do": "end" } ])"), R"(
    user> report
    ... call GET http://127.0.0.1:9/r
    --- 10s
    --- push alert
    bot* Alert? [Yes | No]
    --- 60s
    user> no
    ... over n1 resumed
    ... stop c-talk-1
    bot> Too long.
  )");
}

CAF_TEST(waiting for the user does not count) {
  CHECK_TALK(reports(R"(, "progress": [ { "at": "3s", "text": "Three." } ],
      "before": [ { "do": "ask", "type": "text", "into": "x", "text": "Which?" } ])"),
             R"(
    user> report
    bot> Which?
    --- 1h
    --- push alert
    bot* Alert? [Yes | No]
    --- 1s
    user> no
    ... over n1 resumed
    bot> Which?
    --- 20s
    user> this
    ... call GET http://127.0.0.1:9/r
    --- 2999ms
    --- 1ms
    bot> Three.
  )");
}

CAF_TEST(a timeout takes its way and the late answer is nothing) {
  CHECK_TALK(
      reports(
          R"(, "on_failure": [ { "do": "say", "text": "Failed: {reason}" } ], "on_timeout": [ { "do": "say", "text": "Too long." } ],
      "after": [ { "do": "say", "text": "never" } ])"),
      R"(
    user> report
    ... call GET http://127.0.0.1:9/r
    --- 60s
    ... stop c-talk-1
    bot> Too long.
    bot>  pages.
    user> report
    ... call GET http://127.0.0.1:9/r
    --- fail HTTP 500
    bot> Failed: HTTP 500
    bot>  pages.
  )");
}

CAF_TEST(without a way out a failed request fails the dialog) {
  CHECK_TALK(reports(""), R"(
    user> report
    ... call GET http://127.0.0.1:9/r
    --- fail HTTP 500
    ... failed report at r: the request failed: HTTP 500
    bot> Sorry, something went wrong on my side. Please try again.
  )");
}
