// The dialog stack in transcripts: begin, call, replace, cancel, interrupt, come back.
#define CAF_SUITE stack
#include "tests/support/caf_test.hpp"

#include "tests/support/bots.hpp"
#include "tests/support/talk.hpp"

using namespace interject;

CAF_TEST(an order of four questions runs through) {
  auto bot = test::bot_of(R"json({
    "id": "orders", "dialogs": { "order": { "intents": ["order"], "steps": [
      { "do": "ask", "type": "text", "into": "item", "text": "What would you like?" },
      { "do": "ask", "type": "number", "into": "count", "min": 1, "max": 100, "text": "How many?" },
      { "do": "ask", "type": "choice", "into": "size", "choices": ["small", "medium", "large"], "text": "Which size?" },
      { "do": "ask", "type": "choice", "into": "kind", "choices": ["for here", "to go"], "text": "For here, or to go?" },
      { "do": "say", "text": "{count} {size} {item}, {kind}." } ] } } })json");
  CHECK_TALK(bot, R"(
    user> Order!
    bot> What would you like?
    user> flat white
    bot> How many?
    user> two
    bot> Which size? [small | medium | large]
    user> the second one
    bot> For here, or to go? [for here | to go]
    user> to go please
    bot> 2 medium flat white, to go.
  )");
}

CAF_TEST(an interruption returns to the exact step) {
  CHECK_TALK(test::bot_of(test::travel_bot()), R"(
    --- open
    bot> Hello.
    user> book a trip
    bot> Where to?
    user> London
    bot> How many nights?
    --- push hotel_offer price=158
    bot* The hotel is 158. Book it? [Yes | No]
    user> yes
    bot> Booked.
    ... over n1 resumed
    bot> Back to your trip.
    bot> How many nights?
    user> 3
    bot> 3 nights in London.
  )");
}

namespace {

/// Dialogs that call, replace, fail and loop.
dialog::bot_ptr nested() {
  return test::bot_of(R"json({
    "id": "nested", "start": "menu", "dialogs": {
      "menu": { "steps": [ { "do": "say", "text": "Menu." } ] },
      "outer": { "intents": ["outer"], "resume": "Back outside.", "steps": [
        { "do": "call", "dialog": "inner", "with": { "start": { "=": "40" } }, "into": "got" },
        { "do": "say", "text": "Got {got}." } ] },
      "inner": { "params": { "start": "number" }, "result": "start + more", "steps": [
        { "do": "ask", "type": "number", "into": "more", "text": "More?" } ] },
      "early": { "intents": ["early"], "steps": [
        { "do": "call", "dialog": "ends", "into": "got" }, { "do": "say", "text": "{got}." } ] },
      "ends": { "steps": [ { "do": "end", "result": "'early'" }, { "do": "say", "text": "never" } ] },
      "all": { "intents": ["all"], "steps": [ { "do": "call", "dialog": "ender" }, { "do": "say", "text": "never" } ] },
      "ender": { "steps": [ { "do": "end", "all": true } ] },
      "first": { "intents": ["first"], "steps": [
        { "do": "replace", "dialog": "second", "with": { "word": "given" } }, { "do": "say", "text": "never" } ] },
      "second": { "params": { "word": "text" }, "steps": [ { "do": "say", "text": "Second, {word}." } ] },
      "loop": { "intents": ["loop"], "steps": [ { "do": "replace", "dialog": "loop" } ] },
      "deep": { "intents": ["deep"], "steps": [ { "do": "call", "dialog": "deep" } ] },
      "broken": { "intents": ["broken"], "steps": [
        { "do": "set", "into": "x", "to": "0" }, { "do": "set", "id": "cut", "into": "x", "to": "1 / x" }, { "do": "say", "text": "never" } ] },
      "keep": { "intents": ["keep"], "steps": [
        { "do": "ask", "type": "text", "into": "user.colour", "text": "Colour?" } ] },
      "tell": { "intents": ["tell"], "steps": [ { "do": "say", "text": "{user.name} likes {user.colour}." } ] },
      "count": { "intents": ["count"], "steps": [
        { "do": "set", "into": "n", "to": "0" },
        { "do": "repeat", "while": "n < 3", "steps": [
          { "do": "set", "into": "n", "to": "n + 1" }, { "do": "say", "text": "{n}" } ] },
        { "do": "repeat", "for": "word", "in": "['a', 'b']", "steps": [ { "do": "say", "text": "{word}" } ] },
        { "do": "branch", "cases": [
          { "when": "n == 2", "then": [ { "do": "say", "text": "two" } ] },
          { "when": "n == 3", "then": [ { "do": "say", "text": "three" } ] } ], "else": [ { "do": "say", "text": "none" } ] } ] },
      "news": { "steps": [ { "do": "ask", "type": "yes_no", "into": "ok", "text": "News?" } ] }
    } })json");
}

} // namespace

