// How much of what people say a lane takes while more is said than the server can do. Pure: told
// how long answers take and how many there are, it says how many questions may be under way, so
// that those that are taken wait about as long as they may and the server stays at its full rate.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

namespace interject::gateway {

/// What is said is too much once it stands and waits, as CoDel measures it (RFC 8289): the least of
/// three ticks, each with the shortest wait of its answers. So one slow conversation, or a machine
/// that halts for a moment, has nobody refused. From then on there is a window: as many questions
/// as are answered, at the highest rate of late, while one may wait (Little's law). Counted rather
/// than steered by the waits, which say only how full it was when those who now leave came.
class admission {
public:
  using wait = std::chrono::steady_clock::duration;

  /// With fewer questions under way an absence of answers says nothing, and none is refused.
  static constexpr std::size_t few = 32;
  static constexpr std::chrono::milliseconds tick_every{100};

  explicit admission(wait most) : most_(most) {}

  /// Asks only: the next one is refused as well until an answer leaves room.
  bool admits() const { return under_way_ < window_; }
  void taken() { peak_ = std::max(peak_, ++under_way_); }
  /// One that was taken was answered after `took`.
  void answered(wait took) {
    --under_way_;
    ++answers_;
    shortest_ = std::min(shortest_.value_or(took), took);
  }
  /// One that was taken has ended in another way, which says nothing of the others' wait.
  void dropped() { --under_way_; }

  /// `lag` later than `tick_every` after the last: how long work waits until the lane's thread gets
  /// to it. `oldest`: how long the oldest question has been under way.
  void tick(wait lag, wait oldest) {
    std::rotate(seen_.begin(), seen_.begin() + 1, seen_.end());
    seen_.back() = lag + shortest_.value_or(under_way_ >= few ? oldest : wait(0));
    shortest_.reset();
    auto per_second = static_cast<double>(std::exchange(answers_, 0)) / seconds(tick_every + lag);
    recent_ += 0.2 * (per_second - recent_);
    rate_ = std::max(recent_, 0.99 * rate_);
    auto stands = *std::min_element(seen_.begin(), seen_.end());
    if (stands > most_)
      calm_ = 0;
    else if (peak_ < window_ || stands < most_ / 2)
      calm_ = std::min(calm_ + 1, calm_ticks);
    peak_ = under_way_;
    window_ =
        is_crowded() ? std::max(few, static_cast<std::size_t>(rate_ * seconds(most_))) : unbounded;
  }

  /// There is a window, whether or not it is full.
  bool is_crowded() const { return calm_ < calm_ticks; }

private:
  static constexpr std::size_t unbounded = std::numeric_limits<std::size_t>::max();
  static constexpr int calm_ticks = 10; ///< the window not full or soon empty, until there is none

  static double seconds(wait of) { return std::chrono::duration<double>(of).count(); }

  wait most_;
  std::optional<wait> shortest_; ///< of the answers since the last tick
  std::array<wait, 3> seen_{};   ///< the standing wait by tick, the newest last
  std::size_t answers_ = 0;      ///< since the last tick
  double recent_ = 0, rate_ = 0; ///< answers a second: of half a second or so; the highest of late
  std::size_t under_way_ = 0;
  std::size_t peak_ = 0; ///< of those under way since the last tick
  std::size_t window_ = unbounded;
  int calm_ = calm_ticks;
};

} // namespace interject::gateway
