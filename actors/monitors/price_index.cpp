#include "actors/monitors/price_index.hpp"

#include <algorithm>
#include <limits>

namespace interject::monitors {
namespace {

constexpr std::size_t falls = 0, rises = 1;

bool is_older(const price_sample& sample, time_point at, const quote& newest) {
  if (sample.seq && newest.seq)
    return *sample.seq <= *newest.seq;
  return at < newest.at;
}

std::optional<decimal> reachable(const price_side& side, decimal baseline, decimal percent) {
  auto units = side.level_of(side.units(baseline), percent);
  return units == std::numeric_limits<std::int64_t>::min() ? std::nullopt
                                                           : std::optional(side.price(units));
}

bool trails(const watch_condition& when) {
  return when.from == watch_from::high || when.from == watch_from::low;
}

std::size_t side_of(watch_kind kind) {
  return kind == watch_kind::rises_to || kind == watch_kind::gains_by ? rises : falls;
}

} // namespace

std::optional<decimal> drop_level(decimal baseline, decimal percent) {
  return reachable(price_side(false), baseline, percent);
}

std::optional<decimal> gain_level(decimal baseline, decimal percent) {
  return reachable(price_side(true), baseline, percent);
}

// ---- symbols

const quote* price_index::last(const std::string& symbol) const {
  auto it = books_.find(symbol);
  return it != books_.end() && it->second->last ? &*it->second->last : nullptr;
}

void price_index::set_last(const std::string& symbol, const quote& q) {
  book_of(symbol).last = q;
}

price_index::book& price_index::book_of(const std::string& symbol) {
  auto& b = books_[symbol];
  if (!b) {
    b = std::make_unique<book>();
    b->symbol = symbol;
    for (auto i : {falls, rises})
      b->sides[i].on_change(
          [this, of = b.get(), i](std::uint64_t since, std::optional<std::int64_t> was) {
            moved_.emplace(of, i, since);
            if (undo_)
              undo_->extremes.try_emplace(extreme_key(of, i, since), was);
          });
  }
  return *b;
}

void price_index::set_extreme(const running_extreme& e) {
  auto& side = book_of(e.symbol).sides[e.high ? falls : rises];
  side.set_extreme(e.since, e.price ? std::optional(side.units(*e.price)) : std::nullopt);
  next_ = std::max(next_, e.since + 1);
}

std::vector<running_extreme> price_index::take_extremes() {
  std::vector<running_extreme> out;
  for (auto& [b, i, since] : moved_) {
    auto units = b->sides[i].extreme(since);
    out.push_back({b->symbol, i == falls, since,
                   units ? std::optional(b->sides[i].price(*units)) : std::nullopt});
  }
  moved_.clear();
  return out;
}

std::vector<std::string> price_index::watching(const std::string& symbol) const {
  std::vector<std::string> out;
  for (auto& [id, e] : watches_)
    if (e->of->symbol == symbol && e->at != watch_phase::over && e->at != watch_phase::spent)
      out.emplace_back(id);
  std::sort(out.begin(), out.end());
  return out;
}

// ---- where a watch stands

/// Fixed thresholds follow from the terms and the baseline.
static void resolve(price_side::member& m, const price_side (&sides)[2],
                    const watch_condition& when, const std::optional<decimal>& baseline) {
  auto fixed = [&](std::size_t i, std::int64_t level, std::int64_t end) {
    m.level[i] = level;
    m.end[i] = end;
  };
  auto i = side_of(when.kind);
  auto& side = sides[i];
  switch (when.kind) {
  case watch_kind::falls_to:
  case watch_kind::rises_to:
    return fixed(i, side.units(when.level),
                 when.rearm ? side.units(*when.rearm) - 1 : side.units(when.level));
  case watch_kind::crosses:
    for (auto both : {falls, rises})
      fixed(both, sides[both].units(when.level), sides[both].units(when.level));
    return;
  case watch_kind::drops_by:
  case watch_kind::gains_by:
    break;
  }
  if (trails(when)) {
    m.percent = when.level;
    m.rearm_percent = when.rearm;
  } else if (baseline) {
    auto from = side.units(*baseline);
    auto level = side.level_of(from, when.level);
    fixed(i, level, when.rearm ? std::max(level, side.end_of(from, *when.rearm)) : level);
  }
}

bool price_index::holds(const entry& e, decimal price) const {
  auto i = side_of(e.when.kind);
  auto& side = e.of->sides[i];
  return e.in ? side.holds(e, side.units(price)) : side.units(price) <= *e.level[i];
}

/// Armed, unless its condition holds already. A crossing is armed on the far side; exactly on its
/// level it waits.
void price_index::settle(entry& e, decimal price) {
  bool rests = e.when.kind == watch_kind::crosses ? price == e.when.level : holds(e, price);
  e.at = rests ? watch_phase::resting : watch_phase::armed;
}

void price_index::place(entry& e) {
  auto& b = *e.of;
  auto i = side_of(e.when.kind);
  bool crossing = e.when.kind == watch_kind::crosses;
  switch (e.at) {
  case watch_phase::waiting:
    b.unbased.emplace(e.order, &e);
    return;
  case watch_phase::armed:
    if (crossing)
      i = b.last->price > e.when.level ? falls : rises;
    b.sides[i].arm(e);
    return;
  case watch_phase::pending:
    b.sides[e.pending_on].hold(e, false);
    return;
  case watch_phase::resting:
    if (crossing)
      b.sides[rises].hold(e, false);
    [[fallthrough]];
  case watch_phase::over:
    b.sides[i].hold(e, true);
    return;
  case watch_phase::spent:
    b.sides[i].idle(e);
    return;
  }
}

void price_index::take_out(entry& e) {
  e.of->unbased.erase(e.order);
  for (auto& side : e.of->sides)
    side.take_out(e);
}

void price_index::mark_time(entry& e, bool on) {
  auto put = [&](time_point at, int kind) {
    if (on)
      due_.emplace(deadline(at, kind, e.order), &e);
    else
      due_.erase(deadline(at, kind, e.order));
  };
  if (e.expires)
    put(*e.expires, 0);
  if (e.at == watch_phase::pending && e.since)
    put(*e.since + e.when.hold, 1);
}

void price_index::drop(entry& e) {
  take_out(e);
  mark_time(e, false);
  if (e.in)
    e.of->sides[side_of(e.when.kind)].leave(e);
  watches_.erase(e.id);
}

price_index::change price_index::change_of(const entry& e, decimal price,
                                           std::optional<decimal> previous, time_point at) const {
  change c;
  c.id = e.id;
  c.symbol = &e.of->symbol;
  c.now = e.at;
  c.since = e.since;
  c.price = price;
  c.previous = previous;
  c.at = at;
  c.order = e.order;
  return c;
}

// ---- arming

/// In place of one of that id; it stands nowhere yet.
price_index::entry& price_index::admit(watch_terms&& w) {
  disarm(w.id);
  auto made = std::make_shared<entry>();
  auto& e = *made;
  e.id = std::move(w.id);
  e.of = &book_of(w.symbol);
  e.when = w.when;
  e.at = w.as;
  e.baseline = w.baseline;
  e.since = w.since;
  e.expires = w.expires;
  e.interest = w.interest;
  if (!e.of->last || !e.baseline)
    e.at = watch_phase::waiting;
  e.order = e.at == watch_phase::waiting || w.order == 0 ? next_ : w.order;
  next_ = std::max(next_, e.order + 1);
  watches_.emplace(e.id, std::move(made));
  return e;
}

/// One that has a baseline, by the last price.
void price_index::stand(entry& e, watch_phase as, bool rising) {
  auto price = e.of->last->price;
  resolve(e, e.of->sides, e.when, e.baseline);
  auto i = side_of(e.when.kind);
  if (trails(e.when))
    e.of->sides[i].join(e, e.of->sides[i].units(price), false);
  bool crossing = e.when.kind == watch_kind::crosses;
  if (e.at == watch_phase::armed || crossing)
    settle(e, price);
  if (as == watch_phase::pending) {
    e.at = watch_phase::pending;
    e.pending_on = crossing ? (rising ? rises : falls) : i;
  }
  mark_time(e, true);
  place(e);
}

std::vector<price_index::change> price_index::arm(const watch_terms& w, time_point now) {
  auto& e = admit(watch_terms(w));
  auto* last = e.of->last ? &*e.of->last : nullptr;
  changes out;
  if (e.at == watch_phase::waiting) {
    mark_time(e, true);
    if (last)
      begin_at(e, last->price, last->at, now, out);
    else
      e.of->unbased.emplace(e.order, &e), out.push_back(change_of(e, {}, {}, now));
    return out;
  }
  stand(e, w.as, w.rising);
  out.push_back(change_of(e, last->price, {}, last->at));
  return out;
}

std::uint64_t price_index::resume(watch_terms&& w, time_point now) {
  auto known = books_.find(w.symbol);
  if (known == books_.end() || !known->second->last || !w.baseline)
    return arm(w, now).back().order;
  auto as = w.as;
  auto rising = w.rising;
  if (as == watch_phase::waiting)
    return arm(w, now).back().order;
  auto& e = admit(std::move(w));
  stand(e, as, rising);
  return e.order;
}

void price_index::make_room(std::size_t more) {
  if (auto wanted = watches_.size() + more; wanted > watches_.bucket_count())
    watches_.reserve(4 * wanted);
}

bool price_index::disarm(const std::string& id) {
  auto it = watches_.find(id);
  if (it == watches_.end())
    return false;
  auto kept = it->second;
  drop(*kept);
  return true;
}

std::optional<price_index::change>
price_index::rearm(const std::string& id, std::optional<time_point> expires, time_point now) {
  auto it = watches_.find(id);
  if (it == watches_.end())
    return {};
  auto& e = *it->second;
  if ((e.at != watch_phase::over && e.at != watch_phase::spent) || !e.of->last)
    return {};
  auto price = e.of->last->price;
  take_out(e);
  mark_time(e, false);
  e.expires = expires;
  settle(e, price);
  if (e.at == watch_phase::resting) {
    e.at = watch_phase::pending;
    e.pending_on = side_of(e.when.kind);
    e.since = now;
  }
  mark_time(e, true);
  place(e);
  return change_of(e, price, {}, now);
}

/// The first price that a watch sees is its baseline.
void price_index::begin_at(entry& e, decimal price, time_point at, time_point now, changes& out) {
  take_out(e);
  if (!e.baseline)
    e.baseline = price;
  resolve(e, e.of->sides, e.when, e.baseline);
  auto i = side_of(e.when.kind);
  if (trails(e.when))
    e.of->sides[i].join(e, e.of->sides[i].units(price), true);
  settle(e, price);
  place(e);
  auto c = change_of(e, price, {}, at);
  c.based = true;
  out.push_back(c);
  if (e.when.first_sample && e.at == watch_phase::resting)
    condition_holds(e, i, change_of(e, price, {}, at), now, out);
}

// ---- a sample

void price_index::remember(entry& e) {
  if (undo_)
    undo_->touched.try_emplace(
        e.id, before{watches_.at(e.id), e.at, e.baseline, e.since, e.expires, e.pending_on});
}

void price_index::condition_holds(entry& e, std::size_t side, change c, time_point now,
                                  changes& out) {
  take_out(e);
  if (e.when.hold <= duration::zero())
    return fire(e, std::move(c), now, out);
  mark_time(e, false);
  e.at = watch_phase::pending;
  e.pending_on = side;
  e.since = now;
  mark_time(e, true);
  place(e);
  c.now = e.at;
  c.since = now;
  c.rising = side == rises;
  out.push_back(std::move(c));
}

/// Out of its place already.
void price_index::fire(entry& e, change c, time_point now, changes& out) {
  c.fired = true;
  c.since.reset();
  mark_time(e, false);
  e.since.reset();
  if (e.when.repeat) {
    e.at = watch_phase::resting;
    if (e.when.from == watch_from::last_fired) {
      e.baseline = c.price;
      c.based = true;
      resolve(e, e.of->sides, e.when, e.baseline);
    }
    if (c.based || e.when.kind == watch_kind::crosses)
      settle(e, c.price);
  } else {
    e.at = watch_phase::over;
    e.expires = now + e.interest;
  }
  c.now = e.at;
  out.push_back(std::move(c));
  if (e.at == watch_phase::over &&
      (e.interest <= duration::zero() || e.when.kind == watch_kind::crosses))
    return drop(e);
  mark_time(e, true);
  place(e);
}

void price_index::condition_ended(entry& e, change c, changes& out) {
  take_out(e);
  mark_time(e, false);
  auto was = e.at;
  c.ended = was != watch_phase::pending;
  c.since.reset();
  e.since.reset();
  if (was == watch_phase::over)
    e.at = watch_phase::spent;
  else
    settle(e, c.price);
  mark_time(e, true);
  place(e);
  c.now = e.at;
  out.push_back(std::move(c));
}

price_index::effect price_index::apply(const price_sample& sample, time_point now) {
  effect out;
  out.changes = pass_time(now);
  auto& b = book_of(sample.symbol);
  quote next{sample.price, sample.at.value_or(now), sample.seq};
  if (b.last && is_older(sample, next.at, *b.last))
    return out;
  out.accepted = true;
  if (undo_)
    undo_->quotes.try_emplace(&b, b.last);
  auto was = std::exchange(b.last, next);
  auto previous = was ? std::optional(was->price) : std::nullopt;
  auto quiet = [&](auto i) { return b.sides[i].is_quiet(b.sides[i].units(next.price)); };
  if (b.unbased.empty() && quiet(falls) && quiet(rises))
    return out;
  for (auto i : {falls, rises})
    b.sides[i].extend(b.sides[i].units(next.price));
  for (auto i : {falls, rises})
    while (auto* m = b.sides[i].reached(b.sides[i].units(next.price))) {
      auto& e = static_cast<entry&>(*m);
      remember(e);
      condition_holds(e, i, change_of(e, next.price, previous, next.at), now, out.changes);
    }
  for (auto i : {falls, rises})
    while (auto* m = b.sides[i].ended(b.sides[i].units(next.price))) {
      auto& e = static_cast<entry&>(*m);
      remember(e);
      condition_ended(e, change_of(e, next.price, previous, next.at), out.changes);
    }
  while (!b.unbased.empty()) {
    auto& e = *b.unbased.begin()->second;
    remember(e);
    begin_at(e, next.price, next.at, now, out.changes);
  }
  return out;
}

std::vector<price_index::change> price_index::pass_time(time_point now) {
  changes out;
  while (!due_.empty() && std::get<0>(due_.begin()->first) <= now) {
    auto [at, kind, order] = due_.begin()->first;
    auto& e = *due_.begin()->second;
    remember(e);
    auto& last = e.of->last;
    auto c = change_of(e, last ? last->price : decimal{}, {}, at);
    if (kind == 1) {
      c.by_clock = true;
      take_out(e);
      fire(e, std::move(c), now, out);
      continue;
    }
    c.expired = e.at != watch_phase::over && e.at != watch_phase::spent;
    out.push_back(std::move(c));
    drop(e);
  }
  return out;
}

std::optional<time_point> price_index::earliest() const {
  return due_.empty() ? std::nullopt : std::optional(std::get<0>(due_.begin()->first));
}

// ---- undoing

void price_index::begin() {
  undo_.emplace();
}

void price_index::keep() {
  undo_.reset();
}

/// Builds a book's places anew from what its watches and extremes are.
void price_index::restore_book(book& b) {
  for (auto& side : b.sides)
    side.clear_places();
  b.unbased.clear();
  for (auto& [id, kept] : watches_) {
    auto& e = *kept;
    if (e.of != &b)
      continue;
    price_side::member anew;
    anew.order = e.order;
    static_cast<price_side::member&>(e) = anew;
    if (e.at != watch_phase::waiting) {
      resolve(e, b.sides, e.when, e.baseline);
      auto i = side_of(e.when.kind);
      if (trails(e.when))
        b.sides[i].join(e, b.sides[i].units(b.last->price), false);
    }
    place(e);
  }
}

void price_index::roll_back() {
  auto back = std::exchange(undo_, std::nullopt);
  if (!back)
    return;
  std::set<book*> books;
  for (auto& [b, was] : back->quotes) {
    b->last = was;
    books.insert(b);
  }
  for (auto& [id, was] : back->touched) {
    auto& e = *was.who;
    e.at = was.at;
    e.baseline = was.baseline;
    e.since = was.since;
    e.expires = was.expires;
    e.pending_on = was.pending_on;
    watches_.try_emplace(e.id, was.who); // unless it is still there
    books.insert(e.of);
  }
  for (auto* b : books)
    for (auto& side : b->sides)
      side.clear_places();
  for (auto& [where, was] : back->extremes) {
    auto& [b, i, since] = where;
    moved_.insert(where);
    b->sides[i].set_extreme(since, was);
  }
  for (auto* b : books)
    restore_book(*b);
  due_.clear();
  for (auto& [id, e] : watches_)
    mark_time(*e, true);
}

} // namespace interject::monitors
