#include "actors/journal/backup.hpp"
#include "actors/journal/sqlite.hpp"

#include <sqlite3.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <thread>

namespace interject::journal {
namespace {

namespace fs = std::filesystem;
using sqlite::database;

constexpr int pages_at_once = 1024; ///< 4 MB
/// Between two slices, so that the server's own reads and syncs get their turn.
constexpr auto pause = std::chrono::milliseconds(2);

struct finisher {
  void operator()(sqlite3_backup* b) const { sqlite3_backup_finish(b); }
};

/// Under one read transaction: without it SQLite begins anew whenever the server commits.
void copy(database& from, database& to) {
  from.run("BEGIN");
  from.number("SELECT count(*) FROM sqlite_schema");
  std::unique_ptr<sqlite3_backup, finisher> it(
      sqlite3_backup_init(to.raw(), "main", from.raw(), "main"));
  if (!it)
    throw sqlite::sql_error{sqlite3_extended_errcode(to.raw()), sqlite3_errmsg(to.raw())};
  int rc = SQLITE_OK;
  while ((rc = sqlite3_backup_step(it.get(), pages_at_once)) == SQLITE_OK)
    std::this_thread::sleep_for(pause);
  it.reset();
  if (rc != SQLITE_DONE)
    throw sqlite::sql_error{rc, std::string("copying: ") + sqlite3_errstr(rc)};
  from.run("COMMIT");
}

/// One file by itself, without a log beside it, whole and readable.
result<std::uint64_t> check(database& copy) {
  copy.run("PRAGMA journal_mode = DELETE");
  sqlite::statement whole(copy, "PRAGMA integrity_check(1)");
  sqlite::rows said(whole);
  if (auto found = said.next() ? said->text(0) : std::string("no answer"); found != "ok")
    return error{errc::conflict, "the copy is damaged, and so is the database: " + found};
  return static_cast<std::uint64_t>(copy.number("SELECT count(*) FROM conversations"));
}

bool sync(const fs::path& what) {
  auto fd = ::open(what.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  auto ok = ::fsync(fd) == 0;
  ::close(fd);
  return ok;
}

void remove_part(const fs::path& part) {
  std::error_code ignored;
  for (auto* tail : {"", "-wal", "-shm", "-journal"})
    fs::remove(part.string() + tail, ignored);
}

result<void> check_places(const fs::path& source, const fs::path& target) {
  std::error_code ec;
  if (!fs::is_regular_file(source, ec))
    return error{errc::not_found, source.string() + ": there is no database"};
  if (target.filename().empty() || fs::is_directory(target, ec))
    return error{errc::bad_input,
                 target.string() + " is a folder: name the file that the copy becomes"};
  if (auto folder = target.parent_path(); !folder.empty() && !fs::is_directory(folder, ec))
    return error{errc::bad_input, folder.string() + ": there is no such folder"};
  if (fs::equivalent(source, target, ec))
    return error{errc::bad_input, target.string() + " is the database itself: name another place"};
  return {};
}

/// Only its owner reads it, whatever the umask: it holds what people said.
bool create_private(const fs::path& file) {
  auto fd = ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, S_IRUSR | S_IWUSR);
  return fd >= 0 && ::close(fd) == 0;
}

result<backed_up> make_part(const fs::path& source, const fs::path& part) {
  backed_up out;
  {
    database from(source, database::mode::read_only);
    if (auto found = from.number("PRAGMA user_version"); found > sqlite::schema_version)
      return error{errc::conflict, source.string() + " has schema " + std::to_string(found) +
                                       ", this release knows " +
                                       std::to_string(sqlite::schema_version) +
                                       ": use the newer release"};
    database to(part, database::mode::read_write);
    copy(from, to);
    auto conversations = check(to);
    if (!conversations)
      return conversations.error();
    out.conversations = *conversations;
  }
  out.bytes = fs::file_size(part);
  return out;
}

} // namespace

result<backed_up> back_up(const fs::path& folder, const fs::path& target) {
  auto source = folder / "interject.db";
  if (auto ok = check_places(source, target); !ok)
    return ok.error();
  fs::path part = target.string() + ".part";
  remove_part(part); // of a backup that was cut off
  if (!create_private(part))
    return error{errc::unavailable, part.string() + " cannot be written"};
  auto failed = [&](error e) {
    remove_part(part);
    return e;
  };
  try {
    auto made = make_part(source, part);
    if (!made)
      return failed(made.error());
    std::error_code ec;
    auto beside = target.parent_path().empty() ? fs::path(".") : target.parent_path();
    if (!sync(part))
      return failed({errc::unavailable, part.string() + " cannot be put on disk"});
    fs::rename(part, target, ec);
    if (ec || !sync(beside))
      return failed(
          {errc::unavailable, target.string() + " cannot be put on disk: " + ec.message()});
    return made;
  } catch (const sqlite::sql_error& e) {
    return failed(sqlite::to_error(e));
  } catch (const fs::filesystem_error& e) {
    return failed({errc::unavailable, e.what()});
  }
}

} // namespace interject::journal
