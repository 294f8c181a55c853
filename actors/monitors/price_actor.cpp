// Prices in, news out. A sample and what it changes are one commit, or, when it changes very many
// watches, one commit with a durable cursor and the rest in slices. Only then is the sample
// acknowledged and the news sent, again and again until its conversation has taken it.
//   in: take_prices, arm_watch, disarm_watch, feed_went_stale    out: prices_taken, notify,
//   withdraw, cancel_watch, create_watch → router
#include "actors/monitors/firing.hpp"
#include "actors/monitors/price_state.hpp"
#include "actors/runtime/log.hpp"

namespace interject::monitors::pricing {

void wake_me(self_ptr self, time_point at) {
  auto& s = runtime::state(self);
  s.alarm.ring_at(self, s.timer, at);
}

namespace {

constexpr std::size_t max_batches_waiting = 1024; ///< take_prices; more are refused
constexpr std::size_t max_samples_a_commit = 10'000;

/// Whether `batch` may be looked at before earlier ones that wait: none of its symbols may be
/// theirs.
bool is_free(const price_state& s, const prices_batch& batch,
             std::unordered_set<std::string>& taken) {
  bool free = true;
  for (auto i = batch.next; i < batch.what.samples.size(); ++i)
    free = free && !taken.count(batch.what.samples[i].symbol) &&
           !s.sweeps.count(batch.what.samples[i].symbol);
  if (!free)
    for (auto i = batch.next; i < batch.what.samples.size(); ++i)
      taken.insert(batch.what.samples[i].symbol);
  return free;
}

/// Batches in order; while a sweep runs, those of other symbols overtake the ones that wait for it.
void take_batches(price_state& s, step& to) {
  constexpr std::size_t looked_at = 32; // of those that wait behind a sweep
  std::unordered_set<std::string> taken;
  std::size_t samples = 0;
  for (std::size_t i = 0;
       i < s.waiting.size() && i < looked_at && samples < max_samples_a_commit;) {
    auto* batch = std::get_if<prices_batch>(&s.waiting[i]);
    if (!batch)
      return; // what arms and disarms keeps its place
    if (i > 0 && !is_free(s, *batch, taken)) {
      ++i;
      continue;
    }
    samples += batch->what.samples.size();
    if (!take_samples(s, to, *batch)) {
      is_free(s, *batch, taken);
      ++i;
      continue;
    }
    to.batches.push_back(std::move(*batch));
    s.waiting.erase(s.waiting.begin() + static_cast<std::ptrdiff_t>(i));
    --s.batches_waiting;
  }
}

bool has_work(const price_state& s) {
  // After a failure nothing but samples is tried before its time: those end in an answer.
  if (s.retry_at && *s.retry_at > s.clock->now() && s.batches_waiting == 0)
    return false;
  if (!s.waiting.empty() || !s.sweeps.empty())
    return true;
  auto now = s.clock->now();
  if (auto due = s.index.earliest(); due && *due <= now)
    return true;
  return !s.dirty.empty() || !s.kept.empty();
}

} // namespace

/// In order: first what arms and disarms, a slice of what is under way, what the clock brings, then
/// samples up to the next that arms.
void work(self_ptr self) {
  auto& s = runtime::state(self);
  while (s.begun && !s.writing && has_work(s)) {
    auto of = std::make_shared<step>();
    for (; !s.waiting.empty() && !std::holds_alternative<prices_batch>(s.waiting.front());
         s.waiting.pop_front()) {
      auto op = std::move(s.waiting.front());
      carry_out(s, *of, op);
    }
    s.index.begin();
    if (!s.sweeps.empty())
      take_slice(s, *of, std::string(s.sweeps.begin()->first));
    take_changes(s, *of, s.index.pass_time(s.clock->now()), nullptr);
    take_batches(s, *of);
    commit(self, std::move(of));
  }
  run_errands(self);
  if (auto due = s.index.earliest())
    wake_me(self, *due);
}

namespace {

void take(self_ptr self, const take_prices& t) {
  auto& s = runtime::state(self);
  prices_batch batch{t, self->make_response_promise(), {}, 0};
  batch.result.ticket = t.ticket;
  if (s.batches_waiting >= max_batches_waiting)
    return batch.answer.deliver(refused{t.ticket, errc::busy, "too many prices wait; try again"});
  ++s.batches_waiting;
  s.waiting.push_back(std::move(batch));
  work(self);
}

void take_stale(self_ptr self, const feed_went_stale& f) {
  auto& s = runtime::state(self);
  for (auto& id : s.index.watching(f.symbol))
    if (auto row = s.rows.copy(id))
      put_errand(s, {errand::kind::stale, id, row->conversation,
                     stale_note_of(*row, f, s.clock->now()), 0});
  run_errands(self);
}

void refuse_by(self_ptr self, const refused& r) {
  // A withdrawal that comes too late is refused as a matter of course.
  if (!worth_retrying(r.code) && r.code != errc::conflict)
    runtime::log_warn("price.refused", "code={} why=\"{}\"", to_string(r.code), r.what);
  answered(self, r.ticket, !worth_retrying(r.code), true);
}

caf::behavior run_price(self_ptr self, runtime::clock_ptr clock, caf::actor journal,
                        caf::actor reader, caf::actor timer, std::size_t slice) {
  auto& s = runtime::state(self);
  s.slice = slice;
  s.clock = std::move(clock);
  s.journal = std::move(journal);
  s.reader = std::move(reader);
  s.timer = std::move(timer);
  return {
      [self](const begin_monitoring& b) { begin(self, b); },
      [self](const rows_loaded& l) { take_rows(self, *l.it); },
      [self](const take_prices& t) { take(self, t); },
      [self](const arm_watch& a) {
        runtime::state(self).waiting.push_back(a);
        work(self);
      },
      [self](const disarm_watch& d) {
        runtime::state(self).waiting.push_back(d);
        work(self);
      },
      [self](const feed_went_stale& f) { take_stale(self, f); },
      [self](const alert_looked_up& l) { take_lookup(self, l); },
      [self](const decided& d) { answered(self, d.ticket, true, false); },
      [self](const done& d) { answered(self, d.ticket, true, false); },
      [self](const refused& r) { refuse_by(self, r); },
      [self](alarm_rang a) {
        if (runtime::state(self).alarm.rang(a))
          work(self);
      },
  };
}

} // namespace

} // namespace interject::monitors::pricing

namespace interject::monitors {

caf::actor spawn_price(caf::actor_system& sys, runtime::clock_ptr clock, caf::actor journal,
                       caf::actor reader, caf::actor timer, std::size_t slice) {
  return sys.spawn(pricing::run_price, std::move(clock), std::move(journal), std::move(reader),
                   std::move(timer), slice);
}

} // namespace interject::monitors
