// The writer of the SQLite store: one connection, one transaction a batch.
#include "actors/journal/answers.hpp"
#include "actors/journal/commit.hpp"
#include "actors/journal/sqlite_checkpointer.hpp"
#include "actors/journal/sqlite_rows.hpp"
#include "actors/runtime/log.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <mutex>

namespace interject::journal {
namespace {

using sqlite::database;
using sqlite::rows;
using sqlite::statement;

// A monitor's step only replaces: it must not bring back a row that its conversation has removed
// meanwhile.
constexpr const char* put_row = "(shard, id, conversation, body) VALUES (?, ?, ?, ?) "
                                "ON CONFLICT (id) DO UPDATE SET body = excluded.body";

struct statements {
  explicit statements(database& db)
      : begin(db, "BEGIN IMMEDIATE"), commit(db, "COMMIT"),
        epoch(db, "SELECT epoch FROM shards WHERE shard = ?"),
        put_epoch(db, "INSERT INTO shards VALUES (?, ?) ON CONFLICT (shard) DO UPDATE SET epoch = "
                      "excluded.epoch"),
        find(db, "SELECT pos, version, last_seq, newest_pos, pinned, user, wake_at FROM "
                 "conversations WHERE id = ?"),
        create(db, "INSERT INTO conversations (shard, id, version, last_seq, newest_pos, user, "
                   "wake_at, created, "
                   "updated, state, pinned) VALUES (?, ?, 0, 0, 0, x'', NULL, ?, ?, x'', x'')"),
        pin(db, "UPDATE conversations SET pinned = ? WHERE pos = ?"),
        update(db, "UPDATE conversations SET version = ?, last_seq = ?, newest_pos = ?, user = ?, "
                   "wake_at = ?, "
                   "updated = ?, state = ? WHERE pos = ?"),
        update_alike(db, "UPDATE conversations SET version = ?, last_seq = ?, newest_pos = ?, "
                         "updated = ?, state = ? "
                         "WHERE pos = ?"),
        say(db, "INSERT INTO activities (shard, conversation, seq, prev_pos, at, client_id, body) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)"),
        trail(db, "SELECT pos, trail, activity, ended FROM notifications WHERE id = ? AND "
                  "conversation = ?"),
        put_notice(
            db,
            "INSERT INTO notifications (shard, id, conversation, at, activity, ended, what, trail) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
        add_notice(
            db,
            "UPDATE notifications SET at = ?, activity = ?, ended = ?, trail = ? WHERE pos = ?"),
        person(db, "INSERT INTO persons (shard, user, conversation, interacted, at) VALUES (?, ?, "
                   "?, ?, ?) "
                   "ON CONFLICT (user) DO UPDATE SET conversation = excluded.conversation, "
                   "interacted = excluded.interacted, at = excluded.at"),
        watch(db, std::string("INSERT INTO watches ") + put_row),
        watch_gone(db, "DELETE FROM watches WHERE id = ?"),
        reminder(
            db, "INSERT INTO reminders (shard, id, conversation, body, due) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET body = excluded.body, due = excluded.due"),
        reminder_gone(db, "DELETE FROM reminders WHERE id = ?"),
        call(db, std::string("INSERT INTO calls ") + put_row),
        call_gone(db, "DELETE FROM calls WHERE id = ?"),
        watch_again(db, "UPDATE watches SET body = ? WHERE id = ?"),
        reminder_again(db, "UPDATE reminders SET body = ?, due = ? WHERE id = ?"),
        call_again(db, "UPDATE calls SET body = ? WHERE id = ?"),
        symbol(db, "INSERT INTO symbols (shard, symbol, price, at, seq) VALUES (?, ?, ?, ?, ?) "
                   "ON CONFLICT (symbol) DO UPDATE SET price = excluded.price, at = excluded.at, "
                   "seq = excluded.seq"),
        file(db, "INSERT INTO files (shard, id, conversation, name, content_type, body) VALUES (?, "
                 "?, ?, ?, ?, ?)"),
        keep(db, "INSERT INTO monitor_rows (key, body) VALUES (?, ?) ON CONFLICT (key) DO UPDATE "
                 "SET body = excluded.body"),
        keep_gone(db, "DELETE FROM monitor_rows WHERE key = ?"),
        bot(db, "INSERT OR IGNORE INTO bots (version, source, schema) VALUES (?, ?, 3)"),
        unneeded(db,
                 "SELECT version FROM bots WHERE version NOT IN (SELECT pinned FROM conversations "
                 "WHERE pinned IS NOT NULL AND pinned != x'') AND (schema > 1 OR NOT EXISTS "
                 "(SELECT 1 FROM conversations WHERE pinned IS NULL))"),
        bot_gone(db, "DELETE FROM bots WHERE version = ?"),
        health(
            db,
            "INSERT INTO health VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET checks = checks + 1"),
        person_value(db, "INSERT INTO person_values (shard, user, key, body) VALUES (?, ?, ?, ?) "
                         "ON CONFLICT (user, key) DO UPDATE SET body = excluded.body"),
        person_value_gone(db, "DELETE FROM person_values WHERE user = ? AND key = ?"),
        person_values_gone(db, "DELETE FROM person_values WHERE user = ?"),
        person_gone(db, "DELETE FROM persons WHERE user = ?"),
        broadcast(
            db, "INSERT INTO broadcasts (id, running, body) VALUES (?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET running = excluded.running, body = excluded.body"),
        tombstone(db, "INSERT OR REPLACE INTO tombstones (hash, at) VALUES (?, ?)"),
        is_tombstone(db, "SELECT 1 FROM tombstones WHERE hash = ?"),
        activity_back(db, "SELECT prev_pos FROM activities WHERE pos = ?"),
        activity_gone(db, "DELETE FROM activities WHERE pos = ?"),
        conversation_gone(db, "DELETE FROM conversations WHERE pos = ?"),
        notices_gone(db, "DELETE FROM notifications WHERE conversation = ?"),
        watches_gone(db, "DELETE FROM watches WHERE conversation = ?"),
        reminders_gone(db, "DELETE FROM reminders WHERE conversation = ?"),
        calls_gone(db, "DELETE FROM calls WHERE conversation = ?"),
        files_gone(db, "DELETE FROM files WHERE conversation = ?"),
        loose_reminders(db, "SELECT body FROM reminders WHERE conversation = x''"),
        sweep(db, "DELETE FROM notifications WHERE pos IN "
                  "(SELECT pos FROM notifications WHERE at < ? ORDER BY pos LIMIT 1000)"),
        answer(db, "SELECT print, at, status, content_type, location, body FROM answers WHERE key "
                   "= ? AND at > ?"),
        put_answer(
            db,
            "INSERT OR REPLACE INTO answers (key, print, at, status, content_type, location, body) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)"),
        bound_answers(db, "DELETE FROM answers WHERE pos <= (SELECT max(pos) FROM answers) - ?"),
        sweep_answers(db, "DELETE FROM answers WHERE pos IN "
                          "(SELECT pos FROM answers WHERE at <= ? ORDER BY pos LIMIT 1000)"),
        answers_gone(db, "DELETE FROM answers WHERE instr(body, ?) > 0") {}

  statement begin, commit, epoch, put_epoch, find, create, pin, update, update_alike, say, trail,
      put_notice, add_notice, person, watch, watch_gone, reminder, reminder_gone, call, call_gone,
      watch_again, reminder_again, call_again, symbol, file, keep, keep_gone, bot, unneeded,
      bot_gone, health, person_value, person_value_gone, person_values_gone, person_gone, broadcast,
      tombstone, is_tombstone, activity_back, activity_gone, conversation_gone, notices_gone,
      watches_gone, reminders_gone, calls_gone, files_gone, loose_reminders, sweep, answer,
      put_answer, bound_answers, sweep_answers, answers_gone;
};

struct connection {
  explicit connection(const std::filesystem::path& file) : db(file, database::mode::read_write) {
    db.run("PRAGMA cache_size = -16000"); // KB, taken as needed: what a few thousand conversations
                                          // that talk touch
    found_schema = sqlite::prepare_schema(db);
    sql.emplace(db);
    if (db.number("SELECT count(*) FROM tombstone_salt") == 0) {
      statement put(db, "INSERT INTO tombstone_salt (id, salt) VALUES (1, ?)");
      put.bind(new_salt()).run();
    }
    statement get(db, "SELECT salt FROM tombstone_salt WHERE id = 1");
    get.step();
    salt = get.text(0);
  }
  std::int64_t found_schema = 0;
  database db;
  std::optional<statements> sql;
  std::string salt;
};

class sqlite_store final : public store, public answers {
public:
  explicit sqlite_store(std::filesystem::path file) : file_(std::move(file)), checkpoints_(file_) {
    open();
  }

