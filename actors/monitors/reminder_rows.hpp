// From the row of a reminder to what is said, and to its next occurrence. Pure.
#pragma once

#include "protocols/monitoring.hpp"

#include <optional>

namespace interject::monitors {

struct reminder_firing {
  notification what;
  std::optional<time_point> next; ///< none: this was the last
};

/// `late`: it came due while nobody ran. A recurring one that was missed several times fires as the
/// last of them; one that is to be passed over, and has nothing to go on to, as one that has
/// expired, so that its conversation forgets it.
reminder_firing fire(const reminder_row& row, bool late, time_point now);

/// The name of a recurring reminder's firing for that instant.
std::string instant_id(const std::string& reminder, time_point at);

/// Nothing for one that does not recur, or comes no more.
std::optional<time_point> occurrence_after(const reminder_row& row, time_point t);

} // namespace interject::monitors
