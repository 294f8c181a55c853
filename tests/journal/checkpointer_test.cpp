// The log of a database that is written to without a pause stays bounded, whoever reads and
// whatever fails.
#define CAF_SUITE checkpointer
#include "tests/support/caf_test.hpp"

#include "actors/journal/sqlite_checkpointer.hpp"
#include "tests/journal/stores.hpp"

#include <algorithm>

using namespace interject;
using namespace interject::journal::sqlite;
using namespace interject::journal::test;

namespace {

constexpr std::uintmax_t page = 4096, frame = page + 24;
constexpr checkpoint_limits small{32, 8, 256};
constexpr int pages_of_one = 8; ///< more than a commit of ours writes

struct written {
  scratch_folder folder;
  std::filesystem::path file = folder.path() / "log.db";
  std::optional<database> writer;
  int rows = 0;

  written() {
    writer.emplace(file, database::mode::read_write);
    writer->run("PRAGMA journal_mode = WAL");
    writer->run("PRAGMA synchronous = OFF");
    writer->run("CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)");
  }
  void write(int more) {
    for (int i = 0; i < more; ++i, ++rows)
      writer->run("INSERT INTO t (body) VALUES (randomblob(3000))");
  }
  std::uintmax_t log() const { return std::filesystem::file_size(file.string() + "-wal"); }
  /// As another process finds it.
  void check() {
    writer.reset();
    database again(file, database::mode::read_only);
    CAF_CHECK_EQUAL(again.number("SELECT count(*) FROM t"), rows);
    CAF_CHECK_EQUAL(
        again.number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"),
        1);
  }
};

constexpr auto bound = (small.most + pages_of_one) * frame + 32;

} // namespace

CAF_TEST(a log that is written to without a pause stays bounded) {
  written w;
  {
    checkpointer by(w.file, small);
    by.follow(*w.writer);
    w.write(3000);
    CAF_CHECK(w.log() <= bound);
  }
  w.check();
}

CAF_TEST(without it the log grows) {
  written w;
  w.writer->run("PRAGMA wal_autocheckpoint = 0");
  w.write(1000);
  CAF_CHECK(w.log() > 2 * bound);
}

CAF_TEST(a reader keeps the log and its end frees it) {
  written w;
  {
    checkpointer by(w.file, small);
    by.follow(*w.writer);
    w.write(1);
    database reader(w.file, database::mode::read_only);
    reader.run("BEGIN");
    CAF_CHECK_EQUAL(reader.number("SELECT count(*) FROM t"), 1);
    w.write(1000);
    CAF_CHECK_EQUAL(reader.number("SELECT count(*) FROM t"), 1);
    auto kept = w.log();
    CAF_CHECK(kept > bound);
    reader.run("COMMIT");
    w.write(3000); // the file keeps its size: the log begins anew within it
    CAF_CHECK(w.log() < 2 * kept);
  }
  w.check();
}

CAF_TEST(where its own connection fails the writer copies) {
  written w;
  {
    checkpointer by(w.folder.path() / "no" / "such.db", small);
    by.follow(*w.writer);
    w.write(3000);
    CAF_CHECK(w.log() <= bound);
  }
  w.check();
}
