// The people of a node in virtual time: what they let the bot do, on two channels, while notices
// and broadcasts come, persons are erased, conversations are parked, webhooks fail and the process
// dies. Like world.hpp, in a seeded random order of all messages.
#pragma once

#include "actors/journal/store.hpp"
#include "tests/simulation/reached.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace interject::simulation {

struct crowd_plan {
  std::uint64_t seed = 1;
  int steps = 120;
  /// Wraps the store, to plant a fault in it.
  std::function<std::shared_ptr<journal::store>(std::shared_ptr<journal::store>)> spoil_store;
  /// Sees the activity's number of each delivery that the webhook takes; false: it forgets it.
  std::function<bool(std::uint64_t seq)> spoil_receiver;
};

/// Runs it, checks every invariant, and says what is broken; empty when nothing is.
std::vector<std::string> run(const crowd_plan& how, reached* into = nullptr);

} // namespace interject::simulation
