// Where the time comes from. Everything that waits asks the timer monitor, and the timer monitor
// asks this, so a test clock moves timers, expiries and budgets together.
#pragma once

#include "protocols/time.hpp"

#include <atomic>
#include <memory>

namespace interject::runtime {

class clock {
public:
  virtual ~clock() = default;
  virtual time_point now() const = 0;
};

class wall_clock final : public clock {
public:
  time_point now() const override {
    return std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
  }
};

/// Stands still until it is moved. Any thread.
class test_clock final : public clock {
public:
  explicit test_clock(time_point start) : ms_(start.time_since_epoch().count()) {}
  time_point now() const override { return time_point(duration(ms_.load())); }
  void advance_to(time_point at) {
    auto to = at.time_since_epoch().count();
    auto was = ms_.load();
    while (was < to && !ms_.compare_exchange_weak(was, to)) {
    }
  }

private:
  std::atomic<std::int64_t> ms_;
};

using clock_ptr = std::shared_ptr<const clock>;

} // namespace interject::runtime
