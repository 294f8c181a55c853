// The dialog stack in transcripts: begin, call, replace, cancel, interrupt, come back.
#define CAF_SUITE stack
#include "tests/support/caf_test.hpp"

#include "tests/support/bots.hpp"
#include "tests/support/talk.hpp"

using namespace interject;

namespace {

/// What a transcript should be, line by line; the left margin does not count.
std::string lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (!line.empty())
      out += std::string(line) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

#define CHECK_TALK(bot, transcript) CAF_CHECK_EQUAL(test::play(*(bot), transcript), lines(transcript))

} // namespace

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
