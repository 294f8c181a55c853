#define CAF_SUITE admission
#include "tests/support/caf_test.hpp"

#include "gateway/admission.hpp"

using namespace interject::gateway;
using namespace std::chrono_literals;

namespace {

struct under_load {
  admission it{500ms};
  /// So many ticks, each with one answer after `took`.
  void ticks(int count, admission::wait took, admission::wait lag = 0ms) {
    for (int i = 0; i < count; ++i) {
      it.answered(took + 5s); // one of a slow conversation
      it.answered(took);
      it.tick(lag, 100, took);
    }
  }
  int refused_of(int count) {
    int refused = 0;
    for (int i = 0; i < count; ++i)
      refused += !it.admits();
    return refused;
  }
};

} // namespace

CAF_TEST(while answers come in time all is taken) {
  under_load u;
  u.ticks(100, 499ms);
  CAF_CHECK_EQUAL(u.refused_of(1000), 0);
}

CAF_TEST(what stands in the queue too long has a part refused and then more) {
  under_load u;
  u.ticks(5, 1s);
  auto first = u.it.share();
  CAF_CHECK(first > 0);
  u.ticks(20, 1s);
  CAF_CHECK(u.it.share() > first);
  u.ticks(1000, 1s);
  auto refused = u.refused_of(1000); // never all: their wait is the measure
  CAF_CHECK(refused >= 949 && refused <= 950);
}

CAF_TEST(a thread that is late counts as a wait) {
  under_load u;
  u.ticks(10, 1ms, 1s);
  CAF_CHECK(u.it.share() > 0);
}

CAF_TEST(a halt for a moment has nobody refused) {
  under_load u;
  u.ticks(10, 1ms);
  u.ticks(2, 10s, 10s);
  u.ticks(1, 1ms);
  CAF_CHECK_EQUAL(u.refused_of(1000), 0);
}

CAF_TEST(the load gone all is taken again within two seconds) {
  under_load u;
  u.ticks(1000, 1s);
  u.ticks(20, 1ms);
  CAF_CHECK_EQUAL(u.refused_of(1000), 0);
}

CAF_TEST(without answers only many who wait count) {
  admission few{500ms}, many{500ms};
  for (int i = 0; i < 20; ++i) {
    few.tick(0ms, admission::few - 1, 5s);
    many.tick(0ms, admission::few, 5s);
  }
  CAF_CHECK_EQUAL(few.share(), 0);
  CAF_CHECK(many.share() > 0.5);
}

CAF_TEST(twice what can be done is cut to about what can be done) {
  // A queue that does 100 in a tick and is asked for 200.
  admission it{500ms};
  double queue = 0, done = 0, late_half = 0;
  for (int tick = 0; tick < 600; ++tick) {
    for (int i = 0; i < 200; ++i)
      queue += it.admits();
    auto wait = std::chrono::duration_cast<admission::wait>(queue / 100 * 100ms);
    auto now = std::min(queue, 100.0);
    queue -= now;
    it.answered(wait);
    it.tick(0ms, static_cast<std::size_t>(queue), wait);
    if (tick >= 300) {
      done += now;
      late_half = std::max(late_half, queue);
    }
  }
  CAF_CHECK(done >= 0.98 * 300 * 100);
  CAF_CHECK(late_half < 1500); // three times the bound
}
