// What is durable, and how it is written and read. Stores: memory (tests, embedding) and SQLite;
// one test suite holds for both. Nothing is said before its commit is on disk.
#pragma once

#include "protocols/activity.hpp"
#include "protocols/monitoring.hpp"
#include "protocols/notification.hpp"
#include "protocols/result.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace interject::journal {

/// Owns a shard: a commit under an epoch that has moved on is refused.
struct fence {
  shard_id shard = 0;
  std::uint64_t epoch = 1;
  INTERJECT_FIELDS(fence, shard, epoch)
};

struct activity_row {
  std::uint64_t seq = 0;
  std::string client_id; ///< of a user's activity; empty for the bot's
  std::shared_ptr<const std::string> body;
};

/// A notification and its trail. The first write of an id carries the notification, later ones add
/// to it.
struct notification_row {
  notification_id id;
  conversation_id conversation;
  std::optional<notification> what; ///< with the first decision
  std::vector<decision> decisions;  ///< to append
  std::string activity;             ///< id of the activity that said it; empty: unchanged
  std::optional<interruption_end> ended;
  time_point at{};
  INTERJECT_FIELDS(notification_row, id, conversation, what, decisions, activity, ended, at)
};

struct person_row {
  user_id user;
  conversation_id conversation; ///< the one to reach them in
  bool interacted = false;
  time_point at{};
  INTERJECT_FIELDS(person_row, user, conversation, interacted, at)
};

/// One setting of a person (see `person_change`); null: it goes. The last commit that names a key
/// holds.
struct person_value_row {
  user_id user;
  std::string key;
  value to;
  INTERJECT_FIELDS(person_value_row, user, key, to)
};

/// A broadcast on its way, or done; what it is stands in `body`.
struct broadcast_row {
  std::string id;
  bool running = true;
  std::string body;
  INTERJECT_FIELDS(broadcast_row, id, running, body)
};

/// A person with their settings, in the order in which persons were first met.
struct person_entry {
  std::uint64_t pos = 0;
  user_id user;
  named_values values;
};

/// The last price of a symbol.
struct symbol_row {
  std::string symbol;
  decimal price{};
  time_point at{};
  std::optional<std::uint64_t> seq;
  INTERJECT_FIELDS(symbol_row, symbol, price, at, seq)
};

/// What a monitor keeps for itself, by key: small, and few a commit.
struct monitor_row {
  std::string key;
  std::string body;
};

/// One conversation's turn, or one monitor's step (`conversation` empty then): all of it or
/// nothing.
struct commit {
  interject::journal::fence fence;
  conversation_id conversation;
  std::uint64_t expected_version = 0; ///< 0: the row must not exist yet
  std::string state;                  ///< encoded conversation::state
  user_id user;                       ///< for listing
  std::string pinned;                 ///< version of the bot that its stack refers to; empty: none
  std::optional<time_point> wake_at;  ///< durable; none: never
  time_point at{};
  std::vector<attached_file> files;     ///< of these activities
  std::vector<activity_row> activities; ///< seq without gaps, following what is stored
  std::vector<notification_row> notifications;
  std::vector<person_row> persons;
  std::vector<watch_row>
      watches; ///< inserted or replaced; by a monitor's step replaced only, so that it
               ///< never brings back what its conversation has removed. So are the others.
  std::vector<std::string> watches_gone;
  std::vector<reminder_row> reminders;
  std::vector<std::string> reminders_gone;
  std::vector<call_row> calls;
  std::vector<std::string> calls_gone;
  std::vector<symbol_row> symbols;
  std::vector<monitor_row> kept; ///< inserted or replaced
  std::vector<std::string> kept_gone;
  std::vector<person_value_row> person_values;
  std::vector<broadcast_row> broadcasts;
  /// The conversation goes, with its activities, notifications, watches, reminders and calls; a
  /// tombstone keeps its id from coming back. Nothing else of the commit is looked at but `user`.
  bool erase_conversation = false;
  user_id erase_user; ///< this person's rows go, and a tombstone stays; their conversations are
                      ///< erased before
  std::size_t bytes() const; ///< what it costs in flight, for the bound
};
using commit_ptr = std::shared_ptr<const commit>;

struct conversation_row {
  conversation_id id;
  std::uint64_t version = 0;
  std::uint64_t last_seq = 0;
  std::string state;
  user_id user;
  std::optional<time_point> wake_at;
  time_point created{};
  time_point updated{};
};

struct stored_notification {
  notification what;
  conversation_id conversation;
  std::vector<decision> trail;
  std::string activity;
  std::optional<interruption_end> ended;
};

template <class Row> struct page {
  std::vector<Row> items;
  std::string next; ///< opaque cursor; empty at the end
};

