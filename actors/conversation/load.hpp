// How many inputs of one conversation are under way: the router reserves a place before it sends,
// as CAF's mailboxes have no bound, and the conversation gives it back with the answer.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace interject::conversation {

struct load {
  std::atomic<std::size_t> waiting{0};

  /// False: `most` are under way.
  bool reserve(std::size_t most) {
    if (waiting.load(std::memory_order_relaxed) >= most) // only the router adds: no race
      return false;
    waiting.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
};
using load_ptr = std::shared_ptr<load>;

/// A reserved place; given back at its end.
class place {
public:
  explicit place(load_ptr of) : of_(std::move(of)) {}
  place(place&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
  place& operator=(place&& other) noexcept {
    std::swap(of_, other.of_);
    return *this;
  }
  ~place() {
    if (of_)
      of_->waiting.fetch_sub(1, std::memory_order_relaxed);
  }

private:
  load_ptr of_;
};

} // namespace interject::conversation
