// Section B: where in the conversation a notice may be said, and the ladder that an interruption
// climbs.
#include "actors/delivery/rows.hpp"

namespace interject::delivery {

namespace {

struct placing {
  const policy& p;
  const situation& s;
  const notification& n;
  const attempt& how;

  bool critical() const { return n.urgency == urgency::critical; }
  bool interrupts() const { return how.mode == delivery_mode::interrupt; }
  bool escalated() const { return how.at != stage::plain; }
  bool typing() const;
  bool abandoned() const;
  verdict row(int number, delivery_action action, delivery_code code, int ladder_row = 0) const;
  verdict queue(int number, delivery_code code, int ladder_row = 0) const {
    return row(number, delivery_action::queued, code, ladder_row);
  }
  verdict send(int number, delivery_code code) const {
    return row(number, delivery_action::sent, code);
  }
  verdict push(int number, delivery_code code, int ladder_row = 0) const {
    return row(number, delivery_action::pushed, code, ladder_row);
  }
  /// Rows 5–7: beside the flow.
  verdict beside(int number) const {
    return send(number, escalated()  ? delivery_code::escalated_expiry
                        : critical() ? delivery_code::adhoc_critical
                                     : delivery_code::adhoc);
  }
  verdict ladder(int number, bool boundary_waived, bool typing_skipped) const;
  verdict inside_interrupter() const;
};

bool placing::typing() const {
  if (critical() || !how.may_wait_for_typing || s.typing_waited >= p.typing_limit)
    return false;
  return (s.since_typed && *s.since_typed < p.typing_window) ||
         (s.since_wrote && *s.since_wrote < p.typing_window);
}

/// Someone who never wrote or typed counts as long silent; without a question there is nothing to
/// abandon.
bool placing::abandoned() const {
  auto old = [&](const std::optional<duration>& since) {
    return !since || *since >= p.abandoned_after;
  };
  return s.stack == stack_state::awaiting_input && s.since_question && old(s.since_question) &&
         old(s.since_wrote) && old(s.since_typed);
}

verdict placing::row(int number, delivery_action action, delivery_code code, int ladder_row) const {
  return {
      action, code, 'B', static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(ladder_row),
      how.at};
}

verdict placing::ladder(int number, bool boundary_waived, bool typing_skipped) const {
  if (s.step == interruptible::boundary && !critical() && !escalated() && !boundary_waived)
    return queue(number, delivery_code::await_boundary, 1);
  if (s.interrupters >= p.max_depth + (critical() ? 1 : 0)) {
    return critical() ? row(number, delivery_action::sent, delivery_code::depth_adhoc, 2)
                      : queue(number, delivery_code::depth_limit, 2);
  }
  if (!typing_skipped && typing())
    return queue(number, delivery_code::user_typing, 3);
  if (n.returns == return_mode::reset) {
    if (s.stack == stack_state::awaiting_call && !s.call_cancellable)
      return queue(number, delivery_code::uncancellable, 4);
    return push(number, delivery_code::flow_cancelled, 5);
  }
  return push(number, escalated() ? delivery_code::escalated_expiry : delivery_code::interrupted,
              6);
}

verdict placing::inside_interrupter() const {
  if (how.mode == delivery_mode::ad_hoc)
    return typing() ? queue(5, delivery_code::user_typing) : beside(5);
  if (!interrupts())
    return queue(5, delivery_code::await_boundary);
  const bool outranks =
      n.urgency > s.interrupter_level || (critical() && s.interrupter_level == urgency::critical);
  return outranks ? ladder(5, false, false) : queue(5, delivery_code::interruption_active);
}

} // namespace

verdict place(const policy& p, const situation& s, const notification& n, const attempt& how) {
  const placing it{p, s, n, how};
  if (s.stack == stack_state::empty) {
    if (it.typing())
      return it.queue(1, delivery_code::user_typing);
    return it.interrupts() ? it.push(1, delivery_code::opened) : it.send(1, delivery_code::idle);
  }
  if (s.stack == stack_state::boundary)
    return it.interrupts() ? it.ladder(2, true, false) : it.send(2, delivery_code::boundary);
  if (it.abandoned())
    return it.interrupts() ? it.push(3, delivery_code::abandoned)
                           : it.send(3, delivery_code::abandoned);
  if (s.step == interruptible::never && !it.critical())
    return it.queue(4, delivery_code::step_protected);
  if (s.interrupters > 0)
    return it.inside_interrupter();
  const bool calling = s.stack == stack_state::awaiting_call;
  const int number = calling ? 6 : 7;
  switch (how.mode) {
  case delivery_mode::ad_hoc:
    return !calling && it.typing() ? it.queue(number, delivery_code::user_typing)
                                   : it.beside(number);
  case delivery_mode::interrupt:
    return it.ladder(number, false, calling);
  default:
    return it.queue(number, delivery_code::await_boundary);
  }
}

} // namespace interject::delivery
