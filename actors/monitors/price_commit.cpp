#include "actors/monitors/backoff.hpp"
#include "actors/monitors/price_state.hpp"
#include "actors/runtime/log.hpp"
#include "protocols/codec/binary.hpp"

namespace interject::monitors::pricing {
namespace {

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
    s.rows.replace(id, std::move(row));
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
  for (auto& id : of.written) {
    forget_finished(s, id);
    s.rows.pack(id);
  }
  for (auto& c : of.done) {
    forget_finished(s, c.id);
    if (!c.fired) // of one that has fired something is to be told
      s.rows.pack(c.id);
  }
  run_errands(self);
}

} // namespace

void commit(self_ptr self, std::shared_ptr<step> of) {
  auto& s = runtime::state(self);
  auto& rows = *of->rows;
  rows.at = s.clock->now();
  for (auto& id : s.dirty) {
    of->written.insert(id);
    if (!of->changed.count(id))
      rows.watches.push_back(*s.rows.copy(id));
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
  // No time-out: the journal always answers, and a timer each costs more than the rest of it.
  runtime::request(self, s.journal, caf::infinite, journal::write_commit{of->rows})
      .then(
          [end](const journal::committed& c) {
            end(c.ok ? std::nullopt : std::optional(error{c.code, c.what}));
          },
          [end](const caf::error&) {
            end(error{errc::unavailable, "the journal has ended"});
          });
}

} // namespace interject::monitors::pricing
