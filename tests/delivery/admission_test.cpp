#define CAF_SUITE admission
#include "tests/support/caf_test.hpp"

#include "tests/delivery/inputs.hpp"

using namespace interject;
using namespace interject::delivery;
using namespace interject::delivery::inputs;

namespace {

struct row {
  const char* name;
  void (*change)(situation&, notification&);
  const char* normal;    // what becomes of an ordinary ad hoc notice
  const char* solicited; // of the same one that the person asked for
  const char* progress;  // of a progress message
};

constexpr const char* adhoc = "sent adhoc B7";
constexpr const char* step_progress = "sent adhoc A13";

const row rows[] = {
    {"nothing", [](situation&, notification&) {}, adhoc, adhoc, step_progress},
    {"seen", [](situation& s, notification&) { s.seen = true; }, "dropped dup_id A1",
     "dropped dup_id A1", "dropped dup_id A1"},
    {"retracted", [](situation& s, notification&) { s.retracted = true; }, "dropped withdrawn A3",
     "dropped withdrawn A3", "dropped withdrawn A3"},
    {"a stranger", [](situation& s, notification&) { s.interacted = false; }, "dropped no_optin A4",
     "dropped no_optin A4", step_progress},
    {"a stranger who consented",
     [](situation& s, notification&) { s.interacted = false, s.consented = true; }, adhoc, adhoc,
     step_progress},
    {"muted", [](situation& s, notification&) { s.muted = true; }, "dropped muted A5",
     "dropped muted A5", step_progress},
    {"capped", [](situation& s, notification&) { s.cap_reached = true; }, "dropped freq_cap A6",
     adhoc, step_progress},
    {"repeated", [](situation& s, notification&) { s.repeat_hit = true; },
     "dropped repeat_window A7", adhoc, step_progress},
    {"replacing", [](situation& s, notification&) { s.pending_same_key = true; }, adhoc, adhoc,
     step_progress},
    {"inhibited", [](situation& s, notification&) { s.inhibited = true; }, "held inhibited A9",
     adhoc, step_progress},
    {"unreachable", [](situation& s, notification&) { s.reachable = false; }, "held no_channel A10",
     "held no_channel A10", "held no_channel A10"},
    {"unreachable here only",
     [](situation& s, notification&) { s.reachable = false, s.other_channel = true; }, adhoc, adhoc,
     step_progress},
    {"window closed", [](situation& s, notification&) { s.window_open = false; },
     "held window_closed A10", "held window_closed A10", "held window_closed A10"},
    {"window closed but a template",
     [](situation& s, notification& n) { s.window_open = false, n.template_id = "price_alert"; },
     adhoc, adhoc, step_progress},
    {"window closed but another channel",
     [](situation& s, notification&) { s.window_open = false, s.other_channel = true; }, adhoc,
     adhoc, step_progress},
    {"unreachable despite a template",
     [](situation& s, notification& n) { s.reachable = false, n.template_id = "price_alert"; },
     "held no_channel A10", "held no_channel A10", "held no_channel A10"},
    {"quiet", [](situation& s, notification&) { s.quiet = true; }, "held quiet A11", adhoc,
     step_progress},
    {"no token", [](situation& s, notification&) { s.tokens = 0; }, "held rate_limited A12", adhoc,
     "held rate_limited A12"},
};

} // namespace

CAF_TEST(each row of admission answers for ordinary and solicited notices and for progress) {
  for (auto& r : rows) {
    CAF_MESSAGE(r.name);
    auto s = at(stack_state::awaiting_input);
    auto n = news();
    r.change(s, n);
    CAF_CHECK_EQUAL(told(s, n), r.normal);
    n.solicited = true;
    CAF_CHECK_EQUAL(told(s, n), r.solicited);
    n.solicited = false;
    s.progress = true;
    CAF_CHECK_EQUAL(told(s, n), r.progress);
  }
}

CAF_TEST(even a critical notice does not reach someone who never opted in) {
  auto s = at(stack_state::awaiting_input);
  s.interacted = false;
  CAF_CHECK_EQUAL(told(s, news(delivery_mode::automatic, urgency::critical)),
                  "dropped no_optin A4");
}

