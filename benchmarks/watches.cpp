// What a sample costs that fires none of the watches on its symbol: watches of every kind, and
// prices that make new highs and new lows, begin and break off what must hold for a while, and come
// near every threshold.
#include "actors/monitors/price_index.hpp"
#include "benchmarks/questions.hpp"

#include <random>

namespace interject::bench {

namespace {

using namespace monitors;

time_point at(std::int64_t ms) {
  return time_point(std::chrono::milliseconds(1'790'000'000'000 + ms));
}

/// Thresholds that prices from 1,000 to 1,200 never reach.
watch_condition quiet_terms(std::mt19937_64& random, std::size_t i) {
  using enum watch_kind;
  auto part = decimal{static_cast<std::int64_t>(random() % (400 * decimal::scale))};
  auto percent =
      decimal{40 * decimal::scale + static_cast<std::int64_t>(random() % (50 * decimal::scale))};
  watch_condition w;
  w.repeat = i % 2 == 0;
  switch (i % 8) {
  case 0:
    w.kind = falls_to, w.level = part;
    break;
  case 1:
    w.kind = rises_to, w.level = decimal{part.units + 2000 * decimal::scale};
    break;
  case 2:
    w.kind = crosses, w.level = part;
    break;
  case 3:
    w.kind = drops_by, w.level = percent;
    break;
  case 4:
    w.kind = gains_by, w.level = percent;
    break;
  case 5:
    w.kind = drops_by, w.level = percent, w.from = watch_from::high;
    break;
  case 6:
    w.kind = gains_by, w.level = percent, w.from = watch_from::low;
    break;
  default:
    w.kind = falls_to, w.level = part, w.hold = std::chrono::seconds(60);
    break;
  }
  return w;
}

sample quiet_samples(const settings& with, std::size_t watches) {
  std::mt19937_64 random(with.seed);
  auto price = [&] {
    return decimal{1000 * decimal::scale +
                   static_cast<std::int64_t>(random() % (200 * decimal::scale))};
  };
  price_index index;
  std::int64_t ms = 0;
  index.apply({"X", price(), {}, {}}, at(ms));
  for (std::size_t i = 0; i < watches; ++i) {
    if (i % 16 == 0) // between samples, so that trailing watches form many groups
      index.apply({"X", price(), {}, {}}, at(++ms));
    index.arm({.id = "w" + std::to_string(i), .symbol = "X", .when = quiet_terms(random, i)},
              at(ms));
  }
  auto samples = with.pick(2'000'000, 2'000);
  std::vector<decimal> prices(samples);
  for (auto& p : prices)
    p = price();
  for (std::size_t i = 0; i + 1 < prices.size(); i += 1'000) { // a new high and a new low
    prices[i] = decimal{1200 * decimal::scale + static_cast<std::int64_t>(i + 1)};
    prices[i + 1] = decimal{1000 * decimal::scale - static_cast<std::int64_t>(i + 1)};
  }
  // A high and a low beyond all merge the groups that arming has made: once for each watch, not for
  // each sample.
  auto merging = cpu_seconds();
  std::int64_t highest = 1200 * decimal::scale, lowest = 1000 * decimal::scale;
  for (auto units : {highest, lowest})
    index.apply({"X", decimal{units}, {}, {}}, at(++ms));
  merging = cpu_seconds() - merging;
  sample s;
  s.units = static_cast<double>(samples);
  auto wall = wall_seconds(), cpu = cpu_seconds();
  std::uint64_t accepted = 0, changed = 0;
  for (auto& p : prices) {
    auto did = index.apply({"X", p, {}, {}}, at(++ms));
    accepted += did.accepted;
    changed += did.changes.size();
  }
  s.wall = wall_seconds() - wall;
  s.cpu = cpu_seconds() - cpu;
  s.checksum = accepted + changed * 1'000'000'007;
  s.expected = samples;
  s.more.emplace_back("ns CPU a sample", s.cpu / s.units * 1e9);
  s.more.emplace_back("ms CPU to merge groups before", merging * 1e3);
  return s;
}

} // namespace

sample quiet_thousand(const settings& with) {
  return quiet_samples(with, 1'000);
}
sample quiet_ten_thousand(const settings& with) {
  return quiet_samples(with, with.pick(10'000, 1'000));
}
sample quiet_hundred_thousand(const settings& with) {
  return quiet_samples(with, with.pick(100'000, 1'000));
}
sample quiet_million(const settings& with) {
  return quiet_samples(with, with.pick(1'000'000, 1'000));
}

} // namespace interject::bench
