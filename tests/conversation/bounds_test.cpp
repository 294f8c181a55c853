// What happens at each bound: below it, at it, above it. And that no message is lost when an actor
// leaves memory.
#define CAF_SUITE bounds
#include "tests/support/caf_test.hpp"

#include "tests/conversation/fixture.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace interject;
using namespace interject::conversation;
using namespace std::chrono_literals;

namespace {

struct held_promises {
  std::vector<caf::response_promise> it;
};

struct fixture : test::talk_fixture {
  /// Gives the conversations a disk that answers nothing, ever.
  caf::actor stuck = sys.spawn([](caf::stateful_actor<held_promises>* me) -> caf::behavior {
    return {[me](const journal::write_commit&) {
      auto& held = runtime::state(me).it;
      held.push_back(me->make_response_promise());
      return held.back();
    }};
  });

  ~fixture() override { caf::anon_send_exit(stuck, caf::exit_reason::kill); }

  void begin_anew(const std::function<void(surroundings&)>& adjust) {
    stop();
    start(adjust);
  }
  void open_many(int n) {
    for (int i = 0; i < n; ++i)
      open("c" + std::to_string(i));
  }
  /// `n` inputs for one conversation whose disk answers nothing.
  void crowd(int n) {
    open();
    begin_anew([&](surroundings& s) { s.journal = stuck; });
    for (int i = 0; i < n; ++i)
      send(message("hello " + std::to_string(i)));
    deliver();
  }
  std::size_t refusals(errc code) {
    return static_cast<std::size_t>(std::count_if(client.of<refused>().begin(),
                                                  client.of<refused>().end(),
                                                  [&](auto& r) { return r.code == code; }));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(bounds_tests, fixture)

CAF_TEST(as many inputs of a conversation as may wait are not refused) {
  crowd(32);
  CAF_CHECK_EQUAL(client.of<refused>().size(), 0u);
  CAF_CHECK_EQUAL(counts->refused_busy.load(), 0u);
}

CAF_TEST(one input more than may wait is refused as busy) {
  crowd(33);
  CAF_CHECK_EQUAL(refusals(errc::busy), 1u);
  CAF_CHECK_EQUAL(client.of<refused>().back().ticket, last);
  CAF_CHECK_EQUAL(counts->refused_busy.load(), 1u);
}

CAF_TEST(notices and the firings of monitors take the same places) {
  crowd(31);
  send(news("n1"));
  deliver();
  CAF_CHECK_EQUAL(refusals(errc::busy), 0u);
  send(news("n2"));
  send(wake{0, "c1"});
  call_answered result;
  result.conversation = "c1";
  send(result);
  deliver();
  CAF_CHECK_EQUAL(refusals(errc::busy), 3u);
}

CAF_TEST(a place is free again when its input was answered) {
  open();
  begin_anew([](surroundings& s) { s.max_waiting = 2; });
  for (int round = 0; round < 5; ++round) {
    send(message("hello"));
    send(message("hello"));
    run();
  }
  CAF_CHECK_EQUAL(client.of<posted>().size(), 10u);
  CAF_CHECK_EQUAL(client.of<refused>().size(), 0u);
}

CAF_TEST(a conversation takes nothing while too much waits for the disk and stays as it is) {
  open();
  say("book a trip");
  CAF_REQUIRE(in_flight->reserve(1 << 20)); // others fill it
  say("London", "k1");
  CAF_CHECK_EQUAL(refusals(errc::unavailable), 1u);
  CAF_CHECK_EQUAL(counts->refused_journal.load(), 1u);
  CAF_CHECK_EQUAL(counts->live.load(), 1u);
  in_flight->release(1);
  in_flight->release((1 << 20) - 1);
  say("London", "k1");
  CAF_CHECK(out->bodies.back().find("How many nights?") != std::string::npos);
  CAF_CHECK_EQUAL(in_flight->used(), 0u);
}

CAF_TEST(a commit for which no room is left is refused and loses nothing) {
  open();
  say("book a trip");
  CAF_REQUIRE(in_flight->reserve((1 << 20) - 10)); // room for ten bytes
  say("London", "k1");
  CAF_CHECK_EQUAL(refusals(errc::unavailable), 1u);
  in_flight->release((1 << 20) - 10);
  say("London", "k1");
  CAF_CHECK(out->bodies.back().find("How many nights?") != std::string::npos);
  CAF_CHECK_EQUAL(in_flight->used(), 0u);
}

CAF_TEST(up to the bound all conversations stay in memory) {
  begin_anew([](surroundings& s) { s.max_live = 16 * 20; });
  open_many(20);
  CAF_CHECK_EQUAL(counts->live.load(), 20u);
  CAF_CHECK_EQUAL(counts->evictions.load(), 0u);
}

CAF_TEST(beyond the bound the least recently used leaves memory) {
  begin_anew([](surroundings& s) { s.max_live = 16; }); // one a router
  open_many(40);
  CAF_CHECK_LESS_OR_EQUAL(counts->live.load(), 16u);
  CAF_CHECK_EQUAL(counts->evictions.load(), 40u - counts->live.load());
  // Of two in one shard the one that was used last is there: no row is read for it.
  auto before = counts->activations.load();
  open("c39");
  CAF_CHECK_EQUAL(counts->activations.load(), before);
}

CAF_TEST(what was sent away goes on where it stood) {
  begin_anew([](surroundings& s) { s.max_live = 16; });
  open();
  say("book a trip");
  open_many(60);
  say("London");
  CAF_CHECK(out->bodies.back().find("How many nights?") != std::string::npos);
}

CAF_TEST(when those that were sent away do not end more than twice the bound is refused) {
  open_many(60);
  begin_anew([&](surroundings& s) {
    s.max_live = 16;
    s.journal = stuck;
  });
  std::map<std::size_t, int> by_router;
  std::size_t expected = 0;
  for (int i = 0; i < 60; ++i) {
    auto id = "c" + std::to_string(i);
    if (++by_router[shard_of(id) % 16] > 2)
      ++expected;
    send(message("hello", "", id));
  }
  deliver();
  CAF_REQUIRE_GREATER(expected, 0u);
  CAF_CHECK_EQUAL(refusals(errc::unavailable), expected);
  CAF_CHECK_EQUAL(counts->refused_live.load(), expected);
  CAF_CHECK_EQUAL(counts->live.load(), 60u - expected);
}

CAF_TEST(what comes while an actor ends for good is answered) {
  open();
  ask_to_sweep();
  pass(10min);
  send(message("book a trip"));
  caf::anon_send(router, drain{});
  run();
  CAF_CHECK_EQUAL(client.of<posted>().size() + client.of<refused>().size(), 1u);
  start();
}

CAF_TEST_FIXTURE_SCOPE_END()

namespace {

/// Delivers messages in a seeded random order while clients talk and conversations are sent away.
struct interleaving : test::talk_fixture {
  std::mt19937_64 random;
  int sent = 0;
  std::map<ticket, std::pair<std::string, int>> posts; ///< ticket → conversation, number
  std::map<std::string, int> numbers;

  explicit interleaving(std::uint64_t seed)
      : talk_fixture([](surroundings& s) { s.max_live = 16; }), random(seed) {}

  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random); }

  void step_some(int messages) {
    for (int i = 0; i < messages && !sched.jobs.empty(); ++i) {
      auto at = sched.jobs.begin() + pick(static_cast<int>(sched.jobs.size()));
      std::rotate(sched.jobs.begin(), at, at + 1);
      sched.try_run_once();
    }
  }

  void act(const std::vector<std::string>& ids) {
    auto& id = ids[static_cast<std::size_t>(pick(static_cast<int>(ids.size())))];
    switch (pick(8)) {
    case 0:
      pass(10min);
      ask_to_sweep();
      break;
    case 1: // another one of the shard takes its place
      send(open_conversation{0, id + "-x" + std::to_string(pick(20)), "dl_bob", "", "en",
                             "directline"});
      break;
    default: {
      auto number = ++numbers[id];
      send(message("word " + std::to_string(number), "k" + std::to_string(number), id));
      posts[last] = {id, number};
    }
    }
    step_some(pick(12));
  }

  /// All that is wrong.
  std::vector<std::string> check(const std::vector<std::string>& ids) {
    std::vector<std::string> wrong;
    std::map<ticket, int> answers;
    std::map<std::string, std::vector<int>> taken;
    for (auto& p : client.of<posted>())
      if (posts.contains(p.ticket)) {
        ++answers[p.ticket];
        taken[posts[p.ticket].first].push_back(posts[p.ticket].second);
      }
    for (auto& r : client.of<refused>())
      if (posts.contains(r.ticket)) {
        ++answers[r.ticket];
        if (r.code != errc::busy && r.code != errc::unavailable)
          wrong.push_back("refused: " + r.what);
      }
    for (auto& [t, what] : posts)
      if (answers[t] != 1)
        wrong.push_back(what.first + " " + std::to_string(what.second) + " was answered " +
                        std::to_string(answers[t]) + " times");
    for (auto& id : ids) {
      std::vector<int> stored;
      auto rows = store->open_reader()->history(id, 0, 10'000);
      for (auto& row : *rows)
        if (!row.client_id.empty())
          stored.push_back(std::stoi(row.client_id.substr(1)));
      if (!std::is_sorted(stored.begin(), stored.end()))
        wrong.push_back(id + ": what was sent one after the other is not stored in that order");
      std::sort(taken[id].begin(), taken[id].end());
      if (stored != taken[id])
        wrong.push_back(id + ": stored is not what was acknowledged");
    }
    return wrong;
  }
};

} // namespace

CAF_TEST(no message is lost or doubled or reordered however passivation falls) {
  std::uint64_t evictions = 0, passivations = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    interleaving world(seed);
    std::vector<std::string> ids{"a", "b", "c"};
    for (auto& id : ids)
      world.open(id);
    for (int i = 0; i < 60; ++i)
      world.act(ids);
    world.run();
    for (auto& line : world.check(ids))
      CAF_ERROR("seed " << seed << ": " << line);
    evictions += world.counts->evictions;
    passivations += world.counts->passivations;
  }
  CAF_CHECK_GREATER(evictions, 200u); // else nothing was tried
  CAF_CHECK_GREATER(passivations, evictions + 200u);
}
