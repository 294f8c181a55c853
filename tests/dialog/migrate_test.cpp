// Conversations in the middle of a dialog, moved to another version of their bot.
#define CAF_SUITE migrate
#include "tests/support/caf_test.hpp"

#include "actors/dialog/migrate.hpp"
#include "tests/support/bots.hpp"

using namespace interject;
using namespace interject::dialog;

namespace {

constexpr const char *old_version = "aaaa1111", *new_version = "bbbb2222";
const time_point noon{std::chrono::hours(500'000)};

constexpr auto trip_before = R"("trip": { "intents": ["trip"], "steps": [
  { "do": "ask", "id": "ask_city", "type": "text", "into": "city", "text": "Which city?" },
  { "do": "ask", "type": "number", "into": "nights", "text": "How many nights?" },
  { "do": "say", "text": "{nights} nights in {city}." } ] })";
constexpr auto trip_after = R"("trip": { "intents": ["trip"], "steps": [
  { "do": "say", "text": "We look for a hotel." },
  { "do": "ask", "id": "city", "type": "text", "into": "city", "text": "And the city?" },
  { "do": "ask", "id": "breakfast", "type": "yes_no", "into": "breakfast", "text": "With breakfast?" },
  { "do": "ask", "id": "nights", "type": "number", "into": "nights", "text": "And the nights?" },
  { "do": "say", "text": "{nights} nights in {city}, then." } ] })";
constexpr auto offer =
    R"("offer": { "steps": [ { "do": "ask", "type": "yes_no", "into": "ok", "text": "Take it?" },
  { "do": "say", "text": "Noted." } ] })";
constexpr auto offer_changed =
    R"("offer": { "steps": [ { "do": "ask", "type": "yes_no", "into": "ok", "text": "Do you take it?" },
  { "do": "say", "text": "Noted." } ] })";

bot_ptr before(const std::string& dialogs) {
  return interject::test::bot_of(R"({"id": "b", "dialogs": {)" + dialogs + "}}", old_version);
}
bot_ptr after(const std::string& dialogs, const std::string& rules) {
  return interject::test::bot_of(
      R"({"id": "b", "dialogs": {)" + dialogs + R"(}, "migrate": [)" + rules + "]}", new_version);
}
std::string rule(const std::string& steps, const std::string& from = "aaaa") {
  return R"({"from": ")" + from + R"(", "dialog": "trip", "steps": {)" + steps + "}}";
}

conversation say(const bot& b, conversation c, const std::string& text,
                 std::string* heard = nullptr) {
  auto moved = advance(b, std::move(c), said{text, ""}, noon);
  for (auto& e : moved.effects)
    if (auto* u = std::get_if<utterance>(&e); u && heard)
      *heard += u->text + "|";
  return std::move(moved.after);
}
conversation interrupt(const bot& b, conversation c) {
  begun push;
  push.dialog = "offer";
  push.notice = "n1";
  return advance(b, std::move(c), push, noon).after;
}
std::string top_step(const bot& b, const conversation& c) {
  return view(b, c).back().step;
}

} // namespace

CAF_TEST(a renamed step goes on under its new name) {
  auto from = before(trip_before);
  auto to = after(trip_after, rule(R"("ask_city": "city", "steps/1": "nights")"));
  auto c = migrated(*from, *to, say(*from, {}, "trip"));
  CAF_REQUIRE(c.has_value());
  CAF_CHECK_EQUAL(top_step(*to, *c), "city");
  std::string heard;
  auto next = say(*to, *c, "London", &heard);
  CAF_CHECK_EQUAL(heard, "With breakfast?|");
  next = say(*to, next, "yes");
  heard.clear();
  say(*to, next, "3", &heard);
  CAF_CHECK_EQUAL(heard, "3 nights in London, then.|");
}

CAF_TEST(variables come along by their names) {
  auto from = before(trip_before);
  auto to = after(trip_after, rule(R"("ask_city": "city", "steps/1": "nights")"));
  auto c = migrated(*from, *to, say(*from, say(*from, {}, "trip"), "London"));
  CAF_REQUIRE(c.has_value());
  CAF_CHECK_EQUAL(top_step(*to, *c), "nights");
  std::string heard;
  say(*to, *c, "2", &heard);
  CAF_CHECK_EQUAL(heard, "2 nights in London, then.|");
}

