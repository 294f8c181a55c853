// What is due when, in order; ties in the order in which they were put. Pure.
#pragma once

#include "protocols/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace interject::monitors {

class timer_index {
public:
  /// In place of an earlier wish of that key.
  void put(const std::string& key, time_point at) {
    erase(key);
    rank place(at, next_++);
    order_.emplace(place, key);
    by_key_.emplace(key, place);
  }

  bool erase(const std::string& key) {
    auto it = by_key_.find(key);
    if (it == by_key_.end())
      return false;
    order_.erase(it->second);
    by_key_.erase(it);
    return true;
  }

  std::optional<time_point> earliest() const {
    return order_.empty() ? std::nullopt : std::optional(order_.begin()->first.first);
  }

  /// Takes the first that is due at `now`, if any.
  std::optional<std::string> pop(time_point now) {
    if (order_.empty() || order_.begin()->first.first > now)
      return {};
    auto key = std::move(order_.begin()->second);
    order_.erase(order_.begin());
    by_key_.erase(key);
    return key;
  }

  std::size_t size() const { return order_.size(); }

private:
  using rank = std::pair<time_point, std::uint64_t>;
  std::map<rank, std::string> order_;
  std::unordered_map<std::string, rank> by_key_;
  std::uint64_t next_ = 0;
};

} // namespace interject::monitors
