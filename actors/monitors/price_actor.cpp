// Prices in, news out. A sample and what it changes are one commit, or, when it changes very many
// watches, one commit with a durable cursor and the rest in slices. Only then is the sample
// acknowledged and the news sent, again and again until its conversation has taken it.
//   in: take_prices, arm_watch, disarm_watch, feed_went_stale    out: prices_taken, notify,
//   withdraw, cancel_watch, create_watch → router
#include "actors/monitors/alarm_clock.hpp"
#include "actors/monitors/backoff.hpp"
#include "actors/monitors/firing.hpp"
#include "actors/monitors/loading.hpp"
#include "actors/monitors/price_index.hpp"
#include "actors/monitors/price_rows.hpp"
#include "actors/monitors/row_table.hpp"
#include "actors/monitors/timer_index.hpp"
#include "actors/runtime/log.hpp"
#include "protocols/codec/binary.hpp"

#include <deque>
#include <map>
#include <set>
#include <unordered_set>
#include <variant>

namespace interject::monitors {
namespace {

constexpr std::size_t max_unanswered = 64;
constexpr std::size_t max_batches_waiting = 1024; ///< take_prices; more are refused
constexpr std::size_t max_samples_a_commit = 10'000;
constexpr std::size_t watches_a_part = 2000; ///< that are read before the reader serves others
constexpr auto answer_within =
    std::chrono::minutes(1); ///< the journal always answers; this bounds a failure

struct prices_batch {
  take_prices what;
  caf::response_promise answer;
  prices_taken result;
  std::size_t next = 0; ///< the first sample that was not looked at
};
struct settled {
  std::string id;          ///< of a watch
  std::uint64_t taken = 0; ///< firing that was taken, or given up
  std::uint64_t retracted = 0;
};
/// A watch that fires once begins anew: its alert was withdrawn before anybody heard of it.
struct rearmed {
  std::string id;
  std::uint64_t retracted = 0;
};
using operation = std::variant<prices_batch, arm_watch, disarm_watch, settled, rearmed>;

/// What is to be said to a conversation until it answers.
struct errand {
  enum class kind { news, withdrawal, note, expiry, stale, renewal } what = kind::news;
  std::string watch;
  conversation_id conversation;
  notification notice; ///< of a withdrawal its id alone
  std::uint64_t firing = 0;
  interject::ticket ticket = 0;
  std::uint32_t tries = 0;
  bool again = false; ///< an earlier run may have done it
};

/// What is known of the rows while they are read, part by part.
struct beginning {
  std::map<std::string, sweep_row> open;
  std::vector<watch_row> later; ///< whose places depend on rows that may still come
};

/// A sample whose changes are not all written yet. Further samples of its symbol wait.
struct sweep {
  std::deque<price_index::change> rest;
  bool late = false; ///< taken up again after a restart
};

struct price_state {
  static inline const char* name = "interject.price";
  runtime::clock_ptr clock;
  caf::actor journal, reader, timer, router;
  std::vector<std::pair<caf::response_promise, interject::ticket>> beginners;
  bool begun = false;
  beginning reading; ///< until it has begun
  time_point began{};
  std::size_t slice = 1000; ///< changed watches a commit

  price_index index;
  row_table rows;                        ///< all of which anything may still come
  std::unordered_set<std::string> dirty; ///< rows to write with the next commit
  std::map<std::string, std::optional<std::string>>
      kept;                            ///< the same for the monitor's own: none is gone
  std::map<std::string, sweep> sweeps; ///< by symbol; of what the clock did without a cursor
  std::deque<operation> waiting;
  std::size_t batches_waiting = 0;
  bool writing = false;
  std::uint32_t failures = 0; ///< commits in a row
  std::optional<time_point> retry_at;

  std::unordered_map<std::string, errand> errands; ///< by kind and watch
  std::deque<std::string> outbox;
  timer_index again;
  std::unordered_map<interject::ticket, std::string> in_flight;
  interject::ticket last_ticket = 0;

