// Group commit without a timer: the first commit that waits sends `flush_commits` to the journal
// itself, and all that stand in the mailbox before it are written in one transaction, or in two:
// first those that a person waits for.
//   in: write_commit    out: committed
#include "actors/journal/journal_actor.hpp"

#include "actors/journal/answers.hpp"
#include "actors/journal/commit.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/messages.hpp"

#include <deque>

namespace interject::journal {
namespace {

struct waiting_commit {
  commit_ptr it;
  caf::response_promise answer;
  std::size_t bytes = 0;
};

struct journal_state {
  static inline const char* name = "interject.journal";
  std::shared_ptr<store> to;
  journal_options how;
  std::deque<waiting_commit> turns; ///< awaited by a person
  std::deque<waiting_commit> others;
  std::uint64_t written = 0; ///< commits, in the order of the disk
  bool turns_alone = false;  ///< the last transaction left the others waiting
  bool flushing = false;     ///< a flush_commits is on its way
  bool unscrubbed = false;   ///< what was erased may still stand in the database's log
};
using journal_ptr = caf::stateful_actor<journal_state>*;

void answer(waiting_commit& w, const result<void>& how, std::uint64_t place) {
  if (how)
    w.answer.deliver(committed{errc::internal, true, {}, place});
  else
    w.answer.deliver(committed{how.error().code, false, how.error().what, place});
}

/// Who asks for a commit waits for its answer: whatever happens, there is one.
result<void> write_batch(store& to, std::span<const commit_ptr> batch,
                         std::span<result<void>> outcomes) {
  try {
    return to.write(batch, outcomes);
  } catch (const std::exception& e) {
    return error{errc::unavailable, e.what()};
  }
}

std::vector<result<void>> write(journal_state& s, std::span<const commit_ptr> batch) {
  std::vector<result<void>> outcomes(batch.size());
  auto ok = write_batch(*s.to, batch, outcomes);
  if (s.how.counts)
    runtime::counters::bump(s.how.counts->batches);
  if (ok)
    return outcomes;
  if (ok.error().code == errc::internal && batch.size() > 1) {
    // One of them cannot be written at all: alone, it fails alone.
    for (std::size_t i = 0; i < batch.size(); ++i)
      outcomes[i] = write(s, batch.subspan(i, 1)).front();
    return outcomes;
  }
  runtime::log_error("journal.write_failed", "commits={} why=\"{}\"", batch.size(),
                     ok.error().what);
  outcomes.assign(batch.size(), ok);
  return outcomes;
}

void schedule_flush(journal_ptr self) {
  auto& s = runtime::state(self);
  if (s.flushing || (s.turns.empty() && s.others.empty()))
    return;
  s.flushing = true;
  runtime::send(self, self, flush_commits{});
}

/// A monitor writes its rows, too: what a conversation makes of one must not come before what the
/// monitor has written of it earlier.
bool has_rows_of_monitors(const commit& c) {
  return !(c.watches.empty() && c.watches_gone.empty() && c.reminders.empty() &&
           c.reminders_gone.empty() && c.calls.empty() && c.calls_gone.empty());
}

void take(journal_ptr self, const write_commit& w) {
  auto& s = runtime::state(self);
  waiting_commit next{w.it, self->make_response_promise(), w.reserved};
  if (!w.it)
    return answer(next, error{errc::internal, "an empty commit"}, 0);
  if (next.bytes == 0) {
    next.bytes = w.it->bytes();
    if (!s.how.in_flight->reserve(next.bytes))
      return answer(next, error{errc::unavailable, "too much waits for the disk; try again"}, 0);
  }
  bool may_overtake = w.awaited && !has_rows_of_monitors(*w.it);
  (may_overtake ? s.turns : s.others).push_back(std::move(next));
  schedule_flush(self);
}

void move_some(std::deque<waiting_commit>& from, std::size_t n, std::vector<waiting_commit>& to) {
  auto end = from.begin() + static_cast<std::ptrdiff_t>(std::min(n, from.size()));
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(end));
  from.erase(from.begin(), end);
}

/// A person's turn does not wait for the rows of notices that came before it: where both wait, the
/// turns go alone. The others go with the next transaction, whatever comes meanwhile, at half of
/// its places at least. Who sends has one commit under way, or keeps to one of the queues: its own
/// stay in order.
std::vector<waiting_commit> next_batch(journal_state& s) {
  std::vector<waiting_commit> out;
  auto most = s.how.max_batch;
  s.turns_alone = !s.turns_alone && !s.turns.empty() && !s.others.empty();
  if (!s.turns_alone)
    move_some(s.others, s.turns.empty() ? most : (most + 1) / 2, out);
  move_some(s.turns, most - out.size(), out);
  return out;
}

void flush(journal_ptr self) {
  auto& s = runtime::state(self);
  s.flushing = false;
  auto taken = next_batch(s);
  std::vector<commit_ptr> batch;
  batch.reserve(taken.size());
  for (auto& w : taken)
    batch.push_back(w.it);
  auto outcomes = write(s, batch);
  for (std::size_t i = 0; i < taken.size(); ++i) {
    s.how.in_flight->release(taken[i].bytes);
    answer(taken[i], outcomes[i], ++s.written);
  }
  schedule_flush(self);
}

/// A reader may hold the log for a moment: other work goes first, then it is tried again, and at
/// last every hour.
constexpr int max_scrubs = 100;

void scrub(journal_ptr self, const scrub_log& what) {
  auto& s = runtime::state(self);
  auto ok = s.to->scrub();
  s.unscrubbed = !ok;
  if (!ok && what.tries < max_scrubs)
    runtime::send(self, self, scrub_log{what.tries + 1});
  else if (!ok)
    runtime::log_warn("journal.scrub_failed", "why=\"{}\"", ok.error().what);
}

/// Stores keep what is younger than their promise of 7 days; another retention moves the instant
/// that they are asked about.
time_point swept_as_of(journal_ptr self, time_point now) {
  return now + (notifications_kept - runtime::state(self).how.decisions_kept);
}

caf::behavior run_journal(journal_ptr self, std::shared_ptr<store> to, journal_options how) {
  auto& s = runtime::state(self);
  s.to = std::move(to);
  s.how = std::move(how);
  s.how.max_batch = std::max<std::size_t>(s.how.max_batch, 1);
  if (!s.how.in_flight)
    s.how.in_flight = std::make_shared<budget>(s.how.max_bytes);
  return {
      [self](const write_commit& w) { take(self, w); },
      [self](flush_commits) { flush(self); },
      [self](const scrub_log& what) { scrub(self, what); },
      [self](const sweep_rows& what) {
        if (runtime::state(self).unscrubbed)
          scrub(self, {max_scrubs});
        if (auto ok = runtime::state(self).to->sweep(swept_as_of(self, what.now)); !ok)
          runtime::log_warn("journal.sweep_failed", "why=\"{}\"", ok.error().what);
        if (auto kept = answers_of(runtime::state(self).to))
          if (auto ok = kept->sweep_answers(what.now); !ok)
            runtime::log_warn("journal.sweep_failed", "why=\"{}\"", ok.error().what);
        if (!what.bots_in_use)
          return;
        if (auto gone = runtime::state(self).to->sweep_bots(what.bots_in_use); !gone)
          runtime::log_warn("journal.sweep_failed", "why=\"{}\"", gone.error().what);
        else if (*gone > 0)
          runtime::log_info("bot.versions_dropped", "count={}", *gone);
      },
  };
}

struct reader_state {
  static inline const char* name = "interject.reader";
  std::unique_ptr<reader> from;
};
using reader_ptr = caf::stateful_actor<reader_state>*;

caf::behavior run_reader(reader_ptr self, const std::shared_ptr<store>& from) {
  runtime::state(self).from = from->open_reader();
  return {
      [self](const read_job& job) {
        try {
          (*job.run)(*runtime::state(self).from);
        } catch (const std::exception& e) {
          // The asker's time-out tells it; the reader serves the others on.
          runtime::log_error("journal.read_failed", "why=\"{}\"", e.what());
        }
      },
  };
}

} // namespace

void read(const caf::actor& reader, std::function<void(journal::reader&)> job) {
  runtime::anon_send(reader, read_job{std::make_shared<const std::function<void(journal::reader&)>>(
                                 std::move(job))});
}

caf::actor spawn_journal(caf::actor_system& sys, std::shared_ptr<store> to, journal_options how) {
  if (how.detached)
    return sys.spawn<caf::detached>(run_journal, std::move(to), std::move(how));
  return sys.spawn(run_journal, std::move(to), std::move(how));
}

caf::actor spawn_reader(caf::actor_system& sys, std::shared_ptr<store> from, bool detached) {
  if (detached)
    return sys.spawn<caf::detached>(run_reader, std::move(from));
  return sys.spawn(run_reader, std::move(from));
}

} // namespace interject::journal
