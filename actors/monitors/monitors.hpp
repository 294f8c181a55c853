// The monitors: actors that bring news to conversations. Each loads its rows when told to begin,
// delivers at least once, and names each firing, so that a conversation takes it exactly once in
// its own commit.
#pragma once

#include "actors/journal/store.hpp"
#include "actors/monitors/call_queue.hpp"
#include "actors/runtime/clock.hpp"
#include "protocols/messages.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <memory>
#include <string>
#include <vector>

namespace interject::monitors {

/// Sent to each monitor once the routers stand: load your rows and begin. → done | refused
struct begin_monitoring {
  interject::ticket ticket = 0;
  caf::actor router; ///< takes `notify`, `call_answered` and `wake` for any conversation
};

/// A monitor's own wish to be woken: answered by `alarm_rang{token}` to the sender at this instant.
/// Volatile.
struct set_alarm {
  std::uint64_t token = 0;
  time_point at{};
};
struct alarm_rang {
  std::uint64_t token = 0;
};

struct timer_options {
  std::shared_ptr<runtime::test_clock> test_clock; ///< set: time moves by advance_clock only
  caf::actor journal = {};                         ///< writes how far recurring reminders have come
};

/// Serves wake_at, arm_reminder, disarm_reminder, set_alarm and advance_clock. What came due while
/// nobody ran fires once, marked late. Of the reminders only the next ten minutes are in memory.
caf::actor spawn_timer(caf::actor_system& sys, runtime::clock_ptr clock, caf::actor reader,
                       timer_options how);

/// Serves take_prices, arm_watch and disarm_watch. A sample costs O(log n + fired).
/// `slice`: watches that one commit of a sample changes at most.
caf::actor spawn_price(caf::actor_system& sys, runtime::clock_ptr clock, caf::actor journal,
                       caf::actor reader, caf::actor timer, std::size_t slice = 1000);

struct integration_options {
  std::vector<std::string> hosts;     ///< `host` or `host:port` that may be called; loopback and
                                      ///< private addresses must be named
  call_limits limits;                 ///< more wait in order, and more than may wait fail at once
  breaker_options breaker;            ///< of each host
  std::size_t max_body = 1024 * 1024; ///< bytes of an answer
  int threads = 1;
};
/// Another version of the bot was loaded: from now on these may be called. What is under way goes
/// on.
struct allow_hosts {
  std::vector<std::string> hosts;
};
/// Serves begin_call, cancel_call and allow_hosts by real HTTP on I/O threads of its own.
caf::actor spawn_integration(caf::actor_system& sys, runtime::clock_ptr clock, caf::actor timer,
                             caf::actor reader, integration_options how);

} // namespace interject::monitors