  result<void> write(std::span<const commit_ptr> batch, std::span<result<void>> outcomes) override {
    return transaction([&](connection& c) {
      for (std::size_t i = 0; i < batch.size(); ++i)
        outcomes[i] = apply(c, *batch[i]);
    });
  }

  std::unique_ptr<reader> open_reader() override { return sqlite::open_reader(file_); }

  result<void> keep_bot(const std::string& version, const std::string& source) override {
    return transaction([&](connection& c) { c.sql->bot.bind(version, source).run(); });
  }

  result<void> check_writable() override {
    return transaction([](connection& c) { c.sql->health.run(); });
  }

  result<void> scrub() override {
    auto lock = std::lock_guard(mutex_);
    try {
      if (!open_)
        open();
      checkpoints_.wait_idle(); // while it copies, nobody else may
      // Its first column is 1 when a reader kept the log from being emptied.
      if (open_->db.number("PRAGMA wal_checkpoint(TRUNCATE)") != 0)
        return error{errc::unavailable, "the log is being read"};
      return {};
    } catch (const sqlite::sql_error& e) {
      return sqlite::to_error(e);
    } catch (const sqlite::newer_schema&) {
      return error{errc::unavailable, "the database was replaced by one of a newer release"};
    }
  }

  result<void> sweep(time_point now) override {
    return in_slices(&statements::sweep, now - notifications_kept);
  }
  result<void> sweep_answers(time_point now) override {
    return in_slices(&statements::sweep_answers, now - answers_kept);
  }

