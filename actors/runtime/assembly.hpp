// The actors of a node, spawned but not begun. `node` waits for them to begin; a simulation steps
// them itself.
#pragma once

#include "actors/runtime/node.hpp"
#include "actors/runtime/shelf.hpp"

#include <vector>

namespace interject::runtime {

struct assembly {
  std::shared_ptr<shelf> bots;
  std::shared_ptr<counters> counts;
  caf::actor journal, reader, timers, prices, calls, webhooks, recogniser, people, broadcasts,
      router;
  std::vector<caf::actor> feeds; ///< begin after the monitors, end before them

  /// Each is sent `begin_monitoring` in this order, and answers `done` or `refused`.
  std::array<caf::actor, 5> monitors() const {
    return {timers, prices, calls, webhooks, broadcasts};
  }
  /// What ends after the router has, in this order.
  std::vector<caf::actor> others() const {
    auto all = feeds;
    all.insert(all.end(),
               {broadcasts, people, prices, calls, webhooks, recogniser, timers, journal, reader});
    return all;
  }
};

/// The feeds of a bot, not begun.
std::vector<caf::actor> spawn_feeds(caf::actor_system& sys, const dialog::bot& of,
                                    const node_options& how, const assembly& to);

assembly assemble(caf::actor_system& sys, const node_options& how);

} // namespace interject::runtime
