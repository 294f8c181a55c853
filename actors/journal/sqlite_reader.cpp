// Reads of committed rows: one read-only connection each, never in the writer's way.
#include "actors/journal/commit.hpp"
#include "actors/journal/cursor.hpp"
#include "actors/journal/sqlite_rows.hpp"

#include <algorithm>

namespace interject::journal::sqlite {
namespace {

#define INTERJECT_CONVERSATION_COLUMNS                                                             \
  "id, version, last_seq, state, user, wake_at, created, updated"

struct queries {
  explicit queries(database& db)
      : load(db, "SELECT " INTERJECT_CONVERSATION_COLUMNS " FROM conversations WHERE id = ?"),
        list(db, "SELECT " INTERJECT_CONVERSATION_COLUMNS
                 ", pos FROM conversations WHERE pos < ? ORDER BY pos DESC LIMIT ?"),
        newest(db, "SELECT newest_pos FROM conversations WHERE id = ?"),
        step(db, "SELECT seq, prev_pos, at, client_id FROM activities WHERE pos = ?"),
        body(db, "SELECT seq, client_id, body FROM activities WHERE pos = ?"),
        person(db, "SELECT conversation, interacted, at FROM persons WHERE user = ?"),
        notice(db, "SELECT conversation, activity, ended, what, trail FROM notifications WHERE id "
                   "= ? ORDER BY pos DESC LIMIT 1"),
        watches(db, "SELECT pos, body FROM watches WHERE pos > ? ORDER BY pos LIMIT ?"),
        watches_of(db, "SELECT pos, body FROM watches WHERE conversation = ? AND pos > ? ORDER BY "
                       "pos LIMIT ?"),
        watch(db, "SELECT body FROM watches WHERE id = ?"),
        reminders(db, "SELECT pos, body FROM reminders WHERE pos > ? ORDER BY pos LIMIT ?"),
        reminders_of(db, "SELECT pos, body FROM reminders WHERE conversation = ? AND pos > ? ORDER "
                         "BY pos LIMIT ?"),
        reminder(db, "SELECT body FROM reminders WHERE id = ?"),
        due(db, "SELECT due, pos, body FROM reminders WHERE (due, pos) > (?, ?) AND due <= ? ORDER "
                "BY due, pos LIMIT ?"),
        kept(db, "SELECT key, body FROM monitor_rows WHERE key >= ? AND key > ? AND key < ? ORDER "
                 "BY key LIMIT ?"),
        calls(db, "SELECT body FROM calls ORDER BY pos"),
        calls_of(db, "SELECT body FROM calls WHERE conversation = ? ORDER BY pos"),
        symbols(db, "SELECT symbol, price, at, seq FROM symbols ORDER BY symbol"),
        wakes(db,
              "SELECT id, wake_at FROM conversations WHERE wake_at IS NOT NULL ORDER BY wake_at"),
        file(db, "SELECT name, content_type, body FROM files WHERE id = ?"),
        files_of(
            db,
            "SELECT id, name, content_type FROM files WHERE conversation = ? ORDER BY pos LIMIT ?"),
        loose_reminders(db, "SELECT body FROM reminders WHERE conversation = x'' ORDER BY pos"),
        bot(db, "SELECT source FROM bots WHERE version = ?"),
        pins(
            db,
            "SELECT pinned, count(*) FROM conversations WHERE pinned IS NOT NULL AND pinned != x'' "
            "GROUP BY pinned ORDER BY pinned"),
        person_values(db, "SELECT body FROM person_values WHERE user = ? ORDER BY key"),
        conversations_of(db, "SELECT " INTERJECT_CONVERSATION_COLUMNS
                             " FROM conversations WHERE user = ? AND user <> x'' "
                             "ORDER BY updated DESC, pos DESC LIMIT ?"),
        people(db, "SELECT pos, user FROM persons WHERE pos > ? AND pos <= ? ORDER BY pos LIMIT ?"),
        newest_person(db, "SELECT coalesce(max(pos), 0) FROM persons"),
        salt(db, "SELECT salt FROM tombstone_salt"),
        tombstone(db, "SELECT 1 FROM tombstones WHERE hash = ?"),
        broadcast(db, "SELECT id, running, body FROM broadcasts WHERE id = ?"),
        running(db, "SELECT id, running, body FROM broadcasts WHERE running = 1 ORDER BY pos"),
        notices(db, "SELECT conversation, activity, ended, what, trail FROM notifications WHERE "
                    "conversation = ? "
                    "ORDER BY pos LIMIT ?") {}

