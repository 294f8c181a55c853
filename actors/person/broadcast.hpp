// One notification to many people: what it is and how far it has come. A row of the journal.
#pragma once

#include "actors/person/filter.hpp"
#include "protocols/notification.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace interject::person {

enum class broadcast_state : std::uint8_t { running, done, cancelled };
inline const char* to_string(broadcast_state s) {
  return s == broadcast_state::running ? "running"
         : s == broadcast_state::done  ? "done"
                                       : "cancelled";
}

struct broadcast {
  std::string id;
  notification what; ///< its id and date are made for each recipient
  filter to;
  std::int64_t per_second = 0; ///< 0: as the server is set
  broadcast_state state = broadcast_state::running;
  std::uint64_t until = 0;      ///< the last person that was known when it began
  std::uint64_t cursor = 0;     ///< everybody up to here has been decided
  std::uint64_t considered = 0; ///< persons whom the filter was asked about
  std::uint64_t recipients = 0; ///< of them, those that it named
  std::uint64_t refused = 0;    ///< of those, whom nothing could be decided for after several tries
  std::vector<std::uint64_t> counts; ///< decisions by code
  time_point created{};
  std::optional<time_point> finished;
  INTERJECT_FIELDS(broadcast, id, what, to, per_second, state, until, cursor, considered,
                   recipients, refused, counts, created, finished)
};

/// The notification's id for one recipient: the same whenever the broadcast comes to them, so that
/// they are decided once, whatever is cut off in between.
notification_id id_for(const broadcast& b, const user_id& user);

inline constexpr std::size_t broadcast_id_limit = 100; ///< bytes, so that the derived ids fit

} // namespace interject::person
