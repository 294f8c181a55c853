// How much of what people say a lane takes while more is said than the server can do. Pure: told
// how long answers take, it says what share is refused, so that those that are taken wait about as
// long as they may and the server stays at its full rate.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

namespace interject::gateway {

/// A proportional-integral controller, as PIE is (RFC 8033), over the standing wait, as CoDel
/// measures it (RFC 8289): the least of three ticks, each with the shortest wait of its answers. So
/// one slow conversation, or a machine that halts for a moment, has nobody refused.
class admission {
public:
  using wait = std::chrono::steady_clock::duration;

  /// With fewer questions under way an absence of answers says nothing.
  static constexpr std::size_t few = 32;

  explicit admission(wait most) : most_(most) {}

  /// A question was answered after `took`.
  void answered(wait took) { shortest_ = std::min(shortest_.value_or(took), took); }

  /// Ten times a second. `lag`: how long work waits until the lane's thread gets to it. `pending`
  /// questions have no answer yet, the oldest since `oldest`.
  void tick(wait lag, std::size_t pending, wait oldest) {
    std::rotate(seen_.begin(), seen_.begin() + 1, seen_.end());
    seen_.back() = lag + shortest_.value_or(pending >= few ? oldest : wait(0));
    shortest_.reset();
    auto now = *std::min_element(seen_.begin(), seen_.end()) / std::chrono::duration<double>(most_);
    auto change = 0.05 * (now - 1) + 0.25 * (now - before_);
    if (now <= 1) // a wait that may be is no reason
      change = std::min(change, 0.0);
    share_ = std::clamp(share_ + change, 0.0, 0.95);
    before_ = now;
  }

  /// Spreads the refusals evenly.
  bool admits() {
    debt_ += share_;
    if (debt_ < 1)
      return true;
    debt_ -= 1;
    return false;
  }

  /// Refused, of 1.
  double share() const { return share_; }

private:
  wait most_;
  std::optional<wait> shortest_; ///< of the answers since the last tick
  std::array<wait, 3> seen_{};   ///< by tick, the newest last
  double before_ = 0;            ///< the standing wait at the last tick, in parts of `most_`
  double share_ = 0;
  double debt_ = 0;
};

} // namespace interject::gateway
