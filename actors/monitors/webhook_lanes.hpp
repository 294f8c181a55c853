// Activities on their way to webhooks, in order per conversation: only the first of each may go
// out. Pure.
#pragma once

#include "protocols/monitoring.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace interject::monitors {

struct delivery {
  call_row row;
  enum class phase { behind, waiting, running, resting, telling, leaving } at = phase::behind;
  std::uint32_t tries = 0;
  std::uint32_t told = 0; ///< how often its conversation, that it failed
  std::uint64_t run = 0, http = 0, permit = 0;
  std::string host;                  ///< of its last try
  std::optional<time_point> failing; ///< when it was not taken, or turned away, for the first time
};

class webhook_lanes {
public:
  /// False when it is here already.
  bool add(const call_row& row);
  delivery* find(const std::string& id);
  /// The first of its conversation.
  delivery* head(const conversation_id& of);
  /// Puts each conversation's in order, when none has gone out yet.
  void sort();
  /// Takes it away, wherever it stands.
  void erase(const std::string& id);
  std::vector<std::string> all_of(const conversation_id& of) const;
  std::vector<conversation_id> conversations() const;
  std::size_t waiting(const conversation_id& of) const;
  std::size_t size() const { return all_.size(); }

private:
  std::unordered_map<std::string, delivery> all_;
  std::unordered_map<conversation_id, std::deque<std::string>> order_;
};

inline bool webhook_lanes::add(const call_row& row) {
  auto [it, fresh] = all_.try_emplace(row.id);
  if (!fresh)
    return false;
  it->second.row = row;
  order_[row.conversation].push_back(row.id);
  return true;
}

inline void webhook_lanes::sort() {
  for (auto& [of, ids] : order_)
    std::stable_sort(ids.begin(), ids.end(), [this](auto& a, auto& b) {
      return all_.at(a).row.generation < all_.at(b).row.generation;
    });
}

inline delivery* webhook_lanes::find(const std::string& id) {
  auto it = all_.find(id);
  return it == all_.end() ? nullptr : &it->second;
}

inline delivery* webhook_lanes::head(const conversation_id& of) {
  auto it = order_.find(of);
  return it == order_.end() ? nullptr : find(it->second.front());
}

inline void webhook_lanes::erase(const std::string& id) {
  auto it = all_.find(id);
  if (it == all_.end())
    return;
  auto lane = order_.find(it->second.row.conversation);
  std::erase(lane->second, id);
  if (lane->second.empty())
    order_.erase(lane);
  all_.erase(it);
}

inline std::vector<std::string> webhook_lanes::all_of(const conversation_id& of) const {
  auto it = order_.find(of);
  return it == order_.end() ? std::vector<std::string>()
                            : std::vector<std::string>(it->second.begin(), it->second.end());
}

inline std::vector<conversation_id> webhook_lanes::conversations() const {
  std::vector<conversation_id> out;
  for (auto& [of, ids] : order_)
    out.push_back(of);
  return out;
}

inline std::size_t webhook_lanes::waiting(const conversation_id& of) const {
  auto it = order_.find(of);
  return it == order_.end() ? 0 : it->second.size();
}

} // namespace interject::monitors
