// How many turns and interruptions a node in this process serves, in memory and on disk.
#include "benchmarks/load.hpp"
#include "benchmarks/orders.hpp"
#include "benchmarks/timed_store.hpp"

namespace interject::bench {

namespace {

constexpr std::size_t opening = 1; ///< step 0 of each conversation opens it

sample to_sample(const load_result& r, double units, std::uint64_t expected) {
  sample s;
  s.units = units;
  s.wall = r.wall;
  s.cpu = r.cpu;
  s.checksum = r.checksum;
  s.expected = r.refused == 0 ? expected : ~r.checksum;
  return s;
}

sample order_load(const settings& with, std::shared_ptr<journal::store> store,
                  std::size_t conversations, std::size_t rounds) {
  load l;
  l.conversations = l.window = conversations;
  l.warm_up = opening + turns_per_order;
  auto steps = opening + turns_per_order * (1 + rounds);
  std::vector<order> orders(
      conversations); // the one that each is at: the customers should cost little
  l.next = [&, steps](std::size_t who, std::size_t step) -> std::optional<request> {
    if (step == 0)
      return open_conversation{};
    if (step == steps)
      return std::nullopt;
    auto turn = step - opening;
    if (turn % turns_per_order == 0)
      orders[who] = make_order(with.seed, who, turn / turns_per_order);
    return say(orders[who].says[turn % turns_per_order]);
  };
  std::uint64_t expected = 0;
  for (std::size_t who = 0; who < conversations; ++who)
    for (std::size_t round = 0; round <= rounds; ++round)
      for (auto& text : make_order(with.seed, who, round).hears)
        expected = add_text(expected, text);
  auto r = run_load(l, std::move(store));
  return to_sample(r, static_cast<double>(r.answers), expected);
}

} // namespace

sample turns_in_memory(const settings& with) {
  return order_load(with, journal::make_memory_store(), with.pick(1000, 20), with.pick(40, 2));
}

sample turns_durable(const settings& with) {
  work_folder folder(with);
  auto store = journal::open_sqlite_store(folder.path());
  if (!store)
    throw std::runtime_error(store.error().what);
  auto timed = std::make_shared<timed_store>(*store);
  auto s = order_load(with, timed, with.pick(1000, 20), with.pick(20, 2));
  s.more = {{"p50 us a commit", timed->took().percentile(0.5)},
            {"p99 us a commit", timed->took().percentile(0.99)},
            {"turns a commit", timed->turns_each()}};
  return s;
}

// Each cycle: an interrupting notice pushes `alert` over the waiting question, "yes" answers it,
// and the question is asked again. Two commits.
sample interruptions_durable(const settings& with) {
  work_folder folder(with);
  auto store = journal::open_sqlite_store(folder.path());
  if (!store)
    throw std::runtime_error(store.error().what);
  auto conversations = with.pick(1000, 20);
  auto cycles = with.pick(20, 2);
  load l;
  l.conversations = l.window = conversations;
  l.warm_up = 2; // opened, and the question is asked
  l.next = [&](std::size_t who, std::size_t step) -> std::optional<request> {
    if (step == 0)
      return open_conversation{};
    if (step == 1)
      return say("order");
    if (step == 2 + 2 * cycles)
      return std::nullopt;
    if (step % 2 == 1)
      return say("yes");
    notify n;
    n.what.id = std::to_string(who) + "." + std::to_string(step);
    n.what.mode = delivery_mode::interrupt;
    n.what.urgency =
        urgency::critical; // "yes" was said a moment ago: others would wait for typing to end
    n.what.needs_answer = true;
    n.what.dialog = "alert";
    n.what.dialog_params = {{"price", value(100)}};
    return n;
  };
  std::uint64_t expected = 0;
  for (std::size_t i = 0; i < conversations; ++i) {
    expected = add_text(expected, "What would you like?");
    for (std::size_t j = 0; j < cycles; ++j)
      for (auto text : {"It is at 100. Sell it?", "Sold.", "What would you like?"})
        expected = add_text(expected, text);
  }
  auto r = run_load(l, *store);
  return to_sample(r, static_cast<double>(r.answers) / 2, expected);
}

} // namespace interject::bench
