// What the actors count, for /metrics. Any thread; relaxed, as they are only ever read for people.
#pragma once

#include "protocols/notification.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace interject::runtime {

struct counters {
  using count = std::atomic<std::uint64_t>;
  count turns{0};   ///< inputs taken by conversations
  count commits{0}; ///< acknowledged by the journal
  count batches{0}; ///< transactions of the journal
  count commit_failures{0};
  count activations{0};     ///< conversations read from their rows
  count passivations{0};    ///< left memory: idle, or the least recently used of too many
  count evictions{0};       ///< of them, the least recently used of too many
  count live{0};            ///< conversation actors now
  count activities{0};      ///< committed, users' and the bot's
  count refused_busy{0};    ///< inputs refused because too many were waiting
  count refused_live{0};    ///< inputs refused because too many conversations were in memory
  count refused_journal{0}; ///< inputs refused because too much waited for the disk
  count parked{0};          ///< conversations parked: failed three times in a row
  count migrated{0};        ///< conversations moved to another version of the bot
  count dialog_failures{0};
  count actor_failures{0};                            ///< exceptions caught: our bugs
  std::array<count, delivery_code_count> decisions{}; ///< by code

  static void bump(count& c, std::uint64_t by = 1) { c.fetch_add(by, std::memory_order_relaxed); }
};

} // namespace interject::runtime
