// Runs of many seeds: that nothing is broken, that what they are about comes up, and that a planted
// fault is found. Include after caf_test.hpp.
#pragma once

#include "tests/simulation/reached.hpp"

#include <caf/test/dsl.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>

namespace interject::simulation {

/// INTERJECT_SEEDS or INTERJECT_SEED, when it is set.
inline std::uint64_t number(const char* name, std::uint64_t otherwise) {
  auto* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// Runs the seeds from 1, or the one that INTERJECT_SEED names, and prints what is broken.
template <class Plan> void look_at_seeds(std::uint64_t usually) {
  auto look_at = [](std::uint64_t seed) {
    Plan p;
    p.seed = seed;
    auto broken = run(p);
    for (auto& what : broken)
      std::fprintf(stderr, "INTERJECT_SEED=%llu: %s\n", static_cast<unsigned long long>(seed),
                   what.c_str());
    CAF_CHECK_EQUAL(broken.size(), 0u);
  };
  if (auto seed = number("INTERJECT_SEED", 0))
    return look_at(seed);
  for (std::uint64_t seed = 1, seeds = number("INTERJECT_SEEDS", usually); seed <= seeds; ++seed)
    look_at(seed);
}

/// Each of these comes up in so many seeds.
template <class Plan>
void check_reached(std::uint64_t seeds, std::initializer_list<const char*> names) {
  reached all;
  Plan p;
  for (p.seed = 1; p.seed <= seeds; ++p.seed)
    run(p, &all);
  for (auto* name : names) {
    CAF_MESSAGE(name << ": " << all[name]);
    CAF_CHECK(all[name] >= 10);
  }
}

/// A planted fault must be found within a few runs.
template <class Plan> bool found(Plan how, std::string_view what, std::uint64_t seeds) {
  for (how.seed = 1; how.seed <= seeds; ++how.seed)
    for (auto& line : run(how))
      if (line.find(what) != std::string::npos)
        return true;
  return false;
}

} // namespace interject::simulation