CAF_TEST(a notice expires at its instant and not a millisecond before) {
  auto s = at(stack_state::awaiting_input);
  CAF_CHECK_EQUAL(told(s, news(), start + 1000s - 1ms), adhoc);
  CAF_CHECK_EQUAL(told(s, news(), start + 1000s), "dropped expired A2");
  s.queued = true;
  CAF_CHECK_EQUAL(told(s, news(), start + 1000s), "dropped expired_unseen A2");
}

CAF_TEST(an id that waits in the queue is no repeat of itself) {
  auto s = at(stack_state::awaiting_input);
  s.seen = s.queued = true;
  CAF_CHECK_EQUAL(told(s, news()), adhoc);
}

CAF_TEST(rows answer in their order) {
  auto s = at(stack_state::awaiting_input);
  auto n = news();
  s.tokens = 0;
  const std::pair<void (*)(situation&), const char*> worse[] = {
      {[](situation& x) { x.quiet = true; }, "held quiet A11"},
      {[](situation& x) { x.window_open = false; }, "held window_closed A10"},
      {[](situation& x) { x.reachable = false; }, "held no_channel A10"},
      {[](situation& x) { x.inhibited = true; }, "held inhibited A9"},
      {[](situation& x) { x.repeat_hit = true; }, "dropped repeat_window A7"},
      {[](situation& x) { x.cap_reached = true; }, "dropped freq_cap A6"},
      {[](situation& x) { x.muted = true; }, "dropped muted A5"},
      {[](situation& x) { x.interacted = false; }, "dropped no_optin A4"},
      {[](situation& x) { x.retracted = true; }, "dropped withdrawn A3"},
  };
  for (auto& [change, answer] : worse) {
    change(s);
    CAF_CHECK_EQUAL(told(s, n), answer);
  }
  CAF_CHECK_EQUAL(told(s, n, n.expires()), "dropped expired A2");
  s.seen = true;
  CAF_CHECK_EQUAL(told(s, n, n.expires()), "dropped dup_id A1");
}

CAF_TEST(quiet hours hold what is not urgent enough) {
  struct {
    urgency level;
    bool break_through;
    const char* answer;
  } table[] = {
      {urgency::passive, true, "held quiet A11"},
      {urgency::normal, true, "held quiet A11"},
      {urgency::time_sensitive, true, adhoc},
      {urgency::critical, true, "sent adhoc_critical B7"},
      {urgency::passive, false, "held quiet A11"},
      {urgency::normal, false, "held quiet A11"},
      {urgency::time_sensitive, false, "held quiet A11"},
      {urgency::critical, false, "sent adhoc_critical B7"},
  };
  for (auto& row : table) {
    auto s = at(stack_state::awaiting_input);
    s.quiet = true;
    s.break_through = row.break_through;
    CAF_CHECK_EQUAL(told(s, news(delivery_mode::ad_hoc, row.level)), row.answer);
  }
}

CAF_TEST(a notice that would expire before quiet hours end is dropped at once) {
  auto s = at(stack_state::awaiting_input);
  s.quiet = true;
  s.quiet_until = start + 1000s - 1ms;
  CAF_CHECK_EQUAL(told(s, news()), "held quiet A11");
  s.quiet_until = start + 1000s;
  CAF_CHECK_EQUAL(told(s, news()), "dropped expires_in_quiet A11");
}

CAF_TEST(one token is kept for critical news and no more than one) {
  auto s = at(stack_state::awaiting_input);
  s.tokens = 0;
  auto critical = news(delivery_mode::ad_hoc, urgency::critical);
  CAF_CHECK_EQUAL(told(s, news(delivery_mode::ad_hoc, urgency::time_sensitive)),
                  "held rate_limited A12");
  CAF_CHECK_EQUAL(told(s, critical), "sent adhoc_critical B7");
  s.critical_token = false;
  CAF_CHECK_EQUAL(told(s, critical), "held rate_limited A12");
  s.tokens = 1;
  CAF_CHECK_EQUAL(told(s, critical), "sent adhoc_critical B7");
}

CAF_TEST(a campaign on an open page waits for a boundary and needs no earlier contact) {
  auto s = at(stack_state::awaiting_input);
  s.campaign = true;
  s.interacted = false;
  CAF_CHECK_EQUAL(told(s, news(delivery_mode::ad_hoc)), "queued await_boundary B7");
  s.muted = true;
  CAF_CHECK_EQUAL(told(s, news(delivery_mode::ad_hoc)), "dropped muted A5");
}
