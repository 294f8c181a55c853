// Days, instants and lengths of time as people write them, in a locale: by ICU's forms and names,
// a few everyday words besides, and ISO 8601 in every locale.
#pragma once

#include "protocols/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace interject::dialog {

/// Where and when something is said.
struct time_frame {
  std::string_view locale;
  std::string_view zone; ///< IANA name; empty or unknown: UTC
  time_point now{};
};

/// A day, as its midnight in UTC whatever the zone, so that it prints as the day that was meant:
/// "2026-12-01", the locale's short, medium, long and full forms, "Dec 1" (the next one), today and
/// tomorrow, "Friday" (the next one after today), "next Friday" (that of next week, weeks begin on
/// Monday), "in 3 days".
std::optional<time_point> recognise_date(std::string_view text, const time_frame& in);

/// An instant: a day and a time of day in either order, a time alone (the next one), "in 2 hours",
/// RFC 3339. A wall time that daylight saving leaves out is taken an hour later, one that comes
/// twice is the first.
std::optional<time_point> recognise_datetime(std::string_view text, const time_frame& in);

/// A length: "PT2H30M", "90s", "2 hours 30 minutes", "half an hour", "1h30". At most 36,500 days.
std::optional<duration> recognise_duration(std::string_view text, std::string_view locale);

/// "2 hours, 30 minutes".
std::string length_in_words(duration length, const std::string& locale);

/// The day in that zone, as `recognise_date` gives it.
time_point day_of(time_point at, std::string_view zone);

bool known_zone(std::string_view name);

} // namespace interject::dialog
