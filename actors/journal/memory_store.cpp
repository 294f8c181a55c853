// A store without a disk: for tests, and for embedding programs that need no durability.
#include "actors/journal/answers.hpp"
#include "actors/journal/commit.hpp"
#include "actors/journal/cursor.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <unordered_map>

namespace interject::journal {
namespace {

struct talk {
  conversation_row row;
  std::string pinned;
  std::vector<activity_row> activities;
  std::vector<time_point> times;
};

/// Rows in the order in which they first came, as the pages show them.
template <class Row> class table {
public:
  /// A monitor's step only replaces: it must not bring back a row that its conversation has removed meanwhile.
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

std::map<std::string, std::uint64_t> count_pins(const tables& t) {
  std::map<std::string, std::uint64_t> out;
  for (auto& each : t.talks)
    if (!each.pinned.empty())
      ++out[each.pinned];
  return out;
}

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

  result<page<conversation_row>> conversations(std::size_t limit, const std::string& cursor) override {
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

  result<std::vector<conversation_row>> conversations_of(const user_id& user, std::size_t limit) override {
    auto lock = std::shared_lock(t_->mutex);
    std::vector<conversation_row> out;
    for (auto& each : t_->talks)
      if (!each.row.id.empty() && each.row.user == user)
        out.push_back(each.row);
    std::stable_sort(out.begin(), out.end(), [](auto& a, auto& b) { return a.updated > b.updated; });
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

  result<std::vector<attached_file>> files_of(const conversation_id& id, std::size_t limit) override {
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
    return it == t_->person_values.end() ? named_values() : named_values(it->second.begin(), it->second.end());
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

class memory_store final : public store, public answers {
public:
  bool blocks() const override { return false; }
  result<void> write(std::span<const commit_ptr> batch, std::span<result<void>> outcomes) override {
    auto lock = std::unique_lock(t_->mutex);
    for (std::size_t i = 0; i < batch.size(); ++i)
      outcomes[i] = apply(*batch[i]);
    return {};
  }
  std::unique_ptr<reader> open_reader() override { return std::make_unique<memory_reader>(t_); }
  result<void> keep_bot(const std::string& version, const std::string& source) override {
    auto lock = std::unique_lock(t_->mutex);
    t_->bots.try_emplace(version, source);
    return {};
  }
  result<void> check_writable() override { return {}; }
  result<void> scrub() override { return {}; }
  result<void> sweep(time_point now) override {
    auto lock = std::unique_lock(t_->mutex);
    std::erase_if(t_->notifications,
                  [&](auto& each) { return each.second.at + notifications_kept < now; });
    return {};
  }
  result<void> sweep_answers(time_point now) override {
    auto lock = std::unique_lock(t_->mutex);
    std::erase_if(answers_, [&](auto& each) { return each.at + answers_kept <= now; });
    return {};
  }

  result<std::size_t> sweep_bots(std::span<const std::string> keep) override {
    auto lock = std::unique_lock(t_->mutex);
    auto pinned = count_pins(*t_);
    return std::erase_if(t_->bots, [&](auto& each) {
      return !pinned.contains(each.first) && std::find(keep.begin(), keep.end(), each.first) == keep.end();
    });
  }

  result<std::optional<kept_answer>> find_answer(const std::string& key, time_point now) override {
    auto lock = std::shared_lock(t_->mutex);
    for (auto& each : answers_)
      if (each.key == key && each.at + answers_kept > now)
        return std::optional(each);
    return std::optional<kept_answer>();
  }

  result<void> keep_answer(const kept_answer& what, std::size_t most) override {
    auto lock = std::unique_lock(t_->mutex);
    std::erase_if(answers_, [&](auto& each) { return each.key == what.key; });
    answers_.push_back(what);
    while (answers_.size() > most)
      answers_.pop_front();
    return {};
  }

private:
  std::deque<kept_answer> answers_; ///< the oldest first

  result<void> apply(const commit& c) {
    auto& epoch = t_->epochs[c.fence.shard];
    if (auto ok = check_epoch(c.fence, epoch); !ok)
      return ok;
    auto it = t_->where.find(c.conversation);
    auto* old = it == t_->where.end() ? nullptr : &t_->talks[it->second];
    if (auto ok = check_turn(c, old ? old->row.version : 0, old ? old->row.last_seq : 0); !ok)
      return ok;
    if (!old && !c.conversation.empty() && t_->tombstones.count(tombstone_of(t_->salt, c.conversation)))
      return error{errc::not_found, "this conversation was erased"};
    epoch = c.fence.epoch;
    if (c.erase_conversation) {
      erase(c.conversation);
      forget_answers(c.conversation);
      return {};
    }
    if (!c.conversation.empty())
      put_turn(c, old);
    put_rows(c);
    if (!c.erase_user.empty())
      erase_person(c.erase_user);
    return {};
  }

  /// Those that speak of `id`.
  void forget_answers(const std::string& id) {
    std::erase_if(answers_, [name = in_json(id)](auto& each) { return each.body.find(name) != std::string::npos; });
  }

  void erase(const conversation_id& id) {
    if (auto it = t_->where.find(id); it != t_->where.end()) {
      t_->talks[it->second] = {}; // its place stays, so that cursors hold
      t_->where.erase(it);
    }
    std::erase_if(t_->notifications, [&](auto& n) { return n.first.second == id; });
    std::erase_if(t_->files, [&](auto& f) { return f.second.first == id; });
    for (auto& row : t_->watches.list(id, static_cast<std::size_t>(-1), 0).items)
      t_->watches.erase(row.id);
    for (auto& row : t_->reminders.list(id, static_cast<std::size_t>(-1), 0).items)
      t_->reminders.erase(row.id);
    for (auto& row : t_->calls.list(id, static_cast<std::size_t>(-1), 0).items)
      t_->calls.erase(row.id);
    t_->tombstones.insert(tombstone_of(t_->salt, id));
  }

  void erase_person(const user_id& user) {
    forget_answers(user);
    t_->persons.erase(user);
    t_->person_values.erase(user);
    if (auto it = t_->person_pos.find(user); it != t_->person_pos.end()) {
      t_->person_order.erase(it->second);
      t_->person_pos.erase(it);
    }
    for (auto& row : t_->reminders.list("", static_cast<std::size_t>(-1), 0).items)
      if (row.user == user)
        t_->reminders.erase(row.id);
    t_->tombstones.insert(tombstone_of(t_->salt, user));
  }

  void put_turn(const commit& c, talk* to) {
    if (!to) {
      t_->where.emplace(c.conversation, t_->talks.size());
      to = &t_->talks.emplace_back();
      to->row.id = c.conversation;
      to->row.created = c.at;
    }
    auto& row = to->row;
    row.version = c.expected_version + 1;
    row.last_seq += c.activities.size();
    row.state = c.state;
    row.user = c.user;
    row.wake_at = c.wake_at;
    row.updated = c.at;
    to->pinned = c.pinned;
    to->activities.insert(to->activities.end(), c.activities.begin(), c.activities.end());
    to->times.insert(to->times.end(), c.activities.size(), c.at);
  }

  void put_rows(const commit& c) {
    bool turn = !c.conversation.empty();
    for (auto& n : c.notifications)
      put_notification(n);
    for (auto& f : c.files)
      t_->files.insert_or_assign(f.id, std::pair(c.conversation, f));
    for (auto& p : c.persons) {
      t_->persons[p.user] = p;
      if (t_->person_pos.try_emplace(p.user, t_->last_person + 1).second)
        t_->person_order[++t_->last_person] = p.user;
    }
    for (auto& v : c.person_values)
      if (v.to.is_null())
        t_->person_values[v.user].erase(v.key);
      else
        t_->person_values[v.user][v.key] = v.to;
    for (auto& b : c.broadcasts)
      t_->broadcasts[b.id] = b;
    for (auto& row : c.watches)
      t_->watches.put(row, turn);
    for (auto& id : c.watches_gone)
      t_->watches.erase(id);
    for (auto& row : c.reminders)
      t_->reminders.put(row, turn);
    for (auto& id : c.reminders_gone)
      t_->reminders.erase(id);
    for (auto& row : c.calls)
      t_->calls.put(row, turn);
    for (auto& id : c.calls_gone)
      t_->calls.erase(id);
    for (auto& row : c.symbols)
      t_->symbols[row.symbol] = row;
    for (auto& row : c.kept)
      t_->kept[row.key] = row.body;
    for (auto& key : c.kept_gone)
      t_->kept.erase(key);
  }

  void put_notification(const notification_row& n) {
    auto key = std::pair(n.id, n.conversation);
    auto it = t_->notifications.find(key);
    if (it == t_->notifications.end()) {
      if (!n.what)
        return; // swept since: nothing to add to
      it = t_->notifications.try_emplace(key).first;
      it->second.it.what = *n.what;
      it->second.it.conversation = n.conversation;
      it->second.order = ++notices_;
    }
    auto& stored = it->second.it;
    append_trail(stored.trail, n.decisions);
    if (!n.activity.empty())
      stored.activity = n.activity;
    if (n.ended)
      stored.ended = n.ended;
    it->second.at = n.at;
  }

  std::uint64_t notices_ = 0;
  std::shared_ptr<tables> t_ = std::make_shared<tables>();
};

} // namespace

std::shared_ptr<answers> answers_of(const std::shared_ptr<store>& of) {
  return std::dynamic_pointer_cast<answers>(of);
}

std::shared_ptr<store> make_memory_store() { return std::make_shared<memory_store>(); }

} // namespace interject::journal
