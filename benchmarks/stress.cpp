// The server near its limit and beyond. It has one core to itself and the load generator another,
// where there are two, so that what is asked of it does not depend on what it takes.
#include "benchmarks/crowd.hpp"
#include "benchmarks/load.hpp"
#include "benchmarks/process.hpp"

#include <algorithm>
#include <cstdio>
#include <thread>

namespace interject::bench {

namespace {

constexpr auto for_many = "20000"; ///< connections

struct apart {
  apart(const settings& with, std::size_t customers, std::vector<std::string> more = {})
      : folder(with), under(wish(with, std::move(more))),
        people(under.port(), customers, with.seed) {
    if (several)
      stay_on(1);
    people.open();
  }
  server_wish wish(const settings& with, std::vector<std::string> more) const {
    more.insert(more.end(), {"--max-connections", for_many});
    return {.program = with.server,
            .folder = folder.path(),
            .more = std::move(more),
            .core = several ? 0 : -1};
  }
  /// Turns a second in a closed loop of all.
  double capacity(std::size_t orders) {
    people.closed(1);
    auto most = people.closed(orders);
    return static_cast<double>(most.answered) / most.wall;
  }
  bool several = std::thread::hardware_concurrency() > 1;
  work_folder folder;
  server under;
  crowd people;
};

sample summary(apart& on, const stretch& of, double cpu) {
  sample s;
  s.wall = of.wall;
  s.cpu = on.under.it().cpu() - cpu;
  s.units = static_cast<double>(of.answered);
  s.checksum = on.people.checksum();
  s.expected = on.people.expected();
  return s;
}

double mb(apart& on) {
  return static_cast<double>(on.under.it().resident()) / 1e6;
}

} // namespace

sample load_curve(const settings& with) {
  apart on(with, with.pick(400, 10));
  auto most = on.capacity(with.pick(10, 2));
  auto cpu = on.under.it().cpu();
  stretch all;
  std::vector<std::pair<std::string, double>> more{{"capacity, turns/s", most}};
  for (auto percent : {10, 25, 50, 70, 80, 90, 95, 100, 110, 120}) {
    if (with.smoke && percent != 50)
      continue;
    auto did = on.people.open_loop(most * percent / 100, with.smoke ? 0.2 : 3, when_late::stop);
    auto at = " at " + std::to_string(percent) + " %";
    more.emplace_back("p50 us" + at, did.latency.percentile(0.5));
    more.emplace_back("p99 us" + at, did.latency.percentile(0.99));
    more.emplace_back("answered/s" + at, static_cast<double>(did.answered) / did.wall);
    all.answered += did.answered;
    all.wall += did.wall;
  }
  auto s = summary(on, all, cpu);
  s.more = more;
  return s;
}

namespace {

/// A stretch of load, and what it took on either side.
struct phase {
  stretch did;
  double server = 0; ///< seconds of CPU
  double answered() const { return static_cast<double>(did.answered) / did.wall; }
  double asked() const { return static_cast<double>(did.answered + did.refused); }
};

template <class Load> phase measure(apart& on, Load load) {
  phase p;
  auto cpu = on.under.it().cpu();
  p.did = load();
  p.server = on.under.it().cpu() - cpu;
  return p;
}

} // namespace

// What the server can do is measured with the same customers, some hundred of them at a time: so
// many conversations, sockets and rows take more of the caches than a few do. Beyond it each that
// is taken waits for 0.1 s or so, and there are customers enough who do not wait.
sample overload(const settings& with) {
  apart on(with, with.pick(6'000, 200), {"--max-wait", "100ms"});
  auto seconds = with.smoke ? 0.3 : 5.0;
  auto at_once = with.pick(400, 40);
  on.people.in_turn(at_once, seconds);
  auto most = measure(on, [&] { return on.people.in_turn(at_once, seconds); });
  auto load = [&](double times) {
    return measure(
        on, [&] { return on.people.open_loop(most.answered() * times, seconds, when_late::pass); });
  };
  auto before = load(0.5);
  auto resident = mb(on), highest = resident;
  on.people.watch(0.1, [&] { highest = std::max(highest, mb(on)); });
  auto cpu = on.under.it().cpu();
  auto twice = load(2);
  auto s = summary(on, twice.did, cpu);
  auto after = load(0.5);
  s.checksum = on.people.checksum();
  s.expected = on.people.expected();
  auto due = twice.asked() + static_cast<double>(twice.did.unsaid);
  s.more = {
      {"capacity, turns/s", most.answered()},
      {"us CPU per turn there", most.server / static_cast<double>(most.did.answered) * 1e6},
      {"% of it kept", 100 * twice.answered() / most.answered()},
      {"% of it asked", 100 * twice.asked() / twice.did.wall / most.answered()},
      {"% refused", 100 * static_cast<double>(twice.did.refused) / due},
      {"% that nobody was left to say", 100 * static_cast<double>(twice.did.unsaid) / due},
      {"answered within p99 us", twice.did.latency.percentile(0.99)},
      {"refused within p99 us", twice.did.refusal.percentile(0.99)},
      {"p99 us at half before", before.did.latency.percentile(0.99)},
      {"p99 us at half after", after.did.latency.percentile(0.99)},
      {"% refused at half after", 100 * static_cast<double>(after.did.refused) / after.asked()},
      {"% of its core the server had", 100 * twice.server / twice.did.wall},
      {"% of its core the generator had", 100 * twice.did.cpu / twice.did.wall},
      {"MB before", resident},
      {"MB at most", highest}};
  return s;
}

namespace {

struct moment {
  double at = 0, mb = 0, descriptors = 0, p50 = 0, p99 = 0;
};

double middle_of(const std::vector<moment>& all, std::size_t from, std::size_t to,
                 double moment::*which) {
  std::vector<double> values;
  for (auto i = from; i < to; ++i)
    values.push_back(all[i].*which);
  return median(values);
}

} // namespace

sample soak(const settings& with) {
  apart on(with, with.pick(400, 10));
  auto rate = 0.7 * on.capacity(with.pick(10, 2));
  auto seconds = with.seconds > 0 ? with.seconds : with.smoke ? 1 : 600;
  std::vector<moment> all;
  auto begin = wall_seconds();
  std::printf("  %.0f turns/s for %.0f s\n  %8s %10s %12s %10s %10s\n", rate, seconds, "s", "MB",
              "descriptors", "p50 us", "p99 us");
  on.people.watch(seconds / 40, [&] {
    auto part = on.people.take_interval();
    auto& m = all.emplace_back(moment{wall_seconds() - begin, mb(on),
                                      static_cast<double>(on.under.it().descriptors()),
                                      part.percentile(0.5), part.percentile(0.99)});
    std::printf("  %8.1f %10.2f %12.0f %10.0f %10.0f\n", m.at, m.mb, m.descriptors, m.p50, m.p99);
    std::fflush(stdout);
  });
  auto cpu = on.under.it().cpu();
  auto did = on.people.open_loop(rate, seconds);
  auto s = summary(on, did, cpu);
  // The first tenth warms; then the first third is compared with the last.
  auto from = all.size() / 10, third = (all.size() - from) / 3;
  if (third == 0)
    throw std::runtime_error("too short to tell whether anything grows");
  auto early = [&](auto which) { return middle_of(all, from, from + third, which); };
  auto late = [&](auto which) { return middle_of(all, all.size() - third, all.size(), which); };
  bool flat = late(&moment::mb) <= early(&moment::mb) * 1.05 + 2 &&
              late(&moment::descriptors) <= early(&moment::descriptors) + 8 &&
              late(&moment::p99) <= early(&moment::p99) * 1.5;
  s.more = {{"MB early", early(&moment::mb)},
            {"MB late", late(&moment::mb)},
            {"descriptors early", early(&moment::descriptors)},
            {"descriptors late", late(&moment::descriptors)},
            {"p99 us early", early(&moment::p99)},
            {"p99 us late", late(&moment::p99)},
            {"p99.9 us over all", did.latency.percentile(0.999)},
            {"flat (1: yes)", flat ? 1.0 : 0.0}};
  return s;
}

} // namespace interject::bench
