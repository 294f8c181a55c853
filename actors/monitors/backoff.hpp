// How long to wait before the next try: 1 s, doubling, 60 s at most.
#pragma once

#include "protocols/time.hpp"

#include <algorithm>
#include <cstdint>

namespace interject::monitors {

/// `tries` so far, 1 or more.
inline duration backoff(std::uint32_t tries) {
  auto doublings = std::clamp<std::uint32_t>(tries, 1, 7) - 1;
  return std::min<duration>(std::chrono::seconds(1) * (1 << doublings), std::chrono::seconds(60));
}

} // namespace interject::monitors
