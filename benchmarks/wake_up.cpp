// How long a conversation that is not in memory takes to come back: from a message to its answer,
// when there is nothing to do for it. The rows are in the caches of the database and of the system.
#include "benchmarks/histogram.hpp"
#include "benchmarks/running_node.hpp"
#include "benchmarks/stored.hpp"

#include <caf/scoped_actor.hpp>

namespace interject::bench {

namespace {

double us_to_answer(caf::scoped_actor& self, const caf::actor& router, const conversation_id& id) {
  auto from = wall_seconds();
  runtime::send(self.ptr(), router, wake{0, id});
  self->receive([](const done&) {}, [](const refused& r) { throw std::runtime_error(r.what); });
  return (wall_seconds() - from) * 1e6;
}

} // namespace

sample wake_ups(const settings& with) {
  work_folder folder(with);
  auto stored = with.pick(20'000, 200);
  store_conversations(folder.path(), stored, 0);
  runtime::node_options how;
  how.max_live =
      160; // ten for each of the routers: every conversation has left long before it is asked again
  running_node node(open_store(folder.path()), how);
  sample s;
  {
    caf::scoped_actor self{node.system};
    auto& router = node->router();
    histogram asleep, awake;
    auto ask_all = [&](bool measured) {
      for (std::size_t i = 0; i < stored; ++i) {
        auto id = stored_name(i * 7919 % stored);
        auto first = us_to_answer(self, router, id), again = us_to_answer(self, router, id);
        if (measured) {
          asleep.record(first);
          awake.record(again);
        }
      }
    };
    ask_all(false);
    auto wall = wall_seconds(), cpu = cpu_seconds();
    ask_all(true);
    s.wall = wall_seconds() - wall;
    s.cpu = cpu_seconds() - cpu;
    s.units = static_cast<double>(stored);
    for (auto [name, p] : {std::pair{"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}}) {
      s.more.emplace_back(std::string("asleep ") + name + " us", asleep.percentile(p));
      s.more.emplace_back(std::string("awake ") + name + " us", awake.percentile(p));
    }
    s.checksum = node->counts().evictions + 2 * 160 >= 2 * stored ? stored : 0;
    s.expected = stored;
  }
  node.stop();
  return s;
}

} // namespace interject::bench
