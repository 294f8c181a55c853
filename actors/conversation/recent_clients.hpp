// The client ids that a conversation has taken lately, so that a repeated post is answered, not
// taken twice.
#pragma once

#include "protocols/ids.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace interject::conversation {

/// A cache of what the activity rows hold: the last 1,024 client ids, those of the last 24 hours
/// when it is filled on activation. Ids are kept as 64-bit hashes: two of a conversation's ids are
/// taken for one with a chance of about 1,024² / 2⁶⁵.
class recent_clients {
public:
  static constexpr std::size_t limit = 1024;
  static constexpr auto kept_for = std::chrono::hours(24);

  std::optional<std::uint64_t> find(std::string_view client) const {
    auto hash = stable_hash(client);
    auto it = std::find_if(ring_.rbegin(), ring_.rend(), [&](auto& e) { return e.first == hash; });
    return it == ring_.rend() ? std::nullopt : std::optional(it->second);
  }

  void add(std::string_view client, std::uint64_t seq) {
    if (ring_.size() == limit) // drop a quarter at once, so that this costs nothing on average
      ring_.erase(ring_.begin(), ring_.begin() + limit / 4);
    ring_.emplace_back(stable_hash(client), seq);
  }

private:
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ring_; ///< (hash, seq), oldest first
};

} // namespace interject::conversation
