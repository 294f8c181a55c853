// What a person lets a bot do: the shapes that the API, the `prefer` step and the person's actor
// share.
#pragma once

#include "protocols/fields.hpp"
#include "protocols/value.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace interject {

/// From `from` to `to`, over midnight when `to` is not after `from`.
struct quiet_hours {
  int from = 22 * 60; ///< minutes of the local day, 0–1439
  int to = 8 * 60;
  std::string zone = "UTC";  ///< IANA
  bool break_through = true; ///< time_sensitive news may come in spite of them
  INTERJECT_FIELDS(quiet_hours, from, to, zone, break_through)
};

/// "9", "9:30", "09:30", "24:00"; none for what is no time of day.
std::optional<int> parse_day_minutes(std::string_view text);
std::string format_day_minutes(int minutes); ///< "09:30"

/// As in the API: {"from": "22:00", "to": "08:00", "zone": "Europe/Paris", "break_through": true}.
value to_value(const quiet_hours& q);
/// Members that are missing are taken from `otherwise`; none when one is malformed or both ends are
/// the same.
std::optional<quiet_hours> read_quiet(const value& v, const quiet_hours& otherwise = {});

/// One setting of a person that changes: a consent, a preference, an attribute or a variable of the
/// bot.
struct person_change {
  std::string
      key;  ///< "contact" "quiet" "topic.NAME" "attr.NAME" "var.NAME" "said.TOPIC" "chat.CHANNEL"
  value to; ///< null: it goes
  INTERJECT_FIELDS(person_change, key, to)
};

} // namespace interject
