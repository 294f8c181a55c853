// What holds of a price sample wherever it comes from: the API, a feed, a test.
#pragma once

#include "protocols/time.hpp"

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace interject {

inline constexpr std::size_t symbol_limit = 64; ///< bytes

/// A sample's time may lie so far ahead of ours. One from further ahead is wrong: it would make
/// each price that comes until then an old one.
inline constexpr duration sample_ahead_limit = std::chrono::hours(24);

/// A source's sequence number: a whole number from 0 to 2⁶³ − 1, so that also milliseconds since
/// 1970 are one.
inline std::optional<std::uint64_t> parse_serial(std::string_view text) {
  std::int64_t n = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (code != std::errc() || end != text.data() + text.size() || n < 0)
    return {};
  return static_cast<std::uint64_t>(n);
}

} // namespace interject
