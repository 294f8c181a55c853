// The bot that new conversations begin on: it changes when it is loaded again.
#pragma once

#include "actors/dialog/bot.hpp"

#include <mutex>
#include <utility>

namespace interject::gateway {

/// Any thread. What `*` gives keeps its bot for as long as it lives, however often another is
/// loaded meanwhile.
class current_bot {
public:
  class held {
  public:
    explicit held(dialog::bot_ptr it) : it_(std::move(it)) {}
    operator const dialog::bot&() const { return *it_; }

  private:
    dialog::bot_ptr it_;
  };

  current_bot(dialog::bot_ptr it) : it_(std::move(it)) {}

  dialog::bot_ptr get() const {
    std::lock_guard lock(guard_);
    return it_;
  }
  held operator*() const { return held(get()); }
  void set(dialog::bot_ptr it) {
    std::lock_guard lock(guard_);
    it_ = std::move(it);
  }

private:
  mutable std::mutex guard_;
  dialog::bot_ptr it_;
};

} // namespace interject::gateway