  result<std::size_t> sweep_bots(const versions_in_use& in_use) override {
    std::size_t gone = 0;
    auto ok = transaction([&](connection& c) {
      auto keep = in_use();
      std::vector<std::string> versions;
      for (rows found(c.sql->unneeded); found.next();)
        versions.push_back(found->text(0));
      for (auto& version : versions)
        if (std::find(keep.begin(), keep.end(), version) == keep.end()) {
          c.sql->bot_gone.bind(version).run();
          ++gone;
        }
    });
    if (!ok)
      return ok.error();
    return gone;
  }

  result<std::optional<kept_answer>> find_answer(const std::string& key, time_point now) override {
    std::optional<kept_answer> out;
    auto ok = transaction([&](connection& c) {
      auto after = now - answers_kept;
      if (rows found(c.sql->answer.bind(key, after)); found.next())
        out = kept_answer{key,
                          found->text(0),
                          found->instant(1),
                          static_cast<unsigned>(found->integer(2)),
                          found->text(3),
                          found->text(4),
                          found->text(5)};
    });
    if (!ok)
      return ok.error();
    return out;
  }

  result<void> keep_answer(const kept_answer& a, std::size_t most) override {
    return transaction([&](connection& c) {
      auto& sql = *c.sql;
      sql.put_answer.bind(a.key, a.print, a.at, a.status, a.content_type, a.location, a.body).run();
      sql.bound_answers.bind(static_cast<std::uint64_t>(most)).run();
    });
  }

private:
  /// In slices: a turn must not wait for a week's worth of rows.
  result<void> in_slices(statement statements::*which, time_point before) {
    for (;;) {
      int gone = 0;
      auto ok = transaction([&](connection& c) {
        ((*c.sql).*which).bind(before).run();
        gone = sqlite3_changes(c.db.raw());
      });
      if (!ok || gone == 0)
        return ok;
    }
  }

  void open() {
    open_ = std::make_unique<connection>(file_);
    checkpoints_.follow(open_->db);
    if (auto found = open_->found_schema; found != 0 && found < sqlite::schema_version)
      runtime::log_info("journal.migrated", "from={} to={}", found, sqlite::schema_version);
  }

  /// After any failure but another process's lock the connection is opened anew, so that the store
  /// heals with the disk: SQLite keeps refusing on a connection whose log it could not read back.
  template <class F> result<void> transaction(F&& body) {
    auto lock = std::lock_guard(mutex_);
    try {
      if (!open_)
        open();
      open_->sql->begin.run();
      body(*open_);
      open_->sql->commit.run();
      return {};
    } catch (const sqlite::sql_error& e) {
      roll_back((e.code & 0xff) != SQLITE_BUSY);
      return sqlite::to_error(e);
    } catch (const sqlite::unreadable_row& e) {
      roll_back(false);
      return error{errc::internal, e.what};
    } catch (const sqlite::newer_schema&) {
      return error{errc::unavailable, "the database was replaced by one of a newer release"};
    } catch (const std::exception& e) { // a row that has no binary form, or no memory
      roll_back(false);
      return error{errc::internal, e.what()};
    }
  }