/// Reads committed rows only. One per thread.
class reader {
public:
  virtual ~reader() = default;
  virtual result<std::optional<conversation_row>> load(const conversation_id& id) = 0;
  /// Client ids of the last `limit` activities not older than `since`, newest first: (client id,
  /// activity id).
  virtual result<std::vector<std::pair<std::string, std::uint64_t>>>
  recent_clients(const conversation_id& id, std::size_t limit, time_point since) = 0;
  /// Activities after `after`, in order, at most `limit`.
  virtual result<std::vector<activity_row>> history(const conversation_id& id, std::uint64_t after,
                                                    std::size_t limit) = 0;
  virtual result<page<conversation_row>> conversations(std::size_t limit,
                                                       const std::string& cursor) = 0;
  virtual result<std::optional<person_row>> person(const user_id& user) = 0;
  virtual result<std::optional<stored_notification>>
  find_notification(const notification_id& id) = 0;
  virtual result<named_values> person_values(const user_id& user) = 0; ///< sorted by key
  /// The person's conversations, the last changed first, at most `limit`.
  virtual result<std::vector<conversation_row>> conversations_of(const user_id& user,
                                                                 std::size_t limit) = 0;
  /// Persons after `after` up to and including `until`, at most `limit`.
  virtual result<std::vector<person_entry>> people(std::uint64_t after, std::uint64_t until,
                                                   std::size_t limit) = 0;
  virtual result<std::uint64_t> newest_person() = 0; ///< 0: nobody is known
  /// A person or conversation of that id was erased.
  virtual result<bool> erased(std::string_view id) = 0;
  virtual result<std::optional<broadcast_row>> broadcast(const std::string& id) = 0;
  virtual result<std::vector<broadcast_row>> running_broadcasts() = 0;
  /// All notifications of a conversation with their trails, the oldest first, at most `limit`.
  virtual result<std::vector<stored_notification>> notifications_of(const conversation_id& id,
                                                                    std::size_t limit) = 0;
  virtual result<page<watch_row>> watches(const conversation_id& only, std::size_t limit,
                                          const std::string& cursor) = 0; ///< `only` empty: all
  virtual result<std::optional<watch_row>> watch(const std::string& id) = 0;
  virtual result<page<reminder_row>> reminders(const conversation_id& only, std::size_t limit,
                                               const std::string& cursor) = 0;
  virtual result<std::optional<reminder_row>> reminder(const std::string& id) = 0;
  /// Reminders due until then, the earliest first; the cursor goes on behind the last.
  virtual result<page<reminder_row>> reminders_due(time_point until, std::size_t limit,
                                                   const std::string& cursor) = 0;
  /// What monitors keep under keys that begin so, in the order of the keys.
  virtual result<page<monitor_row>> kept(const std::string& prefix, std::size_t limit,
                                         const std::string& cursor) = 0;
  virtual result<std::vector<call_row>> calls(const conversation_id& only) = 0;
  virtual result<std::vector<symbol_row>> symbols() = 0;
  /// (conversation, wake_at) of every conversation that wants waking.
  virtual result<std::vector<std::pair<conversation_id, time_point>>> wakes() = 0;
  virtual result<std::optional<attached_file>> file(const std::string& id) = 0;
  /// The files of a conversation without their bytes, the oldest first, at most `limit`.
  virtual result<std::vector<attached_file>> files_of(const conversation_id& id,
                                                      std::size_t limit) = 0;
  /// What is due for a person and in no conversation.
  virtual result<std::vector<reminder_row>> reminders_for(const user_id& user) = 0;
  virtual result<std::optional<std::string>> bot_source(const std::string& version) = 0;
  /// (version of the bot, conversations whose stack refers to it). Not (yet) counted are those that
  /// no turn has touched since the database came from schema 1.
  virtual result<std::vector<std::pair<std::string, std::uint64_t>>> pins() {
    return std::vector<std::pair<std::string, std::uint64_t>>();
  }
};

/// The bots that somebody in this process holds or is about to keep, by version. Any thread; asks
/// no store.
using versions_in_use = std::function<std::vector<std::string>()>;

class store {
public:
  virtual ~store() = default;
  /// One transaction for the whole batch. `outcomes[i]` answers `batch[i]`: a commit that is
  /// refused
  /// (`fenced`, `stale_version`) leaves no trace and does not touch the others. When the
  /// transaction itself fails, the result is an error and nothing of the batch is stored.
  virtual result<void> write(std::span<const commit_ptr> batch,
                             std::span<result<void>> outcomes) = 0;
  virtual std::unique_ptr<reader> open_reader() = 0;
  /// False: never waits for a device, so that its writer and its reader need no threads of their
  /// own.
  virtual bool blocks() const { return true; }
  /// Keeps a bot's source under its version, so that conversations begun on it can finish on it.
  virtual result<void> keep_bot(const std::string& version, const std::string& source) = 0;
  virtual result<void> check_writable() = 0; ///< for readiness
  /// Removes what is past its promise: notifications older than 7 days.
  virtual result<void> sweep(time_point now) = 0;
  /// Removes the sources of bots that no conversation's stack refers to, but those of `in_use`,
  /// which is asked within the transaction: a version that it names before keep_bot stores it is
  /// never lost. → how many
  virtual result<std::size_t> sweep_bots(const versions_in_use& in_use) {
    (void)in_use;
    return std::size_t(0);
  }
  /// After an erasure: leaves nothing of what was deleted in the database's log. `unavailable`:
  /// somebody still reads there; ask again.
  virtual result<void> scrub() { return {}; }
};

std::shared_ptr<store> make_memory_store();
/// Creates or opens `folder/interject.db`: WAL, synchronous FULL. Refuses a database of a newer
/// schema.
result<std::shared_ptr<store>> open_sqlite_store(const std::filesystem::path& folder);

} // namespace interject::journal
