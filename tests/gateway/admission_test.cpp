#define CAF_SUITE admission
#include "tests/support/caf_test.hpp"

#include "gateway/admission.hpp"

#include <deque>

using namespace interject::gateway;
using namespace std::chrono_literals;

namespace {

struct under_load {
  admission it{500ms};
  int under_way = 0;
  /// Takes what it may of so many. → how many it refuses
  int ask(int count) {
    int refused = 0;
    for (int i = 0; i < count; ++i)
      if (it.admits())
        it.taken(), ++under_way;
      else
        ++refused;
    return refused;
  }
  /// So many ticks, each with as many answers after `took` as questions are asked; one of them is
  /// of a slow conversation.
  void ticks(int count, int each, admission::wait took, admission::wait lag = 0ms) {
    for (int i = 0; i < count; ++i) {
      ask(each);
      for (int k = 0; k < each && under_way > 0; ++k, --under_way)
        it.answered(k == 0 && each > 1 ? took + 5s : took);
      it.tick(lag, took);
    }
  }
};

} // namespace

CAF_TEST(while answers come in time all is taken) {
  under_load u;
  u.ticks(100, 100, 499ms);
  CAF_CHECK_EQUAL(u.ask(100'000), 0);
}

CAF_TEST(once all wait too long there is room for as many as are answered in that time) {
  under_load u;
  u.ticks(100, 100, 1s);
  CAF_CHECK(u.it.is_crowded());
  auto refused = u.ask(1000); // 1,000 a second, so 500 in half a second
  CAF_CHECK(refused >= 499 && refused <= 502);
  u.it.answered(1s);
  u.it.dropped();
  CAF_CHECK_EQUAL(u.ask(10), 8);
}

CAF_TEST(a thread that is late counts as a wait) {
  under_load u;
  u.ticks(10, 100, 1ms, 1s);
  CAF_CHECK(u.it.is_crowded());
}

CAF_TEST(a halt for a moment has nobody refused) {
  under_load u;
  u.ticks(10, 100, 1ms);
  u.ticks(2, 100, 10s, 10s);
  u.ticks(1, 100, 1ms);
  CAF_CHECK_EQUAL(u.ask(100'000), 0);
}

CAF_TEST(the load gone all is taken again within two seconds) {
  under_load u;
  u.ticks(1000, 100, 1s);
  u.ticks(20, 10, 1ms);
  CAF_CHECK_EQUAL(u.ask(100'000), 0);
}

CAF_TEST(without answers only many who wait count) {
  under_load few, many;
  few.ask(admission::few - 1);
  many.ask(admission::few);
  for (int i = 0; i < 20; ++i) {
    few.it.tick(0ms, 5s);
    many.it.tick(0ms, 5s);
  }
  CAF_CHECK_EQUAL(few.ask(100), 0);
  CAF_CHECK_EQUAL(many.ask(100), 100);
}

CAF_TEST(a few are always taken) {
  under_load u;
  u.ticks(100, 1, 1s);
  CAF_CHECK(u.it.is_crowded());
  CAF_CHECK_EQUAL(u.ask(100), 100 - static_cast<int>(admission::few));
}

CAF_TEST(twice what can be done is cut to what can be done) {
  // A queue that does 100 in a tick, half as many in every tenth, and is asked for 200.
  admission it{500ms};
  std::deque<int> queue; ///< the tick of each
  std::size_t done = 0, could = 0, longest = 0;
  for (int tick = 0; tick < 600; ++tick) {
    for (int i = 0; i < 200; ++i)
      if (it.admits())
        it.taken(), queue.push_back(tick);
    auto most = std::min<std::size_t>(queue.size(), tick % 10 == 9 ? 50 : 100);
    auto wait = [&] { return (tick - queue.front()) * admission::tick_every; };
    for (std::size_t i = 0; i < most; ++i, queue.pop_front())
      it.answered(wait());
    it.tick(0ms, queue.empty() ? 0ms : wait());
    if (tick < 100)
      continue;
    done += most;
    could += tick % 10 == 9 ? 50 : 100;
    longest = std::max(longest, queue.size());
  }
  CAF_CHECK_EQUAL(done, could);
  CAF_CHECK(longest < 600); // half a second of it, and a little
}