  void roll_back(bool reopen) {
    if (!open_)
      return;
    if (open_->db.in_transaction()) {
      try {
        open_->db.run("ROLLBACK");
      } catch (const sqlite::sql_error&) {
        reopen = true; // closing rolls back
      }
    }
    if (reopen)
      open_.reset();
  }

  static result<void> apply(connection& at, const commit& c) {
    auto& sql = *at.sql;
    std::uint64_t epoch = 0;
    if (rows found(sql.epoch.bind(c.fence.shard)); found.next())
      epoch = found->count(0);
    if (auto ok = check_epoch(c.fence, epoch); !ok)
      return ok;
    place to;
    if (!c.conversation.empty())
      if (rows found(sql.find.bind(c.conversation)); found.next())
        to = place_of(found, c);
    if (auto ok = check_turn(c, to.version, to.last_seq); !ok)
      return ok;
    if (to.pos == 0 && !c.conversation.empty()) {
      auto grave = tombstone_of(at.salt, c.conversation); // outlives the step
      if (rows found(sql.is_tombstone.bind(grave)); found.next())
        return error{errc::not_found, "this conversation was erased"};
    }
    if (c.fence.epoch > epoch)
      sql.put_epoch.bind(c.fence.shard, c.fence.epoch).run();
    if (c.erase_conversation) {
      erase_conversation(at, c, to);
      return {};
    }
    if (!c.conversation.empty())
      put_turn(at, c, to);
    for (auto& n : c.notifications)
      put_notification(sql, c, n);
    put_rows(sql, c);
    if (!c.erase_user.empty())
      erase_person(at, c);
    return {};
  }

  struct place {
    std::int64_t pos = 0; ///< 0: no row yet
    std::uint64_t version = 0;
    std::uint64_t last_seq = 0;
    std::int64_t newest = 0;
    bool pinned_alike = false; ///< its index need not be touched
    /// Nor those of `user` and `wake_at`: SQLite writes them anew even for equal values
    bool listed_alike = false;
  };

  static place place_of(rows& found, const commit& c) {
    place to;
    to.pos = found->integer(0);
    to.version = found->count(1);
    to.last_seq = found->count(2);
    to.newest = found->integer(3);
    to.pinned_alike = !found->is_null(4) && found->bytes(4) == c.pinned;
    auto wake = found->is_null(6) ? std::nullopt : std::optional(found->instant(6));
    to.listed_alike = found->bytes(5) == c.user && wake == c.wake_at;
    return to;
  }

  static void erase_conversation(connection& at, const commit& c, const place& to) {
    auto& sql = *at.sql;
    for (auto pos = to.newest; pos != 0;) {
      std::int64_t before = 0;
      if (rows found(sql.activity_back.bind(pos)); found.next())
        before = found->integer(0);
      sql.activity_gone.bind(pos).run();
      pos = before;
    }
    if (to.pos != 0)
      sql.conversation_gone.bind(to.pos).run();
    for (auto* table : {&sql.notices_gone, &sql.watches_gone, &sql.reminders_gone, &sql.calls_gone,
                        &sql.files_gone})
      table->bind(c.conversation).run();
    sql.answers_gone.bind(in_json(c.conversation)).run();
    sql.tombstone.bind(tombstone_of(at.salt, c.conversation), c.at).run();
  }

  static void erase_person(connection& at, const commit& c) {
    auto& sql = *at.sql;
    sql.person_gone.bind(c.erase_user).run();
    sql.person_values_gone.bind(c.erase_user).run();
    std::vector<std::string> theirs;
    for (rows found(sql.loose_reminders); found.next();)
      if (auto row = sqlite::read_blob<reminder_row>(found->bytes(0), "reminders");
          row.user == c.erase_user)
        theirs.push_back(row.id);
    erase_all(sql.reminder_gone, theirs);
    sql.answers_gone.bind(in_json(c.erase_user)).run();
    sql.tombstone.bind(tombstone_of(at.salt, c.erase_user), c.at).run();
  }

  static void put_turn(connection& at, const commit& c, place to) {
    auto& sql = *at.sql;
    auto new_pos = [&] {
      return static_cast<std::int64_t>(sqlite3_last_insert_rowid(at.db.raw()));
    };
    if (to.pos == 0) {
      sql.create.bind(c.fence.shard, c.conversation, c.at, c.at).run();
      to.pos = new_pos();
      to.pinned_alike = c.pinned.empty();
    }
    for (auto& a : c.activities) {
      sql.say.bind(c.fence.shard, to.pos, a.seq, to.newest, c.at, a.client_id, *a.body).run();
      to.newest = new_pos();
    }
    auto last_seq = to.last_seq + c.activities.size();
    if (to.listed_alike)
      sql.update_alike.bind(c.expected_version + 1, last_seq, to.newest, c.at, c.state, to.pos)
          .run();
    else
      sql.update
          .bind(c.expected_version + 1, last_seq, to.newest, c.user, c.wake_at, c.at, c.state,
                to.pos)
          .run();
    if (!to.pinned_alike)
      sql.pin.bind(c.pinned, to.pos).run();
  }

