// A whole node in virtual time: conversations, timers, prices, calls, journal and router on CAF's
// deterministic scheduler, their messages delivered in a seeded random order, over a store that
// fails, a process that dies and comes back with another version of the bot, and conversations that
// leave memory. One number replays a run.
#pragma once

#include "actors/journal/store.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/outlet.hpp"
#include "protocols/messages.hpp"
#include "tests/simulation/reached.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace interject::simulation {

/// What a run is made of. The defaults are those of the tests; faults are planted through
/// `spoil_*`.
struct plan {
  std::uint64_t seed = 1;
  int conversations = 4;
  int steps = 150;
  bool store_fails = true;
  bool process_dies = true;
  bool bot_changes = true; ///< a process may come back with the other of two versions of the bot
  /// Wraps the store, to plant a fault in it.
  std::function<std::shared_ptr<journal::store>(std::shared_ptr<journal::store>)> spoil_store;
  /// Sees each publication before the clients do and may drop or repeat it.
  std::function<std::vector<publication>(const publication&)> spoil_stream;
  /// Sees each message of a client before it is sent.
  std::function<void(post_activity&)> spoil_post;
  /// Sees each notice before it is sent and may send another one, too.
  std::function<std::vector<notification>(const notification&)> spoil_notice;
  /// A stranger withdraws alerts that wait.
  bool withdraws_alerts = false;
  /// Sees the version of the bot that a conversation is pinned to, and may serve another.
  std::function<std::string(const std::string&)> spoil_version;
};

/// Runs it, checks every invariant, and says what is broken; empty when nothing is.
std::vector<std::string> run(const plan& how, reached* into = nullptr);

} // namespace interject::simulation