  statement load, list, newest, step, body, person, notice, watches, watches_of, watch, reminders,
      reminders_of, reminder, due, kept, calls, calls_of, symbols, wakes, file, files_of,
      loose_reminders, bot, pins, person_values, conversations_of, people, newest_person, salt,
      tombstone, broadcast, running, notices;
};

conversation_row read_conversation(statement& s) {
  conversation_row row;
  row.id = s.text(0);
  row.version = s.count(1);
  row.last_seq = s.count(2);
  row.state = s.text(3);
  row.user = s.text(4);
  if (!s.is_null(5))
    row.wake_at = s.instant(5);
  row.created = s.instant(6);
  row.updated = s.instant(7);
  return row;
}

stored_notification read_notice(statement& s) {
  stored_notification out;
  out.conversation = s.text(0);
  out.activity = s.text(1);
  if (!s.is_null(2))
    out.ended = static_cast<interruption_end>(s.integer(2));
  out.what = read_blob<notification>(s.bytes(3), "notifications");
  out.trail = read_blob<std::vector<decision>>(s.bytes(4), "notifications");
  return out;
}

class sqlite_reader final : public reader {
public:
  explicit sqlite_reader(std::filesystem::path file) : file_(std::move(file)) {}

  result<std::optional<conversation_row>> load(const conversation_id& id) override {
    return ask([&](queries& q) -> result<std::optional<conversation_row>> {
      rows found(q.load.bind(id));
      if (!found.next())
        return std::optional<conversation_row>();
      return std::optional(read_conversation(q.load));
    });
  }

  result<std::vector<std::pair<std::string, std::uint64_t>>>
  recent_clients(const conversation_id& id, std::size_t limit, time_point since) override {
    using pairs = std::vector<std::pair<std::string, std::uint64_t>>;
    return ask([&](queries& q) -> result<pairs> {
      pairs out;
      auto pos = newest_of(q, id);
      for (; pos != 0 && limit > 0; --limit) {
        rows at(q.step.bind(pos));
        if (!at.next() || at->instant(2) < since)
          break;
        if (auto client = at->text(3); !client.empty())
          out.emplace_back(std::move(client), at->count(0));
        pos = at->integer(1);
      }
      return out;
    });
  }

  /// Walks back from the newest without reading bodies, then reads those of the wanted rows alone.
  result<std::vector<activity_row>> history(const conversation_id& id, std::uint64_t after,
                                            std::size_t limit) override {
    return ask([&](queries& q) -> result<std::vector<activity_row>> {
      std::vector<std::int64_t> wanted;
      for (auto pos = newest_of(q, id); pos != 0;) {
        rows at(q.step.bind(pos));
        if (!at.next() || at->count(0) <= after)
          break;
        if (at->count(0) - after <= limit)
          wanted.push_back(pos);
        pos = at->integer(1);
      }
      std::vector<activity_row> out;
      out.reserve(wanted.size());
      std::for_each(wanted.rbegin(), wanted.rend(), [&](std::int64_t pos) {
        rows at(q.body.bind(pos));
        if (at.next())
          out.push_back(
              {at->count(0), at->text(1), std::make_shared<const std::string>(at->text(2))});
      });
      return out;
    });
  }

