#include "actors/journal/sqlite_checkpointer.hpp"

#include <sqlite3.h>

#include <system_error>

namespace interject::journal::sqlite {

namespace {

/// Rounds on the thread before the writer is asked for the rest, however much it is.
constexpr int max_rounds = 4;

/// Without waiting for anybody. → pages copied so far, of those in the log
std::optional<int> copy_log(database& by) {
  int in_log = 0, copied = 0;
  auto rc =
      sqlite3_wal_checkpoint_v2(by.raw(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &copied);
  return rc == SQLITE_OK ? std::optional(copied) : std::nullopt;
}

/// SQLite leaves copied pages to the system until the whole log is copied: then the writer would
/// wait for all of them.
bool put_on_disk(database& by) {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(by.raw(), "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
      !file || !file->pMethods)
    return false;
  return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY) == SQLITE_OK;
}

} // namespace

checkpointer::checkpointer(std::filesystem::path file, checkpoint_limits how)
    : file_(std::move(file)), how_(how), next_(how.begin) {}

checkpointer::~checkpointer() {
  {
    auto lock = std::lock_guard(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

void checkpointer::follow(database& writer) {
  writer_ = &writer;
  sqlite3_wal_hook(
      writer.raw(),
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<checkpointer*>(self)->committed(pages);
        return SQLITE_OK;
      },
      this);
}

void checkpointer::wait_idle() {
  auto lock = std::unique_lock(mutex_);
  changed_.wait(lock, [this] { return !wanted_; });
}

void checkpointer::committed(int pages) {
  auto lock = std::unique_lock(mutex_);
  if (pages < pages_)
    next_ = how_.begin; // the log has begun anew
  pages_ = pages;
  if (pages < next_)
    return;
  if (pages >= how_.most)
    changed_.wait(lock, [this] { return !wanted_; });
  if (nearly_ || pages >= how_.most) {
    nearly_ = false;
    next_ = pages + how_.begin; // should somebody's reading keep the log from beginning anew
    lock.unlock();
    copy_log(*writer_);
  } else if (!wanted_ && begin_thread()) {
    wanted_ = true;
    changed_.notify_all();
  }
}

/// False: the system has none to give; the writer copies when there is much.
bool checkpointer::begin_thread() {
  try {
    if (!thread_.joinable())
      thread_ = std::thread([this] { run(); });
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

void checkpointer::run() {
  auto lock = std::unique_lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return wanted_ || stopping_; });
    if (stopping_)
      return;
    for (int round = 0; round < max_rounds && !stopping_; ++round) {
      lock.unlock();
      auto copied = copy();
      lock.lock();
      if (!copied || pages_ - *copied <= how_.rest)
        break;
    }
    wanted_ = false;
    nearly_ = true;
    changed_.notify_all();
  }
}

std::optional<int> checkpointer::copy() {
  try {
    if (!own_) {
      own_.emplace(file_, database::mode::read_write);
      own_->run("PRAGMA synchronous = FULL");
      own_->number("PRAGMA user_version"); // it has to have read to know of the log
    }
    auto copied = copy_log(*own_);
    if (copied && !put_on_disk(*own_))
      copied = std::nullopt;
    if (!copied)
      own_.reset(); // a connection that has failed may keep failing
    return copied;
  } catch (const sql_error&) {
  } catch (const std::exception&) { // no memory
  }
  own_.reset();
  return std::nullopt;
}

} // namespace interject::journal::sqlite
