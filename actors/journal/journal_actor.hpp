// The journal actor: takes all commits that wait, writes them in one transaction, answers each.
// The reader actor: answers queries from committed rows, on a thread of its own.
#pragma once

#include "actors/journal/budget.hpp"
#include "actors/journal/store.hpp"
#include "actors/runtime/counters.hpp"
#include "protocols/messages.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <functional>

namespace interject::journal {

/// A turn to write. → committed, as response, or as an ordinary message when it was plainly sent.
/// Local to a process. Code `unavailable`: nothing of it is stored, try again later; `fenced` or
/// `stale_version`: give up.
struct write_commit {
  commit_ptr it;
  std::size_t reserved =
      0;                ///< bytes of the budget that the sender took for it; 0: taken on arrival
  bool awaited = false; ///< a person waits for it: it may overtake what nobody waits for, unless
                        ///< it has rows that monitors write, too
};
struct committed {
  errc code = errc::internal; ///< of a failure
  bool ok = false;
  std::string what;
  std::uint64_t place = 0; ///< in the order of all that this journal has written, from 1
};

/// Runs on the reader's thread with its connection; answers by itself. Local to a process.
struct read_job {
  std::shared_ptr<const std::function<void(reader&)>> run;
};

/// Has the reader actor run `job`.
void read(const caf::actor& reader, std::function<void(journal::reader&)> job);

/// The journal to itself: everything that waited before it is one batch.
struct flush_commits {};

/// Removes what is past its promise; asked for about once an hour. No answer.
struct sweep_rows {
  time_point now{};
  versions_in_use bots_in_use; ///< see store::sweep_bots; null: all bots stay
};

/// After an erasure: see store::scrub. Tried again by itself until nothing is left. No answer.
struct scrub_log {
  int tries = 0;
};

struct journal_options {
  std::size_t max_batch = 512;              ///< commits a transaction
  std::size_t max_bytes = 64 * 1024 * 1024; ///< in flight; more is answered `unavailable` at once
  bool detached = true;                     ///< own thread; off under a deterministic scheduler
  std::shared_ptr<runtime::counters> counts = {}; ///< may be null
  /// Shared with the senders; null: of `max_bytes`, its own
  std::shared_ptr<budget> in_flight = {};
  /// Notifications and their trails, swept every hour
  duration decisions_kept = std::chrono::hours(7 * 24);
};

caf::actor spawn_journal(caf::actor_system& sys, std::shared_ptr<store> to, journal_options how);
caf::actor spawn_reader(caf::actor_system& sys, std::shared_ptr<store> from, bool detached);

} // namespace interject::journal
