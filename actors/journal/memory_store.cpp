// A store without a disk: for tests, and for embedding programs that need no durability.
#include "actors/journal/answers.hpp"
#include "actors/journal/memory_tables.hpp"

#include <algorithm>
#include <deque>
#include <mutex>

namespace interject::journal {
namespace memory {
namespace {

class memory_store final : public store, public answers {
public:
  bool blocks() const override { return false; }
  result<void> write(std::span<const commit_ptr> batch, std::span<result<void>> outcomes) override {
    auto lock = std::unique_lock(t_->mutex);
    for (std::size_t i = 0; i < batch.size(); ++i)
      outcomes[i] = apply(*batch[i]);
    return {};
  }
  std::unique_ptr<reader> open_reader() override { return make_reader(t_); }
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

  result<std::size_t> sweep_bots(const versions_in_use& in_use) override {
    auto lock = std::unique_lock(t_->mutex);
    auto keep = in_use();
    auto pinned = count_pins(*t_);
    return std::erase_if(t_->bots, [&](auto& each) {
      return !pinned.contains(each.first) &&
             std::find(keep.begin(), keep.end(), each.first) == keep.end();
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
    if (!old && !c.conversation.empty() &&
        t_->tombstones.count(tombstone_of(t_->salt, c.conversation)))
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
    std::erase_if(answers_, [name = in_json(id)](auto& each) {
      return each.body.find(name) != std::string::npos;
    });
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
} // namespace memory

std::shared_ptr<answers> answers_of(const std::shared_ptr<store>& of) {
  return std::dynamic_pointer_cast<answers>(of);
}

std::shared_ptr<store> make_memory_store() {
  return std::make_shared<memory::memory_store>();
}

} // namespace interject::journal
