// `ask`: what counts as an answer, and what happens when none comes.
#define CAF_SUITE asking
#include "tests/support/caf_test.hpp"

#include "tests/support/bots.hpp"
#include "tests/support/talk.hpp"

using namespace interject;

namespace {

dialog::bot_ptr asks(const std::string& step) {
  return test::bot_of(
      R"json({ "id": "a", "locales": ["en", "fr"], "dialogs": { "d": { "intents": ["go"], "steps": [ )json" +
      step + R"json(, { "do": "say", "text": "= {x}" } ] } } })json");
}

} // namespace

CAF_TEST(a number keeps to its bounds) {
  CHECK_TALK(
      asks(
          R"({ "do": "ask", "type": "number", "into": "x", "text": "?", "min": 1, "max": { "=": "5 + 5" }, "retry": "1 to 10.", "tries": 9 })"),
      R"(
    user> go
    bot> ?
    user> 0
    bot> 1 to 10.
    user> 11
    bot> 1 to 10.
    user> about 10 nights
    bot> = 10
  )");
}

CAF_TEST(a pattern and a check are held) {
  CHECK_TALK(
      asks(
          R"({ "do": "ask", "type": "text", "into": "x", "text": "?", "pattern": "[a-z]+\\d", "check": "value != 'bad1'", "retry": "No." , "tries": 9 })"),
      R"(
    user> go
    bot> ?
    user> abc
    bot> No.
    user> bad1
    bot> No.
    user> good1
    bot> = good1
  )");
}

CAF_TEST(the length of a text is bounded in characters) {
  CHECK_TALK(
      asks(
          R"({ "do": "ask", "type": "text", "into": "x", "text": "?", "min": 2, "max": 3, "retry": "No.", "tries": 9 })"),
      R"(
    user> go
    bot> ?
    user> é
    bot> No.
    user> éééé
    bot> No.
    user> ééé
    bot> = ééé
  )");
}

CAF_TEST(an optional question can be skipped) {
  CHECK_TALK(
      asks(R"({ "do": "ask", "type": "number", "into": "x", "text": "?", "optional": true })"), R"(
    user> go
    bot> ?
    user> skip
    bot> =
  )");
}

CAF_TEST(when the tries run out the other way is taken) {
  CHECK_TALK(asks(R"({ "do": "ask", "type": "yes_no", "into": "x", "text": "?", "tries": 2,
                       "else": [ { "do": "set", "into": "x", "to": "'nothing'" } ], "after": [ { "do": "say", "text": "Thanks." } ] })"),
             R"(
    user> go
    bot> ? [Yes | No]
    user> maybe
    bot> Sorry, that does not fit my question. ? [Yes | No]
    user> maybe
    bot> = nothing
    user> go
    bot> ? [Yes | No]
    user> 1
    bot> Thanks.
    bot> = true
  )");
}

CAF_TEST(choices have titles and synonyms and give their value) {
  auto bot = asks(R"({ "do": "ask", "type": "choice", "into": "x", "text": "?", "choices": [
    { "value": "market", "title": { "en": "Market", "fr": "Marché" }, "synonyms": ["mkt"] }, "Limit", { "value": 3, "title": "Three" } ] })");
  CHECK_TALK(bot, R"(
    user> go
    bot> ? [Market | Limit | Three]
    user> MKT
    bot> = market
    user> go
    bot> ? [Market | Limit | Three]
    user> three
    bot> = 3
    --- locale fr
    user> go
    bot> ? [Marché | Limit | Three]
    user> marche
    bot> = market
  )");
}

CAF_TEST(choices may come from an expression) {
  CHECK_TALK(
      asks(
          R"({ "do": "ask", "type": "choice", "into": "x", "text": "?", "choices": "['red', 'green']" })"),
      R"(
    user> go
    bot> ? [red | green]
    user> 2
    bot> = green
  )");
}

CAF_TEST(long titles become a numbered list) {
  CHECK_TALK(asks(R"({ "do": "ask", "type": "choice", "into": "x", "text": "?", "retry": "Which?",
                       "choices": ["short", "this one is too long for a button"] })"),
             R"(
    user> go
    bot> ? / 1. short / 2. this one is too long for a button
    user> hm
    bot> Which? / 1. short / 2. this one is too long for a button
    user> 2
    bot> = this one is too long for a button
  )");
}

CAF_TEST(buttons are up to 100 choices of up to 20 characters and one more of either is a list) {
  auto first_line = [](std::size_t count, const std::string& last) {
    std::string choices;
    for (std::size_t i = 1; i < count; ++i)
      choices += "\"c" + std::to_string(i) + "\", ";
    auto bot = asks(R"({ "do": "ask", "type": "choice", "into": "x", "text": "?", "choices": [ )" +
                    choices + "\"" + last + "\" ] }");
    return test::play(*bot, "user> go");
  };
  const std::string twenty = "twenty letters: äöüß", longer = twenty + "!";
  auto buttons = [](const std::string& said) {
    return said.find("bot> ? [c1 | c2 | ") != said.npos;
  };
  auto list = [](const std::string& said) {
    return said.find("bot> ? / 1. c1 / 2. c2 / ") != said.npos;
  };
  CAF_CHECK(buttons(first_line(100, "last")));
  CAF_CHECK(list(first_line(101, "last")));
  CAF_CHECK(buttons(first_line(3, twenty)));
  CAF_CHECK(list(first_line(3, longer)));
  CAF_CHECK(list(first_line(200, "last")));
}

