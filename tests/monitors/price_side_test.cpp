#define CAF_SUITE price_side
#include "tests/support/caf_test.hpp"

#include "actors/monitors/price_side.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <random>

using namespace interject;
using namespace interject::monitors;

namespace {

using place = price_side::member::place;

struct watch : price_side::member {
  std::int64_t extreme = 0; ///< the highest since it joined, in the side's units
};

/// One side, and beside it every watch with what it measures from.
struct crowd {
  crowd(unsigned seed, bool rises) : random(seed), side(rises), i(rises) {}

  std::int64_t pick(std::int64_t n) {
    return static_cast<std::int64_t>(random() % static_cast<unsigned>(n));
  }
  std::int64_t some_price() { return (pick(400) - (low ? 200 : -100)) * sign(); }
  /// Rising prices are negative units.
  std::int64_t sign() const { return i ? -1 : 1; }

  void add() {
    auto& w = all.emplace_back();
    w.order = static_cast<std::uint64_t>(all.size());
    if (pick(2) == 0) {
      w.percent = decimal{(1 + pick(90)) * decimal::scale};
      if (pick(2) == 0)
        w.rearm_percent = decimal{w.percent->units / 2};
      side.join(w, last, true);
      w.extreme = last;
    } else {
      w.level[i] = some_price();
      w.end[i] = *w.level[i] + pick(50);
    }
    put(w);
  }
  void put(watch& w) {
    switch (pick(4)) {
    case 0:
      return side.hold(w, false);
    case 1:
      return side.hold(w, true);
    case 2:
      return side.idle(w);
    default:
      return side.arm(w);
    }
  }
  void move() {
    if (all.empty())
      return;
    auto& w = all[static_cast<std::size_t>(pick(static_cast<std::int64_t>(all.size())))];
    if (w.percent && !w.in)
      return; // has left
    side.take_out(w);
    if (w.percent && pick(4) == 0)
      side.leave(w);
    else if (w.in || pick(5) > 0) // in a group each has a place
      put(w);
  }
  void extend() {
    last = some_price();
    side.extend(last);
    for (auto& w : all)
      w.extreme = std::max(w.extreme, last);
  }

  /// By looking at each watch.
  bool disturbs(const watch& w, std::int64_t price) const {
    if (w.in && price > w.extreme)
      return true; // a new extreme
    auto level = w.in ? side.level_of(w.extreme, *w.percent) : w.level[i].value_or(0);
    if (w.where[i] == place::armed)
      return price <= level;
    if (w.where[i] != place::holding)
      return false;
    if (!w.in)
      return price > w.key[i];
    bool odd = i ? w.extreme >= 0 : w.extreme <= 0;
    return price > (w.waits_for_rearm && !odd ? side.end_of(w.extreme, *w.rearm_percent) : level);
  }
  bool is_quiet(std::int64_t price) const {
    return std::none_of(all.begin(), all.end(), [&](auto& w) { return disturbs(w, price); });
  }

  std::mt19937 random;
  price_side side;
  std::size_t i;
  bool low = false; ///< prices around zero
  std::int64_t last = 0;
  std::deque<watch> all;
};

} // namespace

CAF_TEST(the bounds at hand are those that a scan of all watches finds) {
  std::size_t quiet = 0, disturbed = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    crowd c(seed, seed % 2 == 0);
    c.low = seed % 3 == 0;
    c.extend();
    // Few watches leave room for quiet prices, many make groups of many parts.
    auto most = seed % 4 == 0 ? 400u : 12u;
    for (int step = 0; step < 600; ++step) {
      switch (c.pick(4)) {
      case 0:
        if (c.all.size() < most)
          c.add();
        break;
      case 1:
        c.extend();
        break;
      default:
        c.move();
      }
      for (int k = 0; k < 4; ++k) {
        auto price = c.some_price();
        auto is = c.side.is_quiet(price), should = c.is_quiet(price);
        CAF_REQUIRE_EQUAL(is, should);
        ++(is ? quiet : disturbed);
      }
    }
  }
  CAF_CHECK_GREATER(quiet, 1000u);
  CAF_CHECK_GREATER(disturbed, 1000u);
}
