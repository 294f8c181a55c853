// A turn from outside: a POST, and the bot's answer on the WebSocket stream. The server is the
// release binary in a process of its own, durable; the customers share one thread here.
#include "benchmarks/crowd.hpp"
#include "benchmarks/load.hpp"
#include "benchmarks/process.hpp"

#include <algorithm>

namespace interject::bench {

namespace {

void add_latency(sample& s, const stretch& of, const std::string& when = "") {
  for (auto [name, p] : {std::pair{"p50 us", 0.5}, {"p99 us", 0.99}, {"p99.9 us", 0.999}})
    s.more.emplace_back(name + when, of.latency.percentile(p));
  s.more.emplace_back("max us" + when, of.latency.max());
}

sample closed_loop(const settings& with, std::size_t customers, std::size_t orders) {
  work_folder folder(with);
  server under({.program = with.server, .folder = folder.path()});
  crowd people(under.port(), customers, with.seed);
  people.open();
  people.closed(1); // warm
  auto cpu = under.it().cpu();
  auto did = people.closed(orders);
  sample s;
  s.wall = did.wall;
  s.cpu = under.it().cpu() - cpu;
  s.units = static_cast<double>(did.answered);
  s.checksum = people.checksum();
  s.expected = people.expected();
  add_latency(s, did);
  return s;
}

} // namespace

sample round_trip(const settings& with) {
  return closed_loop(with, 1, with.pick(400, 2));
}
sample hundred_clients(const settings& with) {
  return closed_loop(with, with.pick(100, 5), with.pick(40, 2));
}

// The rate is half of what the closed loop of the same run reached.
sample half_load(const settings& with) {
  work_folder folder(with);
  server under({.program = with.server, .folder = folder.path()});
  crowd people(under.port(), with.pick(100, 5), with.seed);
  people.open();
  people.closed(2);
  auto most = people.closed(with.pick(20, 2));
  auto rate = static_cast<double>(most.answered) / most.wall / 2;
  auto seconds = with.smoke ? 0.2 : 5.0;
  people.open_loop(rate, seconds / 5);
  auto cpu = under.it().cpu();
  auto did = people.open_loop(rate, seconds);
  sample s;
  s.wall = did.wall;
  s.cpu = under.it().cpu() - cpu;
  s.units = static_cast<double>(did.answered);
  s.checksum = people.checksum();
  s.expected = people.expected();
  add_latency(s, did);
  return s;
}

} // namespace interject::bench
