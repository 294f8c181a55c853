// Which call goes out next: in order per host, hosts in turn, within the bounds of the node and of
// each host, and none to a host whose circuit is open. Pure.
#pragma once

#include "actors/monitors/circuit_breaker.hpp"

#include <deque>
#include <map>
#include <string>
#include <variant>

namespace interject::monitors {

struct call_limits {
  std::size_t running = 256;
  std::size_t running_per_host = 32;
  std::size_t waiting = 10'000;
  std::size_t waiting_per_host = 2'000;
};

/// `host:port` of a URL as it is written, in lower case; empty for what is no URL.
std::string host_key(const std::string& url);

class call_queue {
public:
  explicit call_queue(call_limits limits = {}, breaker_options breaker = {})
      : limits_(limits), breaker_(breaker) {}

  /// Null, or why it may not wait.
  const char* put(const std::string& host, const std::string& id);
  /// Of a call that waits.
  void erase(const std::string& host, const std::string& id);

  struct go {
    std::string id;
    std::uint64_t permit = 0;
  };
  /// Its host's circuit is open until then; it waits no longer.
  struct turned_away {
    std::string id;
    time_point until{};
  };
  using verdict = std::variant<std::monostate, go, turned_away>;
  /// Until it says nothing: nobody waits, or who waits must go on waiting.
  verdict next(time_point now);

  /// A call that had gone out.
  void ended(const std::string& host, std::uint64_t permit, circuit_breaker::verdict how,
             time_point now);

  std::size_t running() const { return running_; }
  std::size_t waiting() const { return waiting_; }
  circuit_breaker::state state_of(const std::string& host, time_point now) const;

private:
  struct lane {
    explicit lane(breaker_options how) : breaker(how) {}
    circuit_breaker breaker;
    std::deque<std::string> waiting;
    std::size_t running = 0;
  };
  void tidy(const std::string& host);

  call_limits limits_;
  breaker_options breaker_;
  std::map<std::string, lane> lanes_; ///< of hosts with something to remember
  std::string last_;                  ///< the host that was served last
  std::size_t running_ = 0, waiting_ = 0;
};

} // namespace interject::monitors
