#include "actors/monitors/price_index.hpp"

#include <limits>

namespace interject::monitors {
namespace {

__extension__ typedef __int128 wide;
constexpr wide hundred = wide(100) * decimal::scale;

/// Rounded down. `by` is positive.
wide floor_divide(wide n, wide by) {
  auto q = n / by;
  return n % by < 0 ? q - 1 : q;
}

std::optional<decimal> reachable(wide units, bool from_above) {
  constexpr wide least = std::numeric_limits<std::int64_t>::min();
  constexpr wide most = std::numeric_limits<std::int64_t>::max();
  if (from_above ? units < least : units > most)
    return {};
  return decimal{static_cast<std::int64_t>(from_above ? (units > most ? most : units) : (units < least ? least : units))};
}

bool is_older(const price_sample& sample, time_point at, const quote& newest) {
  if (sample.seq && newest.seq)
    return *sample.seq <= *newest.seq;
  return at < newest.at;
}

} // namespace

std::optional<decimal> drop_level(decimal baseline, decimal percent) {
  return reachable(floor_divide(wide(baseline.units) * (hundred - percent.units), hundred), true);
}

std::optional<decimal> gain_level(decimal baseline, decimal percent) {
  return reachable(-floor_divide(-(wide(baseline.units) * (hundred + percent.units)), hundred), false);
}

const quote* price_index::last(const std::string& symbol) const {
  auto it = books_.find(symbol);
  return it != books_.end() && it->second->last ? &*it->second->last : nullptr;
}

void price_index::set_last(const std::string& symbol, const quote& q) { book_of(symbol).last = q; }

price_index::book& price_index::book_of(const std::string& symbol) {
  auto& b = books_[symbol];
  if (!b)
    b = std::make_unique<book>();
  return *b;
}

void price_index::resolve(entry& e) {
  e.fall.reset();
  e.rise.reset();
  switch (e.when.kind) {
  case watch_kind::falls_to: e.fall = e.when.level; break;
  case watch_kind::rises_to: e.rise = e.when.level; break;
  case watch_kind::crosses: e.fall = e.rise = e.when.level; break;
  case watch_kind::drops_by: e.fall = drop_level(*e.baseline, e.when.level); break;
  case watch_kind::gains_by: e.rise = gain_level(*e.baseline, e.when.level); break;
  }
}

/// Where a watch stands follows from the last price alone, so a restart finds it again.
void price_index::place(const entry_ptr& e) {
  auto& b = *e->of;
  if (!e->baseline || !b.last) {
    b.unbased.emplace(e->order, e);
    return;
  }
  auto price = b.last->price;
  // A crossing watches the far side only; exactly on its level it waits for the price to leave.
  bool both = e->fall && e->rise;
  if (e->fall && price > *e->fall)
    b.falls.emplace(std::pair(e->fall->units, e->order), e);
  else if (e->fall && !(both && price < *e->rise))
    b.falls_later.emplace(std::pair(e->fall->units, e->order), e);
  if (e->rise && price < *e->rise)
    b.rises.emplace(std::pair(e->rise->units, e->order), e);
  else if (e->rise && !(both && price > *e->fall))
    b.rises_later.emplace(std::pair(e->rise->units, e->order), e);
}

void price_index::take_out(const entry& e) {
  auto& b = *e.of;
  b.unbased.erase(e.order);
  if (e.fall) {
    b.falls.erase({e.fall->units, e.order});
    b.falls_later.erase({e.fall->units, e.order});
  }
  if (e.rise) {
    b.rises.erase({e.rise->units, e.order});
    b.rises_later.erase({e.rise->units, e.order});
  }
}

void price_index::arm(const std::string& id, const std::string& symbol, const watch_condition& when,
                      std::optional<decimal> baseline) {
  disarm(id);
  auto e = std::make_shared<entry>();
  e->id = id;
  e->of = &book_of(symbol);
  e->when = when;
  e->baseline = baseline;
  e->order = next_++;
  if (e->baseline)
    resolve(*e);
  place(e);
  watches_.emplace(id, std::move(e));
}

bool price_index::disarm(const std::string& id) {
  auto it = watches_.find(id);
  if (it == watches_.end())
    return false;
  take_out(*it->second);
  watches_.erase(it);
  return true;
}

void price_index::remember(const entry_ptr& e) {
  if (undo_)
    undo_->touched.try_emplace(e->id, e, e->baseline);
}

void price_index::fire(const entry_ptr& e, const quote& now, const std::optional<quote>& before, effect& out) {
  remember(e);
  out.fired.push_back({e->id, now.price, before ? std::optional(before->price) : std::nullopt, now.at});
  take_out(*e);
  watches_.erase(out.fired.back().id);
}

price_index::effect price_index::apply(const price_sample& sample, time_point now) {
  effect out;
  auto& b = book_of(sample.symbol);
  quote next{sample.price, sample.at.value_or(now), sample.seq};
  if (b.last && is_older(sample, next.at, *b.last))
    return out;
  out.accepted = true;
  if (undo_)
    undo_->quotes.try_emplace(&b, b.last);
  auto before = std::exchange(b.last, next);
  while (!b.falls.empty() && b.falls.rbegin()->first.first >= next.price.units) {
    // The highest threshold first; among equals the oldest watch.
    auto level = b.falls.rbegin()->first.first;
    fire(entry_ptr(b.falls.lower_bound({level, 0})->second), next, before, out);
  }
  while (!b.rises.empty() && b.rises.begin()->first.first <= next.price.units)
    fire(entry_ptr(b.rises.begin()->second), next, before, out);
  auto settle = [&](const entry_ptr& e) {
    remember(e);
    take_out(*e);
    place(e);
  };
  while (!b.falls_later.empty() && b.falls_later.begin()->first.first < next.price.units)
    settle(entry_ptr(b.falls_later.begin()->second));
  while (!b.rises_later.empty() && b.rises_later.rbegin()->first.first > next.price.units)
    settle(entry_ptr(b.rises_later.rbegin()->second));
  while (!b.unbased.empty()) {
    auto e = b.unbased.begin()->second;
    remember(e);
    take_out(*e);
    if (!e->baseline) {
      e->baseline = next.price;
      out.based.push_back(e->id);
    }
    resolve(*e);
    place(e);
  }
  return out;
}

void price_index::begin() { undo_.emplace(); }

void price_index::keep() { undo_.reset(); }

void price_index::roll_back() {
  auto back = std::exchange(undo_, std::nullopt);
  if (!back)
    return;
  for (auto& [id, was] : back->touched)
    take_out(*was.first);
  for (auto& [b, was] : back->quotes)
    b->last = was;
  for (auto& [id, was] : back->touched) {
    auto& [e, baseline] = was;
    e->baseline = baseline;
    if (baseline)
      resolve(*e);
    else
      e->fall.reset(), e->rise.reset();
    watches_[id] = e;
    place(e);
  }
}

} // namespace interject::monitors
