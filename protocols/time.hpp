// Instants and durations, and their two texts: RFC 3339 and "90s" / "10m" / ISO 8601.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace interject {

/// Milliseconds since the Unix epoch, UTC. The whole system counts time in this unit.
using time_point = std::chrono::sys_time<std::chrono::milliseconds>;
using duration = std::chrono::milliseconds;

/// "2026-12-01T00:00:00+01:00" or "…Z"; a zone is required, fractions below a millisecond are cut.
std::optional<time_point> parse_time(std::string_view text);

/// "2026-11-30T23:00:00.000Z"; instants outside the years 0 to 9999 are written as the nearest one
/// inside.
std::string format_time(time_point at);
void append_time(std::string& out, time_point at);

/// The same without memory.
struct written_time {
  char text[25];
  std::string_view view() const { return {text, 24}; }
};
written_time write_time(time_point at);

/// "250ms" "90s" "10m" "24h" "7d", decimals allowed ("1.5s"), or ISO 8601 ("PT1M30S", "P7D").
/// Negative and year- or month-based durations are refused, and so is what is not a whole number of
/// milliseconds or exceeds 36,500 days.
std::optional<duration> parse_duration(std::string_view text);

/// The largest unit that is exact: "90s", "24h", "7d", "250ms".
std::string format_duration(duration length);

} // namespace interject
