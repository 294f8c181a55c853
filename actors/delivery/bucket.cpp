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
std::int64_t out(const rate& r, const bucket& b, time_point now) {
  const auto per = r.per.count();
  if (per <= 0)
    return 0;
  const auto ahead = std::max<std::int64_t>(0, b.spent_until_ms - ms(now));
  return (ahead + per - 1) / per;
}

} // namespace

int tokens(const rate& r, const bucket& b, time_point now) {
  return static_cast<int>(
      std::clamp<std::int64_t>(r.burst - out(r, b, now), 0, std::max(0, r.burst)));
}

bool critical_token(const rate& r, const bucket& b, time_point now) {
  return out(r, b, now) < r.burst + 1;
}

bucket spend(const rate& r, bucket b, time_point now) {
  const auto per = r.per.count();
  const auto most = ms(now) + per * (std::max(0, r.burst) + 1);
  b.spent_until_ms = std::min(std::max(b.spent_until_ms, ms(now)) + per, most);
  return b;
}

bucket give_back(const rate& r, bucket b) {
  b.spent_until_ms -= r.per.count();
  return b;
}

time_point token_at(const rate& r, const bucket& b, time_point now) {
  if (r.burst <= 0) // never: look again now and then
    return now + std::max(r.per, duration(1));
  const time_point free(duration(b.spent_until_ms - (r.burst - 1) * r.per.count()));
  return std::max(now, free);
}

} // namespace interject::delivery
