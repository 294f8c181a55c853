// What one conversation is: the value that its row holds and its actor caches.
#pragma once

#include "actors/delivery/decide.hpp"
#include "actors/delivery/queue.hpp"
#include "actors/dialog/conversation.hpp"
#include "actors/person/profile.hpp"
#include "protocols/fields.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace interject::conversation {

/// A notification id that was taken, as its hash. The promise against repeats holds for 7 days and
/// the last 1,024 ids of a conversation.
struct taken_id {
  std::uint64_t hash = 0;
  time_point at{};
  INTERJECT_FIELDS(taken_id, hash, at)
};

/// A notice that another conversation handed over: its sender knows it by the id that it had there,
/// and may repeat that one here when the other conversation is gone.
struct other_name {
  std::uint64_t hash = 0; ///< of that id
  notification_id id;     ///< under which it was taken here
  time_point at{};
  INTERJECT_FIELDS(other_name, hash, id, at)
};

/// When a notice of a collapse key was last said, for its repeat window.
struct said_key {
  std::uint64_t hash = 0;
  time_point at{};
  urgency level = urgency::normal;
  duration window{0}; ///< its notice's; it is remembered for as long, a week at least
  INTERJECT_FIELDS(said_key, hash, at, level, window)
};

/// A notice on the stack: what it inhibits while it is active.
struct active_notice {
  notification_id id;
  urgency level = urgency::normal;
  std::vector<std::string> inhibits;
  INTERJECT_FIELDS(active_notice, id, level, inhibits)
};

/// What is left of a budget beside the conversation's own: of "topic:NAME" or of "channel".
struct named_bucket {
  std::string name;
  delivery::bucket left;
  INTERJECT_FIELDS(named_bucket, name, left)
};

/// A notice that was said unasked and may yet turn out not to have reached its channel.
struct said_notice {
  std::uint64_t seq = 0; ///< of the activity
  notification_id id;
  std::string topic;
  bool paid = false; ///< it cost a token
  INTERJECT_FIELDS(said_notice, seq, id, topic, paid)
};

struct state {
  dialog::conversation talk;
  std::string bot_version; ///< of the definitions that its stack refers to
  std::string channel;
  std::optional<time_point> wrote;
  std::optional<time_point> typed;
  delivery::queue queue;
  delivery::bucket budget;
  std::optional<time_point> last_proactive;
  std::vector<taken_id> taken;
  std::vector<said_key> said_keys;
  std::vector<active_notice> active;
  std::optional<time_point> parked; ///< since when nothing is tried any more
  std::vector<named_bucket> budgets;
  std::vector<said_notice> said_notices; ///< the newest `said_notices_limit`
  std::vector<person_change> unclaimed;  ///< of a nameless person; at most `unclaimed_limit` keys
  std::vector<other_name> other_names;   ///< for 7 days, the newest `other_names_limit`
  std::uint32_t failures = 0;            ///< turns that failed in a row: our bugs
  bool interacted = false;               ///< the user sent a message or opened the messenger
  INTERJECT_FIELDS(state, talk, bot_version, channel, interacted, wrote, typed, queue, budget,
                   last_proactive, taken, said_keys, active, failures, parked, budgets,
                   said_notices, unclaimed, other_names)

  // What the actor keeps up to date; not stored with the conversation.
  bool connected = true; ///< a stream is open
  /// Shared by all who know them; never null.
  std::shared_ptr<const person::profile> who = person::nobody();
};

/// A third failure parks the conversation: a poisoned input would fail it forever.
inline constexpr std::uint32_t failures_until_parked = 3;
inline constexpr std::size_t said_notices_limit = 64;
inline constexpr std::size_t unclaimed_limit = 64;

inline constexpr std::size_t taken_limit = 1024;
inline constexpr auto taken_for = std::chrono::hours(7 * 24);
inline constexpr std::size_t other_names_limit = 256;
inline constexpr std::size_t said_keys_limit = 256;

} // namespace interject::conversation
