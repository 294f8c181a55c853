#include "actors/monitors/price_side.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace interject::monitors {
namespace {

__extension__ typedef __int128 wide; // NOLINT(modernize-use-using): __extension__ takes no alias
constexpr wide hundred = wide(100) * decimal::scale;
constexpr std::size_t max_parts = 8; ///< of a group
/// No price has these units: what lies here is never reached.
constexpr std::int64_t unreachable = std::numeric_limits<std::int64_t>::min();

std::int64_t narrow(wide units) {
  constexpr wide most = std::numeric_limits<std::int64_t>::max();
  return units > most                ? std::numeric_limits<std::int64_t>::max()
         : units < wide(unreachable) ? unreachable
                                     : static_cast<std::int64_t>(units);
}

wide floor_divide(wide n, wide by) {
  auto q = n / by;
  return n % by < 0 ? q - 1 : q;
}

/// The products stay below 2¹²⁷ for every pair of decimals.
std::int64_t threshold(std::int64_t from, std::int64_t factor) {
  return narrow(floor_divide(wide(from) * factor, hundred));
}

std::int64_t end_threshold(std::int64_t from, std::int64_t factor) {
  return narrow(-floor_divide(-(wide(from) * factor), hundred) - 1);
}

/// Two places of a group may share a threshold.
std::pair<std::int64_t, std::uint64_t> key(std::int64_t at, std::uint64_t order, int which) {
  return {at, order * 2 + (which == 2 ? 1 : 0)};
}

} // namespace

std::int64_t price_side::factor(decimal percent) const {
  return static_cast<std::int64_t>(rises_ ? hundred + percent.units : hundred - percent.units);
}

std::int64_t price_side::level_of(std::int64_t from, decimal percent) const {
  return threshold(from, factor(percent));
}

std::int64_t price_side::end_of(std::int64_t from, decimal percent) const {
  return end_threshold(from, factor(percent));
}

// ---- places

std::int64_t price_side::factor_of(const member& m) const {
  return factor(m.waits_for_rearm ? *m.rearm_percent : *m.percent);
}

price_side::ranked& price_side::rank_of(member& m) {
  auto& p = *m.in;
  switch (m.where[rises_]) {
  case member::place::armed:
    return p.armed;
  case member::place::idle:
    return p.idle;
  default:
    return m.waits_for_rearm ? p.rearming : p.holding;
  }
}

/// Of a price at or below zero, the share to come back to lies on the wrong side of the condition:
/// then its own end counts.
bool price_side::is_odd(const group& g) const {
  return rises_ ? g.extreme >= 0 : g.extreme <= 0;
}

price_side::rank price_side::rearming_of(const group& g) const {
  return is_odd(g) ? &part::rearming_by_level : &part::rearming;
}

void price_side::arm(member& m) {
  m.where[rises_] = member::place::armed;
  m.waits_for_rearm = false;
  if (m.in) {
    rank_of(m).emplace(std::pair(factor_of(m), m.order), &m);
    return refresh(*m.in->of);
  }
  m.key[rises_] = *m.level[rises_];
  bounds_known_ = false;
  armed_.emplace(key(m.key[rises_], m.order, 0), item{&m, nullptr, 0});
}

void price_side::hold(member& m, bool waits_for_rearm) {
  m.where[rises_] = member::place::holding;
  if (m.in) {
    m.waits_for_rearm = waits_for_rearm && m.rearm_percent;
    rank_of(m).emplace(std::pair(factor_of(m), m.order), &m);
    if (m.waits_for_rearm)
      m.in->rearming_by_level.emplace(std::pair(factor(*m.percent), m.order), &m);
    return refresh(*m.in->of);
  }
  m.key[rises_] = waits_for_rearm ? *m.end[rises_] : *m.level[rises_];
  bounds_known_ = false;
  holding_.emplace(key(m.key[rises_], m.order, 1), item{&m, nullptr, 1});
}

void price_side::idle(member& m) {
  if (!m.in)
    return;
  m.where[rises_] = member::place::idle;
  m.waits_for_rearm = false;
  rank_of(m).emplace(std::pair(factor_of(m), m.order), &m);
}

