// The budget of proactive messages, by the generic cell rate algorithm: one instant says how much
// is spent.
#include "actors/delivery/decide.hpp"

#include <algorithm>

namespace interject::delivery {

namespace {

std::int64_t ms(time_point at) {
  return at.time_since_epoch().count();
}

/// Tokens that are out at `now`, those of the reserve included.
std::int64_t out(const policy& p, const bucket& b, time_point now) {
  const auto per = p.budget_per.count();
  if (per <= 0)
    return 0;
  const auto ahead = std::max<std::int64_t>(0, b.spent_until_ms - ms(now));
  return (ahead + per - 1) / per;
}

} // namespace

int tokens(const policy& p, const bucket& b, time_point now) {
  return static_cast<int>(
      std::clamp<std::int64_t>(p.budget_burst - out(p, b, now), 0, std::max(0, p.budget_burst)));
}

bool critical_token(const policy& p, const bucket& b, time_point now) {
  return out(p, b, now) < p.budget_burst + 1;
}

bucket spend(const policy& p, bucket b, time_point now) {
  const auto per = p.budget_per.count();
  const auto most = ms(now) + per * (std::max(0, p.budget_burst) + 1);
  b.spent_until_ms = std::min(std::max(b.spent_until_ms, ms(now)) + per, most);
  return b;
}

bucket give_back(const policy& p, bucket b) {
  b.spent_until_ms -= p.budget_per.count();
  return b;
}

time_point token_at(const policy& p, const bucket& b, time_point now) {
  if (p.budget_burst <= 0) // never: look again now and then
    return now + std::max(p.budget_per, duration(1));
  const time_point free(duration(b.spent_until_ms - (p.budget_burst - 1) * p.budget_per.count()));
  return std::max(now, free);
}

} // namespace interject::delivery
