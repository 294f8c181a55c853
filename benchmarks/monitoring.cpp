// The price and the timer monitor with their rows in SQLite. In place of the conversations stands a
// router that takes every piece of news at once, so that what the monitors cost is seen alone.
#include "actors/journal/journal_actor.hpp"
#include "actors/monitors/monitors.hpp"
#include "actors/runtime/caf_compat.hpp"
#include "actors/runtime/messages.hpp"
#include "actors/runtime/node.hpp"
#include "benchmarks/load.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>

#include <malloc.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <future>

namespace interject::bench {

namespace {

std::uint64_t resident_bytes() {
  ::malloc_trim(0);
  std::ifstream in("/proc/self/statm");
  std::uint64_t all = 0, resident = 0;
  in >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// Takes news, and says when `wanted` pieces were there. Late: by how much, in milliseconds.
struct taker {
  std::atomic<std::size_t> taken{0};
  std::size_t wanted = 0;
  std::vector<double> late;
  std::promise<void> all;
};

caf::behavior take_news(caf::event_based_actor* self, std::shared_ptr<taker> t) {
  return {[=](const notify& n) {
            runtime::send(self, caf::actor_cast<caf::actor>(self->current_sender()),
                          decided{n.ticket, n.what.id, n.conversation, {}});
            auto now = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
            t->late.push_back(static_cast<double>((now - n.what.created).count()) * 1000.0 *
                              duration::period::num / duration::period::den);
            if (++t->taken == t->wanted)
              t->all.set_value();
          },
          [=](const wake& w) {
            runtime::send(self, caf::actor_cast<caf::actor>(self->current_sender()),
                          done{w.ticket});
          }};
}

/// The monitors, spawned over a store.
struct bench_node {
  bench_node(std::shared_ptr<journal::store> store, std::size_t wanted) : system(prepared()) {
    news->wanted = wanted;
    journal = journal::spawn_journal(system, store, {});
    reader = journal::spawn_reader(system, store, true);
    timers = monitors::spawn_timer(system, clock, reader, {nullptr, journal});
    prices = monitors::spawn_price(system, clock, journal, reader, timers);
    router = system.spawn(take_news, news);
  }
  ~bench_node() {
    for (auto& a : {prices, timers, journal, reader, router})
      caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  }
  double begin(const caf::actor& monitor) {
    auto from = wall_seconds();
    caf::scoped_actor self{system};
    runtime::send(self.ptr(), monitor, monitors::begin_monitoring{1, router});
    self->receive([](const done&) {}, [](const refused& r) { throw std::runtime_error(r.what); });
    return wall_seconds() - from;
  }
  prices_taken say(std::vector<price_sample> samples) {
    caf::scoped_actor self{system};
    prices_taken out;
    runtime::send(self.ptr(), prices, take_prices{1, std::move(samples)});
    self->receive([&](const prices_taken& p) { out = p; },
                  [](const refused& r) { throw std::runtime_error(r.what); });
    return out;
  }
  caf::actor_system_config& prepared() {
    runtime::prepare(config);
    return config;
  }

  caf::actor_system_config config;
  caf::actor_system system;
  runtime::clock_ptr clock = std::make_shared<runtime::wall_clock>();
  std::shared_ptr<taker> news = std::make_shared<taker>();
  caf::actor journal, reader, timers, prices, router;
};

std::shared_ptr<journal::store> open(const work_folder& folder) {
  auto store = journal::open_sqlite_store(folder.path());
  if (!store)
    throw std::runtime_error(store.error().what);
  return *store;
}

/// Rows as conversations would have written them, 1,000 a commit.
template <class Make> void write_rows(journal::store& to, std::size_t n, Make make) {
  std::uint64_t version = 0;
  for (std::size_t i = 0; i < n;) {
    auto c = std::make_shared<journal::commit>();
    c->conversation = "bench";
    c->expected_version = version++;
    for (std::size_t j = 0; j < 1000 && i < n; ++j, ++i)
      make(*c, i);
    journal::commit_ptr batch[] = {std::move(c)};
    result<void> outcomes[1];
    if (!to.write(batch, outcomes) || !outcomes[0])
      throw std::runtime_error("the rows cannot be written");
  }
}

} // namespace

sample fire_many(const settings& with) {
  work_folder folder(with);
  auto store = open(folder);
  auto n = with.pick(100'000, 2'500);
  write_rows(*store, n, [&](journal::commit& c, std::size_t i) {
    watch_row w;
    w.id = "w-" + std::to_string(i);
    w.conversation = "c-" + std::to_string(i);
    w.symbol = "X";
    w.when = {watch_kind::falls_to, decimal::of(100)};
    w.notify.text = {{"", "X is at {price}."}};
    w.state = watch_state::armed;
    w.baseline = decimal::of(120);
    w.order = i + 1;
    c.watches.push_back(std::move(w));
    if (i == 0)
      c.symbols.push_back({"X", decimal::of(120), time_point(std::chrono::seconds(1)), {}});
  });
  bench_node node(store, n);
  node.begin(node.timers);
  auto armed = node.begin(node.prices);
  sample s;
  s.units = static_cast<double>(n);
  auto wall = wall_seconds(), cpu = cpu_seconds();
  auto answer = node.say({{"X", decimal::of(99), {}, {}}});
  auto acknowledged = wall_seconds() - wall;
  // Others are served between the slices.
  std::vector<double> others;
  while (node.news->taken < n) {
    auto from = wall_seconds();
    node.say({{"Y", decimal::of(static_cast<int>(others.size())), {}, {}}});
    others.push_back((wall_seconds() - from) * 1000);
  }
  node.news->all.get_future().wait();
  s.wall = wall_seconds() - wall;
  s.cpu = cpu_seconds() - cpu;
  s.checksum = answer.fired + node.news->taken;
  s.expected = 2 * n;
  s.more.emplace_back("s to arm", armed);
  s.more.emplace_back("ms to the answer", acknowledged * 1000);
  s.more.emplace_back("ms of another symbol's sample, p99", percentile(others, 0.99));
  return s;
}

namespace {

sample sleeping_reminders(const settings& with, std::size_t n, std::size_t due) {
  work_folder folder(with);
  auto store = open(folder);
  auto now = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
  // Over a year; those that are due within ten seconds from a little after all are there.
  auto reminder = [&](std::size_t i, time_point at) {
    reminder_row r;
    r.id = "r-" + std::to_string(i);
    r.conversation = "c-" + std::to_string(i);
    r.due = at;
    r.notify.text = {{"", "It is time."}};
    return r;
  };
  write_rows(*store, n, [&](journal::commit& c, std::size_t i) {
    auto share = static_cast<std::int64_t>((i * 7919) % n);
    c.reminders.push_back(
        reminder(i, now + std::chrono::hours(1) +
                        std::chrono::hours(24 * 365) / static_cast<std::int64_t>(n) * share));
  });
  auto seconds = std::size_t(with.smoke ? 1 : 10);
  // Until those that are due are written and the timers have begun.
  auto first = std::chrono::seconds(n > 1'000'000 ? 40 : 3);
  now = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
  journal::commit soon;
  for (std::size_t i = 0; i < due; ++i)
    soon.reminders.push_back(
        reminder(n + i, now + first + std::chrono::milliseconds(seconds * 1000 * i / due)));
  soon.conversation = "soon";
  journal::commit_ptr batch[] = {std::make_shared<const journal::commit>(std::move(soon))};
  result<void> outcomes[1];
  if (!store->write(batch, outcomes) || !outcomes[0])
    throw std::runtime_error("the rows cannot be written");
  auto before = resident_bytes();
  bench_node node(store, due);
  auto started = node.begin(node.timers);
  auto after = resident_bytes();
  sample s;
  s.units = static_cast<double>(due);
  auto wall = wall_seconds(), cpu = cpu_seconds();
  node.news->all.get_future().wait();
  s.wall = wall_seconds() - wall;
  s.cpu = cpu_seconds() - cpu;
  s.checksum = node.news->taken;
  s.expected = due;
  s.more.emplace_back("s to start", started);
  s.more.emplace_back("MB for those asleep and due",
                      (static_cast<double>(after) - static_cast<double>(before)) / 1e6);
  s.more.emplace_back("late ms p50", percentile(node.news->late, 0.5));
  s.more.emplace_back("late ms p99", percentile(node.news->late, 0.99));
  return s;
}

} // namespace

sample million_reminders(const settings& with) {
  return sleeping_reminders(with, with.pick(1'000'000, 5'000), with.pick(10'000, 200));
}
sample ten_million_reminders(const settings& with) {
  return sleeping_reminders(with, with.pick(10'000'000, 5'000), with.pick(100'000, 400));
}

} // namespace interject::bench
