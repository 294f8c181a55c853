// Copies SQLite's write-ahead log into the database on a thread of its own, so that no commit waits
// for it. Private to the SQLite store.
//
// A log that grows while it is copied is never copied whole: rounds on the thread leave less and
// less of it and put it on disk, and the writer copies the last pages itself, after which its next
// commit begins the log anew (https://sqlite.org/wal.html#checkpointing).
#pragma once

#include "actors/journal/sqlite.hpp"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

namespace interject::journal::sqlite {

struct checkpoint_limits {
  int begin = 8192; ///< pages of the log at which the thread begins: 32 MB
  int rest = 64;    ///< pages that the writer copies itself
  int most = 16384; ///< pages at which the writer waits for the thread, and copies all that it left
};

/// Failures are left to the next attempt, as SQLite's own automatic checkpoints leave theirs: the
/// log keeps what is not copied yet.
class checkpointer {
public:
  explicit checkpointer(std::filesystem::path file, checkpoint_limits how = {});
  checkpointer(const checkpointer&) = delete;
  checkpointer& operator=(const checkpointer&) = delete;
  ~checkpointer(); ///< finishes the round that is under way

  /// Follows the commits of this connection, in place of automatic checkpoints. It must not commit
  /// any more when the checkpointer ends.
  void follow(database& writer);
  /// Until the thread copies nothing any more; it begins anew after a commit only.
  void wait_idle();

private:
  void committed(int pages);
  bool begin_thread();
  void run();
  std::optional<int> copy();

  std::filesystem::path file_;
  checkpoint_limits how_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int pages_ = 0;       ///< of the log, at the last commit
  int next_ = 0;        ///< pages at which there is something to do
  bool wanted_ = false; ///< the thread is to copy
  bool nearly_ = false; ///< it has: the writer is to copy the rest
  bool stopping_ = false;
  database* writer_ = nullptr;
  std::optional<database> own_; ///< the thread's
  std::thread thread_;          ///< begun when there is something to copy
};

} // namespace interject::journal::sqlite
