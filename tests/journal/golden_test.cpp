// Databases of every schema that was ever released, as SQL text under golden/: they load forever.
#define CAF_SUITE golden
#include "tests/support/caf_test.hpp"

#include "tests/journal/golden.hpp"
#include "tests/journal/stores.hpp"

#include <sstream>

using namespace interject;
using namespace interject::journal;
using namespace interject::journal::test;

namespace {

constexpr auto ann = "d5d-hgiwg5756x7ajp4iqvma", bob = "151-ldpn5implxjm4lh6nlzq";

std::shared_ptr<store> open(const scratch_folder& in) {
  auto opened = open_sqlite_store(in.path());
  if (!opened)
    throw std::runtime_error(opened.error().what);
  return *opened;
}

} // namespace

CAF_TEST(a database of schema 1 is moved on and keeps all its rows) {
  scratch_folder folder;
  load_golden("schema_1.sql", folder.path());
  CAF_CHECK_EQUAL(ask_sql(folder.path(), "PRAGMA user_version"), "1\n");
  auto s = open(folder);
  CAF_CHECK_EQUAL(ask_sql(folder.path(), "PRAGMA user_version"), "6\n");
  auto reader = s->open_reader();
  CAF_CHECK_EQUAL(load(*reader, ann).last_seq, 5u);
  CAF_CHECK_EQUAL(load(*reader, bob).last_seq, 8u);
  CAF_CHECK_EQUAL(reader->history(bob, 0, 100)->size(), 8u);
  CAF_CHECK_EQUAL(reader->recent_clients(ann, 10, time_point{})->size(), 2u);
  CAF_CHECK_EQUAL(reader->watches("", 10, "")->items.size(), 1u);
  CAF_CHECK_EQUAL(reader->reminders("", 10, "")->items.size(), 1u);
  CAF_CHECK_EQUAL(reader->symbols()->size(), 1u);
  CAF_CHECK_EQUAL(reader->wakes()->size(), 2u);
  auto news = reader->find_notification("news-1");
  CAF_REQUIRE(news->has_value());
  CAF_CHECK((*news)->trail.front().code == delivery_code::await_boundary);
}

CAF_TEST(a database that was moved on has the tables of a new one) {
  constexpr auto layout = "SELECT tbl_name, name, type FROM sqlite_schema ORDER BY 1, 2";
  constexpr auto columns =
      "SELECT m.name, p.name, p.type, p.\"notnull\", p.pk FROM sqlite_schema m, "
      "pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY 1, 2";
  scratch_folder old, fresh;
  load_golden("schema_1.sql", old.path());
  open(old);
  open(fresh);
  CAF_CHECK_EQUAL(ask_sql(old.path(), layout), ask_sql(fresh.path(), layout));
  CAF_CHECK_EQUAL(ask_sql(old.path(), columns), ask_sql(fresh.path(), columns));
  CAF_CHECK_EQUAL(ask_sql(old.path(), "PRAGMA integrity_check"), "ok\n");
}

CAF_TEST(the bots of schema 1 stay until every row of it was touched) {
  scratch_folder folder;
  load_golden("schema_1.sql", folder.path());
  auto s = open(folder);
  auto in_use = [] { return std::vector<std::string>{"current"}; };
  CAF_REQUIRE(s->keep_bot("newer", "{}").has_value());
  CAF_CHECK_EQUAL(*s->sweep_bots(in_use), 1u); // nobody names it, and its rows would say so
  CAF_CHECK_EQUAL(*s->sweep_bots(in_use), 0u);
  for (auto* id : {ann, bob}) {
    auto row = load(*s->open_reader(), id);
    CAF_CHECK_EQUAL(write_one(*s, turn(id, row.version, row.last_seq, {"x"})), "ok");
  }
  CAF_CHECK_EQUAL(*s->sweep_bots(in_use), 1u);
}