CAF_TEST(help is not laid on help) {
  auto bot = test::bot_of(R"json({ "id": "h", "dialogs": {
    "help": { "steps": [ { "do": "ask", "type": "text", "into": "q", "text": "With what?" }, { "do": "say", "text": "{q}: no idea." } ] } } })json");
  CHECK_TALK(bot, R"(
    user> help
    bot> With what?
    user> help
    bot> Tell me what you need, or say “cancel” to stop what we are doing.
    user> trains
    bot> trains: no idea.
    user> trains
    bot> Sorry, I did not understand that.
  )");
}

CAF_TEST(a result that cannot be computed fails the dialog) {
  auto bot = test::bot_of(R"json({ "id": "r", "dialogs": {
    "outer": { "intents": ["go"], "steps": [
      { "do": "call", "dialog": "inner", "into": "got" }, { "do": "say", "text": "Got {got}." } ] },
    "inner": { "result": "1 / zero", "steps": [ { "do": "set", "into": "zero", "to": "0" } ] } } })json");
  CHECK_TALK(bot, R"(
    user> go
    ... failed inner at result: column 3: division by zero
    bot> Sorry, something went wrong on my side. Please try again.
  )");
}

CAF_TEST(a called dialog gives its result to its caller) {
  CHECK_TALK(nested(), R"(
    user> outer
    bot> More?
    user> 2
    bot> Got 42.
    user> early
    bot> early.
    user> all
    user> first
    bot> Second, given.
    user> count
    bot> 1
    bot> 2
    bot> 3
    bot> a
    bot> b
    bot> three
  )");
}

CAF_TEST(a child that is interrupted comes back and its caller speaks for it) {
  CHECK_TALK(nested(), R"(
    user> outer
    bot> More?
    --- push news
    bot* News? [Yes | No]
    user> no
    ... over n1 resumed
    bot> Back outside.
    bot> More?
    user> 3
    bot> Got 43.
  )");
}

CAF_TEST(variables of the person outlive the dialog) {
  CHECK_TALK(nested(), R"(
    user> keep
    bot> Colour?
    user> blue
    user> tell
    bot> Ann likes blue.
  )");
}

CAF_TEST(a dialog that fails says so and ends) {
  CHECK_TALK(nested(), R"(
    user> broken
    ... failed broken at cut: column 3: division by zero
    bot> Sorry, something went wrong on my side. Please try again.
    user> loop
    ... failed loop at steps/0: it ran more than 500 steps in one turn
    bot> Sorry, something went wrong on my side. Please try again.
    user> deep
    ... failed deep at steps/0: more than 32 dialogs would lie on each other
    bot> Sorry, something went wrong on my side. Please try again.
    user> early
    bot> early.
  )");
}

CAF_TEST(a failing interrupter gives way to what lies beneath) {
  CHECK_TALK(nested(), R"(
    user> outer
    bot> More?
    --- push broken
    ... failed broken at cut: column 3: division by zero
    bot* Sorry, something went wrong on my side. Please try again.
    ... over n1 resumed
    bot* Back outside.
    bot* More?
  )");
}

CAF_TEST(an interruption of text alone ends at once) {
  CHECK_TALK(test::bot_of(test::travel_bot()), R"(
    user> book a trip
    bot> Where to?
    --- text Your parcel is here.
    bot* Your parcel is here.
    ... over n1 resumed
    bot* Back to your trip.
    bot* Where to?
    user> Oslo
    bot> How many nights?
  )");
}

