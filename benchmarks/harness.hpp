// Runs one question several times, each time in a process of its own, and prints medians beside
// what is needed to believe them: the machine, what else ran there, the settings, the seed, a
// checksum of the work, CPU time beside wall time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
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
  std::filesystem::path peers;  ///< benchmarks/peers
  std::filesystem::path demo;   ///< the demo bot's folder
  double seconds = 0;           ///< of a soak; 0: its own choice
  std::size_t pick(std::size_t full, std::size_t small) const { return smoke ? small : full; }
};

/// What one run did. `checksum` must come out the same in every run and equal `expected`.
struct sample {
  double units = 0; ///< of work, in the question's unit
  double wall = 0;  ///< seconds; 0: a rate would say nothing
  double cpu = 0;   ///< seconds of user and system time, all threads
  std::uint64_t checksum = 0;
  std::uint64_t expected = 0;
  std::vector<std::pair<std::string, double>> more; ///< further figures: "p99 us" → 180
};
std::string write_sample(const sample& s); ///< also what a peer prints, without `expected`

/// One run at a time, or several that share what is costly to prepare.
struct runner {
  runner(sample (*f)(const settings&)) : one(f) {}
  runner(std::vector<sample> (*f)(const settings&)) : together(f) {}
  runner(std::function<sample(const settings&)> f) : one(std::move(f)) {}
  std::function<sample(const settings&)> one;
  std::function<std::vector<sample>(const settings&)> together;
};

enum class whose { ours, limit, peer };

struct question {
  const char* name;
  const char* asks;
  const char* unit; ///< in the plural
  runner run;
  bool same_work = true; ///< in every run; false: how much is done depends on the machine
  int most_runs = 0;     ///< 0: as many as are asked for
  whose of = whose::ours;
  std::vector<const char*> against{}; ///< of a limit or a peer: our questions that do the same work
  bool by_name_only = false;          ///< too long for a run of all
};

/// The figures of one question over its runs, by name.
struct answered {
  const question* to = nullptr;
  std::vector<std::pair<std::string, std::vector<double>>> figures;
  std::uint64_t checksum = 0;
  double others = 0; ///< the share of the machine that others had meanwhile
  const std::vector<double>* find(const std::string& name) const;
};

/// Seconds of CPU time that this process has taken.
double cpu_seconds();
/// Seconds since some point in the past.
double wall_seconds();

/// Runs it and prints its figures. None when a run failed or its checksum is not the expected one;
/// says so.
std::optional<answered> answer(const question& q, const settings& with);

/// The p-th percentile, p in 0…1, of values that it sorts.
double percentile(std::vector<double>& values, double p);
double median(std::vector<double> values);

} // namespace interject::bench