  result<page<conversation_row>> conversations(std::size_t limit,
                                               const std::string& cursor) override {
    auto before = parse_cursor(cursor);
    if (!before)
      return before.error();
    return ask([&](queries& q) -> result<page<conversation_row>> {
      page<conversation_row> out;
      std::int64_t last = 0;
      rows found(
          q.list.bind(*before == 0 ? std::uint64_t(INT64_MAX) : *before, std::uint64_t(limit) + 1));
      while (found.next()) {
        if (out.items.size() == limit) {
          out.next = std::to_string(last);
          break;
        }
        out.items.push_back(read_conversation(q.list));
        last = found->integer(8);
      }
      return out;
    });
  }

  result<std::optional<person_row>> person(const user_id& user) override {
    return ask([&](queries& q) -> result<std::optional<person_row>> {
      rows found(q.person.bind(user));
      if (!found.next())
        return std::optional<person_row>();
      return std::optional(
          person_row{user, found->text(0), found->integer(1) != 0, found->instant(2)});
    });
  }

  result<std::optional<stored_notification>> find_notification(const notification_id& id) override {
    return ask([&](queries& q) -> result<std::optional<stored_notification>> {
      rows found(q.notice.bind(id));
      if (!found.next())
        return std::optional<stored_notification>();
      return std::optional(read_notice(q.notice));
    });
  }

  result<named_values> person_values(const user_id& user) override {
    return ask([&](queries& q) -> result<named_values> { return values_of(q, user); });
  }

  result<std::vector<conversation_row>> conversations_of(const user_id& user,
                                                         std::size_t limit) override {
    return ask([&](queries& q) -> result<std::vector<conversation_row>> {
      std::vector<conversation_row> out;
      for (rows found(q.conversations_of.bind(user, std::uint64_t(limit))); found.next();)
        out.push_back(read_conversation(q.conversations_of));
      return out;
    });
  }

  result<std::vector<person_entry>> people(std::uint64_t after, std::uint64_t until,
                                           std::size_t limit) override {
    return ask([&](queries& q) -> result<std::vector<person_entry>> {
      std::vector<person_entry> out;
      for (rows found(q.people.bind(after, until, std::uint64_t(limit))); found.next();)
        out.push_back({found->count(0), found->text(1), {}});
      for (auto& p : out)
        p.values = values_of(q, p.user);
      return out;
    });
  }

  result<std::uint64_t> newest_person() override {
    return ask([&](queries& q) -> result<std::uint64_t> {
      rows found(q.newest_person);
      return found.next() ? found->count(0) : 0;
    });
  }

  result<bool> erased(std::string_view id) override {
    return ask([&](queries& q) -> result<bool> {
      std::string salt;
      if (rows found(q.salt); found.next())
        salt = found->text(0);
      auto hash = tombstone_of(salt, id);
      rows found(q.tombstone.bind(hash));
      return found.next();
    });
  }

  result<std::optional<broadcast_row>> broadcast(const std::string& id) override {
    return ask([&](queries& q) -> result<std::optional<broadcast_row>> {
      rows found(q.broadcast.bind(id));
      if (!found.next())
        return std::optional<broadcast_row>();
      return std::optional(broadcast_row{found->text(0), found->integer(1) != 0, found->text(2)});
    });
  }

  result<std::vector<broadcast_row>> running_broadcasts() override {
    return ask([&](queries& q) -> result<std::vector<broadcast_row>> {
      std::vector<broadcast_row> out;
      for (rows found(q.running); found.next();)
        out.push_back({found->text(0), true, found->text(2)});
      return out;
    });
  }

  result<std::vector<stored_notification>> notifications_of(const conversation_id& id,
                                                            std::size_t limit) override {
    return ask([&](queries& q) -> result<std::vector<stored_notification>> {
      std::vector<stored_notification> out;
      for (rows found(q.notices.bind(id, std::uint64_t(limit))); found.next();)
        out.push_back(read_notice(q.notices));
      return out;
    });
  }

