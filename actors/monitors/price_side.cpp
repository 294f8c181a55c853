#include "actors/monitors/price_side.hpp"

#include <limits>
#include <utility>

namespace interject::monitors {
namespace {

__extension__ typedef __int128 wide;
constexpr wide hundred = wide(100) * decimal::scale;
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
// ----------------------------------------------------------------------------------------------------

std::int64_t price_side::factor_of(const member& m) const {
  return factor(m.waits_for_rearm ? *m.rearm_percent : *m.percent);
}

price_side::group::ranked& price_side::rank_of(member& m) {
  auto& g = *m.in;
  switch (m.where[rises_]) {
  case member::place::armed:
    return g.armed;
  case member::place::idle:
    return g.idle;
  default:
    return m.waits_for_rearm ? g.rearming : g.holding;
  }
}

/// Of a price at or below zero, the share to come back to lies on the wrong side of the condition:
/// then its own end counts.
bool price_side::is_odd(const group& g) const {
  return rises_ ? g.extreme >= 0 : g.extreme <= 0;
}

price_side::group::ranked& price_side::rearming_of(group& g) const {
  return is_odd(g) ? g.rearming_by_level : g.rearming;
}

void price_side::arm(member& m) {
  m.where[rises_] = member::place::armed;
  m.waits_for_rearm = false;
  if (m.in) {
    rank_of(m).emplace(std::pair(factor_of(m), m.order), &m);
    return refresh(*m.in);
  }
  m.key[rises_] = *m.level[rises_];
  armed_.emplace(key(m.key[rises_], m.order, 0), item{&m, nullptr, 0});
}

void price_side::hold(member& m, bool waits_for_rearm) {
  m.where[rises_] = member::place::holding;
  if (m.in) {
    m.waits_for_rearm = waits_for_rearm && m.rearm_percent;
    rank_of(m).emplace(std::pair(factor_of(m), m.order), &m);
    if (m.waits_for_rearm)
      m.in->rearming_by_level.emplace(std::pair(factor(*m.percent), m.order), &m);
    return refresh(*m.in);
  }
  m.key[rises_] = waits_for_rearm ? *m.end[rises_] : *m.level[rises_];
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
    return refresh(*m.in);
  }
  m.where[rises_] = member::place::none;
  if (was == member::place::armed)
    armed_.erase(key(m.key[rises_], m.order, 0));
  else
    holding_.erase(key(m.key[rises_], m.order, 1));
}

// ---- groups
// ----------------------------------------------------------------------------------------------------

/// A negative extreme turns the order of the percentages around.
price_side::group::ranked::iterator price_side::nearest_of(group& g, group::ranked& in,
                                                           bool greatest) {
  if (from_begin(g, greatest))
    return in.begin();
  return in.lower_bound({in.rbegin()->first.first, 0});
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
  auto next = [&](group::ranked& in, bool greatest, auto at) -> std::optional<std::int64_t> {
    if (in.empty())
      return {};
    auto& nearest =
        from_begin(g, greatest) ? *in.begin() : *in.rbegin(); // no search: its end alone
    return at(g.extreme, nearest.first.first);
  };
  g.next_armed = next(g.armed, true, threshold);
  g.next_holding = next(g.holding, false, threshold);
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
  m.in = g;
  ++g->members;
}

void price_side::leave(member& m) {
  if (!m.in)
    return;
  take_out(m);
  auto* g = std::exchange(m.in, nullptr);
  if (--g->members == 0)
    erase_group(*g);
}

void price_side::erase_group(group& g) {
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
  return price <= threshold(m.in->extreme, factor(*m.percent));
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
    // The larger of the two stays where it is and takes the other's watches in.
    auto since = older->first;
    auto keep = groups_.extract(younger->second.members > older->second.members ? younger : older);
    auto gone = groups_.extract(std::prev(groups_.end()));
    auto& to = keep.mapped();
    for (auto [from, into] :
         {std::pair(&gone.mapped().armed, &to.armed),
          std::pair(&gone.mapped().holding, &to.holding), std::pair(&gone.mapped().idle, &to.idle),
          std::pair(&gone.mapped().rearming, &to.rearming),
          std::pair(&gone.mapped().rearming_by_level, &to.rearming_by_level)}) {
      for (auto& [rank, m] : *from)
        m->in = &to;
      into->merge(*from);
    }
    to.members += gone.mapped().members;
    to.since = since;
    keep.key() = since;
    newest_ = &groups_.insert(std::move(keep)).position->second;
  }
  changed_(newest_->since, newest_->extreme);
  newest_->extreme = price;
  refresh(*newest_);
}

// ---- what a price reaches
// ----------------------------------------------------------------------------------------

std::optional<std::int64_t> price_side::nearest() const {
  std::optional<std::int64_t> at;
  if (!armed_.empty())
    at = armed_.rbegin()->first.first;
  if (newest_ && newest_->next_armed && (!at || *newest_->next_armed > *at))
    at = newest_->next_armed;
  return at;
}

price_side::member* price_side::reached(std::int64_t price) {
  auto at = nearest();
  if (!at || *at < price)
    return nullptr;
  // The highest threshold first; among equals the oldest watch.
  if (!armed_.empty() && armed_.rbegin()->first.first == *at) {
    auto& found = armed_.lower_bound({*at, 0})->second;
    return found.one ? found.one : nearest_of(*found.all, found.all->armed, true)->second;
  }
  return nearest_of(*newest_, newest_->armed, true)->second;
}

price_side::member* price_side::ended(std::int64_t price) {
  if (!holding_.empty() && holding_.begin()->first.first < price) {
    auto& found = holding_.begin()->second;
    if (found.one)
      return found.one;
    auto& in = found.which == 2 ? rearming_of(*found.all) : found.all->holding;
    return nearest_of(*found.all, in, false)->second;
  }
  if (newest_ && newest_->next_holding && *newest_->next_holding < price)
    return nearest_of(*newest_, newest_->holding, false)->second;
  if (newest_ && newest_->next_rearming && *newest_->next_rearming < price)
    return nearest_of(*newest_, rearming_of(*newest_), false)->second;
  return nullptr;
}

// ---- extremes
// ----------------------------------------------------------------------------------------------------

std::optional<std::int64_t> price_side::extreme(std::uint64_t since) const {
  auto it = groups_.find(since);
  return it == groups_.end() ? std::nullopt : std::optional(it->second.extreme);
}

void price_side::set_extreme(std::uint64_t since, std::optional<std::int64_t> to) {
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
  for (auto& [since, g] : groups_)
    g = group{since, g.extreme, 0, {}, {}, {}, {}, {}, {}, {}, {}};
}

} // namespace interject::monitors
