// The rows of the rule as functions, and their answer before it becomes a `decision`: no
// allocation, so that millions of combinations can be enumerated. Only this room and its tests
// include it.
#pragma once

#include "actors/delivery/decide.hpp"

#include <optional>
#include <string>

namespace interject::delivery {

/// `plain`: as its mode says. `bound`: first try of section C. `last`: half the margin before
/// expiry.
enum class stage : std::uint8_t { plain, bound, last };

struct verdict {
  delivery_action action = delivery_action::accepted;
  delivery_code code = delivery_code::idle;
  char section = 'A';                ///< 'A', 'B', or 'C' for spacing
  std::uint8_t row = 0;              ///< in the section's table
  std::uint8_t ladder = 0;           ///< row of the ladder, 0: not on it
  delivery::stage at = stage::plain; ///< of section B
};

/// How a notice is tried.
struct attempt {
  delivery_mode mode = delivery_mode::deferred;
  stage at = stage::plain;
  bool may_wait_for_typing = true; ///< false past its bound
};

/// Section A; none: go on to section B.
std::optional<verdict> admit(const situation& s, const notification& n, time_point now);
/// Section B and the ladder.
verdict place(const policy& p, const situation& s, const notification& n, const attempt& how);
/// All of it. `forced` skips the question whether the bound is reached.
verdict judge(const policy& p, const situation& s, const notification& n, time_point now,
              bool forced);

/// Until when a notice with that answer waits at most.
time_point latest_of(const policy& p, const situation& s, const notification& n, const effective& e,
                     delivery_code code, time_point now);

/// "A4", "B7", "B7/ladder3", "C-bound/B7", "C-last/B4", "C-spacing".
std::string rule_of(const verdict& v);

} // namespace interject::delivery
