// A broadcast to people whose conversations are on disk and not in memory: each of them is found,
// decided about, told and written, behind one durable cursor.
#include "actors/person/broadcast.hpp"
#include "benchmarks/load.hpp"
#include "benchmarks/questions.hpp"
#include "benchmarks/running_node.hpp"
#include "benchmarks/stored.hpp"
#include "protocols/codec/binary.hpp"

#include <caf/scoped_actor.hpp>

#include <chrono>
#include <thread>

namespace interject::bench {

namespace {

person::broadcast to_everybody(std::size_t people) {
  person::broadcast b;
  b.id = "all";
  b.what.text = {{"", "The kitchen closes at ten."}};
  b.what.mode = delivery_mode::ad_hoc;
  b.what.urgency =
      urgency::critical; // they ordered a moment ago: others would wait for typing to end
  b.until = people;
  b.created = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
  return b;
}

void begin(caf::actor_system& system, const caf::actor& broadcasts, person::broadcast b) {
  caf::scoped_actor self{system};
  runtime::send(self.ptr(), broadcasts, person::begin_broadcast{1, std::move(b)});
  self->receive([](const done&) {}, [](const refused& r) { throw std::runtime_error(r.what); });
}

/// Its figures stand on disk, and move with every slice.
person::broadcast wait_for_the_end(journal::reader& rows) {
  for (;;) {
    person::broadcast b;
    auto row = rows.broadcast("all");
    if (!row || !*row || !decode_all((*row)->body, b))
      throw std::runtime_error("the broadcast cannot be read");
    if (b.state != person::broadcast_state::running)
      return b;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

} // namespace

sample broadcast_to_all(const settings& with) {
  work_folder folder(with);
  auto people = with.pick(100'000, 2'500);
  store_conversations(folder.path(), people, 0);
  auto store = open_store(folder.path());
  runtime::node_options how;
  how.broadcasts.per_second = 1'000'000; // what it can do, not what it is allowed to
  running_node node(store, how);
  auto rows = store->open_reader();
  auto wall = wall_seconds(), cpu = cpu_seconds();
  begin(node.system, node->broadcasts(), to_everybody(people));
  auto end = wait_for_the_end(*rows);
  sample s;
  s.wall = wall_seconds() - wall;
  s.cpu = cpu_seconds() - cpu;
  s.units = static_cast<double>(people);
  end.counts.resize(delivery_code_count);
  s.checksum = end.counts[static_cast<std::size_t>(delivery_code::adhoc_critical)];
  s.expected = end.refused == 0 && end.recipients == people ? people : ~s.checksum;
  node.stop();
  return s;
}

} // namespace interject::bench
