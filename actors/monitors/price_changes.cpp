#include "actors/monitors/price_state.hpp"
#include "protocols/codec/binary.hpp"

namespace interject::monitors::pricing {

void remember_order(price_state& s, watch_row& row, const price_index::change& c) {
  if (row.order != c.order) {
    row.order = c.order;
    s.dirty.insert(row.id);
  }
}

namespace {

/// Takes over what a change made of a watch. False when the watch is gone meanwhile.
bool change_row(price_state& s, step& to, const price_index::change& c) {
  auto it = to.changed.find(c.id);
  if (it == to.changed.end()) {
    auto row = s.rows.copy(c.id);
    if (!row)
      return false;
    it = to.changed.emplace(c.id, std::move(*row)).first;
  }
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
  forget_errands(s, id);
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

} // namespace

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

namespace {

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

} // namespace

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

} // namespace interject::monitors::pricing
