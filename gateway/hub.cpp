#include "gateway/hub.hpp"

#include <algorithm>

namespace interject::gateway {

hub::shard& hub::shard_of_id(std::string_view id) {
  return shards_[stable_hash(id) % shards];
}
const hub::shard& hub::shard_of_id(std::string_view id) const {
  return shards_[stable_hash(id) % shards];
}

// Under the lock, so that two activities of a conversation reach a stream in the order in which
// they came.
void hub::publish_all(std::span<const publication> what) {
  if (what.empty())
    return;
  auto& s = shard_of_id(what.front().conversation);
  std::lock_guard hold(s.mutex);
  auto it = s.streams.find(what.front().conversation);
  if (it == s.streams.end())
    return;
  for (auto& [raw, stream] : it->second)
    if (auto alive = stream.lock())
      alive->deliver(what);
}

void hub::add(const conversation_id& of, std::weak_ptr<subscriber> who) {
  auto alive = who.lock();
  auto& s = shard_of_id(of);
  std::lock_guard hold(s.mutex);
  s.streams[of].emplace_back(alive.get(), std::move(who));
}

void hub::remove(const conversation_id& of, const subscriber* who) {
  auto& s = shard_of_id(of);
  std::lock_guard hold(s.mutex);
  auto it = s.streams.find(of);
  if (it == s.streams.end())
    return;
  std::erase_if(it->second,
                [who](auto& entry) { return entry.first == who || entry.second.expired(); });
  if (it->second.empty())
    s.streams.erase(it);
}

std::size_t hub::open(const conversation_id& of) const {
  auto& s = shard_of_id(of);
  std::lock_guard hold(s.mutex);
  auto it = s.streams.find(of);
  return it == s.streams.end() ? 0 : it->second.size();
}

} // namespace interject::gateway
