#include "actors/monitors/circuit_breaker.hpp"

#include <algorithm>

namespace interject::monitors {

circuit_breaker::state circuit_breaker::at(time_point now) const {
  return state_ == state::open && now >= until_ ? state::half_open : state_;
}

void circuit_breaker::change(state to) {
  state_ = to;
  ++era_;
  failures_ = out_ = successes_ = 0;
}

void circuit_breaker::refresh(time_point now) {
  if (state_ == state::open && now >= until_)
    change(state::half_open);
}

void circuit_breaker::open(time_point now) {
  change(state::open);
  auto doublings = std::min(rests_++, 20);
  until_ = now + std::min<duration>(how_.rest * (1LL << doublings), how_.longest_rest);
}

std::optional<std::uint64_t> circuit_breaker::admit(time_point now) {
  refresh(now);
  if (state_ == state::open)
    return {};
  if (state_ == state::half_open) {
    if (out_ >= how_.probes)
      return {};
    ++out_;
  }
  return era_;
}

void circuit_breaker::ended(std::uint64_t permit, verdict how, time_point now) {
  if (permit != era_)
    return;
  if (state_ == state::closed) {
    if (how == verdict::good)
      failures_ = 0;
    else if (how == verdict::bad && ++failures_ >= how_.failures)
      open(now);
    return;
  }
  --out_;
  if (how == verdict::bad) {
    open(now);
  } else if (how == verdict::good && ++successes_ >= how_.successes) {
    rests_ = 0;
    change(state::closed);
  }
}

std::optional<time_point> circuit_breaker::opens_at(time_point now) const {
  return at(now) == state::open ? std::optional(until_) : std::nullopt;
}

const char* to_string(circuit_breaker::state s) {
  switch (s) {
  case circuit_breaker::state::closed:
    return "closed";
  case circuit_breaker::state::open:
    return "open";
  case circuit_breaker::state::half_open:
    return "half_open";
  }
  return "";
}

} // namespace interject::monitors
