// Actors whose messages are delivered in a seeded random order, and the chances of one run. Include
// after caf_test.hpp.
#pragma once

#include "tests/support/fixture.hpp"

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace interject::simulation {

struct shuffled : interject::test::actor_fixture {
  explicit shuffled(std::uint64_t seed) : random(seed) {}

  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random); }
  bool chance(int percent) { return pick(100) < percent; }
  template <class T> T& any(std::vector<T>& of) {
    return of[static_cast<std::size_t>(pick(static_cast<int>(of.size())))];
  }

  /// Delivers messages of actors picked at random, so that every order that CAF allows comes up.
  void step_some(int messages) {
    for (int i = 0; i < messages && !sched.jobs.empty(); ++i) {
      auto at = sched.jobs.begin() + pick(static_cast<int>(sched.jobs.size()));
      std::rotate(sched.jobs.begin(), at, at + 1);
      sched.try_run_once();
    }
  }

  std::mt19937_64 random;
};

} // namespace interject::simulation
