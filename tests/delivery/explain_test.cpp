#define CAF_SUITE explain
#include "tests/support/caf_test.hpp"

#include "actors/delivery/explain.hpp"
#include "tests/delivery/inputs.hpp"

#include <set>

using namespace interject;
using namespace interject::delivery;
using namespace interject::delivery::inputs;

CAF_TEST(every code has a sentence of its own) {
  std::set<std::string> seen;
  for (int i = 0; i < delivery_code_count; ++i)
    CAF_CHECK(seen.insert(words_of(static_cast<delivery_code>(i))).second);
}

CAF_TEST(every row of the tables is asked in words) {
  for (int i = 1; i <= 13; ++i)
    CAF_CHECK(!rule_in_words("A" + std::to_string(i)).empty());
  for (int i = 1; i <= 7; ++i)
    CAF_CHECK(!rule_in_words("B" + std::to_string(i)).empty());
  for (int i = 1; i <= 6; ++i)
    CAF_CHECK(!rule_in_words("C-bound/B7/ladder" + std::to_string(i)).empty());
  CAF_CHECK(rule_in_words("B8").empty());
  CAF_CHECK(rule_in_words("B7/ladder9").empty());
}

CAF_TEST(every rule that the enumeration meets is told in words) {
  std::set<std::string> rules;
  for (auto mode : {delivery_mode::ad_hoc, delivery_mode::deferred, delivery_mode::interrupt,
                    delivery_mode::automatic})
    for (auto level :
         {urgency::passive, urgency::normal, urgency::time_sensitive, urgency::critical})
      for (auto stack : {stack_state::empty, stack_state::awaiting_input,
                         stack_state::awaiting_call, stack_state::boundary})
        for (auto step : {interruptible::anywhere, interruptible::boundary, interruptible::never})
          for (int depth : {0, 1, 3})
            for (auto wrote : {1s, 60s, 3600s})
              for (auto age : {0s, 920s, 960s, 1000s})
                for (auto returns : {return_mode::resume, return_mode::reset})
                  for (int person = 0; person < 12; ++person) {
                    auto s = at(stack, step);
                    s.interrupters = depth;
                    s.since_wrote = wrote;
                    if (stack == stack_state::awaiting_input)
                      s.since_question = wrote;
                    s.queued = age > 0s;
                    s.seen = person == 1;
                    s.retracted = person == 2;
                    s.interacted = person != 3;
                    s.muted = person == 4;
                    s.cap_reached = person == 5;
                    s.repeat_hit = person == 6;
                    s.inhibited = person == 7;
                    s.reachable = person != 8;
                    s.quiet = person == 9;
                    s.tokens = person == 10 ? 0 : 1;
                    if (person == 11)
                      s.since_proactive = 1s;
                    s.call_cancellable = depth == 0;
                    auto n = news(mode, level);
                    n.returns = returns;
                    rules.insert(decide({}, s, n, start + age).rule);
                  }
  CAF_CHECK(rules.size() > 25);
  for (auto& rule : rules)
    if (rule_in_words(rule).empty())
      CAF_ERROR("nothing says what " << rule << " asks");
}
