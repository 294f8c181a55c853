// `messages`: actors that hand words around, in which there is no race. `planted`: two of them
// write one number at the same time.
#include "actors/runtime/caf_compat.hpp"
#include "actors/runtime/messages.hpp"
#include "actors/runtime/node.hpp"

#include <caf/scoped_actor.hpp>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <thread>

namespace {

using namespace interject;

struct collector_state {
  std::string words;
};
using collector = caf::stateful_actor<collector_state>;

/// Adds what it is told to its words, and passes it on until it has become long.
caf::behavior collect(collector* self) {
  return {[self](std::string& words) {
            auto& mine = runtime::state(self).words;
            mine = mine.size() > 1000 ? words : mine + words;
            if (words.size() < 80)
              runtime::send(self, self, words + "x");
          },
          [self](int) { return static_cast<int>(runtime::state(self).words.size()); }};
}

int hand_messages_around(caf::actor_system& sys) {
  std::vector<caf::actor> all;
  for (int i = 0; i < 8; ++i)
    all.push_back(sys.spawn(collect));
  std::vector<std::thread> others;
  for (int i = 0; i < 2; ++i)
    others.emplace_back([&all] {
      for (int n = 0; n < 200; ++n)
        for (auto& to : all)
          runtime::anon_send(to, "a long enough string, so that it has memory of its own " +
                                     std::to_string(n));
    });
  for (auto& t : others)
    t.join();
  caf::scoped_actor self(sys);
  int sum = 0;
  for (auto& to : all)
    self->request(to, caf::infinite, 1).receive([&](int size) { sum += size; }, [](caf::error&) {});
  return sum;
}

int number = 0;
std::atomic<int> there{0};

caf::behavior meet(caf::event_based_actor*) {
  return {[](int by) {
    // Relaxed, so that the meeting itself orders nothing.
    there.fetch_add(1, std::memory_order_relaxed);
    while (there.load(std::memory_order_relaxed) < 2)
      std::this_thread::yield();
    number += by;
  }};
}

} // namespace

int main(int argc, char** argv) {
  bool planted = argc > 1 && std::strcmp(argv[1], "planted") == 0;
  runtime::register_messages();
  caf::actor_system_config cfg;
  runtime::prepare(cfg);
  cfg.set("scheduler.max-threads", std::size_t{2});
  caf::actor_system sys(cfg);
  if (planted)
    for (int i = 0; i < 2; ++i)
      runtime::anon_send(sys.spawn(meet), 1);
  else
    std::printf("%d\n", hand_messages_around(sys));
  sys.await_all_actors_done();
  return 0;
}
