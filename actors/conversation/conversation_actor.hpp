// The actor of one conversation, and the router that finds or activates it.
#pragma once

#include "actors/conversation/turn.hpp"
#include "actors/journal/budget.hpp"
#include "actors/journal/journal_actor.hpp"
#include "actors/person/local_messages.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/counters.hpp"
#include "actors/runtime/outlet.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <functional>
#include <memory>

namespace interject::conversation {

/// A bot with what its conversations share.
struct definitions {
  dialog::bot_ptr bot;
  delivery::policy policy;
};

/// Bots by version: the current one for new flows, older ones for conversations that began on them.
/// Any thread.
class bot_shelf {
public:
  virtual ~bot_shelf() = default;
  virtual std::shared_ptr<const definitions> current() const = 0;
  /// Null when that version is not at hand.
  virtual std::shared_ptr<const definitions> find(const std::string& version) const = 0;
  /// Versions that somebody in this process holds or is about to keep: their sources are not to be
  /// dropped. Asks no store: a store asks it while it sweeps.
  virtual std::vector<std::string> in_use() const = 0;
};

/// What every conversation of a node shares.
struct surroundings {
  std::shared_ptr<const bot_shelf> bots;
  runtime::clock_ptr clock;
  std::shared_ptr<runtime::outlet> out;
  std::shared_ptr<runtime::counters> counts;
  caf::actor journal;
  caf::actor reader;
  caf::actor timers;
  caf::actor prices;
  caf::actor calls;
  caf::actor webhooks;   ///< null: none of the bot's channels is one
  caf::actor recogniser; ///< null: the bot's own intents decide
  /// To the journal
  std::shared_ptr<journal::budget> in_flight = std::make_shared<journal::budget>(64 * 1024 * 1024);
  std::size_t max_waiting = 32; ///< inputs per conversation; more are refused `busy`
  /// Conversations in memory, shared evenly by the routers; one more sends the least recently used
  /// away. While those that were sent away do not end, as the disk is slow, up to twice as many
  /// are; more are refused `unavailable`.
  std::size_t max_live = 100'000;
  std::shared_ptr<person::forgettings> forgotten; ///< theirs; null: a profile is never read ahead
  caf::actor people; ///< none: nothing is known of persons but what each conversation learns itself
  duration idle_after = std::chrono::minutes(5); ///< passivated when nothing came for so long
};
/// Routers that share the conversations by shard.
inline constexpr std::size_t router_count = 16;

using surroundings_ptr = std::shared_ptr<const surroundings>;

/// Takes every request of protocols/messages.hpp that names a conversation or a user, and forwards
/// it to the conversation's actor, which it activates when needed. Never waits for anyone.
caf::actor spawn_router(caf::actor_system& sys, surroundings_ptr with);

} // namespace interject::conversation
