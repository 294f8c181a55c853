// The tables. Activities are only ever appended and have no secondary index: a conversation's row points at its
// newest one, and each at the one before. Ids are blobs, compared byte by byte.
#include "actors/journal/sqlite.hpp"

namespace interject::journal::sqlite {
namespace {

constexpr const char* tables = R"sql(
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

PRAGMA user_version = 1;
)sql";

/// Of version 2: what came with activities.
constexpr const char* files = R"sql(
CREATE TABLE files (
  pos INTEGER PRIMARY KEY, shard INTEGER NOT NULL, id BLOB NOT NULL, conversation BLOB NOT NULL,
  name BLOB NOT NULL, content_type BLOB NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX files_id ON files (id);
CREATE INDEX files_conversation ON files (conversation);

PRAGMA user_version = 2;
)sql";

} // namespace

void prepare_schema(database& db) {
  db.run("PRAGMA journal_mode = WAL");
  db.run("PRAGMA synchronous = FULL");
  // A checkpoint every 16 MB keeps the log short; what a burst leaves behind is cut back to the limit.
  db.run("PRAGMA wal_autocheckpoint = 4096");
  db.run("PRAGMA journal_size_limit = 67108864");
  db.run("BEGIN IMMEDIATE");
  auto found = db.number("PRAGMA user_version");
  if (found > schema_version)
    throw newer_schema{found};
  if (found == 0)
    db.run(tables);
  if (found < 2)
    db.run(files);
  db.run("COMMIT");
}

} // namespace interject::journal::sqlite