  static void put_notification(statements& sql, const commit& c, const notification_row& n) {
    std::int64_t pos = 0;
    std::vector<decision> trail;
    std::string activity;
    std::optional<std::int64_t> ended;
    if (rows found(sql.trail.bind(n.id, n.conversation)); found.next()) {
      pos = found->integer(0);
      trail = sqlite::read_blob<std::vector<decision>>(found->bytes(1), "notifications");
      activity = found->text(2);
      if (!found->is_null(3))
        ended = found->integer(3);
    }
    if (pos == 0 && !n.what)
      return; // swept since: nothing to add to
    append_trail(trail, n.decisions);
    if (!n.activity.empty())
      activity = n.activity;
    if (n.ended)
      ended = static_cast<std::int64_t>(*n.ended);
    auto blob = encode(trail);
    if (pos != 0)
      return sql.add_notice.bind(n.at, activity, ended, blob, pos).run();
    auto what = encode(*n.what);
    sql.put_notice.bind(c.fence.shard, n.id, n.conversation, n.at, activity, ended, what, blob)
        .run();
  }

  template <class Row>
  static void put_all(statement& to, statement& again, const commit& c,
                      const std::vector<Row>& all) {
    for (auto& row : all) {
      auto body = encode(row);
      if (c.conversation.empty())
        again.bind(body, row.id).run();
      else
        to.bind(c.fence.shard, row.id, row.conversation, body).run();
    }
  }

  static void erase_all(statement& from, const std::vector<std::string>& ids) {
    for (auto& id : ids)
      from.bind(id).run();
  }

  static void put_rows(statements& sql, const commit& c) {
    for (auto& f : c.files)
      sql.file.bind(c.fence.shard, f.id, c.conversation, f.name, f.content_type, f.body).run();
    for (auto& p : c.persons)
      sql.person.bind(c.fence.shard, p.user, p.conversation, p.interacted, p.at).run();
    for (auto& v : c.person_values) {
      auto body = encode(v);
      if (v.to.is_null())
        sql.person_value_gone.bind(v.user, v.key).run();
      else
        sql.person_value.bind(c.fence.shard, v.user, v.key, body).run();
    }
    for (auto& b : c.broadcasts)
      sql.broadcast.bind(b.id, b.running, b.body).run();
    put_all(sql.watch, sql.watch_again, c, c.watches);
    erase_all(sql.watch_gone, c.watches_gone);
    for (auto& row : c.reminders) {
      auto body = encode(row);
      if (c.conversation.empty())
        sql.reminder_again.bind(body, row.due, row.id).run();
      else
        sql.reminder.bind(c.fence.shard, row.id, row.conversation, body, row.due).run();
    }
    erase_all(sql.reminder_gone, c.reminders_gone);
    put_all(sql.call, sql.call_again, c, c.calls);
    erase_all(sql.call_gone, c.calls_gone);
    for (auto& row : c.kept)
      sql.keep.bind(row.key, row.body).run();
    erase_all(sql.keep_gone, c.kept_gone);
    for (auto& s : c.symbols)
      sql.symbol.bind(c.fence.shard, s.symbol, s.price.units, s.at, s.seq).run();
  }

  std::filesystem::path file_;
  std::mutex mutex_;
  std::unique_ptr<connection> open_;
  sqlite::checkpointer checkpoints_; ///< ends before the connection that it follows
};

} // namespace

result<std::shared_ptr<store>> open_sqlite_store(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed)
    return error{errc::unavailable, "the data folder cannot be made: " + failed.message()};
  try {
    return std::shared_ptr<store>(std::make_shared<sqlite_store>(folder / "interject.db"));
  } catch (const sqlite::sql_error& e) {
    return sqlite::to_error(e);
  } catch (const sqlite::newer_schema& e) {
    return error{errc::conflict,
                 "interject.db has schema " + std::to_string(e.found) + ", this release knows " +
                     std::to_string(sqlite::schema_version) + ": use the newer release"};
  }
}

} // namespace interject::journal