void price_side::take_out(member& m) {
  auto was = m.where[rises_];
  if (was == member::place::none)
    return;
  if (m.in) {
    rank_of(m).erase({factor_of(m), m.order});
    if (m.waits_for_rearm)
      m.in->rearming_by_level.erase({factor(*m.percent), m.order});
    m.where[rises_] = member::place::none;
    m.waits_for_rearm = false;
    return refresh(*m.in->of);
  }
  m.where[rises_] = member::place::none;
  bounds_known_ = false;
  if (was == member::place::armed)
    armed_.erase(key(m.key[rises_], m.order, 0));
  else
    holding_.erase(key(m.key[rises_], m.order, 1));
}

// ---- groups

/// A negative extreme turns the order of the percentages around.
price_side::ranked::iterator price_side::nearest_of(const group& g, ranked& in, bool greatest) {
  if (from_begin(g, greatest))
    return in.begin();
  return in.lower_bound({in.rbegin()->first.first, 0});
}

/// Over all its parts; the oldest among equals. Null when there is none.
price_side::member* price_side::nearest_of(const group& g, rank in, bool greatest) {
  bool least = from_begin(g, greatest);
  const ranked::value_type* best = nullptr;
  for (auto& p : g.parts) {
    auto& here = (*p).*in;
    if (here.empty())
      continue;
    auto& found = *nearest_of(g, here, greatest);
    auto [factor, order] = found.first;
    if (!best || (factor == best->first.first ? order < best->first.second
                                              : (factor < best->first.first) == least))
      best = &found;
  }
  return best ? best->second : nullptr;
}

void price_side::list(group& g, bool on) {
  auto put = [&](thresholds& to, const std::optional<std::int64_t>& at, int which) {
    if (!at)
      return;
    if (on)
      to.emplace(key(*at, g.since, which), item{nullptr, &g, which});
    else
      to.erase(key(*at, g.since, which));
  };
  put(armed_, g.next_armed, 0);
  put(holding_, g.next_holding, 1);
  put(holding_, g.next_rearming, 2);
}

void price_side::refresh(group& g) {
  bool listed = &g != newest_;
  if (listed)
    list(g, false);
  bounds_known_ = false;
  auto next = [&](rank in, bool greatest, auto at) -> std::optional<std::int64_t> {
    std::optional<std::int64_t> factor;
    bool least = from_begin(g, greatest);
    for (auto& p : g.parts)
      if (auto& here = (*p).*in; !here.empty()) {
        auto end = least ? here.begin()->first.first : here.rbegin()->first.first; // no search
        factor = !factor ? end : least ? std::min(*factor, end) : std::max(*factor, end);
      }
    return factor ? std::optional(at(g.extreme, *factor)) : std::nullopt;
  };
  g.next_armed = next(&part::armed, true, threshold);
  g.next_holding = next(&part::holding, false, threshold);
  g.next_rearming = next(rearming_of(g), false, is_odd(g) ? threshold : end_threshold);
  if (listed)
    list(g, true);
}

/// Extremes fall from group to group, so that a new watch either shares the newest or begins one.
void price_side::join(member& m, std::int64_t price, bool is_new) {
  auto it = groups_.upper_bound(m.order);
  group* g = it == groups_.begin() ? nullptr : &std::prev(it)->second;
  if (!g || (is_new && g->extreme > price)) {
    changed_(m.order, {});
    auto* was = newest_;
    g = &groups_[m.order];
    g->since = m.order;
    g->extreme = price;
    newest_ = &groups_.rbegin()->second;
    if (was && was != newest_)
      list(*was, true);
  }
  bounds_known_ = false;
  if (g->parts.empty()) {
    g->parts.push_back(std::make_unique<part>());
    g->parts.back()->of = g;
  }
  m.in = g->parts.back().get();
  ++m.in->members;
  ++g->members;
}

void price_side::leave(member& m) {
  if (!m.in)
    return;
  take_out(m);
  auto* p = std::exchange(m.in, nullptr);
  auto* g = p->of;
  if (--p->members == 0)
    std::erase_if(g->parts, [&](auto& each) { return each.get() == p; });
  if (--g->members == 0)
    erase_group(*g);
}

void price_side::erase_group(group& g) {
  bounds_known_ = false;
  changed_(g.since, g.extreme);
  bool was_newest = &g == newest_;
  if (!was_newest)
    list(g, false);
  groups_.erase(g.since);
  if (!was_newest)
    return;
  newest_ = groups_.empty() ? nullptr : &groups_.rbegin()->second;
  if (newest_)
    list(*newest_, false);
}

bool price_side::holds(const member& m, std::int64_t price) const {
  return price <= threshold(m.in->of->extreme, factor(*m.percent));
}

