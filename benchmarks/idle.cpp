// A server with nothing to do, and how soon it is there.
#include "benchmarks/crowd.hpp"
#include "benchmarks/load.hpp"
#include "benchmarks/process.hpp"

#include <thread>

namespace interject::bench {

namespace {

server_wish demo_bot(const settings& with, const std::filesystem::path& folder) {
  return {.program = with.server, .folder = folder, .bot = with.demo};
}

} // namespace

sample idle_server(const settings& with) {
  work_folder folder(with);
  server under(demo_bot(with, folder.path()));
  std::this_thread::sleep_for(std::chrono::seconds(with.smoke ? 0 : 2));
  auto seconds = with.smoke ? 0.2 : 10.0;
  auto from = wall_seconds(), cpu = under.it().cpu();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  sample s;
  s.units = wall_seconds() - from;
  s.more = {{"% of a core", 100 * (under.it().cpu() - cpu) / s.units},
            {"MB", static_cast<double>(under.it().resident()) / 1e6}};
  s.checksum = s.expected = 1;
  return s;
}

// From the start of the process to the end of the first WebSocket handshake, over a conversation
// that is made for it.
sample start_up(const settings& with) {
  work_folder folder(with);
  sample s;
  std::vector<double> took;
  for (std::size_t i = 0; i < with.pick(5, 1); ++i) {
    auto wish = demo_bot(with, folder.path());
    auto from = wall_seconds();
    server under(wish);
    crowd one(under.port(), 1, with.seed);
    one.open(false);
    took.push_back((wall_seconds() - from) * 1000);
    s.checksum += 1;
  }
  s.expected = with.pick(5, 1);
  s.units = 1;
  s.more = {{"ms to the first stream", median(took)}};
  return s;
}

} // namespace interject::bench
