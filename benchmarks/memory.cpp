// What a live conversation costs: two frames and five variables, its actor included, its rows in
// SQLite.
#include "benchmarks/load.hpp"
#include "benchmarks/orders.hpp"

namespace interject::bench {

sample bytes_per_conversation(const settings& with) {
  work_folder folder(with);
  auto store = journal::open_sqlite_store(folder.path());
  if (!store)
    throw std::runtime_error(store.error().what);
  load l;
  l.conversations = with.pick(100'000, 200);
  l.window = std::min<std::size_t>(l.conversations, 256);
  l.next = [](std::size_t, std::size_t step) -> std::optional<request> {
    if (step == 0)
      return open_conversation{};
    if (step == 1)
      return say("nest");
    return std::nullopt;
  };
  auto r = run_load(l, *store, true);
  sample s;
  s.units = static_cast<double>(l.conversations);
  s.wall = r.wall;
  s.cpu = r.cpu;
  s.checksum = r.checksum;
  s.expected = add_text(0, "Shall I book it?") * l.conversations;
  s.more.emplace_back(
      "bytes a conversation",
      (static_cast<double>(r.resident_after) - static_cast<double>(r.resident_before)) / s.units);
  return s;
}

} // namespace interject::bench
