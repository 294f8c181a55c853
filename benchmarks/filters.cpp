// A thousand filters against what is known of people: whom a broadcast is for. The pure core.
#include "actors/person/filter.hpp"
#include "benchmarks/filter_work.hpp"
#include "benchmarks/questions.hpp"
#include "protocols/result.hpp"

namespace interject::bench {

sample filters_over_people(const settings& with) {
  auto work = make_filter_work(with.seed, with.pick(1'000, 10), with.pick(3'000, 20));
  std::vector<person::filter> filters;
  std::vector<person::filter_fault> faults;
  for (auto& f : work.filters)
    filters.push_back(person::read_filter(as_spec(f), faults));
  ensure(faults.empty(), "a filter of the benchmark has a fault");
  std::vector<person::profile> people;
  for (auto& each : work.people) {
    auto& p = people.emplace_back();
    for (auto& [name, is] : as_attributes(each))
      p.values.emplace_back("attr." + name, is);
  }

  sample s;
  s.expected = work.expected;
  auto wall = wall_seconds(), cpu = cpu_seconds();
  for (auto& p : people)
    for (std::size_t i = 0; i < filters.size(); ++i)
      s.checksum += person::matches(filters[i], p) ? i + 1 : 0;
  s.wall = wall_seconds() - wall;
  s.cpu = cpu_seconds() - cpu;
  s.units = static_cast<double>(people.size() * filters.size());
  return s;
}

} // namespace interject::bench
