// The journal actor: takes all commits that wait, writes them in one transaction, answers each.
// The reader actor: answers queries from committed rows, on a thread of its own.
#pragma once

#include "actors/journal/store.hpp"
#include "protocols/messages.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <functional>

namespace interject::journal {

/// A turn to write. → committed, as response or ordinary message. Local to a process.
struct write_commit {
  commit_ptr it;
};
struct committed {
  errc code = errc::internal; ///< of a failure
  bool ok = false;
  std::string what;
};

/// Runs on the reader's thread with its connection; answers by itself. Local to a process.
struct read_job {
  std::shared_ptr<const std::function<void(reader&)>> run;
};

struct journal_options {
  std::size_t max_batch = 512;                ///< commits a transaction
  std::size_t max_bytes = 64 * 1024 * 1024;   ///< in flight; more is answered `unavailable` at once
  bool detached = true;                       ///< own thread; off under a deterministic scheduler
};

caf::actor spawn_journal(caf::actor_system& sys, std::shared_ptr<store> to, journal_options how);
caf::actor spawn_reader(caf::actor_system& sys, std::shared_ptr<store> from, bool detached);

} // namespace interject::journal