CAF_TEST(a question takes 200 choices and not 201) {
  auto bot = [](int count) {
    std::string choices = "\"c1\"";
    for (int i = 2; i <= count; ++i)
      choices += ", \"c" + std::to_string(i) + "\"";
    return R"({ "id": "a", "locales": ["en"], "dialogs": { "d": { "intents": ["go"], "steps": [
      { "do": "ask", "type": "choice", "into": "x", "text": "?", "choices": [)" +
           choices + "] } ] } } }";
  };
  CAF_CHECK(test::faults_of(bot(200)).empty());
  auto faults = test::faults_of(bot(201));
  CAF_REQUIRE_EQUAL(faults.size(), 1u);
  CAF_CHECK_EQUAL(faults[0].pointer, "/dialogs/d/steps/0/choices");
  CAF_CHECK_EQUAL(faults[0].what, "more than 200 choices");
}

CAF_TEST(before and after surround the question) {
  CHECK_TALK(
      asks(
          R"({ "do": "ask", "type": "text", "into": "x", "text": "?", "before": [ { "do": "say", "text": "Now." } ],
                       "after": [ { "do": "say", "text": "Fine." } ] })"),
      R"(
    user> go
    bot> Now.
    bot> ?
    user> a
    bot> Fine.
    bot> = a
  )");
}

CAF_TEST(variants take turns and suggestions are buttons) {
  auto bot = test::bot_of(
      R"json({ "id": "a", "locales": ["en", "fr"], "dialogs": { "d": { "intents": ["go"], "steps": [
    { "do": "say", "text": ["One.", "Two."], "suggest": { "en": ["a", "b"], "fr": ["c", "d"] } } ] } } })json");
  CHECK_TALK(bot, R"(
    user> go
    bot> Two. [a | b]
    --- locale fr
    user> go
    bot> One. [c | d]
  )");
}

CAF_TEST(a day keeps to its bounds and prints back) {
  CHECK_TALK(
      test::bot_of(
          R"json({ "id": "a", "locales": ["en", "fr"], "dialogs": { "d": { "intents": ["go"], "steps": [
    { "do": "ask", "type": "date", "into": "x", "text": "When?", "min": { "=": "now" }, "max": "2099-12-31", "retry": "No.", "tries": 9 },
    { "do": "say", "text": "= {x, date, long}" } ] } } })json"),
      R"(
    user> go
    bot> When?
    user> yesterday
    bot> No.
    user> sometime
    bot> No.
    user> 2100-01-01
    bot> No.
    user> December 24, 2099
    bot> = December 24, 2099
    --- locale fr
    user> go
    bot> When?
    user> 24/12/2099
    bot> = 24 décembre 2099
  )");
}

CAF_TEST(an instant is read in the zone that the step names) {
  CHECK_TALK(
      test::bot_of(
          R"json({ "id": "a", "locales": ["en"], "dialogs": { "d": { "intents": ["go"], "steps": [
    { "do": "set", "into": "user.zone", "to": "'Europe/Paris'" },
    { "do": "ask", "type": "datetime", "into": "x", "text": "When?", "zone": { "=": "user.zone" }, "check": "value > now", "tries": 2,
      "else": [ { "do": "say", "text": "Never mind." } ] },
    { "do": "say", "text": "= {x, date, short} {x, time, ::Hm}" } ] } } })json"),
      R"(
    user> go
    bot> When?
    user> December 24, 2099 at 9:30
    bot> = 12/24/99 08:30
    user> go
    bot> When?
    user> 2001-01-01 09:30
    bot> Sorry, that does not fit my question. When?
    user> soon
    bot> Never mind.
    bot> =
  )");
}

CAF_TEST(a length keeps to its bounds and serves where lengths are wanted) {
  CHECK_TALK(
      test::bot_of(
          R"json({ "id": "a", "locales": ["en", "fr"], "dialogs": { "d": { "intents": ["go"], "steps": [
    { "do": "ask", "type": "duration", "into": "x", "text": "In how long?", "min": "1m", "max": { "=": "'2h'" }, "retry": "No.", "tries": 9, "optional": true },
    { "do": "remind", "in": "{x}", "notify": { "text": "Time." } },
    { "do": "say", "text": "In {x, duration}." } ] } } })json"),
      R"(
    user> go
    bot> In how long?
    user> 30 seconds
    bot> No.
    user> 3 hours
    bot> No.
    user> an hour and 30 minutes
    ... remind r-talk-1 in 90m
    bot> In 1 hour, 30 minutes.
  )");
}

CAF_TEST(choices that fold alike or to nothing are told apart as they stand) {
  auto bot = asks(
      R"({ "do": "ask", "type": "choice", "into": "x", "text": "?", "choices": ["C", "C++", "\uD83D\uDC4D", "\uD83D\uDC4E"] })");
  CHECK_TALK(bot, R"(
    user> go
    bot> ? [C | C++ | 👍 | 👎]
    user> C++
    bot> = C++
    user> go
    bot> ? [C | C++ | 👍 | 👎]
    user> 👎
    bot> = 👎
  )");
}

CAF_TEST(a question without choices is not asked) {
  auto with = [](const std::string& more) {
    return asks(
        R"({ "do": "set", "into": "l", "to": "[]" }, { "do": "ask", "type": "choice", "into": "x", "text": "?", "choices": "l")" +
        more + " }");
  };
  CHECK_TALK(with(R"(, "else": [ { "do": "say", "text": "Nothing is free." } ])"), R"(
    user> go
    bot> Nothing is free.
    bot> =
  )");
  CHECK_TALK(with(""), R"(
    user> go
    ... failed d at steps/1: "choices": the list is empty
    bot> Sorry, something went wrong on my side. Please try again.
  )");
}
