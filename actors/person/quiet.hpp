// Quiet hours on the clock of a person's zone, with its changes between winter and summer time.
// Pure; by ICU.
#pragma once

#include "protocols/consent.hpp"
#include "protocols/time.hpp"

#include <optional>
#include <string>

namespace interject::person {

/// A zone of the IANA database that this machine knows.
bool is_zone(const std::string& zone);

/// The end of the quiet hours that `now` lies in; none outside of them. They begin at the first
/// instant that the clock on the wall shows `from`, and end at the last that it shows `to`; a time
/// that the wall clock skips is the instant after the gap. An unknown zone counts as UTC.
std::optional<time_point> quiet_until(const quiet_hours& q, time_point now);

} // namespace interject::person
