// Bytes on their way to the disk, over all senders: CAF's mailboxes have no bound, so a sender
// reserves before it sends.
#pragma once

#include <atomic>
#include <cstddef>

namespace interject::journal {

/// Any thread.
class budget {
public:
  explicit budget(std::size_t most) : most_(most) {}

  /// False: nothing was reserved. What alone is larger than the bound goes when nothing else is
  /// under way.
  bool reserve(std::size_t bytes) {
    auto used = used_.load(std::memory_order_relaxed);
    do {
      if (used > 0 && (bytes > most_ || used > most_ - bytes))
        return false;
    } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    return true;
  }
  void release(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

  bool full() const { return used() >= most_; }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }

private:
  std::size_t most_;
  std::atomic<std::size_t> used_{0};
};

} // namespace interject::journal
