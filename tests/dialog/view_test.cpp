// What the delivery rule, the timers and operators see.
#define CAF_SUITE view
#include "tests/support/caf_test.hpp"

#include "tests/support/bots.hpp"

#include "actors/dialog/conversation.hpp"

using namespace interject;
using namespace interject::dialog;

namespace {

constexpr time_point start{std::chrono::milliseconds{1'800'000'000'000}};

conversation fresh() {
  conversation c;
  c.id = "c1";
  c.locale = "en";
  return c;
}

conversation after(const bot& b, std::vector<input> all) {
  auto c = fresh();
  for (auto& in : all)
    c = advance(b, std::move(c), in, start).after;
  return c;
}

begun interrupt(urgency level) {
  begun in;
  in.dialog = "hotel_offer";
  in.params = {{"price", value(1)}};
  in.level = level;
  in.notice = "n";
  return in;
}

} // namespace

CAF_TEST(an empty conversation) {
  auto bot = test::bot_of(test::travel_bot());
  auto at = look(*bot, fresh());
  CAF_CHECK(at.empty);
  CAF_CHECK(!next_wake(*bot, fresh()));
  CAF_CHECK(view(*bot, fresh()).empty());
}

CAF_TEST(a question that waits) {
  auto bot = test::bot_of(test::travel_bot());
  auto c = after(*bot, {said{"book a trip", {}}, said{"Oslo", {}}});
  auto at = look(*bot, c);
  CAF_CHECK(!at.empty);
  CAF_CHECK(at.top == waiting::answer);
  CAF_CHECK(at.step == standing::interruptible::anywhere);
  CAF_CHECK(at.asked_at == start);
  CAF_CHECK_EQUAL(at.interrupters, 0);
  CAF_CHECK(!next_wake(*bot, c));
  auto frames = view(*bot, c);
  CAF_REQUIRE_EQUAL(frames.size(), 1u);
  CAF_CHECK_EQUAL(frames[0].dialog, "book");
  CAF_CHECK_EQUAL(frames[0].step, "steps/1");
  CAF_CHECK_EQUAL(frames[0].kind, "ask");
  CAF_CHECK_EQUAL(frames[0].waiting, "answer");
  CAF_CHECK_EQUAL(frames[0].began, "root");
  CAF_CHECK_EQUAL(frames[0].question, "How many nights?");
  CAF_REQUIRE_EQUAL(frames[0].variables.size(), 1u);
  CAF_CHECK_EQUAL(frames[0].variables[0].first, "city");
}

CAF_TEST(an interrupter is counted with its urgency and timed) {
  auto bot = test::bot_of(test::travel_bot());
  auto c = after(*bot, {said{"book a trip", {}}, interrupt(urgency::critical)});
  auto at = look(*bot, c);
  CAF_CHECK_EQUAL(at.interrupters, 1);
  CAF_CHECK(at.interrupter_level == urgency::critical);
  CAF_CHECK(next_wake(*bot, c) == start + std::chrono::minutes(2));
}

CAF_TEST(a protected step) {
  auto bot = test::bot_of(test::travel_bot());
  CAF_CHECK(look(*bot, after(*bot, {said{"order", {}}})).step == standing::interruptible::never);
}

CAF_TEST(a call wakes for its progress and then for its end) {
  auto bot = test::bot_of(test::travel_bot());
  auto c = after(*bot, {said{"slow", {}}});
  CAF_CHECK(look(*bot, c).top == waiting::call);
  CAF_CHECK(next_wake(*bot, c) == start + std::chrono::seconds(2));
  c = advance(*bot, std::move(c), woken{}, start + std::chrono::seconds(6)).after;
  CAF_CHECK(next_wake(*bot, c) == start + std::chrono::seconds(20));
}

CAF_TEST(nothing counts that must not ) {
  auto bot = test::bot_of(test::travel_bot());
  auto c = after(*bot, {said{"slow", {}}, answered{"c-other", 1, {}}, answered{"c-c1-1", 2, {}},
                        woken{}, proceed{}});
  CAF_CHECK(look(*bot, c).top == waiting::call);
  begun unknown;
  unknown.dialog = "gone";
  unknown.text = "News.";
  auto moved = advance(*bot, std::move(c), unknown, start);
  CAF_CHECK_EQUAL(moved.effects.size(), 3u);
  CAF_CHECK(look(*bot, moved.after).top == waiting::call);
}