  result<page<watch_row>> watches(const conversation_id& only, std::size_t limit,
                                  const std::string& cursor) override {
    return list<watch_row>(&queries::watches, &queries::watches_of, only, limit, cursor, "watches");
  }
  result<std::optional<watch_row>> watch(const std::string& id) override {
    return one<watch_row>(&queries::watch, id, "watches");
  }
  result<page<reminder_row>> reminders(const conversation_id& only, std::size_t limit,
                                       const std::string& cursor) override {
    return list<reminder_row>(&queries::reminders, &queries::reminders_of, only, limit, cursor,
                              "reminders");
  }
  result<std::optional<reminder_row>> reminder(const std::string& id) override {
    return one<reminder_row>(&queries::reminder, id, "reminders");
  }

  result<page<reminder_row>> reminders_due(time_point until, std::size_t limit,
                                           const std::string& cursor) override {
    auto after = parse_due_cursor(cursor);
    if (!after)
      return after.error();
    return ask([&](queries& q) -> result<page<reminder_row>> {
      page<reminder_row> out;
      due_place last;
      rows found(q.due.bind(after->first, after->second, until, std::uint64_t(limit) + 1));
      while (found.next()) {
        if (out.items.size() == limit) {
          out.next = due_cursor(last);
          break;
        }
        last = {found->instant(0), found->count(1)};
        out.items.push_back(read_blob<reminder_row>(found->bytes(2), "reminders"));
      }
      return out;
    });
  }

  result<page<monitor_row>> kept(const std::string& prefix, std::size_t limit,
                                 const std::string& cursor) override {
    return ask([&](queries& q) -> result<page<monitor_row>> {
      page<monitor_row> out;
      auto end = prefix + '\xff'; // no key holds that byte: keys are UTF-8
      rows found(q.kept.bind(prefix, cursor, end, std::uint64_t(limit) + 1));
      while (found.next()) {
        if (out.items.size() == limit) {
          out.next = out.items.back().key;
          break;
        }
        out.items.push_back({found->text(0), found->text(1)});
      }
      return out;
    });
  }

  result<std::vector<call_row>> calls(const conversation_id& only) override {
    return ask([&](queries& q) -> result<std::vector<call_row>> {
      std::vector<call_row> out;
      rows found(only.empty() ? q.calls : q.calls_of.bind(only));
      while (found.next())
        out.push_back(read_blob<call_row>(found->bytes(0), "calls"));
      return out;
    });
  }

  result<std::vector<symbol_row>> symbols() override {
    return ask([&](queries& q) -> result<std::vector<symbol_row>> {
      std::vector<symbol_row> out;
      rows found(q.symbols);
      while (found.next()) {
        auto& row = out.emplace_back(
            symbol_row{found->text(0), decimal{found->integer(1)}, found->instant(2), {}});
        if (!found->is_null(3))
          row.seq = found->count(3);
      }
      return out;
    });
  }

  result<std::vector<std::pair<conversation_id, time_point>>> wakes() override {
    using pairs = std::vector<std::pair<conversation_id, time_point>>;
    return ask([&](queries& q) -> result<pairs> {
      pairs out;
      rows found(q.wakes);
      while (found.next())
        out.emplace_back(found->text(0), found->instant(1));
      return out;
    });
  }

  result<std::vector<attached_file>> files_of(const conversation_id& id,
                                              std::size_t limit) override {
    return ask([&](queries& q) -> result<std::vector<attached_file>> {
      std::vector<attached_file> out;
      for (rows found(q.files_of.bind(id, std::uint64_t(limit))); found.next();)
        out.push_back({found->text(0), found->text(1), found->text(2), {}});
      return out;
    });
  }