  alarm_clock alarm;
};
using self_ptr = caf::stateful_actor<price_state>*;

/// What one commit changes, until it is durable.
struct step {
  std::shared_ptr<journal::commit> rows = std::make_shared<journal::commit>();
  std::deque<prices_batch> batches;
  std::unordered_map<std::string, watch_row> changed;
  std::vector<price_index::change> done; ///< in order
  std::unordered_set<std::string> late;  ///< watches that should have fired before the restart
  std::map<std::string, std::vector<price_index::change>>
      slices;                                ///< by sweep: go back to it when this fails
  std::set<std::string> sweeps;              ///< that begin with it
  std::map<std::string, std::size_t> behind; ///< how many it added to a sweep, at its end
  std::vector<watch_row> armed_now;          ///< that fired as they were armed
  std::unordered_set<std::string> written;
  std::map<std::string, std::optional<std::string>> kept;
};

void work(self_ptr self);

void wake_me(self_ptr self, time_point at) {
  auto& s = runtime::state(self);
  s.alarm.ring_at(self, s.timer, at);
}

// ---- errands
// -------------------------------------------------------------------------------------------------

std::string key_of(errand::kind what, const std::string& watch) {
  return std::string(1, static_cast<char>('0' + static_cast<int>(what))) + watch;
}

void forget_errand(price_state& s, const std::string& key) {
  auto it = s.errands.find(key);
  if (it == s.errands.end())
    return;
  s.in_flight.erase(it->second.ticket);
  s.again.erase(key);
  s.errands.erase(it);
}

/// In place of an earlier one of its kind for that watch.
void put_errand(price_state& s, errand e) {
  auto key = key_of(e.what, e.watch);
  forget_errand(s, key);
  s.errands.emplace(key, std::move(e));
  s.outbox.push_back(std::move(key));
}

void compose(price_state& s, const watch_row& row, bool late) {
  put_errand(s, {errand::kind::news, row.id, row.conversation, alert_of(row, s.clock->now(), late),
                 row.firings});
}

/// Nothing comes of this watch any more.
void forget_finished(price_state& s, const std::string& id) {
  if (s.index.knows(id) || s.dirty.count(id))
    return;
  auto* row = s.rows.find(id);
  if (!row || row->state != watch_state::done)
    return;
  for (auto kind :
       {errand::kind::news, errand::kind::withdrawal, errand::kind::note, errand::kind::renewal})
    if (s.errands.count(key_of(kind, id)))
      return;
  s.rows.erase(id);
}

/// The condition has ended: what is still queued is withdrawn. Once the alert was taken, and not
/// before, so that it cannot overtake its own withdrawal.
void retract_ended(price_state& s, const watch_row& row, bool again = false) {
  if (row.ended <= row.retracted || row.taken < row.ended)
    return;
  errand e{errand::kind::withdrawal, row.id, row.conversation, {}, row.ended};
  e.notice.id = firing_id(row.id, row.ended);
  e.again = again;
  put_errand(s, std::move(e));
}

void send_errand(self_ptr self, errand& e) {
  auto& s = runtime::state(self);
  switch (e.what) {
  case errand::kind::withdrawal:
    return runtime::send(self, s.router, withdraw{e.ticket, e.conversation, e.notice.id});
  case errand::kind::expiry:
    return runtime::send(self, s.router, cancel_watch{e.ticket, e.conversation, e.watch});
  case errand::kind::renewal:
    if (auto* row = s.rows.find(e.watch))
      return runtime::send(self, s.router, create_watch{e.ticket, renewed(*row)});
    return;
  default:
    return runtime::send(self, s.router, notify{e.ticket, e.conversation, {}, e.notice});
  }
}

void run_errands(self_ptr self) {
  auto& s = runtime::state(self);
  if (!s.begun)
    return;
  auto now = s.clock->now();
  while (auto key = s.again.pop(now)) {
    // Its answer is lost, or was a refusal for now: its place in the window is free.
    if (auto it = s.errands.find(*key); it != s.errands.end())
      s.in_flight.erase(it->second.ticket);
    s.outbox.push_back(*key);
  }
  while (!s.outbox.empty() && s.in_flight.size() < max_unanswered) {
    auto key = std::move(s.outbox.front());
    s.outbox.pop_front();
    auto it = s.errands.find(key);
    if (it == s.errands.end() || s.in_flight.count(it->second.ticket))
      continue;
    auto& e = it->second;
    e.ticket = ++s.last_ticket;
    s.in_flight.emplace(e.ticket, key);
    s.again.put(key, now + backoff(++e.tries));
    send_errand(self, e);
  }
  if (auto next = s.again.earliest())
    wake_me(self, *next);
}

/// The alert was withdrawn and nobody has heard of it: a watch that was to fire once has not done
/// its work. It is put among its conversation's watches again, and armed.
void take_unheard(price_state& s, const std::string& watch, std::uint64_t firing) {
  auto* found = s.rows.find(watch);
  if (!found)
    return;
  auto& row = *found;
  bool goes_on = !row.when.repeat && (!row.expires || *row.expires > s.clock->now());
  if (goes_on)
    put_errand(s, {errand::kind::renewal, watch, row.conversation, {}, firing});
  else
    s.waiting.push_back(settled{watch, 0, firing});
}

/// The alert of an ended condition is not queued any more: if it was said, its end is told where
/// the bot has words for it.
void tell_the_end(self_ptr self, const errand& of) {
  auto& s = runtime::state(self);
  auto* row = s.rows.find(of.watch);
  if (!row)
    return;
  bool ours = !row->when.repeat && (of.again || of.tries > 1); // it may have been our own try
  if (row->no_longer.empty() && !ours) {
    s.waiting.push_back(settled{of.watch, 0, of.firing});
    return;
  }
  auto job = [me = caf::actor_cast<caf::actor>(self), watch = of.watch,
              firing = of.firing](journal::reader& from) {
    auto found = from.find_notification(firing_id(watch, firing));
    bool said = found && *found && was_said((*found)->trail);
    bool withdrawn = found && *found && was_withdrawn((*found)->trail);
    runtime::anon_send(me, alert_looked_up{watch, firing, said, withdrawn});
  };
  journal::read(s.reader, std::move(job));
}

void take_lookup(self_ptr self, const alert_looked_up& l) {
  auto& s = runtime::state(self);
  auto* row = s.rows.find(l.watch);
  if (!row)
    return;
  if (l.withdrawn) // by us, and the answer was lost
    take_unheard(s, l.watch, l.firing);
  else if (l.said && !row->no_longer.empty())
    put_errand(s, {errand::kind::note, l.watch, row->conversation,
                   end_note_of(*row, l.firing, s.clock->now()), l.firing});
  else
    s.waiting.push_back(settled{l.watch, 0, l.firing});
  work(self);
}

/// `taken`: done, or refused for good.
void answered(self_ptr self, interject::ticket ticket, bool taken, bool refused_for_good) {
  auto& s = runtime::state(self);
  auto it = s.in_flight.find(ticket);
  if (it == s.in_flight.end())
    return;
  auto key = std::move(it->second);
  s.in_flight.erase(it);
  if (taken) {
    auto e = std::move(s.errands.at(key));
    forget_errand(s, key);
    if (e.what == errand::kind::news)
      s.waiting.push_back(settled{e.watch, e.firing, 0});
    else if (e.what == errand::kind::note || (e.what == errand::kind::renewal && refused_for_good))
      s.waiting.push_back(settled{e.watch, 0, e.firing});
    else if (e.what == errand::kind::renewal)
      s.waiting.push_back(rearmed{e.watch, e.firing});
    else if (e.what == errand::kind::withdrawal && !refused_for_good)
      take_unheard(s, e.watch, e.firing);
    else if (e.what == errand::kind::withdrawal)
      tell_the_end(self, e);
    work(self);
  }
  run_errands(self);
}

// ---- what arrives
// ------------------------------------------------------------------------------------------

void remember_order(price_state& s, watch_row& row, const price_index::change& c) {
  if (row.order != c.order) {
    row.order = c.order;
    s.dirty.insert(row.id);
  }
}

/// Takes over what a change made of a watch. False when the watch is gone meanwhile.
bool change_row(price_state& s, step& to, const price_index::change& c) {
  if (!s.rows.has(c.id))
    return false;
  auto [it, is_new] = to.changed.try_emplace(c.id);
  if (is_new)
    it->second = s.rows.copy(c.id);
  apply_change(it->second, c);
  to.done.push_back(c);
  return true;
}

void arm(price_state& s, step& to, watch_row row) {
  if (s.rows.has(row.id))
    return;
  if (row.expires && *row.expires <= s.clock->now()) {
    put_errand(s, {errand::kind::expiry, row.id, row.conversation, {}, 0});
    return;
  }
  auto id = row.id;
  auto terms = terms_of(row);
  auto changes = s.index.arm(terms, s.clock->now());
  if (changes.back().fired)
    to.armed_now.push_back(row);
  auto& kept = s.rows.put(std::move(row));
  for (auto& c : changes) {
    remember_order(s, kept, c);
    if (c.now == watch_phase::waiting)
      continue;
    if (c.fired) {
      change_row(s, to, c);
    } else if (apply_change(kept, c)) {
      s.dirty.insert(id);
    }
  }
}

void disarm(price_state& s, const std::string& id) {
  s.index.disarm(id);
  s.rows.erase(id);
  s.dirty.erase(id);
  for (auto kind : {errand::kind::news, errand::kind::withdrawal, errand::kind::note,
                    errand::kind::expiry, errand::kind::stale, errand::kind::renewal})
    forget_errand(s, key_of(kind, id));
}

void settle(price_state& s, const settled& what) {
  auto* found = s.rows.find(what.id);
  if (!found)
    return;
  auto& row = *found;
  row.taken = std::max(row.taken, what.taken);
  row.retracted = std::max(row.retracted, what.retracted);
  if (row.state == watch_state::fired && row.taken >= row.firings)
    row.state = watch_state::done;
  s.dirty.insert(what.id);
  if (row.state == watch_state::done && row.ended == row.firings && row.retracted >= row.ended)
    s.index.disarm(what.id);
  if (what.taken > 0)
    retract_ended(s, row);
}

void rearm(price_state& s, const rearmed& what) {
  auto* found = s.rows.find(what.id);
  if (!found)
    return;
  auto& row = *found;
  row.retracted = std::max(row.retracted, what.retracted);
  s.dirty.insert(what.id);
  if (row.state != watch_state::fired && row.state != watch_state::done)
    return;
  row = renewed(std::move(row));
  if (auto c = s.index.rearm(what.id, row.expires, s.clock->now())) {
    apply_change(row, *c);
    return;
  }
  for (auto& c : s.index.arm(terms_of(row), s.clock->now())) {
    remember_order(s, row, c);
    apply_change(row, c);
  }
}

void carry_out(price_state& s, step& to, const operation& op) {
  if (auto* a = std::get_if<arm_watch>(&op))
    arm(s, to, a->row);
  else if (auto* d = std::get_if<disarm_watch>(&op))
    disarm(s, d->id);
  else if (auto* done = std::get_if<settled>(&op))
    settle(s, *done);
  else if (auto* again = std::get_if<rearmed>(&op))
    rearm(s, *again);
}

/// The next slice of a sweep; its last one closes it.
void take_slice(price_state& s, step& to, const std::string& symbol) {
  auto it = s.sweeps.find(symbol);
  auto& rest = it->second.rest;
  for (; !rest.empty() && to.done.size() < s.slice; rest.pop_front()) {
    to.slices[symbol].push_back(rest.front());
    if (it->second.late)
      to.late.insert(rest.front().id);
    change_row(s, to, rest.front());
  }
  if (!rest.empty())
    return;
  s.sweeps.erase(it);
  s.kept[sweep_key(symbol)] = std::nullopt;
}

/// Behind what is under way for that symbol, so that each watch changes in order.
void put_behind(price_state& s, step& to, const std::string& symbol, price_index::change c) {
  if (!s.sweeps.count(symbol)) {
    if (to.slices.count(symbol)) // its last slice is in this very commit: it goes on
      s.kept.erase(sweep_key(symbol));
    else
      to.sweeps.insert(symbol);
  }
  s.sweeps[symbol].rest.push_back(std::move(c));
  ++to.behind[symbol];
}

/// Few changes go with the commit; of many the cursor, and the first slice.
void take_changes(price_state& s, step& to, std::vector<price_index::change> changes,
                  const sweep_row* cursor) {
  std::erase_if(changes, [&](auto& c) {
    if (!s.sweeps.count(*c.symbol))
      return false;
    put_behind(s, to, *c.symbol, std::move(c));
    return true;
  });
  if (to.done.size() + changes.size() <= s.slice) {
    for (auto& c : changes)
      change_row(s, to, c);
    return;
  }
  auto first = cursor ? cursor->sample.symbol : *changes.front().symbol;
  for (auto& c : changes)
    put_behind(s, to, *c.symbol, std::move(c));
  if (!s.sweeps.count(first))
    return; // the sample changes nothing itself: what came due until then is more than a slice
  if (cursor)
    s.kept[sweep_key(first)] = encode(*cursor);
  take_slice(s, to, first);
}

/// False when a sample has to wait for an earlier one of its symbol.
bool take_samples(price_state& s, step& to, prices_batch& batch) {
  auto now = s.clock->now();
  std::unordered_set<std::string> changed;
  auto write_symbols = [&] {
    for (auto& symbol : changed) {
      auto* q = s.index.last(symbol);
      std::erase_if(to.rows->symbols, [&](auto& old) { return old.symbol == symbol; });
      to.rows->symbols.push_back({symbol, q->price, q->at, q->seq});
    }
  };
  for (; batch.next < batch.what.samples.size(); ++batch.next) {
    auto& sample = batch.what.samples[batch.next];
    if (s.sweeps.count(sample.symbol) || to.slices.count(sample.symbol)) {
      write_symbols();
      return false;
    }
    auto cursor = cursor_of(s.index, sample, now);
    auto did = s.index.apply(sample, now);
    ++(did.accepted ? batch.result.accepted : batch.result.ignored);
    for (auto& c : did.changes)
      batch.result.fired += c.fired;
    if (did.accepted)
      changed.insert(sample.symbol);
    take_changes(s, to, std::move(did.changes), &cursor);
  }
  write_symbols();
  return true;
}

// ---- one commit at a time
// ------------------------------------------------------------------------------------

void refuse_batches(price_state& s, step& of) {
  for (auto& b : of.batches)
    b.answer.deliver(
        refused{b.what.ticket, errc::unavailable, "prices could not be made durable; try again"});
  // Of one that is half done, what was done before this commit is durable.
  std::erase_if(s.waiting, [&](operation& op) {
    auto* b = std::get_if<prices_batch>(&op);
    if (!b || b->next == 0)
      return false;
    b->answer.deliver(
        refused{b->what.ticket, errc::unavailable, "prices could not be made durable; try again"});
    --s.batches_waiting;
    return true;
  });
}

void undo(self_ptr self, step& of, const error& why) {
  auto& s = runtime::state(self);
  s.index.roll_back();
  for (auto& [key, body] : of.kept)
    s.kept.try_emplace(key, body);
  for (auto& symbol : of.sweeps) { // those never were
    s.sweeps.erase(symbol);
    s.kept.erase(sweep_key(symbol));
  }
  for (auto& [symbol, added] : of.behind)
    if (!of.sweeps.count(symbol)) {
      auto& rest = s.sweeps[symbol].rest;
      rest.erase(rest.end() - static_cast<std::ptrdiff_t>(added), rest.end());
    }
  for (auto& [symbol, changes] : of.slices)
    if (!of.sweeps.count(symbol)) {
      auto& rest = s.sweeps[symbol].rest;
      rest.insert(rest.begin(), changes.begin(), changes.end());
      s.kept.erase(sweep_key(symbol));
    }
  refuse_batches(s, of);
  for (auto& row : of.armed_now)
    if (s.rows.erase(row.id) > 0) {
      s.index.disarm(row.id);
      s.dirty.erase(row.id);
      s.waiting.push_front(arm_watch{row});
    }
  runtime::log_warn("price.commit_failed", "code={} why=\"{}\"", to_string(why.code), why.what);
  s.retry_at = s.clock->now() + backoff(++s.failures);
  wake_me(self, *s.retry_at);
}

void finish(self_ptr self, step& of, const std::optional<error>& failed) {
  auto& s = runtime::state(self);
  s.writing = false;
  if (failed)
    return undo(self, of, *failed);
  s.failures = 0;
  s.retry_at.reset();
  s.index.keep();
  for (auto& id : of.written)
    s.dirty.erase(id);
  for (auto& [id, row] : of.changed)
    if (s.rows.has(id))
      s.rows.put(std::move(row));
  for (auto& b : of.batches)
    b.answer.deliver(b.result);
  for (auto& c : of.done) {
    auto* row = s.rows.find(c.id);
    if (!row)
      continue;
    if (c.fired)
      compose(s, *row, (c.by_clock && c.at < s.began) || of.late.count(c.id) != 0);
    if (c.ended)
      retract_ended(s, *row);
    if (c.expired)
      put_errand(s, {errand::kind::expiry, c.id, row->conversation, {}, 0});
  }
  auto put_away = [&](const std::string& id) {
    forget_finished(s, id);
    if (!s.dirty.count(id))
      s.rows.pack(id);
  };
  for (auto& id : of.written)
    put_away(id);
  for (auto& c : of.done)
    put_away(c.id);
  run_errands(self);
}

void commit(self_ptr self, std::shared_ptr<step> of) {
  auto& s = runtime::state(self);
  auto& rows = *of->rows;
  rows.at = s.clock->now();
  for (auto& id : s.dirty) {
    of->written.insert(id);
    if (!of->changed.count(id))
      rows.watches.push_back(s.rows.copy(id));
  }
  for (auto& [id, row] : of->changed)
    rows.watches.push_back(row);
  for (auto& e : s.index.take_extremes())
    s.kept[extreme_key(e)] = e.price ? std::optional(encode(*e.price)) : std::nullopt;
  of->kept = std::exchange(s.kept, {});
  for (auto& [key, body] : of->kept)
    if (body)
      rows.kept.push_back({key, *body});
    else
      rows.kept_gone.push_back(key);
  if (rows.watches.empty() && rows.symbols.empty() && of->kept.empty())
    return finish(self, *of, {});
  s.writing = true;
  auto end = [self, of](const std::optional<error>& failed) {
    finish(self, *of, failed);
    if (!failed || !runtime::state(self).waiting.empty())
      work(self);
  };
  runtime::request(self, s.journal, answer_within, journal::write_commit{of->rows})
      .then(
          [end](const journal::committed& c) {
            end(c.ok ? std::nullopt : std::optional(error{c.code, c.what}));
          },
          [end](const caf::error&) {
            end(error{errc::timed_out, "the journal did not answer"});
          });
}

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
    if (s.rows.has(id)) {
      auto row = s.rows.copy(id);
      put_errand(
          s, {errand::kind::stale, id, row.conversation, stale_note_of(row, f, s.clock->now()), 0});
    }
  run_errands(self);
}

// ---- the beginning
// --------------------------------------------------------------------------------------------

void add_watches(journal::reader& from, loaded_rows& rows, const std::string& cursor) {
  auto page = from.watches("", watches_a_part, cursor);
  if (!page) {
    rows.failed = page.error();
    return;
  }
  rows.watches.reserve(page->items.size());
  for (auto& row : page->items)
    rows.watches.push_back(loaded(std::move(row)));
  rows.more = std::move(page->next);
}

void begin(self_ptr self, const begin_monitoring& b) {
  begin_with_rows(self, b, [](journal::reader& from, loaded_rows& rows) {
    if (!read_whole(rows.symbols, rows.failed, from.symbols()))
      return;
    if (read_pages(rows.kept, rows.failed, [&](const std::string& cursor) {
          return from.kept("price/", load_page, cursor);
        }))
      add_watches(from, rows, {});
  });
}

/// Part by part, so that the reader serves others in between.
void read_more(self_ptr self, const std::string& cursor) {
  load_rows(runtime::state(self).reader, caf::actor_cast<caf::actor>(self),
            [cursor](journal::reader& from, loaded_rows& rows) {
              rows.first = false;
              add_watches(from, rows, cursor);
            });
}

/// A row of an earlier run, by what is still to come of it.
void resume(price_state& s, watch_row&& row) {
  bool over = row.state == watch_state::fired || row.state == watch_state::done;
  bool unsaid = row.state != watch_state::done && row.firings > row.taken;
  auto interest_ends = row.fired_at.value_or(row.created) + row.notify.lifetime;
  bool tracked = over && (row.ended < row.firings || row.retracted < row.ended) &&
                 row.when.kind != watch_kind::crosses && interest_ends > s.clock->now();
  if (over && !unsaid && !tracked && row.ended <= row.retracted)
    return;
  if (s.rows.has(row.id))
    return;
  auto& kept = s.rows.put(std::move(row));
  if (!over || tracked) {
    auto terms = terms_of(kept);
    if (over)
      terms.expires = interest_ends;
    for (auto& c : s.index.arm(terms, s.clock->now()))
      remember_order(s, kept, c);
  }
  if (unsaid)
    compose(s, kept, true);
  retract_ended(s, kept, true);
}

/// The same for one of which nothing is to come but what a price brings.
void resume(price_state& s, loaded_watch&& w) {
  auto id = w.terms.id;
  auto order = w.terms.order;
  if (!s.rows.put_packed(id, std::move(w.packed)))
    return;
  if (auto now = s.index.resume(std::move(w.terms), s.clock->now()); now != order) {
    s.rows.find(id)->order = now;
    s.dirty.insert(id);
  }
}

/// In the order in which they came: by the time of a later one a watch may seem to have held long
/// enough, whose condition an earlier one has ended.
void resume_sweeps(price_state& s, const std::map<std::string, sweep_row>& open) {
  std::vector<const sweep_row*> in_order;
  for (auto& [symbol, cursor] : open)
    in_order.push_back(&cursor);
  std::stable_sort(in_order.begin(), in_order.end(),
                   [](auto* a, auto* b) { return a->received < b->received; });
  for (auto* cursor : in_order) {
    auto did = s.index.apply(cursor->sample, cursor->received);
    auto& again = s.sweeps[cursor->sample.symbol];
    again.late = true;
    again.rest.insert(again.rest.end(), did.changes.begin(), did.changes.end());
  }
}

void take_first(price_state& s, const loaded_rows& rows) {
  s.reading = {open_sweeps(rows.kept), {}};
  for (auto& q : rows.symbols)
    if (!s.reading.open.count(q.symbol))
      s.index.set_last(q.symbol, {q.price, q.at, q.seq});
  for (auto& [symbol, cursor] : s.reading.open)
    if (cursor.price)
      s.index.set_last(symbol, {*cursor.price, cursor.at, cursor.seq});
  for (auto& e : extremes_in(rows.kept))
    s.index.set_extreme(e);
}

/// Whether it came after the sample whose changes are not all written yet.
bool is_young(const price_state& s, const std::string& symbol, std::uint64_t order) {
  auto it = s.reading.open.find(symbol);
  return it != s.reading.open.end() && (order == 0 || order >= it->second.before);
}

/// Puts it in its place, or among those whose places depend on rows that may still come.
void take_row(price_state& s, loaded_watch&& w) {
  auto order = w.whole ? w.whole->order : w.terms.order;
  s.index.skip_order(order);
  bool young = is_young(s, w.whole ? w.whole->symbol : w.terms.symbol, order);
  if (!w.whole && !young)
    return resume(s, std::move(w));
  auto row = w.whole ? std::move(*w.whole) : unpacked(w.packed);
  if (row.state == watch_state::waiting || order == 0 || young)
    s.reading.later.push_back(std::move(row));
  else
    resume(s, std::move(row));
}

/// All rows are there. One without an order gets its own behind those that have one.
void place_the_rest(self_ptr self) {
  auto& s = runtime::state(self);
  s.began = s.clock->now();
  std::vector<watch_row> young;
  std::deque<operation> first;
  for (auto& row : std::exchange(s.reading.later, {}))
    if (row.state == watch_state::waiting)
      first.push_back(arm_watch{std::move(row)});
    else if (is_young(s, row.symbol, row.order))
      young.push_back(std::move(row));
    else
      resume(s, std::move(row));
  resume_sweeps(s, s.reading.open);
  for (auto& row : young)
    resume(s, std::move(row));
  s.reading = {};
  s.waiting.insert(s.waiting.begin(), std::make_move_iterator(first.begin()),
                   std::make_move_iterator(first.end()));
  say_begun(s);
  work(self);
}

/// What is asked meanwhile waits in `waiting`, in order.
void take_rows(self_ptr self, loaded_rows& rows) {
  auto& s = runtime::state(self);
  if (refused_to_begin(s, rows))
    return;
  if (!rows.more.empty())
    read_more(self, rows.more); // while these are put in their places
  if (rows.first)
    take_first(s, rows);
  s.rows.make_room(rows.watches.size());
  s.index.make_room(rows.watches.size());
  for (auto& w : rows.watches)
    take_row(s, std::move(w));
  if (rows.more.empty())
    place_the_rest(self);
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

caf::actor spawn_price(caf::actor_system& sys, runtime::clock_ptr clock, caf::actor journal,
                       caf::actor reader, caf::actor timer, std::size_t slice) {
  return sys.spawn(run_price, std::move(clock), std::move(journal), std::move(reader),
                   std::move(timer), slice);
}

} // namespace interject::monitors
