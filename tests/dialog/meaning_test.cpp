// What one message of the user means: taps, global phrases, the question, another dialog, retry.
#define CAF_SUITE meaning
#include "tests/support/caf_test.hpp"

#include "tests/support/bots.hpp"
#include "tests/support/talk.hpp"

using namespace interject;

namespace {

dialog::bot_ptr shop() {
  return test::bot_of(R"json({
    "id": "shop", "locales": ["en", "fr"], "start": "hello", "hosts": ["127.0.0.1:9"],
    "dialogs": {
      "hello": { "steps": [ { "do": "say", "text": "Hello." } ] },
      "buy": { "intents": ["buy", { "pattern": "buy (?:a |an )?(?P<thing>\\w+)" }], "resume": "Back to buying.", "steps": [
        { "do": "branch", "when": "has(thing)", "then": [], "else": [
          { "do": "ask", "type": "choice", "into": "thing", "choices": ["lamp", "table"], "text": "What?" } ] },
        { "do": "ask", "type": "number", "into": "count", "text": "How many?", "retry": "A number, please." },
        { "do": "say", "text": "{count} {thing}." } ] },
      "hours": { "intents": ["when are you open", "horaires d’été"], "steps": [ { "do": "say", "text": "From nine to five." } ] },
      "pay": { "intents": ["pay"], "interruptible": "boundary", "steps": [
        { "do": "ask", "type": "yes_no", "into": "ok", "text": "Pay now?" },
        { "do": "say", "text": "Paid." } ] },
      "slow": { "intents": ["slow"], "steps": [ { "do": "request", "url": "http://127.0.0.1:9/s" }, { "do": "say", "text": "There." } ] },
      "alert": { "steps": [ { "do": "ask", "type": "yes_no", "into": "ok", "text": "Alert?" } ] }
    } })json");
}

} // namespace

CAF_TEST(phrases are whole messages without regard to case accents and punctuation) {
  CHECK_TALK(shop(), R"(
    user> When are you OPEN??
    bot> From nine to five.
    user>   horaires  d'ete!
    bot> From nine to five.
    user> when are you open tomorrow
    bot> Sorry, I did not understand that.
  )");
}

CAF_TEST(a named group fills its variable) {
  CHECK_TALK(shop(), R"(
    user> I want to BUY a lamp
    bot> How many?
    user> 3
    bot> 3 lamp.
  )");
}

CAF_TEST(another dialog answers in between and the question comes back) {
  CHECK_TALK(shop(), R"(
    user> buy
    bot> What? [lamp | table]
    user> when are you open
    bot> From nine to five.
    bot> Back to buying.
    bot> What? [lamp | table]
    user> table
    bot> How many?
  )");
}

CAF_TEST(a protected step keeps its question) {
  CHECK_TALK(shop(), R"(
    user> pay
    bot> Pay now? [Yes | No]
    user> when are you open
    bot> Sorry, that does not fit my question. Pay now? [Yes | No]
  )");
}

CAF_TEST(the dialog that talks is no change of subject) {
  CHECK_TALK(shop(), R"(
    user> buy
    bot> What? [lamp | table]
    user> buy
    bot> Sorry, that does not fit my question. What? [lamp | table]
  )");
}

CAF_TEST(an answer goes before an intent) {
  CHECK_TALK(shop(), R"(
    user> buy
    bot> What? [lamp | table]
    user> buy the lamp
    bot> How many?
  )");
}

CAF_TEST(a tap answers its own question only) {
  CHECK_TALK(shop(), R"(
    user> buy
    bot> What? [lamp | table]
    tap 1> table
    bot> How many?
    tap 1> lamp
    bot> That question is closed by now.
    --- push alert
    bot* Alert? [Yes | No]
    tap 2> 3
    bot> That question comes again. First this one, please. [Yes | No]
    tap 3> Yes
    ... over n1 resumed
    bot> Back to buying.
    bot> How many?
    user> 2
    bot> 2 table.
    tap 2> 2
    bot> That question is closed by now.
  )");
}

CAF_TEST(a tap on a question that was asked again still counts) {
  CHECK_TALK(shop(), R"(
    user> buy
    bot> What? [lamp | table]
    --- push alert
    bot* Alert? [Yes | No]
    user> no
    ... over n1 resumed
    bot> Back to buying.
    bot> What? [lamp | table]
    tap 1> lamp
    bot> How many?
  )");
}

CAF_TEST(cancel takes away the flow on top) {
  CHECK_TALK(shop(), R"(
    user> cancel
    bot> There is nothing to cancel.
    user> buy
    bot> What? [lamp | table]
    --- push alert
    bot* Alert? [Yes | No]
    user> Cancel.
    ... over n1 resumed
    bot> All right, cancelled.
    bot> Back to buying.
    bot> What? [lamp | table]
    user> never mind
    ... over n1 resume_declined
    bot> All right, cancelled.
    user> cancel
    bot> There is nothing to cancel.
  )");
}

CAF_TEST(cancel later than at once declines nothing) {
  CHECK_TALK(shop(), R"(
    user> buy
    bot> What? [lamp | table]
    --- push alert
    bot* Alert? [Yes | No]
    user> no
    ... over n1 resumed
    bot> Back to buying.
    bot> What? [lamp | table]
    user> lamp
    bot> How many?
    user> cancel
    bot> All right, cancelled.
  )");
}