  result<std::vector<reminder_row>> reminders_for(const user_id& user) override {
    return ask([&](queries& q) -> result<std::vector<reminder_row>> {
      std::vector<reminder_row> out;
      for (rows found(q.loose_reminders); found.next();)
        if (auto row = read_blob<reminder_row>(found->bytes(0), "reminders"); row.user == user)
          out.push_back(std::move(row));
      return out;
    });
  }

  result<std::optional<attached_file>> file(const std::string& id) override {
    return ask([&](queries& q) -> result<std::optional<attached_file>> {
      rows found(q.file.bind(id));
      if (!found.next())
        return std::optional<attached_file>();
      return std::optional(attached_file{id, found->text(0), found->text(1), found->text(2)});
    });
  }

  result<std::optional<std::string>> bot_source(const std::string& version) override {
    return ask([&](queries& q) -> result<std::optional<std::string>> {
      rows found(q.bot.bind(version));
      if (!found.next())
        return std::optional<std::string>();
      return std::optional(found->text(0));
    });
  }

  result<std::vector<std::pair<std::string, std::uint64_t>>> pins() override {
    using pairs = std::vector<std::pair<std::string, std::uint64_t>>;
    return ask([&](queries& q) -> result<pairs> {
      pairs out;
      for (rows found(q.pins); found.next();)
        out.emplace_back(found->text(0), found->count(1));
      return out;
    });
  }

private:
  struct connection {
    explicit connection(const std::filesystem::path& file)
        : db(file, database::mode::read_only), sql(db) {}
    database db;
    queries sql;
  };

  /// A failed connection is opened anew by the next question.
  template <class F> auto ask(F&& body) -> decltype(body(std::declval<queries&>())) {
    try {
      if (!open_)
        open_ = std::make_unique<connection>(file_);
      return body(open_->sql);
    } catch (const sql_error& e) {
      open_.reset();
      return to_error(e);
    } catch (const unreadable_row& e) {
      return error{errc::internal, e.what};
    }
  }

  static named_values values_of(queries& q, const user_id& user) {
    named_values out;
    for (rows found(q.person_values.bind(user)); found.next();) {
      auto row = read_blob<person_value_row>(found->bytes(0), "person_values");
      out.emplace_back(std::move(row.key), std::move(row.to));
    }
    return out;
  }

  static std::int64_t newest_of(queries& q, const conversation_id& id) {
    rows found(q.newest.bind(id));
    return found.next() ? found->integer(0) : 0;
  }

  template <class Row>
  result<page<Row>> list(statement queries::*all, statement queries::*of,
                         const conversation_id& only, std::size_t limit, const std::string& cursor,
                         const char* table) {
    auto after = parse_cursor(cursor);
    if (!after)
      return after.error();
    return ask([&](queries& q) -> result<page<Row>> {
      page<Row> out;
      std::int64_t last = 0;
      auto& s = only.empty() ? (q.*all).bind(*after, std::uint64_t(limit) + 1)
                             : (q.*of).bind(only, *after, std::uint64_t(limit) + 1);
      rows found(s);
      while (found.next()) {
        if (out.items.size() == limit) {
          out.next = std::to_string(last);
          break;
        }
        out.items.push_back(read_blob<Row>(found->bytes(1), table));
        last = found->integer(0);
      }
      return out;
    });
  }

  template <class Row>
  result<std::optional<Row>> one(statement queries::*which, const std::string& id,
                                 const char* table) {
    return ask([&](queries& q) -> result<std::optional<Row>> {
      rows found((q.*which).bind(id));
      if (!found.next())
        return std::optional<Row>();
      return std::optional(read_blob<Row>(found->bytes(0), table));
    });
  }

  std::filesystem::path file_;
  std::unique_ptr<connection> open_;
};

} // namespace

std::unique_ptr<reader> open_reader(const std::filesystem::path& file) {
  return std::make_unique<sqlite_reader>(file);
}

} // namespace interject::journal::sqlite
