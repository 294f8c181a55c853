#define CAF_SUITE placement
#include "tests/support/caf_test.hpp"

#include "tests/delivery/inputs.hpp"

using namespace interject;
using namespace interject::delivery;
using namespace interject::delivery::inputs;

namespace {

using mode = delivery_mode;

situation abandoned() {
  auto s = at(stack_state::awaiting_input);
  s.since_question = s.since_wrote = s.since_typed = 15min;
  return s;
}

situation typing(situation s) {
  s.since_typed = 1s;
  return s;
}

struct row {
  const char* name;
  situation s;
  const char* ad_hoc;
  const char* deferred;
  const char* interrupt;
};

void check(const std::vector<row>& rows, urgency level) {
  for (auto& r : rows) {
    CAF_MESSAGE(r.name);
    CAF_CHECK_EQUAL(told(r.s, news(mode::ad_hoc, level)), r.ad_hoc);
    CAF_CHECK_EQUAL(told(r.s, news(mode::deferred, level)), r.deferred);
    CAF_CHECK_EQUAL(told(r.s, news(mode::interrupt, level)), r.interrupt);
  }
}

} // namespace

CAF_TEST(each row of placement answers an ordinary notice by its mode) {
  const auto asked = stack_state::awaiting_input;
  const auto called = stack_state::awaiting_call;
  check(
      {
          {"empty", at(stack_state::empty), "sent idle B1", "sent idle B1", "pushed opened B1"},
          {"empty and typing", typing(at(stack_state::empty)), "queued user_typing B1",
           "queued user_typing B1", "queued user_typing B1"},
          {"boundary", at(stack_state::boundary), "sent boundary B2", "sent boundary B2",
           "pushed interrupted B2/ladder6"},
          {"boundary of a flow that stops at boundaries only",
           at(stack_state::boundary, interruptible::boundary), "sent boundary B2",
           "sent boundary B2", "pushed interrupted B2/ladder6"},
          {"boundary and typing", typing(at(stack_state::boundary)), "sent boundary B2",
           "sent boundary B2", "queued user_typing B2/ladder3"},
          {"abandoned", abandoned(), "sent abandoned B3", "sent abandoned B3",
           "pushed abandoned B3"},
          {"protected", at(asked, interruptible::never), "queued step_protected B4",
           "queued step_protected B4", "queued step_protected B4"},
          {"inside a normal interrupter", inside(urgency::normal), "sent adhoc B5",
           "queued await_boundary B5", "queued interruption_active B5"},
          {"inside a passive interrupter", inside(urgency::passive), "sent adhoc B5",
           "queued await_boundary B5", "queued depth_limit B5/ladder2"},
          {"inside an interrupter and typing", typing(inside(urgency::normal)),
           "queued user_typing B5", "queued await_boundary B5", "queued interruption_active B5"},
          {"call", at(called), "sent adhoc B6", "queued await_boundary B6",
           "pushed interrupted B6/ladder6"},
          {"call and typing", typing(at(called)), "sent adhoc B6", "queued await_boundary B6",
           "pushed interrupted B6/ladder6"},
          {"call in a boundary step", at(called, interruptible::boundary), "sent adhoc B6",
           "queued await_boundary B6", "queued await_boundary B6/ladder1"},
          {"question", at(asked), "sent adhoc B7", "queued await_boundary B7",
           "pushed interrupted B7/ladder6"},
          {"question and typing", typing(at(asked)), "queued user_typing B7",
           "queued await_boundary B7", "queued user_typing B7/ladder3"},
          {"question in a boundary step", at(asked, interruptible::boundary), "sent adhoc B7",
           "queued await_boundary B7", "queued await_boundary B7/ladder1"},
      },
      urgency::normal);
}

CAF_TEST(critical news waits for no one but names what it did) {
  const auto asked = stack_state::awaiting_input;
  check(
      {
          {"empty and typing", typing(at(stack_state::empty)), "sent idle B1", "sent idle B1",
           "pushed opened B1"},
          {"boundary and typing", typing(at(stack_state::boundary)), "sent boundary B2",
           "sent boundary B2", "pushed interrupted B2/ladder6"},
          {"protected", at(asked, interruptible::never), "sent adhoc_critical B7",
           "queued await_boundary B7", "pushed interrupted B7/ladder6"},
          {"protected call", at(stack_state::awaiting_call, interruptible::never),
           "sent adhoc_critical B6", "queued await_boundary B6", "pushed interrupted B6/ladder6"},
          {"inside a lower interrupter", inside(urgency::time_sensitive), "sent adhoc_critical B5",
           "queued await_boundary B5", "pushed interrupted B5/ladder6"},
          {"inside another critical one", inside(urgency::critical), "sent adhoc_critical B5",
           "queued await_boundary B5", "pushed interrupted B5/ladder6"},
          {"inside two", inside(urgency::critical, 2), "sent adhoc_critical B5",
           "queued await_boundary B5", "sent depth_adhoc B5/ladder2"},
          {"question and typing", typing(at(asked)), "sent adhoc_critical B7",
           "queued await_boundary B7", "pushed interrupted B7/ladder6"},
          {"question in a boundary step", at(asked, interruptible::boundary),
           "sent adhoc_critical B7", "queued await_boundary B7", "pushed interrupted B7/ladder6"},
      },
      urgency::critical);
}