/// The smaller moves.
void price_side::merge_parts(part& to, part& from) {
  for (auto in :
       {&part::armed, &part::holding, &part::idle, &part::rearming, &part::rearming_by_level}) {
    for (auto& [rank, m] : from.*in)
      m->in = &to;
    (to.*in).merge(from.*in);
  }
  to.members += from.members;
}

/// Few parts, so that the nearest watch of all is found in few steps: of too many the two with the
/// fewest watches become one.
void price_side::take_over(group& to, group& from) {
  for (auto& p : from.parts) {
    p->of = &to;
    to.parts.push_back(std::move(p));
  }
  to.members += from.members;
  auto by_size = [](auto& a, auto& b) { return a->members > b->members; };
  std::sort(to.parts.begin(), to.parts.end(), by_size);
  while (to.parts.size() > max_parts) {
    auto least = std::move(to.parts.back());
    to.parts.pop_back();
    merge_parts(*to.parts.back(), *least);
    std::inplace_merge(to.parts.begin(), std::prev(to.parts.end()), to.parts.end(), by_size);
  }
}

void price_side::extend(std::int64_t price) {
  if (!newest_ || price <= newest_->extreme)
    return;
  while (groups_.size() > 1) {
    auto younger = std::prev(groups_.end());
    auto older = std::prev(younger);
    if (older->second.extreme > price)
      break;
    list(older->second, false);
    changed_(younger->first, younger->second.extreme);
    changed_(older->first, older->second.extreme);
    take_over(older->second, younger->second);
    groups_.erase(younger);
    newest_ = &older->second;
  }
  changed_(newest_->since, newest_->extreme);
  newest_->extreme = price;
  refresh(*newest_);
}

// ---- what a price reaches

std::optional<std::int64_t> price_side::nearest() const {
  std::optional<std::int64_t> at;
  if (!armed_.empty())
    at = armed_.rbegin()->first.first;
  if (newest_ && newest_->next_armed && (!at || *newest_->next_armed > *at))
    at = newest_->next_armed;
  return at;
}

void price_side::find_bounds() const {
  bounds_ = {nearest().value_or(unreachable), std::numeric_limits<std::int64_t>::max()};
  auto take = [&](const std::optional<std::int64_t>& end) {
    if (end)
      bounds_.up_to = std::min(bounds_.up_to, *end);
  };
  if (!holding_.empty())
    take(holding_.begin()->first.first);
  if (newest_) {
    take(newest_->extreme);
    take(newest_->next_holding);
    take(newest_->next_rearming);
  }
  bounds_known_ = true;
}

price_side::member* price_side::reached(std::int64_t price) {
  auto at = nearest();
  if (!at || *at < price)
    return nullptr;
  // The highest threshold first; among equals the oldest watch.
  if (!armed_.empty() && armed_.rbegin()->first.first == *at) {
    auto& found = armed_.lower_bound({*at, 0})->second;
    return found.one ? found.one : nearest_of(*found.all, &part::armed, true);
  }
  return nearest_of(*newest_, &part::armed, true);
}

price_side::member* price_side::ended(std::int64_t price) {
  if (!holding_.empty() && holding_.begin()->first.first < price) {
    auto& found = holding_.begin()->second;
    if (found.one)
      return found.one;
    auto in = found.which == 2 ? rearming_of(*found.all) : &part::holding;
    return nearest_of(*found.all, in, false);
  }
  if (newest_ && newest_->next_holding && *newest_->next_holding < price)
    return nearest_of(*newest_, &part::holding, false);
  if (newest_ && newest_->next_rearming && *newest_->next_rearming < price)
    return nearest_of(*newest_, rearming_of(*newest_), false);
  return nullptr;
}

// ---- extremes

std::optional<std::int64_t> price_side::extreme(std::uint64_t since) const {
  auto it = groups_.find(since);
  return it == groups_.end() ? std::nullopt : std::optional(it->second.extreme);
}

void price_side::set_extreme(std::uint64_t since, std::optional<std::int64_t> to) {
  bounds_known_ = false;
  if (to) {
    auto& g = groups_[since];
    g.since = since;
    g.extreme = *to;
  } else {
    groups_.erase(since);
  }
  newest_ = groups_.empty() ? nullptr : &groups_.rbegin()->second;
}

void price_side::clear_places() {
  armed_.clear();
  holding_.clear();
  bounds_known_ = false;
  for (auto& [since, g] : groups_)
    g = group{since, g.extreme, 0, {}, {}, {}, {}};
}

} // namespace interject::monitors
