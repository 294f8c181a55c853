// What is SQLite's own: reopening, a newer schema, a disk that fails and heals.
#define CAF_SUITE sqlite_store
#include "tests/support/caf_test.hpp"

#include "tests/journal/stores.hpp"

#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>

using namespace interject;
using namespace interject::journal;
using namespace interject::journal::test;

namespace {

std::shared_ptr<store> open(const scratch_folder& in) {
  auto opened = open_sqlite_store(in.path());
  CAF_REQUIRE(opened.has_value());
  return *opened;
}

void run_sql(const scratch_folder& in, const char* sql) {
  sqlite3* db = nullptr;
  CAF_REQUIRE_EQUAL(sqlite3_open((in.path() / "interject.db").c_str(), &db), SQLITE_OK);
  CAF_CHECK_EQUAL(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
}

/// No file of this process may grow beyond `bytes`: how a full disk looks to whoever writes.
class small_disk {
public:
  explicit small_disk(std::uintmax_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &was_);
    auto now = was_;
    now.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &now);
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;
  ~small_disk() { setrlimit(RLIMIT_FSIZE, &was_); }

private:
  rlimit was_{};
};

} // namespace

CAF_TEST(what was committed is there after reopening) {
  scratch_folder folder;
  {
    auto s = open(folder);
    CAF_CHECK_EQUAL(write_one(*s, turn("c1", 0, 0, {"a", "b"})), "ok");
    auto c = turn("c2", 0, 0, {"x"});
    c.fence = {3, 5};
    CAF_CHECK_EQUAL(write_one(*s, c), "ok");
  }
  auto s = open(folder);
  auto row = *s->open_reader()->load("c1");
  CAF_REQUIRE(row.has_value());
  CAF_CHECK_EQUAL(row->last_seq, 2u);
  CAF_CHECK_EQUAL(write_one(*s, turn("c1", 1, 2, {"c"})), "ok");
  CAF_CHECK_EQUAL(s->open_reader()->history("c1", 0, 10)->size(), 3u);
  auto late = turn("c2", 1, 1, {"y"});
  late.fence = {3, 4};
  CAF_CHECK_EQUAL(write_one(*s, late), to_string(errc::fenced));
}

CAF_TEST(what was committed survives the loss of the process) {
  scratch_folder folder, after;
  auto s = open(folder);
  CAF_CHECK_EQUAL(write_one(*s, turn("c1", 0, 0, {"a"})), "ok");
  // The files as a killed process leaves them: nothing closed, nothing checkpointed, no shared
  // memory.
  for (auto* name : {"interject.db", "interject.db-wal"})
    std::filesystem::copy_file(folder.path() / name, after.path() / name);
  auto again = open(after);
  CAF_CHECK_EQUAL(again->open_reader()->history("c1", 0, 10)->size(), 1u);
}

CAF_TEST(a half written log loses only what was not acknowledged) {
  scratch_folder folder, after;
  auto s = open(folder);
  CAF_CHECK_EQUAL(write_one(*s, turn("c1", 0, 0, {"a"})), "ok");
  auto acknowledged = std::filesystem::file_size(folder.path() / "interject.db-wal");
  CAF_CHECK_EQUAL(write_one(*s, turn("c1", 1, 1, {"b"})), "ok");
  for (auto* name : {"interject.db", "interject.db-wal"})
    std::filesystem::copy_file(folder.path() / name, after.path() / name);
  std::filesystem::resize_file(after.path() / "interject.db-wal", acknowledged + 100);
  auto again = open(after);
  CAF_CHECK_EQUAL(load(*again->open_reader(), "c1").version, 1u);
  CAF_CHECK_EQUAL(write_one(*again, turn("c1", 1, 1, {"b"})), "ok");
}

CAF_TEST(a database of a newer release is refused) {
  scratch_folder folder;
  { auto s = open(folder); }
  run_sql(folder, "PRAGMA user_version = 1000");
  auto opened = open_sqlite_store(folder.path());
  CAF_REQUIRE(!opened.has_value());
  CAF_CHECK(opened.error().code == errc::conflict);
  CAF_CHECK(opened.error().what.find("schema 1000") != std::string::npos);
}

CAF_TEST(a file that is no database is refused) {
  scratch_folder folder;
  std::FILE* f = std::fopen((folder.path() / "interject.db").c_str(), "w");
  for (int i = 0; i < 100; ++i)
    std::fputs("this is no database, it only looks like a file of that name\n", f);
  std::fclose(f);
  auto opened = open_sqlite_store(folder.path());
  CAF_REQUIRE(!opened.has_value());
  CAF_CHECK(opened.error().code == errc::unavailable);
}

CAF_TEST(a full disk refuses whole batches and the store heals with it) {
  scratch_folder folder;
  auto s = open(folder);
  CAF_CHECK_EQUAL(write_one(*s, turn("c1", 0, 0, {"a"})), "ok");
  auto reader = s->open_reader();
  std::string big(1'000'000, 'x'); // also more than a fresh log may hold
  {
    small_disk full(std::filesystem::file_size(folder.path() / "interject.db-wal") + 50'000);
    for (int i = 0; i < 3; ++i) {
      auto done = write_all(*s, {turn("c2", 0, 0, {"small"}), turn("c1", 1, 1, {big})});
      CAF_REQUIRE(!done.whole.has_value());
      CAF_CHECK(done.whole.error().code == errc::unavailable);
    }
    CAF_CHECK_EQUAL(load(*reader, "c1").version, 1u);
    CAF_CHECK(!reader->load("c2")->has_value());
  }
  CAF_CHECK(s->check_writable().has_value());
  auto done = write_all(*s, {turn("c2", 0, 0, {"small"}), turn("c1", 1, 1, {big})});
  CAF_REQUIRE(done.whole.has_value());
  CAF_CHECK(done.each[0].has_value() && done.each[1].has_value());
  CAF_CHECK_EQUAL(reader->history("c1", 0, 10)->size(), 2u);
}

CAF_TEST(a turn that cannot be written takes nothing with it) {
  scratch_folder folder;
  auto s = open(folder);
  auto poison = turn("c1", 0, 0, {"a"});
  value deep;
  for (int i = 0; i < 100; ++i)
    deep = value(value::list{deep});
  notification_row n;
  n.id = "n-1";
  n.conversation = "c1";
  n.what = notification{};
  n.what->params = {{"deep", deep}};
  poison.notifications = {n};
  CAF_CHECK_EQUAL(write_one(*s, poison), std::string("failed: ") + to_string(errc::internal));
  CAF_CHECK(!s->open_reader()->load("c1")->has_value());
  CAF_CHECK_EQUAL(write_one(*s, turn("c1", 0, 0, {"a"})), "ok");
}

CAF_TEST(the log is cut back although a reader stays connected) {
  scratch_folder folder;
  auto s = open(folder);
  auto reader = s->open_reader();
  std::uintmax_t written = 0, largest = 0;
  for (std::uint64_t v = 0; v < 200; ++v) {
    CAF_REQUIRE_EQUAL(write_one(*s, turn("c1", v, v, {std::string(500'000, 'x')})), "ok");
    CAF_REQUIRE_EQUAL(load(*reader, "c1").version, v + 1);
    written += 500'000;
    largest = std::max(largest, std::filesystem::file_size(folder.path() / "interject.db-wal"));
  }
  CAF_CHECK_GREATER(written, 90'000'000u);
  CAF_CHECK_LESS(largest, 70'000'000u); // the 64 MB at which a commit waits, and the commit
}
