// Every key of the bot's `delivery` section reaches the rule.
#define CAF_SUITE policy
#include "tests/support/caf_test.hpp"

#include "actors/conversation/turn.hpp"
#include "tests/support/bots.hpp"

using namespace interject;
using namespace interject::conversation;
using namespace std::chrono_literals;

namespace {

delivery::policy policy_with(const std::string& section) {
  return policy_of(*test::bot_of(R"({"id": "b", "dialogs": {"d": {"steps": []}}, "delivery": )" +
                                 section + "}"));
}

} // namespace

CAF_TEST(what a bot says about delivery takes the place of the defaults) {
  auto p = policy_with(R"({"budget": {"per": "2m", "burst": 7}, "max_depth": 3,
    "interrupter_timeout": "3m", "spacing": "6s", "typing_window": "4s", "typing_limit": "11s",
    "abandoned_after": "16m", "auto_time_sensitive": "31s", "auto_normal": "12m", "queue_limit": 65})");
  CAF_CHECK_EQUAL(p.budget_per, duration(2min));
  CAF_CHECK_EQUAL(p.budget_burst, 7);
  CAF_CHECK_EQUAL(p.max_depth, 3);
  CAF_CHECK_EQUAL(p.interrupter_timeout, duration(3min));
  CAF_CHECK_EQUAL(p.spacing, duration(6s));
  CAF_CHECK_EQUAL(p.typing_window, duration(4s));
  CAF_CHECK_EQUAL(p.typing_limit, duration(11s));
  CAF_CHECK_EQUAL(p.abandoned_after, duration(16min));
  CAF_CHECK_EQUAL(p.auto_time_sensitive, duration(31s));
  CAF_CHECK_EQUAL(p.auto_normal, duration(12min));
  CAF_CHECK_EQUAL(p.queue_limit, 65u);
}

CAF_TEST(a bot that never interrupts says a depth of nought) {
  CAF_CHECK_EQUAL(policy_with(R"({"max_depth": 0})").max_depth, 0);
}

CAF_TEST(what a bot does not say keeps its default) {
  auto p = policy_with("{}");
  const delivery::policy defaults;
  CAF_CHECK_EQUAL(p.typing_window, defaults.typing_window);
  CAF_CHECK_EQUAL(p.max_depth, defaults.max_depth);
  CAF_CHECK_EQUAL(p.queue_limit, defaults.queue_limit);
}
