// A node: the journal, the monitors and the conversations, spawned in any caf::actor_system. The
// server starts one, and so does a program that embeds interject.
#pragma once

#include "actors/dialog/conversation.hpp"
#include "actors/journal/store.hpp"
#include "actors/monitors/monitors.hpp"
#include "actors/person/broadcast_actor.hpp"
#include "actors/runtime/beginning.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/counters.hpp"
#include "actors/runtime/outlet.hpp"
#include "protocols/messages.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace interject::monitors {
class http_client; // actors/monitors/http_client.hpp
}

namespace interject::runtime {

/// Call on the configuration before the actor system is made: message types, the `sharing` policy
/// and a bound on how long one actor may hold a thread. Without the last two it works, but more
/// slowly on few cores.
void prepare(caf::actor_system_config& cfg);

struct node_options {
  dialog::bot_ptr bot;
  std::string bot_source; ///< kept in the store, so that pinned versions survive restarts
  /// Compiles a kept source again (config::bot_from_source); null: conversations begun on another
  /// version of the bot are refused until their stack is reset.
  std::function<dialog::bot_ptr(const std::string& source)> bot_from_source;
  std::shared_ptr<journal::store> store; ///< journal::make_memory_store() or open_sqlite_store()
  clock_ptr clock = std::make_shared<wall_clock>();
  std::shared_ptr<test_clock> manual;  ///< a test clock, when `clock` is one
  std::shared_ptr<outlet> out;         ///< where the bot's words go; null: nowhere
  bool detached = true;                ///< journal and reader on threads of their own
  monitors::integration_options calls; ///< its `hosts` are taken from the bot
  std::shared_ptr<monitors::http_client>
      http; ///< makes the calls; null: real HTTP, to the bot's hosts only
  duration idle_after = std::chrono::minutes(5);
  person::broadcast_options broadcasts;
  duration decisions_kept = std::chrono::hours(7 * 24);
  std::size_t journal_bytes = 64 * 1024 * 1024; ///< in flight to the journal; more is refused
  std::size_t max_waiting = 32;                 ///< inputs per conversation; more are refused
  std::size_t max_live = 100'000; ///< conversations in memory; the least recently used leaves
  std::size_t price_slice = 100;  ///< watches that one commit of a price changes; the rest follow
};

class node {
public:
  /// Spawns everything, and returns before reminders and watches are read, however many there are:
  /// see `unread`. What is asked of their monitors until then waits there, in order. With a test
  /// clock they are read first. Fails when the store cannot be read.
  static result<std::unique_ptr<node>> start(caf::actor_system& sys, node_options how);
  ~node(); ///< stops, when it still runs
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  const caf::actor& router() const;     ///< every request that names a conversation or a user
  const caf::actor& people() const;     ///< set_person, erase_person
  const caf::actor& broadcasts() const; ///< begin_broadcast, cancel_broadcast
  const caf::actor& prices() const;     ///< take_prices
  const caf::actor& timers() const;     ///< advance_clock
  const caf::actor& webhooks() const;   ///< resend_delivery
  const caf::actor& reader() const;     ///< journal::read_job
  const caf::actor& journal() const;
  dialog::bot_ptr bot() const;
  /// The bot under that version, compiled again from its kept source when need be; null when it is
  /// not to be had.
  dialog::bot_ptr bot(const std::string& version) const;
  /// From the next turn on new flows begin on `it`, and it may call its own `hosts`. Conversations
  /// in the middle of a dialog finish on the version that they began with, or move by a `migrate`
  /// rule at their next turn. Any thread; blocks while `source` is stored. Fails, and nothing has
  /// changed, when it cannot be.
  result<void> replace_bot(dialog::bot_ptr it, const std::string& source);
  const counters& counts() const;
  /// What is still being read: until then nothing of it fires. Any thread.
  std::vector<runtime::unread> unread() const;

  /// Finishes the turns that are under way, commits them and ends every actor. Blocks, `limit` at
  /// most.
  void stop(duration limit);

private:
  struct parts;
  explicit node(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

/// A conversation as operators see it, decoded from its row.
struct queued_view {
  notification_id id;
  std::string code;
  std::string topic;
  time_point since{};
  time_point latest{};
  time_point expires{};
};
struct conversation_view {
  conversation_id id;
  user_id user;
  std::string locale;
  std::string channel;
  bool interacted = false;
  std::string bot_version;
  std::optional<time_point> parked; ///< since when; freed by a reset
  named_values variables;           ///< `conversation.…`
  std::vector<dialog::frame_view> stack;
  std::vector<queued_view> queue;
  std::uint64_t activities = 0;
  std::uint64_t version = 0;
  time_point created{};
  time_point updated{};
  std::optional<time_point> wake_at;
};
/// The stack is left out when the conversation runs on another version than `b`.
result<conversation_view> view(const dialog::bot& b, const journal::conversation_row& row);

} // namespace interject::runtime
