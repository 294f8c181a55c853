// Reads what the memory store holds, page by page.
#include "actors/journal/cursor.hpp"
#include "actors/journal/memory_tables.hpp"

#include <algorithm>

namespace interject::journal::memory {

std::map<std::string, std::uint64_t> count_pins(const tables& t) {
  std::map<std::string, std::uint64_t> out;
  for (auto& each : t.talks)
    if (!each.pinned.empty())
      ++out[each.pinned];
  return out;
}

namespace {

class memory_reader final : public reader {
public:
  explicit memory_reader(std::shared_ptr<const tables> from) : t_(std::move(from)) {}

  result<std::optional<conversation_row>> load(const conversation_id& id) override {
    auto lock = std::shared_lock(t_->mutex);
    auto* found = find(id);
    return found ? std::optional(found->row) : std::nullopt;
  }

  result<std::vector<std::pair<std::string, std::uint64_t>>>
  recent_clients(const conversation_id& id, std::size_t limit, time_point since) override {
    auto lock = std::shared_lock(t_->mutex);
    std::vector<std::pair<std::string, std::uint64_t>> out;
    if (auto* found = find(id))
      for (auto i = found->activities.size(); i-- > 0 && limit-- > 0 && found->times[i] >= since;)
        if (auto& a = found->activities[i]; !a.client_id.empty())
          out.emplace_back(a.client_id, a.seq);
    return out;
  }

  result<std::vector<activity_row>> history(const conversation_id& id, std::uint64_t after,
                                            std::size_t limit) override {
    auto lock = std::shared_lock(t_->mutex);
    std::vector<activity_row> out;
    if (auto* found = find(id))
      for (auto i = after; i < found->activities.size() && out.size() < limit; ++i)
        out.push_back(found->activities[i]);
    return out;
  }

  result<page<conversation_row>> conversations(std::size_t limit,
                                               const std::string& cursor) override {
    auto at = parse_cursor(cursor);
    if (!at)
      return at.error();
    auto lock = std::shared_lock(t_->mutex);
    page<conversation_row> out;
    // Newest first: what a person who opens the list looks for.
    auto i = cursor.empty() ? t_->talks.size() : std::min<std::size_t>(*at, t_->talks.size());
    while (i > 0 && out.items.size() < limit)
      if (auto& row = t_->talks[--i].row; !row.id.empty())
        out.items.push_back(row);
    if (i > 0)
      out.next = std::to_string(i);
    return out;
  }

  result<std::optional<person_row>> person(const user_id& user) override {
    auto lock = std::shared_lock(t_->mutex);
    auto it = t_->persons.find(user);
    return it == t_->persons.end() ? std::nullopt : std::optional(it->second);
  }

  result<named_values> person_values(const user_id& user) override {
    auto lock = std::shared_lock(t_->mutex);
    return values_of(user);
  }

  result<std::vector<conversation_row>> conversations_of(const user_id& user,
                                                         std::size_t limit) override {
    auto lock = std::shared_lock(t_->mutex);
    std::vector<conversation_row> out;
    for (auto& each : t_->talks)
      if (!each.row.id.empty() && each.row.user == user)
        out.push_back(each.row);
    std::stable_sort(out.begin(), out.end(),
                     [](auto& a, auto& b) { return a.updated > b.updated; });
    out.resize(std::min(out.size(), limit));
    return out;
  }

  result<std::vector<person_entry>> people(std::uint64_t after, std::uint64_t until,
                                           std::size_t limit) override {
    auto lock = std::shared_lock(t_->mutex);
    std::vector<person_entry> out;
    for (auto it = t_->person_order.upper_bound(after);
         it != t_->person_order.end() && it->first <= until && out.size() < limit; ++it)
      out.push_back({it->first, it->second, values_of(it->second)});
    return out;
  }

  result<std::uint64_t> newest_person() override {
    auto lock = std::shared_lock(t_->mutex);
    return t_->last_person;
  }

  result<bool> erased(std::string_view id) override {
    auto lock = std::shared_lock(t_->mutex);
    return t_->tombstones.count(tombstone_of(t_->salt, id)) > 0;
  }

  result<std::optional<broadcast_row>> broadcast(const std::string& id) override {
    auto lock = std::shared_lock(t_->mutex);
    auto it = t_->broadcasts.find(id);
    return it == t_->broadcasts.end() ? std::nullopt : std::optional(it->second);
  }

  result<std::vector<broadcast_row>> running_broadcasts() override {
    auto lock = std::shared_lock(t_->mutex);
    std::vector<broadcast_row> out;
    for (auto& [id, row] : t_->broadcasts)
      if (row.running)
        out.push_back(row);
    return out;
  }

  result<std::vector<stored_notification>> notifications_of(const conversation_id& id,
                                                            std::size_t limit) override {
    auto lock = std::shared_lock(t_->mutex);
    std::vector<const notice*> found;
    for (auto& [key, n] : t_->notifications)
      if (key.second == id)
        found.push_back(&n);
    std::sort(found.begin(), found.end(), [](auto* a, auto* b) { return a->order < b->order; });
    std::vector<stored_notification> out;
    for (auto* n : found)
      if (out.size() < limit)
        out.push_back(n->it);
    return out;
  }

  result<std::optional<stored_notification>> find_notification(const notification_id& id) override {
    auto lock = std::shared_lock(t_->mutex);
    const notice* newest = nullptr; // two conversations may know the same id
    for (auto it = t_->notifications.lower_bound({id, ""});
         it != t_->notifications.end() && it->first.first == id; ++it)
      if (!newest || it->second.order > newest->order)
        newest = &it->second;
    return newest ? std::optional(newest->it) : std::nullopt;
  }