CAF_TEST(the prompt that waits keeps its id so that a late tap is still its answer) {
  auto from = before(trip_before);
  auto to = after(trip_after, rule(R"("ask_city": "city")"));
  auto asked = say(*from, {}, "trip");
  auto prompt = asked.stack.back().prompt;
  auto c = migrated(*from, *to, asked);
  CAF_REQUIRE(c.has_value());
  CAF_CHECK_EQUAL(c->stack.back().prompt, prompt);
  CAF_CHECK(c->stack.back().waiting == waiting::answer);
  auto moved = advance(*to, *c, said{"London", std::to_string(prompt)}, noon);
  CAF_CHECK_EQUAL(top_step(*to, moved.after), "breakfast");
}

CAF_TEST(a step that the rule leaves out and the new version lacks keeps the old version) {
  auto from = before(trip_before);
  auto to = after(trip_after, rule(R"("ask_city": "city")"));
  auto nights =
      say(*from, say(*from, {}, "trip"), "London"); // "steps/1" is a question of another id now
  CAF_CHECK(!migrated(*from, *to, nights).has_value());
}

CAF_TEST(a step goes to one of its kind only) {
  auto from = before(trip_before);
  auto to = after(trip_after, rule(R"("ask_city": "steps/0")"));
  CAF_CHECK(!migrated(*from, *to, say(*from, {}, "trip")).has_value());
}

CAF_TEST(without a rule for this version nothing moves) {
  auto from = before(trip_before);
  for (auto& rules : {std::string(), rule(R"("ask_city": "city")", "cccc")}) {
    auto to = after(trip_after, rules);
    CAF_CHECK(!migrated(*from, *to, say(*from, {}, "trip")).has_value());
  }
}

CAF_TEST(frames under an interrupter move with it when its dialog is written alike) {
  auto from = before(std::string(trip_before) + "," + offer);
  auto asked = interrupt(*from, say(*from, {}, "trip"));
  CAF_REQUIRE_EQUAL(asked.stack.size(), 2u);
  auto to = after(std::string(offer) + "," + trip_after,
                  rule(R"("ask_city": "city")")); // in another order
  auto c = migrated(*from, *to, asked);
  CAF_REQUIRE(c.has_value());
  std::string heard;
  auto resumed = say(*to, *c, "yes", &heard);
  CAF_CHECK_EQUAL(heard, "Noted.|And the city?|");
  CAF_CHECK_EQUAL(top_step(*to, resumed), "city");
  auto changed =
      after(std::string(trip_after) + "," + offer_changed, rule(R"("ask_city": "city")"));
  CAF_CHECK(!migrated(*from, *changed, asked).has_value());
}

CAF_TEST(a dialog that is gone keeps the old version) {
  auto from = before(std::string(trip_before) + "," + offer);
  auto to = after(trip_after, rule(R"("ask_city": "city")"));
  CAF_CHECK(!migrated(*from, *to, interrupt(*from, say(*from, {}, "trip"))).has_value());
  CAF_CHECK(migrated(*from, *to, say(*from, {}, "trip")).has_value());
}

CAF_TEST(the rounds of a loop are counted on or it stays where it is) {
  constexpr auto loop =
      R"("trip": { "intents": ["trip"], "steps": [ { "do": "repeat", "for": "n", "in": "[1, 2]", "steps": [
    { "do": "ask", "id": "ask_city", "type": "text", "into": "city", "text": "City {n}?" } ] } ] })";
  constexpr auto renamed =
      R"("trip": { "intents": ["trip"], "steps": [ { "do": "repeat", "for": "n", "in": "[1, 2]", "steps": [
    { "do": "ask", "id": "city", "type": "text", "into": "city", "text": "City no. {n}?" } ] } ] })";
  auto from = before(loop);
  auto second = say(*from, say(*from, {}, "trip"), "London");
  auto to = after(renamed, rule(R"("ask_city": "city")"));
  auto c = migrated(*from, *to, second);
  CAF_REQUIRE(c.has_value());
  CAF_CHECK(say(*to, *c, "Rome").stack.empty()); // the second round was the last
  auto straight = after(trip_after, rule(R"("ask_city": "city")"));
  CAF_CHECK(!migrated(*from, *straight, second).has_value());
}