CAF_TEST(someone who typed or wrote exactly 3 s ago is not typing any more) {
  const auto n = news();
  for (auto member : {&situation::since_typed, &situation::since_wrote}) {
    auto s = at(stack_state::awaiting_input);
    s.*member = 3s - 1ms;
    CAF_CHECK_EQUAL(told(s, n), "queued user_typing B7");
    s.*member = 3s;
    CAF_CHECK_EQUAL(told(s, n), "sent adhoc B7");
  }
}

CAF_TEST(a notice waits for typing 10 s in all) {
  auto s = typing(at(stack_state::awaiting_input));
  s.typing_waited = 10s - 1ms;
  CAF_CHECK_EQUAL(told(s, news()), "queued user_typing B7");
  CAF_CHECK_EQUAL(decide({}, s, news(), start).latest.value_or(time_point{}), start + 1ms);
  s.typing_waited = 10s;
  CAF_CHECK_EQUAL(told(s, news()), "sent adhoc B7");
}

CAF_TEST(no notice waits for typing past its bound) {
  auto s = typing(at(stack_state::awaiting_input));
  CAF_CHECK_EQUAL(told(s, news(), start + 900s - 1ms), "queued user_typing B7");
  CAF_CHECK_EQUAL(decide({}, s, news(), start + 900s - 1ms).latest.value_or(time_point{}),
                  start + 900s);
  CAF_CHECK_EQUAL(told(s, news(), start + 900s), "sent adhoc B7");
}

CAF_TEST(a question is abandoned when it and the last input and the last typing are 15 min old) {
  for (auto member :
       {&situation::since_question, &situation::since_wrote, &situation::since_typed}) {
    auto s = abandoned();
    CAF_CHECK_EQUAL(told(s, news(mode::deferred)), "sent abandoned B3");
    s.*member = 15min - 1ms;
    CAF_CHECK_EQUAL(told(s, news(mode::deferred)), "queued await_boundary B7");
  }
}

CAF_TEST(someone who never wrote can have abandoned a question but never a call) {
  auto s = abandoned();
  s.since_wrote.reset();
  s.since_typed.reset();
  CAF_CHECK_EQUAL(told(s, news(mode::deferred)), "sent abandoned B3");
  s.stack = stack_state::awaiting_call;
  CAF_CHECK_EQUAL(told(s, news(mode::deferred)), "queued await_boundary B6");
}

CAF_TEST(an abandoned flow is kept even by a notice that would reset it) {
  auto n = news(mode::interrupt);
  n.returns = return_mode::reset;
  CAF_CHECK_EQUAL(told(abandoned(), n), "pushed abandoned B3");
}

CAF_TEST(a reset cancels the flow unless its call cannot be cancelled) {
  auto n = news(mode::interrupt);
  n.returns = return_mode::reset;
  CAF_CHECK_EQUAL(told(at(stack_state::awaiting_input), n), "pushed flow_cancelled B7/ladder5");
  auto s = at(stack_state::awaiting_call);
  CAF_CHECK_EQUAL(told(s, n), "pushed flow_cancelled B6/ladder5");
  s.call_cancellable = false;
  CAF_CHECK_EQUAL(told(s, n), "queued uncancellable B6/ladder4");
  n.returns = return_mode::resume;
  CAF_CHECK_EQUAL(told(s, n), "pushed interrupted B6/ladder6");
}

CAF_TEST(a deeper limit lets one interrupter interrupt another) {
  policy p;
  p.max_depth = 2;
  const auto n = news(mode::interrupt, urgency::time_sensitive);
  CAF_CHECK_EQUAL(told(inside(urgency::normal), n, start, p), "pushed interrupted B5/ladder6");
  CAF_CHECK_EQUAL(told(typing(inside(urgency::normal)), n, start, p),
                  "queued user_typing B5/ladder3");
  CAF_CHECK_EQUAL(told(inside(urgency::normal, 2), n, start, p), "queued depth_limit B5/ladder2");
  const auto top = news(mode::interrupt, urgency::critical);
  CAF_CHECK_EQUAL(told(inside(urgency::critical, 2), top, start, p),
                  "pushed interrupted B5/ladder6");
  CAF_CHECK_EQUAL(told(inside(urgency::critical, 3), top, start, p), "sent depth_adhoc B5/ladder2");
}

CAF_TEST(auto waits unless it is critical and never cancels a flow) {
  const auto s = at(stack_state::awaiting_input);
  CAF_CHECK_EQUAL(told(s, news(mode::automatic, urgency::passive)), "queued await_boundary B7");
  CAF_CHECK_EQUAL(told(s, news(mode::automatic, urgency::normal)), "queued await_boundary B7");
  CAF_CHECK_EQUAL(told(s, news(mode::automatic, urgency::time_sensitive)),
                  "queued await_boundary B7");
  CAF_CHECK_EQUAL(told(s, news(mode::automatic, urgency::critical)),
                  "pushed interrupted B7/ladder6");
}
