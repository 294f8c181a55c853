// What SQLite alone takes for the rows of our turns: two activities and the state of their
// conversation, so many turns a transaction, in the journal's own tables and with its settings. No
// dialog, no JSON, no actor.
#include "actors/journal/store.hpp"
#include "benchmarks/histogram.hpp"
#include "benchmarks/load.hpp"
#include "benchmarks/questions.hpp"

#include <sqlite3.h>

#include <stdexcept>

namespace interject::bench {

namespace {

class database {
public:
  explicit database(const std::string& path) {
    must(sqlite3_open(path.c_str(), &db_));
    run("PRAGMA synchronous = FULL");
    run("PRAGMA wal_autocheckpoint = 4096");
  }
  ~database() {
    for (auto* each : made_)
      sqlite3_finalize(each);
    sqlite3_close(db_);
  }
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  void run(const char* sql) { must(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* out = nullptr;
    must(sqlite3_prepare_v2(db_, sql, -1, &out, nullptr));
    made_.push_back(out);
    return out;
  }
  void must(int status) const {
    if (status != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(db_));
  }
  std::int64_t last() const { return sqlite3_last_insert_rowid(db_); }

private:
  sqlite3* db_ = nullptr;
  std::vector<sqlite3_stmt*> made_;
};

void bind(sqlite3_stmt* to, int at, std::int64_t n) {
  sqlite3_bind_int64(to, at, n);
}
void bind(sqlite3_stmt* to, int at, const std::string& text) {
  sqlite3_bind_blob(to, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}
template <class... T> void run(sqlite3_stmt* it, const T&... values) {
  int at = 0;
  (bind(it, ++at, values), ...);
  if (auto status = sqlite3_step(it); status != SQLITE_DONE && status != SQLITE_ROW)
    throw std::runtime_error("a statement failed");
  sqlite3_reset(it);
}

sample write_rows(const settings& with, std::size_t per_commit) {
  work_folder folder(with);
  if (auto made = journal::open_sqlite_store(folder.path()); !made) // the tables
    throw std::runtime_error(made.error().what);
  database db((folder.path() / "interject.db").string());
  auto find = db.prepare(
      "SELECT pos, version, last_seq, newest_pos, pinned FROM conversations WHERE id = ?");
  auto create = db.prepare("INSERT INTO conversations (shard, id, version, last_seq, newest_pos, "
                           "user, wake_at, created, updated, state, "
                           "pinned) VALUES (0, ?, 0, 0, 0, x'', NULL, 0, 0, x'', x'')");
  auto update = db.prepare(
      "UPDATE conversations SET version = ?, last_seq = ?, newest_pos = ?, user = ?, wake_at = "
      "NULL, updated = ?, state = ? WHERE id = ?");
  auto insert = db.prepare(
      "INSERT INTO activities (shard, conversation, seq, prev_pos, at, client_id, body) VALUES "
      "(0, ?, ?, ?, ?, x'', ?)");
  auto conversations = with.pick(1'000, 20), turns = with.pick(100'000, 200);
  auto name = [](std::size_t i) { return "bench-" + std::to_string(i); };
  const std::string user = "dl_bench", state(300, 's'), body(350, 'b');
  db.run("BEGIN");
  for (std::size_t i = 0; i < conversations; ++i)
    run(create, name(i));
  db.run("COMMIT");

  std::vector<std::int64_t> newest(conversations);
  histogram commits;
  sample s;
  auto wall = wall_seconds(), cpu = cpu_seconds();
  for (std::size_t turn = 0; turn < turns;) {
    auto from = wall_seconds();
    db.run("BEGIN");
    for (std::size_t i = 0; i < per_commit && turn < turns; ++i, ++turn) {
      auto who = turn % conversations;
      auto id = name(who);
      auto now = static_cast<std::int64_t>(turn), pos = static_cast<std::int64_t>(who + 1);
      run(find, id);
      for (std::int64_t seq : {2 * now, 2 * now + 1}) {
        run(insert, pos, seq, newest[who], now, body);
        newest[who] = db.last();
      }
      run(update, now, 2 * now + 1, newest[who], user, now, state, id);
    }
    db.run("COMMIT");
    commits.record((wall_seconds() - from) * 1e6);
  }
  s.wall = wall_seconds() - wall;
  s.cpu = cpu_seconds() - cpu;
  s.units = static_cast<double>(turns);
  auto count = db.prepare("SELECT count(*) FROM activities");
  sqlite3_step(count);
  s.checksum = static_cast<std::uint64_t>(sqlite3_column_int64(count, 0));
  s.expected = 2 * turns;
  s.more = {{"p50 us a commit", commits.percentile(0.5)},
            {"p99 us a commit", commits.percentile(0.99)}};
  return s;
}

} // namespace

std::function<sample(const settings&)> bare_rows(std::size_t per_commit) {
  return [per_commit](const settings& with) { return write_rows(with, per_commit); };
}

} // namespace interject::bench
