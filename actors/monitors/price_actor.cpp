// Prices in, news out. A sample and what it fires are one commit; only then is the sample acknowledged and the news
// sent, again and again until its conversation has taken it.
//   in: take_prices, arm_watch, disarm_watch    out: prices_taken, notify → router
#include "actors/monitors/alarm_clock.hpp"
#include "actors/monitors/backoff.hpp"
#include "actors/monitors/firing.hpp"
#include "actors/monitors/loading.hpp"
#include "actors/monitors/price_index.hpp"
#include "actors/monitors/timer_index.hpp"
#include "actors/runtime/log.hpp"

#include <deque>
#include <unordered_set>
#include <variant>

namespace interject::monitors {
namespace {

constexpr std::size_t max_unanswered = 256;
constexpr std::size_t max_batches_waiting = 1024; ///< take_prices; more are refused
constexpr std::size_t max_samples_a_commit = 10'000;
constexpr auto answer_within = std::chrono::minutes(1); ///< the journal always answers; this bounds a failure

struct prices_batch {
  take_prices what;
  caf::response_promise answer;
  prices_taken result;
};
struct settled {
  std::string id; ///< of a watch whose firing was taken, or given up
};
using operation = std::variant<prices_batch, arm_watch, disarm_watch, settled>;

/// A fired watch whose conversation has not yet taken it.
struct pending_news {
  notification what;
  interject::ticket ticket = 0;
  std::uint32_t tries = 0;
};

struct price_state {
  static inline const char* name = "interject.price";
  runtime::clock_ptr clock;
  caf::actor journal, reader, timer, router;
  std::vector<std::pair<caf::response_promise, interject::ticket>> beginners;
  bool begun = false;

  price_index index;
  std::unordered_map<std::string, watch_row> rows; ///< all but those that are done
  std::unordered_set<std::string> dirty;           ///< rows to write with the next commit
  std::deque<operation> waiting;
  std::size_t batches_waiting = 0;
  bool writing = false;
  std::uint32_t failures = 0; ///< commits in a row

