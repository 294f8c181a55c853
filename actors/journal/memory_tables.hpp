// What the memory store holds: written by memory_store.cpp, read by memory_reader.cpp.
#pragma once

#include "actors/journal/commit.hpp"
#include "actors/journal/store.hpp"

#include <map>
#include <memory>
#include <set>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace interject::journal::memory {

struct talk {
  conversation_row row;
  std::string pinned;
  std::vector<activity_row> activities;
  std::vector<time_point> times;
};

/// Rows in the order in which they first came, as the pages show them.
template <class Row> class table {
public:
  /// A monitor's step only replaces: it must not bring back a row that its conversation has removed
  /// meanwhile.
  void put(const Row& row, bool may_insert) {
    auto it = by_id_.find(row.id);
    if (it == by_id_.end() && !may_insert)
      return;
    if (it == by_id_.end())
      it = by_id_.emplace(row.id, next_++).first;
    rows_[it->second] = row;
  }
  void erase(const std::string& id) {
    if (auto it = by_id_.find(id); it != by_id_.end()) {
      rows_.erase(it->second);
      by_id_.erase(it);
    }
  }
  std::optional<Row> find(const std::string& id) const {
    auto it = by_id_.find(id);
    return it == by_id_.end() ? std::nullopt : std::optional(rows_.at(it->second));
  }
  page<Row> list(const conversation_id& only, std::size_t limit, std::uint64_t after) const {
    page<Row> out;
    std::uint64_t last = after;
    for (auto it = rows_.upper_bound(after); it != rows_.end(); ++it) {
      if (!only.empty() && it->second.conversation != only)
        continue;
      if (out.items.size() == limit) {
        out.next = std::to_string(last);
        break;
      }
      out.items.push_back(it->second);
      last = it->first;
    }
    return out;
  }

  const std::map<std::uint64_t, Row>& all() const { return rows_; }

private:
  std::map<std::uint64_t, Row> rows_;
  std::unordered_map<std::string, std::uint64_t> by_id_;
  std::uint64_t next_ = 1;
};

struct notice {
  stored_notification it;
  time_point at{};
  std::uint64_t order = 0; ///< of the first write
};

struct tables {
  mutable std::shared_mutex mutex;
  std::unordered_map<shard_id, std::uint64_t> epochs;
  std::unordered_map<conversation_id, std::size_t> where; ///< in `talks`
  std::vector<talk> talks;
  std::unordered_map<user_id, person_row> persons;
  std::map<std::uint64_t, user_id> person_order;
  std::unordered_map<user_id, std::uint64_t> person_pos;
  std::unordered_map<user_id, std::map<std::string, value>> person_values;
  std::uint64_t last_person = 0;
  std::map<std::string, broadcast_row> broadcasts;
  std::string salt = new_salt();
  std::set<std::string> tombstones;
  std::map<std::pair<notification_id, conversation_id>, notice> notifications;
  table<watch_row> watches;
  table<reminder_row> reminders;
  table<call_row> calls;
  std::map<std::string, symbol_row> symbols;
  std::map<std::string, std::string> kept;
  std::unordered_map<std::string, std::string> bots;
  std::unordered_map<std::string, std::pair<conversation_id, attached_file>> files; ///< by id
};

std::map<std::string, std::uint64_t> count_pins(const tables& t);
std::unique_ptr<reader> make_reader(std::shared_ptr<const tables> from);

} // namespace interject::journal::memory
