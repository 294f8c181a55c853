// Until when a notice may wait, what happens then (section C), and who goes first.
#include "actors/delivery/rows.hpp"

#include <algorithm>
#include <tuple>

namespace interject::delivery {

namespace {

constexpr duration smallest_margin = std::chrono::seconds(30);

duration margin_of(duration lifetime) {
  return std::min(std::max(smallest_margin, lifetime / 10), lifetime / 2);
}

std::optional<duration> limit_of(const policy& p, urgency level) {
  switch (level) {
  case urgency::time_sensitive:
    return p.auto_time_sensitive;
  case urgency::normal:
    return p.auto_normal;
  default:
    return std::nullopt;
  }
}

} // namespace

effective resolve(const policy& p, const notification& n, std::optional<time_point> queued_since) {
  const auto margin = margin_of(n.lifetime);
  effective e{n.mode, n.expires() - margin, n.expires() - margin / 2};
  if (n.mode != delivery_mode::automatic)
    return e;
  if (n.urgency == urgency::critical) {
    e.mode = delivery_mode::interrupt;
    return e;
  }
  e.mode = delivery_mode::deferred;
  if (auto limit = limit_of(p, n.urgency))
    e.bound = std::min(e.bound, queued_since.value_or(n.created) + *limit);
  return e;
}

verdict judge(const policy& p, const situation& s, const notification& n, time_point now,
              bool forced) {
  auto e = resolve(p, n, s.queued_since);
  if (s.campaign)
    e.mode = delivery_mode::deferred;
  const bool waits = s.queued || e.mode == delivery_mode::deferred;
  const bool past = now >= e.bound;
  attempt how{e.mode, stage::plain, !past && !forced};
  if (forced || (past && waits)) {
    how.at = now >= e.last ? stage::last : stage::bound;
    how.mode =
        how.at == stage::bound && n.needs_answer ? delivery_mode::interrupt : delivery_mode::ad_hoc;
  }
  if (auto answer = admit(s, n, now))
    return *answer;
  auto v = place(p, s, n, how);
  const bool goes = v.action == delivery_action::sent || v.action == delivery_action::pushed;
  const bool too_soon = s.since_proactive && *s.since_proactive < p.spacing;
  if (goes && too_soon && how.may_wait_for_typing && n.urgency != urgency::critical)
    return {delivery_action::held, delivery_code::spaced, 'C', 0, 0, stage::plain};
  return v;
}

time_point latest_of(const policy& p, const situation& s, const notification& n, const effective& e,
                     delivery_code code, time_point now) {
  const auto next = now < e.bound ? e.bound : now < e.last ? e.last : n.expires();
  if (code == delivery_code::user_typing)
    return std::min(next, now + (p.typing_limit - s.typing_waited));
  if (code == delivery_code::spaced && s.since_proactive)
    return std::min(next, now + (p.spacing - *s.since_proactive));
  return next;
}

/// When the waiting question will count as abandoned if the user stays silent.
static std::optional<time_point> abandonment(const policy& p, const situation& s, time_point now) {
  if (s.stack != stack_state::awaiting_input || !s.since_question)
    return std::nullopt;
  const auto old = p.abandoned_after;
  return now + (old - std::min({*s.since_question, s.since_wrote.value_or(old),
                                s.since_typed.value_or(old)}));
}

time_point look_again(const policy& p, const situation& s, const decision& d, time_point now) {
  auto at = d.latest.value_or(now);
  auto sooner = [&](std::optional<time_point> t) {
    if (t && *t > now)
      at = std::min(at, *t);
  };
  if (d.action == delivery_action::queued)
    sooner(abandonment(p, s, now));
  switch (d.code) {
  case delivery_code::user_typing: {
    auto quiet_for =
        std::min(s.since_typed.value_or(p.typing_window), s.since_wrote.value_or(p.typing_window));
    sooner(now + (p.typing_window - quiet_for));
    break;
  }
  case delivery_code::quiet:
    sooner(s.quiet_until);
    break;
  case delivery_code::rate_limited:
    sooner(s.token_at);
    break;
  default:
    break;
  }
  return std::max(at, now + duration(1)); // a stale instant must not become a busy loop
}

bool before(const notification& a, time_point a_arrived, const notification& b,
            time_point b_arrived) {
  auto key = [](const notification& n, time_point arrived) {
    return std::make_tuple(-static_cast<int>(n.urgency), n.expires(), n.priority, arrived);
  };
  return key(a, a_arrived) < key(b, b_arrived);
}

} // namespace interject::delivery