  std::unordered_map<std::string, pending_news> news; ///< by watch
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
  std::unordered_map<std::string, watch_row> fired;
  std::vector<std::string> order; ///< of the fired
  std::unordered_set<std::string> written;
};

void work(self_ptr self);

void wake_me(self_ptr self, time_point at) {
  auto& s = runtime::state(self);
  s.alarm.ring_at(self, s.timer, at);
}

// ---- the news ----------------------------------------------------------------------------------------------

void compose(price_state& s, const watch_row& row, bool late) {
  auto what = firing_of(row.notify, origin::watch, row.id, row.firings, row.fired_at.value_or(s.clock->now()));
  // Its lifetime begins now: a source's own time may lie far back.
  what.created = s.clock->now();
  what.late = late;
  set_param(what.params, "symbol", value(row.symbol));
  if (row.fired_price)
    set_param(what.params, "price", value(*row.fired_price));
  set_param(what.params, "baseline", row.baseline ? value(*row.baseline) : value());
  set_param(what.params, "previous", row.previous ? value(*row.previous) : value());
  s.news[row.id] = {std::move(what), 0, 0};
  s.outbox.push_back(row.id);
}

void send_news(self_ptr self) {
  auto& s = runtime::state(self);
  auto now = s.clock->now();
  while (auto id = s.again.pop(now)) {
    // Its answer is lost, or was a refusal for now: its place in the window is free.
    if (auto it = s.news.find(*id); it != s.news.end())
      s.in_flight.erase(it->second.ticket);
    s.outbox.push_back(*id);
  }
  while (!s.outbox.empty() && s.in_flight.size() < max_unanswered) {
    auto id = std::move(s.outbox.front());
    s.outbox.pop_front();
    auto row = s.rows.find(id);
    auto it = s.news.find(id);
    if (row == s.rows.end() || it == s.news.end())
      continue;
    auto& news = it->second;
    news.ticket = ++s.last_ticket;
    s.in_flight.emplace(news.ticket, id);
    s.again.put(id, now + backoff(++news.tries));
    runtime::send(self, s.router, notify{news.ticket, row->second.conversation, {}, news.what});
  }
  if (auto next = s.again.earliest())
    wake_me(self, *next);
}

void answered(self_ptr self, interject::ticket ticket, bool taken) {
  auto& s = runtime::state(self);
  auto it = s.in_flight.find(ticket);
  if (it == s.in_flight.end())
    return;
  auto id = std::move(it->second);
  s.in_flight.erase(it);
  if (taken) {
    s.news.erase(id);
    s.again.erase(id);
    s.waiting.push_back(settled{id});
    work(self);
  }
  send_news(self);
}

// ---- what arrives ------------------------------------------------------------------------------------------

void arm(price_state& s, watch_row row) {
  if (s.rows.count(row.id) || row.state == watch_state::done)
    return;
  auto id = row.id;
  if (row.state == watch_state::fired) {
    auto& kept = s.rows[id] = std::move(row);
    return compose(s, kept, true);
  }
  auto* last = s.index.last(row.symbol);
  if (!row.baseline && last)
    row.baseline = last->price;
  auto stands = row.baseline ? watch_state::armed : watch_state::waiting;
  if (row.state != stands) {
    row.state = stands;
    s.dirty.insert(id);
  }
  s.index.arm(id, row.symbol, row.when, row.baseline);
  s.rows[id] = std::move(row);
}

void disarm(price_state& s, const std::string& id) {
  s.index.disarm(id);
  s.rows.erase(id);
  s.dirty.erase(id);
  s.news.erase(id);
  s.again.erase(id);
}

void settle(price_state& s, const std::string& id) {
  if (auto it = s.rows.find(id); it != s.rows.end()) {
    it->second.state = watch_state::done;
    s.dirty.insert(id);
  }
}

void carry_out(price_state& s, const operation& op) {
  if (auto* a = std::get_if<arm_watch>(&op))
    arm(s, a->row);
  else if (auto* d = std::get_if<disarm_watch>(&op))
    disarm(s, d->id);
  else if (auto* done = std::get_if<settled>(&op))
    settle(s, done->id);
}

void fire(price_state& s, step& to, const price_index::firing& f) {
  auto row = s.rows.at(f.id);
  if (auto it = to.fired.find(f.id); it != to.fired.end())
    row = it->second; // its baseline is of this step
  row.state = watch_state::fired;
  ++row.firings;
  row.fired_price = f.price;
  row.fired_at = f.at;
  row.previous = f.previous;
  to.fired[f.id] = std::move(row);
  to.order.push_back(f.id);
}

void take_samples(price_state& s, step& to, prices_batch batch) {
  auto now = s.clock->now();
  std::unordered_set<std::string> changed;
  for (auto& sample : batch.what.samples) {
    auto did = s.index.apply(sample, now);
    ++(did.accepted ? batch.result.accepted : batch.result.ignored);
    batch.result.fired += did.fired.size();
    if (did.accepted)
      changed.insert(sample.symbol);
    for (auto& id : did.based) {
      auto& row = to.fired[id] = s.rows.at(id);
      row.baseline = sample.price;
      row.state = watch_state::armed;
    }
    for (auto& f : did.fired)
      fire(s, to, f);
  }
  for (auto& symbol : changed) {
    auto* q = s.index.last(symbol);
    to.rows->symbols.push_back({symbol, q->price, q->at, q->seq});
  }
  to.batches.push_back(std::move(batch));
}

// ---- one commit at a time ------------------------------------------------------------------------------------

void finish(self_ptr self, step& of, const std::optional<error>& failed) {
  auto& s = runtime::state(self);
  s.writing = false;
  if (failed) {
    s.index.roll_back();
    for (auto& b : of.batches)
      b.answer.deliver(refused{b.what.ticket, errc::unavailable, "prices could not be made durable; try again"});
    runtime::log_warn("price.commit_failed", "code={} why=\"{}\"", to_string(failed->code), failed->what);
    if (!s.dirty.empty())
      wake_me(self, s.clock->now() + backoff(++s.failures));
    return;
  }
  s.failures = 0;
  s.index.keep();
  for (auto& id : of.written) {
    s.dirty.erase(id);
    if (auto it = s.rows.find(id); it != s.rows.end() && it->second.state == watch_state::done)
      s.rows.erase(it);
  }
  for (auto& [id, row] : of.fired)
    s.rows[id] = std::move(row);
  for (auto& b : of.batches)
    b.answer.deliver(b.result);
  for (auto& id : of.order)
    compose(s, s.rows.at(id), false);
  send_news(self);
}

void commit(self_ptr self, std::shared_ptr<step> of) {
  auto& s = runtime::state(self);
  auto& rows = *of->rows;
  rows.at = s.clock->now();
  for (auto& id : s.dirty) {
    of->written.insert(id);
    if (!of->fired.count(id))
      rows.watches.push_back(s.rows.at(id));
  }
  for (auto& [id, row] : of->fired)
    rows.watches.push_back(row);
  if (rows.watches.empty() && rows.symbols.empty())
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
          [end](const caf::error&) { end(error{errc::timed_out, "the journal did not answer"}); });
}

/// In order: first what arms and disarms, then samples up to the next of those.
void work(self_ptr self) {
  auto& s = runtime::state(self);
  while (s.begun && !s.writing && (!s.waiting.empty() || !s.dirty.empty())) {
    auto of = std::make_shared<step>();
    for (; !s.waiting.empty() && !std::holds_alternative<prices_batch>(s.waiting.front()); s.waiting.pop_front())
      carry_out(s, s.waiting.front());
    s.index.begin();
    std::size_t samples = 0;
    while (!s.waiting.empty() && samples < max_samples_a_commit) {
      auto* batch = std::get_if<prices_batch>(&s.waiting.front());
      if (!batch)
        break;
      samples += batch->what.samples.size();
      take_samples(s, *of, std::move(*batch));
      s.waiting.pop_front();
      --s.batches_waiting;
    }
    commit(self, std::move(of));
  }
  send_news(self);
}

void take(self_ptr self, const take_prices& t) {
  auto& s = runtime::state(self);
  prices_batch batch{t, self->make_response_promise(), {}};
  batch.result.ticket = t.ticket;
  if (s.batches_waiting >= max_batches_waiting)
    return batch.answer.deliver(refused{t.ticket, errc::busy, "too many prices wait; try again"});
  ++s.batches_waiting;
  s.waiting.push_back(std::move(batch));
  work(self);
}

// ---- the beginning --------------------------------------------------------------------------------------------

void begin(self_ptr self, const begin_monitoring& b) {
  begin_with_rows(self, b, [](journal::reader& from, loaded_rows& rows) {
    if (read_whole(rows.symbols, rows.failed, from.symbols()))
      read_pages(rows.watches, rows.failed,
                 [&](const std::string& cursor) { return from.watches("", load_page, cursor); });
  });
}

void take_rows(self_ptr self, const loaded_rows& rows) {
  auto& s = runtime::state(self);
  if (refused_to_begin(s, rows))
    return;
  for (auto& q : rows.symbols)
    s.index.set_last(q.symbol, {q.price, q.at, q.seq});
  for (auto& row : rows.watches)
    arm(s, row);
  say_begun(s);
  work(self);
}

void refuse_by(self_ptr self, const refused& r) {
  if (!worth_retrying(r.code))
    runtime::log_warn("price.refused", "code={} why=\"{}\"", to_string(r.code), r.what);
  answered(self, r.ticket, !worth_retrying(r.code));
}

caf::behavior run_price(self_ptr self, runtime::clock_ptr clock, caf::actor journal, caf::actor reader,
                        caf::actor timer) {
  auto& s = runtime::state(self);
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
      [self](const decided& d) { answered(self, d.ticket, true); },
      [self](const refused& r) { refuse_by(self, r); },
      [self](alarm_rang a) {
        if (runtime::state(self).alarm.rang(a))
          work(self);
      },
  };
}

} // namespace

caf::actor spawn_price(caf::actor_system& sys, runtime::clock_ptr clock, caf::actor journal, caf::actor reader,
                       caf::actor timer) {
  return sys.spawn(run_price, std::move(clock), std::move(journal), std::move(reader), std::move(timer));
}

} // namespace interject::monitors
