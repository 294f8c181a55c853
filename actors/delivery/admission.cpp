// Section A: may this notice reach this person now?
#include "actors/delivery/rows.hpp"

namespace interject::delivery {

namespace {

verdict row(int number, delivery_code code) {
  return {action_of(code), code, 'A', static_cast<std::uint8_t>(number), 0, stage::plain};
}

bool held_by_quiet(const situation& s, const notification& n) {
  if (!s.quiet || n.urgency == urgency::critical)
    return false;
  return n.urgency < urgency::time_sensitive || !s.break_through;
}

bool has_token(const situation& s, const notification& n) {
  return s.tokens > 0 || (n.urgency == urgency::critical && s.critical_token);
}

/// Rows 4–7: the person's wishes and the caps.
std::optional<verdict> refused_by_person(const situation& s, const notification& n) {
  if (s.progress)
    return std::nullopt;
  if (!s.campaign && !s.interacted && !s.consented)
    return row(4, delivery_code::no_optin);
  if (s.muted)
    return row(5, delivery_code::muted);
  if (s.cap_reached && !n.solicited)
    return row(6, delivery_code::freq_cap);
  if (s.repeat_hit && !n.solicited)
    return row(7, delivery_code::repeat_window);
  return std::nullopt;
}

} // namespace

std::optional<verdict> admit(const situation& s, const notification& n, time_point now) {
  if (s.seen && !s.queued)
    return row(1, delivery_code::dup_id);
  if (now >= n.expires())
    return row(2, s.queued ? delivery_code::expired_unseen : delivery_code::expired);
  if (s.retracted)
    return row(3, delivery_code::withdrawn);
  if (auto no = refused_by_person(s, n))
    return no;
  const bool exempt = n.solicited || s.progress; // from inhibition and quiet hours
  if (s.inhibited && !exempt)
    return row(9, delivery_code::inhibited);
  if (!s.reachable && !s.other_channel)
    return row(10, delivery_code::no_channel);
  if (s.reachable && !s.window_open && (n.template_id.empty() || !s.template_known) &&
      !s.other_channel)
    return row(10, delivery_code::window_closed);
  if (held_by_quiet(s, n) && !exempt) {
    const bool too_late = s.quiet_until && n.expires() <= *s.quiet_until;
    return row(11, too_late ? delivery_code::expires_in_quiet : delivery_code::quiet);
  }
  if (!has_token(s, n) && !n.solicited)
    return row(12, delivery_code::rate_limited);
  if (s.progress)
    return row(13, delivery_code::adhoc);
  return std::nullopt;
}

} // namespace interject::delivery
