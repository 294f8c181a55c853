// What the pure core takes for a turn: no actor, no store, no JSON.
#include "actors/dialog/conversation.hpp"
#include "benchmarks/orders.hpp"
#include "benchmarks/questions.hpp"

namespace interject::bench {

sample advance_alone(const settings& with) {
  auto bot = orders_bot();
  auto rounds = with.pick(60'000, 200);
  std::vector<order> orders;
  sample s;
  for (std::size_t i = 0; i < 256; ++i)
    orders.push_back(make_order(with.seed, 0, i));
  for (std::size_t i = 0; i < rounds; ++i)
    for (auto& text : orders[i % orders.size()].hears)
      s.expected = add_text(s.expected, text);
  dialog::conversation c;
  c.id = "bench";
  c.locale = "en";
  time_point now{};
  auto wall = wall_seconds(), cpu = cpu_seconds();
  for (std::size_t i = 0; i < rounds; ++i)
    for (auto& text : orders[i % orders.size()].says) {
      auto moved = dialog::advance(*bot, std::move(c), dialog::said{text, {}}, now);
      c = std::move(moved.after);
      for (auto& e : moved.effects)
        if (auto u = std::get_if<utterance>(&e))
          s.checksum = add_text(s.checksum, u->text);
    }
  s.wall = wall_seconds() - wall;
  s.cpu = cpu_seconds() - cpu;
  s.units = static_cast<double>(rounds * turns_per_order);
  return s;
}

} // namespace interject::bench
