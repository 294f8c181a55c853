#include "tests/delivery/oracle.hpp"

#include <algorithm>
#include <vector>

namespace interject::delivery::oracle {

namespace {

using code = delivery_code;
using action = delivery_action;
using mode = delivery_mode;

enum class tried { plainly, at_bound, at_half_margin };

struct view {
  const policy& p;
  const situation& s;
  const notification& n;
  time_point now;
  mode as = mode::deferred;
  tried how = tried::plainly;
  bool past_bound = false;
  bool critical = false;
  bool typing = false;
  bool waived = false;     // the ladder's boundary row
  bool typing_off = false; // the ladder's typing row
};

using test = bool (*)(const view&);
constexpr test always = [](const view&) { return true; };

// ---- A

struct admission_row {
  const char* name;
  bool solicited_skips, progress_skips;
  test when;
  action then;
  code why;
};

constexpr test quiet_applies = [](const view& v) {
  bool too_low = v.n.urgency == urgency::passive || v.n.urgency == urgency::normal;
  bool refused = v.n.urgency == urgency::time_sensitive && !v.s.break_through;
  return v.s.quiet && (too_low || refused);
};
constexpr test ends_in_quiet = [](const view& v) {
  return quiet_applies(v) && v.s.quiet_until.has_value() &&
         v.n.created + v.n.lifetime <= *v.s.quiet_until;
};

const admission_row admission[] = {
    {"A1", false, false, [](const view& v) { return v.s.seen && !v.s.queued; }, action::dropped,
     code::dup_id},
    {"A2", false, false,
     [](const view& v) { return v.now >= v.n.created + v.n.lifetime && v.s.queued; },
     action::dropped, code::expired_unseen},
    {"A2", false, false, [](const view& v) { return v.now >= v.n.created + v.n.lifetime; },
     action::dropped, code::expired},
    {"A3", false, false, [](const view& v) { return v.s.retracted; }, action::dropped,
     code::withdrawn},
    {"A4", false, true,
     [](const view& v) { return !(v.s.interacted || v.s.consented || v.s.campaign); },
     action::dropped, code::no_optin},
    {"A5", false, true, [](const view& v) { return v.s.muted; }, action::dropped, code::muted},
    {"A6", true, true, [](const view& v) { return v.s.cap_reached; }, action::dropped,
     code::freq_cap},
    {"A7", true, true, [](const view& v) { return v.s.repeat_hit; }, action::dropped,
     code::repeat_window},
    {"A9", true, true, [](const view& v) { return v.s.inhibited; }, action::held, code::inhibited},
    {"A10", false, false, [](const view& v) { return !v.s.reachable && !v.s.other_channel; },
     action::held, code::no_channel},
    {"A10", false, false,
     [](const view& v) {
       return v.s.reachable && !v.s.window_open && v.n.template_id.empty() && !v.s.other_channel;
     },
     action::held, code::window_closed},
    {"A11", true, true, ends_in_quiet, action::dropped, code::expires_in_quiet},
    {"A11", true, true, quiet_applies, action::held, code::quiet},
    {"A12", true, false,
     [](const view& v) { return v.s.tokens <= 0 && !(v.critical && v.s.critical_token); },
     action::held, code::rate_limited},
    {"A13", false, false, [](const view& v) { return v.s.progress; }, action::sent, code::adhoc},
};

// ---- B

enum class then { answer, ladder };

/// `critical_code` stands in for `why` when a critical notice is answered so.
struct column {
  bool typing_first;
  oracle::then then;
  action what;
  code why, critical_why;
};

struct placement_row {
  const char* name;
  test when;
  column ad_hoc, deferred;
  column (*interrupt)(const view&);
  bool escalation_shows; // at the bound its code becomes escalated_expiry
};

constexpr column send(bool typing_first, code why, code critical_why) {
  return {typing_first, then::answer, action::sent, why, critical_why};
}
constexpr column push(bool typing_first, code why) {
  return {typing_first, then::answer, action::pushed, why, why};
}
constexpr column queue(code why) {
  return {false, then::answer, action::queued, why, why};
}
constexpr column climb = {false, then::ladder, action::accepted, code::idle, code::idle};

bool at_least_15_min(const policy& p, const std::optional<duration>& since) {
  return !since.has_value() || !(*since < p.abandoned_after);
}

const placement_row placement[] = {
    {"B1", [](const view& v) { return v.s.stack == stack_state::empty; },
     send(true, code::idle, code::idle), send(true, code::idle, code::idle),
     [](const view&) { return push(true, code::opened); }, false},
    {"B2", [](const view& v) { return v.s.stack == stack_state::boundary; },
     send(false, code::boundary, code::boundary), send(false, code::boundary, code::boundary),
     [](const view&) { return climb; }, false},
    {"B3",
     [](const view& v) {
       return v.s.stack == stack_state::awaiting_input && v.s.since_question.has_value() &&
              at_least_15_min(v.p, v.s.since_question) && at_least_15_min(v.p, v.s.since_wrote) &&
              at_least_15_min(v.p, v.s.since_typed);
     },
     send(false, code::abandoned, code::abandoned), send(false, code::abandoned, code::abandoned),
     [](const view&) { return push(false, code::abandoned); }, false},
    {"B4", [](const view& v) { return v.s.step == interruptible::never && !v.critical; },
     queue(code::step_protected), queue(code::step_protected),
     [](const view&) { return queue(code::step_protected); }, false},
    {"B5", [](const view& v) { return v.s.interrupters > 0; },
     send(true, code::adhoc, code::adhoc_critical), queue(code::await_boundary),
     [](const view& v) {
       bool both = v.critical && v.s.interrupter_level == urgency::critical;
       return v.n.urgency > v.s.interrupter_level || both ? climb
                                                          : queue(code::interruption_active);
     },
     true},
    {"B6", [](const view& v) { return v.s.stack == stack_state::awaiting_call; },
     send(false, code::adhoc, code::adhoc_critical), queue(code::await_boundary),
     [](const view&) { return climb; }, true},
    {"B7", always, send(true, code::adhoc, code::adhoc_critical), queue(code::await_boundary),
     [](const view&) { return climb; }, true},
};

struct ladder_row {
  int number;
  test when;
  action then;
  code why;
};

const ladder_row ladder[] = {
    {1,
     [](const view& v) {
       return v.s.step == interruptible::boundary && !v.critical && v.how == tried::plainly &&
              !v.waived;
     },
     action::queued, code::await_boundary},
    {2, [](const view& v) { return v.critical && v.s.interrupters >= v.p.max_depth + 1; },
     action::sent, code::depth_adhoc},
    {2, [](const view& v) { return !v.critical && v.s.interrupters >= v.p.max_depth; },
     action::queued, code::depth_limit},
    {3, [](const view& v) { return v.typing && !v.typing_off; }, action::queued, code::user_typing},
    {4,
     [](const view& v) {
       return v.n.returns == return_mode::reset && v.s.stack == stack_state::awaiting_call &&
              !v.s.call_cancellable;
     },
     action::queued, code::uncancellable},
    {5, [](const view& v) { return v.n.returns == return_mode::reset; }, action::pushed,
     code::flow_cancelled},
    {6, [](const view& v) { return v.how != tried::plainly; }, action::pushed,
     code::escalated_expiry},
    {6, always, action::pushed, code::interrupted},
};

// ---- modes, bounds, release

mode meaning(const view& v) {
  if (v.s.campaign)
    return mode::deferred;
  if (v.n.mode != mode::automatic)
    return v.n.mode;
  return v.critical ? mode::interrupt : mode::deferred;
}

struct instants {
  time_point bound, half;
};

instants limits(const view& v) {
  const auto life = v.n.lifetime.count();
  const auto margin = std::min(std::max<std::int64_t>(30'000, life / 10), life / 2);
  const auto end = v.n.created + v.n.lifetime;
  instants i{end - duration(margin), end - duration(margin / 2)};
  const auto from = v.s.queued_since ? *v.s.queued_since : v.n.created;
  if (v.n.mode == mode::automatic && v.n.urgency == urgency::time_sensitive)
    i.bound = std::min(i.bound, from + v.p.auto_time_sensitive);
  if (v.n.mode == mode::automatic && v.n.urgency == urgency::normal)
    i.bound = std::min(i.bound, from + v.p.auto_normal);
  return i;
}

view look(const policy& p, const situation& s, const notification& n, time_point now, bool forced) {
  view v{p, s, n, now};
  v.critical = n.urgency == urgency::critical;
  const auto at = limits(v);
  v.as = meaning(v);
  v.past_bound = forced || now >= at.bound;
  if (forced || (now >= at.bound && (s.queued || v.as == mode::deferred))) {
    v.how = now < at.half ? tried::at_bound : tried::at_half_margin;
    v.as = v.how == tried::at_bound && n.needs_answer ? mode::interrupt : mode::ad_hoc;
  }
  const bool wrote = s.since_wrote && *s.since_wrote < p.typing_window;
  const bool typed = s.since_typed && *s.since_typed < p.typing_window;
  v.typing = (wrote || typed) && !v.critical && s.typing_waited < p.typing_limit && !v.past_bound;
  return v;
}

std::string prefixed(const view& v, const char* name) {
  switch (v.how) {
  case tried::at_bound:
    return std::string("C-bound/") + name;
  case tried::at_half_margin:
    return std::string("C-last/") + name;
  default:
    return name;
  }
}

answer climb_ladder(const view& v, const char* from) {
  for (auto& row : ladder) {
    if (row.when(v))
      return {row.then, row.why, prefixed(v, from) + "/ladder" + std::to_string(row.number)};
  }
  return {};
}

answer place(view v) {
  for (auto& row : placement) {
    if (!row.when(v))
      continue;
    const column c = v.as == mode::ad_hoc      ? row.ad_hoc
                     : v.as == mode::interrupt ? row.interrupt(v)
                                               : row.deferred;
    v.waived = row.name[1] == '2';
    v.typing_off = row.name[1] == '6';
    if (c.then == then::ladder)
      return climb_ladder(v, row.name);
    if (c.typing_first && v.typing)
      return {action::queued, code::user_typing, prefixed(v, row.name)};
    auto why = v.critical ? c.critical_why : c.why;
    if (row.escalation_shows && v.how != tried::plainly && c.what == action::sent)
      why = code::escalated_expiry;
    return {c.what, why, prefixed(v, row.name)};
  }
  return {};
}

} // namespace

answer expected(const policy& p, const situation& s, const notification& n, time_point now,
                bool at_bound) {
  const auto v = look(p, s, n, now, at_bound);
  for (auto& row : admission) {
    if ((row.solicited_skips && n.solicited) || (row.progress_skips && s.progress))
      continue;
    if (row.when(v))
      return {row.then, row.why, row.name};
  }
  auto placed = place(v);
  const bool goes = placed.action == action::sent || placed.action == action::pushed;
  const bool soon = s.since_proactive.has_value() && *s.since_proactive < p.spacing;
  if (goes && soon && !v.critical && !v.past_bound)
    return {action::held, code::spaced, "C-spacing"};
  return placed;
}

} // namespace interject::delivery::oracle