CAF_TEST(cancel while an intent is answered leaves what lies beneath) {
  CHECK_TALK(shop(), R"(
    user> buy
    bot> What? [lamp | table]
    user> pay
    bot> Pay now? [Yes | No]
    user> cancel
    bot> All right, cancelled.
    bot> Back to buying.
    bot> What? [lamp | table]
  )");
}

CAF_TEST(start over begins again with everything gone) {
  CHECK_TALK(shop(), R"(
    user> buy a lamp
    bot> How many?
    --- push alert
    bot* Alert? [Yes | No]
    user> start over
    ... over n1 resume_declined
    bot> Let’s start over.
    bot> Hello.
    user> cancel
    bot> There is nothing to cancel.
  )");
}

CAF_TEST(help leaves the question open) {
  CHECK_TALK(shop(), R"(
    user> buy
    bot> What? [lamp | table]
    user> help
    bot> Tell me what you need, or say “cancel” to stop what we are doing. [lamp | table]
    user> lamp
    bot> How many?
  )");
}

CAF_TEST(during a call global phrases act and nothing else is kept) {
  CHECK_TALK(shop(), R"(
    user> slow
    ... call GET http://127.0.0.1:9/s
    user> yes
    bot> Still working on it, one moment please.
    user> when are you open
    bot> Still working on it, one moment please.
    --- answer
    bot> There.
    user> slow
    ... call GET http://127.0.0.1:9/s
    user> cancel
    ... stop c-talk-2
    bot> All right, cancelled.
  )");
}

CAF_TEST(words of the locale in force) {
  CHECK_TALK(shop(), R"(
    --- locale fr-CA
    user> pay
    bot> Pay now? [Oui | Non]
    user> annuler
    bot> D’accord, c’est annulé.
  )");
}

CAF_TEST(three answers that do not fit end the dialog) {
  CHECK_TALK(shop(), R"(
    user> buy a lamp
    bot> How many?
    user> many
    bot> A number, please.
    user> lots
    bot> A number, please.
    user> heaps
    bot> All right, cancelled.
  )");
}

CAF_TEST(the fallback dialog answers what nobody understood) {
  auto bot = test::bot_of(R"json({ "id": "f", "fallback": "lost", "dialogs": {
    "lost": { "params": { "text": "text" }, "steps": [ { "do": "say", "text": "What is “{text}”?" } ] },
    "help": { "steps": [ { "do": "say", "text": "Ask me." } ] } } })json");
  CHECK_TALK(bot, R"(
    user> plugh
    bot> What is “plugh”?
    user> help
    bot> Ask me.
  )");
}

CAF_TEST(a card answers the question that follows it and no other) {
  auto bot = test::bot_of(R"json({ "id": "b", "dialogs": {
    "hotel": { "intents": ["hotel"], "resume": "The hotel.", "params": { "city": "text" }, "steps": [
      { "do": "set", "into": "city", "to": "'Las Vegas'" },
      { "do": "say", "text": "Look:", "card": { "title": "Grand, {city}", "images": ["https://a.test/{city}.png"],
        "buttons": ["Book", { "title": "More", "value": "tell me more", "type": "postBack" }, { "title": "Site", "url": "https://a.test/{city}" }] },
        "attachments": [ { "type": "image/png", "url": "https://a.test/{city}.png", "name": "{city}" } ] },
      { "do": "ask", "type": "text", "text": "What now?", "into": "x" },
      { "do": "ask", "type": "text", "text": "And {x}?", "into": "y" },
      { "do": "say", "text": "{x}, {y}." } ] },
    "menu": { "intents": ["menu"], "steps": [ { "do": "say", "text": "Hello.", "card": { "title": "Menu", "buttons": ["hotel"] } } ] },
    "alert": { "steps": [ { "do": "ask", "type": "yes_no", "text": "Sell?", "into": "x" } ] } } })json");
  // Still on the stack under an interrupter; answered; gone.
  CHECK_TALK(bot, R"(
    user> hotel
    bot> Look: {Grand, Las Vegas: Book | More | Site}#1 {image/png https://a.test/Las%20Vegas.png}
    bot> What now?
    --- push alert
    bot* Sell? [Yes | No]
    tap 1> Book
    bot> That question comes again. First this one, please. [Yes | No]
    tap 2> Yes
    ... over n1 resumed
    bot> The hotel.
    bot> What now?
    tap 1> tell me more
    bot> And tell me more?
    tap 1> Book
    bot> That question is closed by now.
    user> that
    bot> tell me more, that.
    tap 1> Book
    bot> That question is closed by now.
  )");
  // No question follows: the button is as good as its words.
  CHECK_TALK(bot, R"(
    user> menu
    bot> Hello. {Menu: hotel}
    user> hotel
    bot> Look: {Grand, Las Vegas: Book | More | Site}#1 {image/png https://a.test/Las%20Vegas.png}
    bot> What now?
  )");
}

CAF_TEST(a channel without cards or buttons gets text) {
  auto bot = test::bot_of(
      R"json({ "id": "b", "channels": { "sms": { "buttons": false, "cards": false } }, "dialogs": {
    "hotel": { "intents": ["hotel"], "steps": [
      { "do": "say", "text": "Look:", "card": { "title": "Grand", "buttons": ["Book"] } },
      { "do": "ask", "type": "choice", "choices": ["one", "two"], "text": "Which?", "into": "x" },
      { "do": "say", "text": "{x}" } ] } } })json");
  CHECK_TALK(bot, R"(
    --- channel sms
    user> hotel
    bot> Look: / Grand / • Book
    bot> Which? / 1. one / 2. two
    user> 2
    bot> two
  )");
}
