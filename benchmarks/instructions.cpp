// The hot paths of the core, for callgrind to count their instructions: see count_instructions.mjs.
// Counts hardly depend on the machine or on what else it does.
#include "benchmarks/hot_paths.hpp"

#include <cstdio>

using namespace interject::bench;

int main() {
  constexpr int times = 100;
  for (int round = 0; round < 2; ++round) // what is done once is done in the first
    for (auto& path : hot_paths())
      path.work(times);
  std::printf("%d times\n", times); // read by count_instructions.mjs, as are the names
  for (auto& path : hot_paths())
    std::printf("path %s\n", path.name);
  return work_seen() == 0; // never: the work was done
}
