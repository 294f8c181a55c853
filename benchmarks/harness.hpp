// Runs one question several times, each time in a process of its own, and prints medians beside
// what is needed to believe them: the machine, the settings, the seed, a checksum of the work, CPU
// time beside wall time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace interject::bench {

struct settings {
  bool smoke = false; ///< a size that takes a moment, for the tests
  std::uint64_t seed = 1;
  int runs = 5;
  std::filesystem::path
      folder; ///< where durable work is written; empty: beside the program, removed afterwards
  std::filesystem::path server; ///< the `interject` binary
  std::size_t pick(std::size_t full, std::size_t small) const { return smoke ? small : full; }
};

/// What one run did. `checksum` must come out the same in every run and equal `expected`.
struct sample {
  double units = 0; ///< of work, in the question's unit
  double wall = 0;  ///< seconds
  double cpu = 0;   ///< seconds of user and system time, all threads
  std::uint64_t checksum = 0;
  std::uint64_t expected = 0;
  std::vector<std::pair<std::string, double>> more; ///< further figures: "p99 us" → 180
};

struct question {
  const char* name;
  const char* asks;
  const char* unit;
  std::function<sample(const settings&)> run;
  bool same_work = true; ///< in every run; false: how much is done depends on the machine
};

/// Seconds of CPU time that this process has taken.
double cpu_seconds();
/// Seconds since some point in the past.
double wall_seconds();

void print_machine(const settings& with);
/// False when a run failed or its checksum is not the expected one; says so.
bool answer(const question& q, const settings& with);

/// The p-th percentile, p in 0…1, of values that it sorts.
double percentile(std::vector<double>& values, double p);

// One a file; main.cpp lists them.
sample advance_alone(const settings& with);
sample turns_in_memory(const settings& with);
sample turns_durable(const settings& with);
sample interruptions_durable(const settings& with);
sample bytes_per_conversation(const settings& with);
sample quiet_thousand(const settings& with);
sample quiet_million(const settings& with);
sample fire_many(const settings& with);
sample sleeping_reminders(const settings& with);
sample round_trip(const settings& with);
sample hundred_clients(const settings& with);
sample half_load(const settings& with);

} // namespace interject::bench
