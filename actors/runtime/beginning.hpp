// Monitors that read their rows while the node serves already.
#pragma once

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace interject::runtime {

/// A monitor that has not read its rows yet.
struct unread {
  std::string what; ///< "watches" "reminders"
  std::string why;  ///< the last try failed; empty: it is under way
};

/// The list of them. Any thread.
class unread_list {
public:
  explicit unread_list(std::vector<std::string> what) {
    for (auto& each : what)
      left_.push_back({std::move(each), {}});
  }
  std::vector<unread> left() const {
    std::lock_guard hold(mutex_);
    return left_;
  }
  void failed(const std::string& what, const std::string& why);
  void done(const std::string& what);

private:
  mutable std::mutex mutex_;
  std::vector<unread> left_;
};

struct named_monitor {
  std::string what;
  caf::actor actor;
};

/// Has each of `monitors` begin, again and again while its rows cannot be read; then the feeds,
/// which need the watches. Ends when all have begun.
caf::actor spawn_beginner(caf::actor_system& sys, std::vector<named_monitor> monitors,
                          std::vector<caf::actor> feeds, caf::actor router,
                          std::shared_ptr<unread_list> list);

} // namespace interject::runtime
