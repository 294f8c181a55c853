// What a turn costs beside many stored conversations, all asleep: 200 of them, spread over the
// rows, wake and order.
#include "benchmarks/load.hpp"
#include "benchmarks/orders.hpp"
#include "benchmarks/stored.hpp"

namespace interject::bench {

namespace {

constexpr std::size_t talking = 200;
constexpr std::size_t turns_to_finish =
    turns_per_order - 1; ///< "order" was said when they were stored

sample talk_beside(const settings& with, const std::shared_ptr<journal::store>& store,
                   std::size_t stored, std::size_t batch) {
  auto some = std::min(talking, stored / 5);
  auto rounds = with.pick(25, 2);
  auto row_of = [=](std::size_t who) { return who * (stored / some) + batch; };
  load l;
  l.conversations = l.window = some;
  l.warm_up = turns_to_finish;
  l.name = [&](std::size_t who) { return stored_name(row_of(who)); };
  l.next = [&](std::size_t who, std::size_t step) -> std::optional<request> {
    auto turn = step + 1;
    if (turn == turns_per_order * (rounds + 1))
      return std::nullopt;
    auto next =
        say(make_order(with.seed, who, turn / turns_per_order).says[turn % turns_per_order]);
    std::get<post_activity>(next).activity.from = stored_user(row_of(who));
    return next;
  };
  auto r = run_load(l, store);
  sample s;
  s.units = static_cast<double>(r.answers);
  s.wall = r.wall;
  s.cpu = r.cpu;
  s.checksum = r.refused ? 0 : r.checksum;
  for (std::size_t who = 0; who < some; ++who)
    for (std::size_t turn = 1; turn < turns_per_order * (rounds + 1); ++turn)
      s.expected = add_text(
          s.expected,
          make_order(with.seed, who, turn / turns_per_order).hears[turn % turns_per_order]);
  return s;
}

// The rows are costly to make: five runs share them, each with other conversations and a node of
// its own.
std::vector<sample> grown(const settings& with, std::size_t stored) {
  work_folder folder(with);
  store_conversations(folder.path(), stored, 0);
  auto store = journal::open_sqlite_store(folder.path());
  if (!store)
    throw std::runtime_error(store.error().what);
  std::vector<sample> out;
  for (std::size_t i = 0; i < std::min<std::size_t>(5, static_cast<std::size_t>(with.runs)); ++i)
    out.push_back(talk_beside(with, *store, stored, i));
  return out;
}

} // namespace

std::vector<sample> grown_1k(const settings& with) {
  return grown(with, with.pick(1'000, 100));
}
std::vector<sample> grown_10k(const settings& with) {
  return grown(with, with.pick(10'000, 100));
}
std::vector<sample> grown_100k(const settings& with) {
  return grown(with, with.pick(100'000, 100));
}
std::vector<sample> grown_1m(const settings& with) {
  return grown(with, with.pick(1'000'000, 100));
}

} // namespace interject::bench
