// A watch as the price index takes it in.
#pragma once

#include "protocols/monitoring.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace interject::monitors {

/// Where a watch stands.
enum class watch_phase : std::uint8_t {
  waiting, ///< for a first sample
  armed,
  pending, ///< its condition holds, but not yet for long enough
  resting, ///< its condition holds already or has fired: armed again once that has ended
  over,    ///< has fired for good; only the end of its condition is still of interest
  spent,   ///< and that has ended, too: nothing more comes, unless it is armed again
};

/// A watch as it comes from its row.
struct watch_terms {
  std::string id;
  std::string symbol;
  watch_condition when;
  watch_phase as = watch_phase::waiting;
  std::optional<decimal> baseline{};
  std::optional<time_point> since{};   ///< pending: since when
  bool rising = false;                 ///< a pending crossing: from below
  std::optional<time_point> expires{}; ///< over: when its end is of no interest any more
  duration interest{0};                ///< how long after a firing for good its end is of interest
  std::uint64_t order = 0;             ///< kept from its row; a waiting one gets a new one
};

} // namespace interject::monitors
