// One network thread: its io_context, its bridge to the actors, and the sessions that live on it.
// Only this thread touches them, so none of them locks.
#pragma once

#include "gateway/services.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <mutex>
#include <unordered_set>

namespace interject::gateway {

class lane {
public:
  /// A connection of either kind.
  class session {
  public:
    virtual ~session() = default;
    /// Ends when what is under way has been answered; a stream closes with 1001.
    virtual void leave() = 0;
    /// The streams stay until the last turn has been told.
    virtual bool is_stream() const = 0;
  };

  lane(services& shared, caf::actor_system& sys);
  ~lane();

  services& with;
  std::atomic<std::size_t> open_sessions{0};
  std::unordered_set<session*> sessions; // before `io`, whose end may end some of them
  boost::asio::io_context io{1};
  std::unique_ptr<bridge> via;

  void add(session* s);
  void remove(session* s); ///< also when it was never added

  /// Any thread.
  void leave_all(bool streams);
  std::size_t count() const { return open_sessions; }

  void start_ticking();

private:
  // Answers may still come in while the lane goes: they find the gate closed.
  struct gate {
    std::mutex mutex;
    boost::asio::io_context* io;
  };
  std::shared_ptr<gate> gate_;
  boost::asio::steady_timer ticker_{io};
};

} // namespace interject::gateway