CAF_TEST(on an empty stack a notice opens its dialog) {
  CHECK_TALK(test::bot_of(test::travel_bot()), R"(
    --- push hotel_offer price=90
    bot* The hotel is 90. Book it? [Yes | No]
    user> no
    bot> Not booked.
    ... over n1 answered
    --- text Done.
    bot* Done.
    ... over n2 answered
  )");
}

CAF_TEST(a reset takes away the flow for good) {
  CHECK_TALK(test::bot_of(test::travel_bot()), R"(
    user> book a trip
    bot> Where to?
    --- reset hotel_offer price=90
    bot* The hotel is 90. Book it? [Yes | No]
    user> yes
    bot> Booked.
    ... over n1 answered
    user> book a trip
    bot> Where to?
  )");
}

CAF_TEST(clearing stops the call and ends the interrupter) {
  CHECK_TALK(test::bot_of(test::travel_bot()), R"(
    user> slow
    ... call GET http://127.0.0.1:9/x
    --- push hotel_offer price=1
    bot* The hotel is 1. Book it? [Yes | No]
    --- clear
    ... over n1 resume_declined
    ... stop c-talk-1
  )");
}

CAF_TEST(interrupters nest and come back in order) {
  CHECK_TALK(test::bot_of(test::travel_bot()), R"(
    user> book a trip
    bot> Where to?
    --- push hotel_offer price=1
    bot* The hotel is 1. Book it? [Yes | No]
    --- push critical hotel_offer price=2
    bot* The hotel is 2. Book it? [Yes | No]
    user> yes
    bot> Booked.
    ... over n2 resumed
    bot> The hotel is 1. Book it? [Yes | No]
    user> no
    bot> Not booked.
    ... over n1 resumed
    bot> Back to your trip.
    bot> Where to?
  )");
}

CAF_TEST(an interrupter nobody answers gives way after two minutes) {
  CHECK_TALK(test::bot_of(test::travel_bot()), R"(
    user> book a trip
    bot> Where to?
    --- push hotel_offer price=1
    bot* The hotel is 1. Book it? [Yes | No]
    --- 119s
    user> perhaps
    bot> Sorry, that does not fit my question. The hotel is 1. Book it? [Yes | No]
    --- 119s
    --- 1s
    ... over n1 interrupter_timeout
    bot> Back to your trip.
    bot> Where to?
    --- 1h
    user> Rome
    bot> How many nights?
  )");
}

CAF_TEST(what is said beside the flow repeats the buttons) {
  CHECK_TALK(test::bot_of(test::travel_bot()), R"(
    --- push hotel_offer price=1
    bot* The hotel is 1. Book it? [Yes | No]
    --- tell It rains.
    bot* It rains. [Yes | No]
    user> yes
    bot> Booked.
    ... over n1 answered
  )");
}

CAF_TEST(news fit in at boundaries) {
  auto bot = test::bot_of(R"json({
    "id": "marks", "dialogs": {
      "form": { "intents": ["form"], "resume": "Back to the form.", "steps": [
        { "do": "ask", "type": "text", "into": "a", "text": "A?" },
        { "do": "say", "boundary": true, "text": "Half." },
        { "do": "call", "dialog": "rest" },
        { "do": "say", "text": "Whole." } ] },
      "rest": { "steps": [ { "do": "ask", "type": "text", "into": "b", "text": "B?" } ] },
      "news": { "steps": [ { "do": "say", "text": "News." } ] }
    } })json");
  CHECK_TALK(bot, R"(
    user> form
    bot> A?
    --- pause
    user> 1
    ... boundary
    --- tell Aside.
    bot* Aside.
    ... boundary
    --- push news
    bot* News.
    ... over n1 resumed
    ... boundary
    --- go
    bot> Half.
    bot> B?
    --- push news
    bot* News.
    ... over n2 resumed
    ... boundary
    --- go
    bot> Back to the form.
    bot> B?
    user> 2
    ... boundary
    --- go
    bot> Whole.
  )");
}

CAF_TEST(a turn that was cut off at a boundary goes on with the next message) {
  CHECK_TALK(test::bot_of(test::travel_bot()), R"(
    user> book a trip
    bot> Where to?
    --- pause
    --- text News.
    bot* News.
    ... over n1 resumed
    ... boundary
    user> Oslo
    bot> Back to your trip.
    bot> Where to?
    bot> How many nights?
  )");
}