CAF_TEST(a migration that is cut off leaves the old schema) {
  scratch_folder folder;
  load_golden("schema_1.sql", folder.path());
  ask_sql(folder.path(),
          "ALTER TABLE bots ADD COLUMN schema INTEGER"); // the second step of the migration fails
  CAF_CHECK(!open_sqlite_store(folder.path()).has_value());
  CAF_CHECK_EQUAL(ask_sql(folder.path(), "PRAGMA user_version"), "1\n");
  CAF_CHECK_EQUAL(
      ask_sql(folder.path(),
              "SELECT count(*) FROM pragma_table_info('conversations') WHERE name = 'pinned'"),
      "0\n");
}

namespace {

/// How many rows each table has, `name|count` a line.
std::string counts(const scratch_folder& in) {
  std::string out;
  std::istringstream names(
      ask_sql(in.path(), "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1"));
  for (std::string name; std::getline(names, name);)
    out += name + "|" + ask_sql(in.path(), "SELECT count(*) FROM " + name);
  return out;
}

std::string one(const scratch_folder& in, const std::string& sql) {
  auto text = ask_sql(in.path(), sql);
  return text.substr(0, text.find('\n'));
}

/// What every golden file from schema 2 on holds: Ann, asked for a number, with a file and two
/// notices to come; Bob, interrupted by a price; Cat, who waits for a call.
void check_rows(const scratch_folder& in, store& s) {
  auto reader = s.open_reader();
  auto user = [&](const char* name) {
    return one(in, std::string("SELECT id FROM conversations WHERE user = CAST('dl_") + name +
                       "' AS BLOB)");
  };
  auto a = user("ann"), b = user("bob"), c = user("cat");
  CAF_CHECK_EQUAL(load(*reader, a).last_seq, 5u);
  CAF_CHECK_EQUAL(reader->history(a, 0, 100)->size(), 5u);
  CAF_CHECK_EQUAL(reader->history(b, 0, 100)->size(), 8u);
  CAF_CHECK_EQUAL(reader->watches(b, 10, "")->items.size(), 1u);
  CAF_CHECK_EQUAL(reader->reminders(b, 10, "")->items.size(), 1u);
  CAF_CHECK(!reader->reminders(a, 10, "")->items.empty());
  CAF_CHECK_EQUAL(reader->calls(c)->size(), 1u);
  CAF_CHECK_EQUAL(reader->wakes()->size(), 3u);
  auto cat = reader->person("dl_cat");
  CAF_REQUIRE(cat->has_value());
  CAF_CHECK_EQUAL((*cat)->conversation, c);
  auto news = reader->find_notification("news-1");
  CAF_REQUIRE(news->has_value());
  CAF_CHECK((*news)->trail.front().code == delivery_code::await_boundary);
  auto file = reader->file(one(in, "SELECT id FROM files"));
  CAF_REQUIRE(file->has_value());
  CAF_CHECK_EQUAL((*file)->body, "a map");
  CAF_CHECK(reader->bot_source(one(in, "SELECT version FROM bots"))->has_value());
  auto row = load(*reader, a);
  CAF_CHECK_EQUAL(write_one(s, turn(a, row.version, row.last_seq, {"x"})), "ok");
}

} // namespace

CAF_TEST(a database of any schema keeps its rows and gets the tables of a new one) {
  constexpr auto layout =
      "SELECT m.name, m.type, p.name, p.type, p.\"notnull\", p.pk FROM sqlite_schema m "
      "LEFT JOIN pragma_table_info(m.name) p ORDER BY 1, 3";
  scratch_folder fresh;
  open(fresh);
  for (auto version : {"2", "3", "4", "5"}) {
    CAF_MESSAGE("schema " << version);
    scratch_folder old;
    load_golden(std::string("schema_") + version + ".sql", old.path());
    CAF_REQUIRE_EQUAL(one(old, "PRAGMA user_version"), version);
    auto before = counts(old);
    auto s = open(old);
    CAF_CHECK_EQUAL(one(old, "PRAGMA user_version"), one(fresh, "PRAGMA user_version"));
    CAF_CHECK_EQUAL(ask_sql(old.path(), layout), ask_sql(fresh.path(), layout));
    CAF_CHECK_EQUAL(one(old, "PRAGMA integrity_check"), "ok");
    auto after = counts(old);
    std::istringstream lines(before);
    for (std::string line; std::getline(lines, line);)
      CAF_CHECK(after.find(line + "\n") != after.npos);
    check_rows(old, *s);
  }
}