  result<page<watch_row>> watches(const conversation_id& only, std::size_t limit,
                                  const std::string& cursor) override {
    return list(t_->watches, only, limit, cursor);
  }
  result<std::optional<watch_row>> watch(const std::string& id) override {
    auto lock = std::shared_lock(t_->mutex);
    return t_->watches.find(id);
  }
  result<page<reminder_row>> reminders(const conversation_id& only, std::size_t limit,
                                       const std::string& cursor) override {
    return list(t_->reminders, only, limit, cursor);
  }
  result<std::optional<reminder_row>> reminder(const std::string& id) override {
    auto lock = std::shared_lock(t_->mutex);
    return t_->reminders.find(id);
  }
  result<std::vector<call_row>> calls(const conversation_id& only) override {
    auto lock = std::shared_lock(t_->mutex);
    return t_->calls.list(only, static_cast<std::size_t>(-1), 0).items;
  }

  result<std::vector<symbol_row>> symbols() override {
    auto lock = std::shared_lock(t_->mutex);
    std::vector<symbol_row> out;
    for (auto& [name, row] : t_->symbols)
      out.push_back(row);
    return out;
  }

  result<std::vector<std::pair<conversation_id, time_point>>> wakes() override {
    auto lock = std::shared_lock(t_->mutex);
    std::vector<std::pair<conversation_id, time_point>> out;
    for (auto& each : t_->talks)
      if (each.row.wake_at)
        out.emplace_back(each.row.id, *each.row.wake_at);
    return out;
  }

  result<std::vector<attached_file>> files_of(const conversation_id& id,
                                              std::size_t limit) override {
    auto lock = std::shared_lock(t_->mutex);
    std::vector<attached_file> out;
    for (auto& [key, f] : t_->files)
      if (f.first == id && out.size() < limit)
        out.push_back({f.second.id, f.second.name, f.second.content_type, {}});
    return out;
  }

  result<std::vector<reminder_row>> reminders_for(const user_id& user) override {
    auto lock = std::shared_lock(t_->mutex);
    auto all = t_->reminders.list("", static_cast<std::size_t>(-1), 0).items;
    std::erase_if(all, [&](auto& row) { return !row.conversation.empty() || row.user != user; });
    return all;
  }

  result<std::optional<attached_file>> file(const std::string& id) override {
    auto lock = std::shared_lock(t_->mutex);
    auto it = t_->files.find(id);
    return it == t_->files.end() ? std::nullopt : std::optional(it->second.second);
  }

  result<std::optional<std::string>> bot_source(const std::string& version) override {
    auto lock = std::shared_lock(t_->mutex);
    auto it = t_->bots.find(version);
    return it == t_->bots.end() ? std::nullopt : std::optional(it->second);
  }

  result<std::vector<std::pair<std::string, std::uint64_t>>> pins() override {
    auto lock = std::shared_lock(t_->mutex);
    auto counted = count_pins(*t_);
    return std::vector<std::pair<std::string, std::uint64_t>>(counted.begin(), counted.end());
  }

  result<page<reminder_row>> reminders_due(time_point until, std::size_t limit,
                                           const std::string& cursor) override {
    auto after = parse_due_cursor(cursor);
    if (!after)
      return after.error();
    auto lock = std::shared_lock(t_->mutex);
    std::vector<std::pair<due_place, const reminder_row*>> due;
    for (auto& [pos, row] : t_->reminders.all())
      if (due_place at(row.due, pos); row.due <= until && at > *after)
        due.emplace_back(at, &row);
    std::sort(due.begin(), due.end());
    page<reminder_row> out;
    for (auto& [at, row] : due) {
      if (out.items.size() == limit) {
        out.next = due_cursor(due[limit - 1].first);
        break;
      }
      out.items.push_back(*row);
    }
    return out;
  }

  result<page<monitor_row>> kept(const std::string& prefix, std::size_t limit,
                                 const std::string& cursor) override {
    auto lock = std::shared_lock(t_->mutex);
    page<monitor_row> out;
    auto it = cursor.empty() ? t_->kept.lower_bound(prefix) : t_->kept.upper_bound(cursor);
    for (; it != t_->kept.end() && it->first.starts_with(prefix); ++it) {
      if (out.items.size() == limit) {
        out.next = out.items.back().key;
        break;
      }
      out.items.push_back({it->first, it->second});
    }
    return out;
  }

private:
  named_values values_of(const user_id& user) const {
    auto it = t_->person_values.find(user);
    return it == t_->person_values.end() ? named_values()
                                         : named_values(it->second.begin(), it->second.end());
  }
  const talk* find(const conversation_id& id) const {
    auto it = t_->where.find(id);
    return it == t_->where.end() ? nullptr : &t_->talks[it->second];
  }
  template <class Row>
  result<page<Row>> list(const table<Row>& from, const conversation_id& only, std::size_t limit,
                         const std::string& cursor) const {
    auto at = parse_cursor(cursor);
    if (!at)
      return at.error();
    auto lock = std::shared_lock(t_->mutex);
    return from.list(only, limit, *at);
  }

  std::shared_ptr<const tables> t_;
};

} // namespace

std::unique_ptr<reader> make_reader(std::shared_ptr<const tables> from) {
  return std::make_unique<memory_reader>(std::move(from));
}

} // namespace interject::journal::memory
