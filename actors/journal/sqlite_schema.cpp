// The tables, as a list of migrations: a new database runs all of them, an older one those that it
// lacks. A change of the tables is one more entry, never an edit of one that was released, and a
// golden file of the version before it under tests/journal/golden/.
//
// Activities are only ever appended and have no secondary index: a conversation's row points at its
// newest one, and each at the one before. Ids are blobs, compared byte by byte.
#include "actors/journal/sqlite.hpp"

#include <iterator>

namespace interject::journal::sqlite {
namespace {

/// [n] leads from version n to n + 1.
constexpr const char* migrations[] = {
    R"sql(
CREATE TABLE shards (shard INTEGER PRIMARY KEY, epoch INTEGER NOT NULL);

CREATE TABLE conversations (
  pos INTEGER PRIMARY KEY, shard INTEGER NOT NULL, id BLOB NOT NULL, version INTEGER NOT NULL,
  last_seq INTEGER NOT NULL, newest_pos INTEGER NOT NULL, user BLOB NOT NULL, wake_at INTEGER,
  created INTEGER NOT NULL, updated INTEGER NOT NULL, state BLOB NOT NULL);
CREATE UNIQUE INDEX conversations_id ON conversations (id);
CREATE INDEX conversations_wake ON conversations (wake_at) WHERE wake_at IS NOT NULL;

CREATE TABLE activities (
  pos INTEGER PRIMARY KEY, shard INTEGER NOT NULL, conversation INTEGER NOT NULL, seq INTEGER NOT NULL,
  prev_pos INTEGER NOT NULL, at INTEGER NOT NULL, client_id BLOB NOT NULL, body BLOB NOT NULL);

CREATE TABLE notifications (
  pos INTEGER PRIMARY KEY, shard INTEGER NOT NULL, id BLOB NOT NULL, conversation BLOB NOT NULL,
  at INTEGER NOT NULL, activity BLOB NOT NULL, ended INTEGER, what BLOB NOT NULL, trail BLOB NOT NULL);
CREATE UNIQUE INDEX notifications_id ON notifications (id, conversation);

CREATE TABLE persons (
  pos INTEGER PRIMARY KEY, shard INTEGER NOT NULL, user BLOB NOT NULL, conversation BLOB NOT NULL,
  interacted INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE UNIQUE INDEX persons_user ON persons (user);

CREATE TABLE watches (
  pos INTEGER PRIMARY KEY, shard INTEGER NOT NULL, id BLOB NOT NULL, conversation BLOB NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX watches_id ON watches (id);
CREATE INDEX watches_conversation ON watches (conversation);

CREATE TABLE reminders (
  pos INTEGER PRIMARY KEY, shard INTEGER NOT NULL, id BLOB NOT NULL, conversation BLOB NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX reminders_id ON reminders (id);
CREATE INDEX reminders_conversation ON reminders (conversation);

CREATE TABLE calls (
  pos INTEGER PRIMARY KEY, shard INTEGER NOT NULL, id BLOB NOT NULL, conversation BLOB NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX calls_id ON calls (id);
CREATE INDEX calls_conversation ON calls (conversation);

CREATE TABLE symbols (
  pos INTEGER PRIMARY KEY, shard INTEGER NOT NULL, symbol BLOB NOT NULL, price INTEGER NOT NULL,
  at INTEGER NOT NULL, seq INTEGER);
CREATE UNIQUE INDEX symbols_symbol ON symbols (symbol);

CREATE TABLE bots (version BLOB PRIMARY KEY, source BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE health (id INTEGER PRIMARY KEY, checks INTEGER NOT NULL);
)sql",
    // What came with activities.
    R"sql(
CREATE TABLE files (
  pos INTEGER PRIMARY KEY, shard INTEGER NOT NULL, id BLOB NOT NULL, conversation BLOB NOT NULL,
  name BLOB NOT NULL, content_type BLOB NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX files_id ON files (id);
CREATE INDEX files_conversation ON files (conversation);
)sql",
    // Which versions of the bot are still needed. NULL: a row that no turn has
    // touched since schema 1, so the bots of that time stay.
    R"sql(
ALTER TABLE conversations ADD COLUMN pinned BLOB;
CREATE INDEX conversations_pinned ON conversations (pinned) WHERE pinned IS NULL OR pinned != x'';
ALTER TABLE bots ADD COLUMN schema INTEGER NOT NULL DEFAULT 1;
)sql",
    // What monitors keep, and reminders in the order in which they are due. One that
    // was stored before counts as due: it is looked at when the timers begin.
    R"sql(
CREATE TABLE monitor_rows (key BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
ALTER TABLE reminders ADD COLUMN due INTEGER NOT NULL DEFAULT 0;
CREATE INDEX reminders_due ON reminders (due, pos);
)sql",
    // Answers to writes with a key. `pos` grows, so the oldest are the lowest.
    R"sql(
CREATE TABLE answers (
  pos INTEGER PRIMARY KEY, key BLOB NOT NULL, print BLOB NOT NULL, at INTEGER NOT NULL, status INTEGER NOT NULL,
  content_type BLOB NOT NULL, location BLOB NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX answers_key ON answers (key);
)sql",
    // Persons, broadcasts, and what stays of who was erased.
    R"sql(
CREATE TABLE person_values (
  pos INTEGER PRIMARY KEY, shard INTEGER NOT NULL, user BLOB NOT NULL, key BLOB NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX person_values_key ON person_values (user, key);
CREATE INDEX conversations_user ON conversations (user) WHERE user <> x'';
CREATE INDEX notifications_conversation ON notifications (conversation);
CREATE TABLE broadcasts (
  pos INTEGER PRIMARY KEY, id BLOB NOT NULL, running INTEGER NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX broadcasts_id ON broadcasts (id);
CREATE TABLE tombstones (hash BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE tombstone_salt (id INTEGER PRIMARY KEY, salt BLOB NOT NULL);
)sql"};
static_assert(std::size(migrations) == schema_version);

} // namespace

std::int64_t prepare_schema(database& db) {
  db.run("PRAGMA journal_mode = WAL");
  db.run("PRAGMA synchronous = FULL");
  db.run("PRAGMA secure_delete = ON");            // what is erased is overwritten
  db.run("PRAGMA journal_size_limit = 67108864"); // what a burst leaves behind of the log is cut
                                                  // back to this
  db.run("BEGIN IMMEDIATE");
  auto found = db.number("PRAGMA user_version");
  if (found > schema_version)
    throw newer_schema{found};
  for (auto at = found; at < schema_version; ++at)
    db.run(migrations[at]);
  if (found < schema_version)
    db.run(("PRAGMA user_version = " + std::to_string(schema_version)).c_str());
  db.run("COMMIT");
  return found;
}

} // namespace interject::journal::sqlite
