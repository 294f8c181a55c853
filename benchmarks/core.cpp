// The hot paths of the core by Google Benchmark: ./run bench core; its own options pass through
// (--benchmark_filter=…, --benchmark_repetitions=…, --help).
#include "benchmarks/hot_paths.hpp"

#include <benchmark/benchmark.h>

using namespace interject::bench;

int main(int argc, char** argv) {
  for (auto& path : hot_paths())
    benchmark::RegisterBenchmark(path.name, [&path](benchmark::State& state) {
      for (auto _ : state)
        path.work(1);
    });
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return work_seen() == 0;
}
