// The notices that wait.
#include "actors/delivery/queue.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace interject::delivery {

namespace {

bool goes_first(const queued& a, const queued& b) {
  return before(a.what, a.arrived, b.what, b.arrived);
}

/// The smallest is the first to be given up.
auto worth(const queued& item) {
  return std::make_tuple(item.what.urgency, item.what.expires(), -item.arrived.time_since_epoch());
}

std::optional<queued> take_out(queue& q, std::vector<queued>::iterator it) {
  if (it == q.items.end())
    return std::nullopt;
  queued gone = std::move(*it);
  q.items.erase(it);
  return gone;
}

template <class Items> auto by_id(Items& items, std::string_view id) {
  return std::find_if(items.begin(), items.end(), [&](auto& item) { return item.what.id == id; });
}

template <class Items> auto by_key(Items& items, std::string_view key) {
  return std::find_if(items.begin(), items.end(),
                      [&](auto& item) { return !key.empty() && item.what.collapse_key == key; });
}

template <class Keep> std::vector<notification_id> ordered(const queue& q, Keep keep) {
  std::vector<const queued*> chosen;
  for (auto& item : q.items) {
    if (keep(item))
      chosen.push_back(&item);
  }
  std::stable_sort(chosen.begin(), chosen.end(),
                   [](const queued* a, const queued* b) { return goes_first(*a, *b); });
  std::vector<notification_id> ids;
  ids.reserve(chosen.size());
  for (auto* item : chosen)
    ids.push_back(item->what.id);
  return ids;
}

} // namespace

queued place_for(notification n, const decision& d, time_point look_at, time_point now,
                 const queued* heir_of) {
  queued item;
  item.what = std::move(n);
  item.arrived = heir_of ? heir_of->arrived : now;
  item.queued_since = heir_of ? heir_of->queued_since : now;
  note(item, d, look_at, now);
  return item;
}

std::optional<queued> push(queue& q, const policy& p, queued item) {
  q.items.push_back(std::move(item));
  if (q.items.size() <= p.queue_limit)
    return std::nullopt;
  return take_out(q, std::min_element(q.items.begin(), q.items.end(),
                                      [](auto& a, auto& b) { return worth(a) < worth(b); }));
}

void note(queued& item, const decision& d, time_point look_at, time_point now) {
  item.typing_waited = typing_waited(item, now);
  item.typing_since.reset();
  if (d.code == delivery_code::user_typing)
    item.typing_since = now;
  item.code = d.code;
  item.latest = d.latest.value_or(item.what.expires());
  item.look_at = std::min(look_at, item.latest);
}

duration typing_waited(const queued& item, time_point now) {
  if (!item.typing_since || now < *item.typing_since)
    return item.typing_waited;
  return item.typing_waited + (now - *item.typing_since);
}

const queued* find(const queue& q, std::string_view id) {
  auto it = by_id(q.items, id);
  return it == q.items.end() ? nullptr : &*it;
}

queued* find(queue& q, std::string_view id) {
  auto it = by_id(q.items, id);
  return it == q.items.end() ? nullptr : &*it;
}

const queued* pending(const queue& q, std::string_view collapse_key) {
  auto it = by_key(q.items, collapse_key);
  return it == q.items.end() ? nullptr : &*it;
}

std::optional<queued> supersede(queue& q, std::string_view collapse_key) {
  return take_out(q, by_key(q.items, collapse_key));
}

std::optional<queued> remove(queue& q, std::string_view id) {
  return take_out(q, by_id(q.items, id));
}

std::vector<queued> retract(queue& q, origin from, std::string_view source) {
  auto stays = [&](const queued& item) {
    return item.what.from != from || item.what.source != source;
  };
  auto gone = std::stable_partition(q.items.begin(), q.items.end(), stays);
  std::vector<queued> out(std::make_move_iterator(gone), std::make_move_iterator(q.items.end()));
  q.items.erase(gone, q.items.end());
  return out;
}

bool inhibits(const queue& q, std::string_view topic, urgency level) {
  return !topic.empty() && std::any_of(q.items.begin(), q.items.end(), [&](const queued& item) {
    auto& held = item.what.inhibits;
    return item.what.urgency > level && std::find(held.begin(), held.end(), topic) != held.end();
  });
}

std::vector<notification_id> in_order(const queue& q) {
  return ordered(q, [](const queued&) { return true; });
}

std::vector<notification_id> due(const queue& q, time_point now) {
  return ordered(q, [&](const queued& item) { return item.look_at <= now; });
}

std::optional<time_point> next_look(const queue& q) {
  std::optional<time_point> next;
  for (auto& item : q.items)
    next = next ? std::min(*next, item.look_at) : item.look_at;
  return next;
}

std::vector<std::vector<std::size_t>> digests(std::span<const notification* const> ready) {
  std::vector<std::pair<std::string_view, std::vector<std::size_t>>> groups;
  for (std::size_t i = 0; i < ready.size(); ++i) {
    const notification& n = *ready[i];
    if (n.digest_key.empty() || n.needs_answer)
      continue;
    auto same = [&](auto& group) { return group.first == n.digest_key; };
    auto it = std::find_if(groups.begin(), groups.end(), same);
    if (it == groups.end())
      it = groups.insert(it, {n.digest_key, {}});
    it->second.push_back(i);
  }
  std::vector<std::vector<std::size_t>> out;
  for (auto& [key, members] : groups) {
    if (members.size() >= 3)
      out.push_back(std::move(members));
  }
  return out;
}

} // namespace interject::delivery
