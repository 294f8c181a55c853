// One network thread: its io_context, its bridge to the actors, and the sessions that live on it.
// Only this thread touches them, so none of them locks.
#pragma once

#include "gateway/services.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

namespace interject::gateway {

class lane {
public:
  using instant = std::chrono::steady_clock::time_point;

  /// A connection of either kind.
  class session {
  public:
    virtual ~session() = default;
    /// Ends when what is under way has been answered; a stream closes with 1001.
    virtual void leave() = 0;
    /// The streams stay until the last turn has been told.
    virtual bool is_stream() const = 0;
    /// Its deadline has passed, by a second at most. Sets a new one, or ends.
    virtual void late(instant now) = 0;
    /// See `flush_soon`.
    virtual void flush() {}

    instant deadline = instant::max();
  };

  lane(services& shared, caf::actor_system& sys);
  ~lane();

  services& with;
  std::atomic<std::size_t> open_sessions{0};
  std::unordered_set<session*> sessions; // before `io`, whose end may end some of them
  boost::asio::io_context io{1};
  std::unique_ptr<bridge> via;
  std::string scratch; ///< for what is sent at once; nothing stays in it

  void add(session* s);
  void remove(session* s); ///< also when it was never added

  /// Any thread: `work` is done on the lane's, later, in order. One wake-up serves all that has
  /// been given meanwhile.
  void give(std::function<void()> work);

  /// Has it flushed after all that was given together, so that it writes once.
  void flush_soon(std::shared_ptr<session> who);

  /// Any thread.
  void leave_all(bool streams);
  std::size_t count() const { return open_sessions; }

private:
  // Answers may still come in while the lane goes: they find the inbox closed.
  struct inbox {
    std::mutex mutex;
    lane* to;
    std::vector<std::function<void()>> work;
    void put(std::function<void()> one);
  };
  void take_work();
  void flush_all();
  void look_for_late(instant now);
  void tick_later();

  std::shared_ptr<inbox> inbox_;
  std::vector<std::function<void()>> taken_;
  std::vector<std::shared_ptr<session>> to_flush_;
  bool taking_ = false;
  bool ticking_ = false; ///< a server that nobody uses does not wake up
  std::chrono::steady_clock::duration look_every_;
  instant next_look_{};
  boost::asio::steady_timer ticker_{io};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> stays_{
      io.get_executor()}; ///< also while there is nothing to do
};

} // namespace interject::gateway
