#define CAF_SUITE price_random
#include "tests/support/caf_test.hpp"

#include "actors/monitors/price_index.hpp"
#include "tests/monitors/price_oracle.hpp"

#include <map>
#include <random>

using namespace interject;
using namespace interject::monitors;
using interject::test::naive_market;
using interject::test::naive_watch;

namespace {

time_point at(int s) {
  return time_point(std::chrono::seconds(s));
}

std::vector<std::string> told(const std::vector<price_index::change>& changes) {
  std::vector<std::string> out;
  for (auto& c : changes) {
    auto what = c.fired                                 ? "fired"
                : c.expired                             ? "expired"
                : c.ended                               ? "ended"
                : c.now == watch_phase::pending         ? "pending"
                : c.based || c.previous == std::nullopt ? ""
                                                        : "armed";
    if (*what)
      out.push_back(c.id + " " + what);
  }
  return out;
}

/// The same stream for the index and for the naive rule; the index is now and then undone, and now
/// and then built anew from what would be durable.
struct contest {
  explicit contest(unsigned seed) : random(seed) {}

  int pick(int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); }
  /// Around zero in some runs: percentages of negative prices are odd, but exact.
  decimal price() { return decimal::of(base + pick(41)); }

  watch_condition terms() {
    for (;;) {
      watch_condition w;
      w.kind = static_cast<watch_kind>(pick(5));
      bool percent = w.kind == watch_kind::drops_by || w.kind == watch_kind::gains_by;
      w.level = percent ? decimal{(1 + pick(60)) * decimal::scale / 2} : price();
      if (percent)
        w.from = static_cast<watch_from>(pick(4));
      w.repeat = pick(2) == 0;
      if (pick(3) == 0)
        w.hold = std::chrono::seconds(1 + pick(6));
      if (pick(3) == 0)
        w.rearm = percent ? decimal{pick(40) * decimal::scale / 2} : price();
      w.first_sample = pick(4) == 0;
      if (!check(w))
        return w;
    }
  }

  void arm() {
    auto id = "w" + std::to_string(++ids);
    watch_terms w{.id = id, .symbol = "X", .when = terms()};
    w.interest = naive.interest;
    if (pick(4) == 0)
      w.expires = at(now + 1 + pick(60));
    naive_watch n;
    n.id = id;
    n.when = w.when;
    n.expires = w.expires;
    naive.events.clear();
    naive.arm(n, at(now));
    // A watch that becomes true at once says so; what it is based on is no news.
    auto changes = index->arm(w, at(now));
    compare(changes);
    follow(changes);
    if (index->knows(id))
      live[id].terms.symbol = "X", live[id].terms.when = w.when,
      live[id].terms.interest = w.interest;
    track_extremes();
  }

  void disarm() {
    if (naive.watches.empty())
      return;
    auto it = naive.watches.begin() + pick(static_cast<int>(naive.watches.size()));
    CAF_REQUIRE(index->disarm(it->id));
    live.erase(it->id);
    naive.watches.erase(it);
    track_extremes();
  }

  /// One that has fired for good, and whose condition may have ended, begins anew.
  void rearm() {
    pass_time();
    auto found = std::find_if(naive.watches.begin(), naive.watches.end(), [](auto& n) {
      return n.state == naive_watch::over || n.state == naive_watch::spent;
    });
    if (found == naive.watches.end())
      return;
    auto id = found->id;
    auto c = index->rearm(id, {}, at(now));
    CAF_REQUIRE(c.has_value());
    naive.rearm(id, at(now));
    follow({*c});
    ++rearmed;
    pass_time();
  }
  void pass_time() {
    naive.events.clear();
    naive.pass_time(at(now));
    auto did = index->pass_time(at(now));
    compare(did);
    follow(did);
    track_extremes();
  }

  void sample() {
    if (pick(3) == 0) {
      index->begin();
      for (int n = pick(4); n >= 0; --n)
        index->apply({"X", price(), {}, {}}, at(now + pick(8)));
      index->roll_back();
      ++undone;
    }
    now += pick(3);
    auto p = price();
    naive.events.clear();
    naive.sample(p, at(now));
    index->begin();
    auto did = index->apply({"X", p, {}, {}}, at(now));
    index->keep();
    CAF_REQUIRE(did.accepted);
    compare(did.changes);
    follow(did.changes);
    track_extremes();
    CAF_REQUIRE_EQUAL(index->size(), naive.watches.size());
  }

  void compare(const std::vector<price_index::change>& changes) {
    auto is = told(changes), should = naive.events;
    std::sort(is.begin(), is.end());
    std::sort(should.begin(), should.end());
    for (auto& each : is != should ? is : std::vector<std::string>())
      CAF_MESSAGE("  the index says " << each);
    for (auto& each : is != should ? should : std::vector<std::string>())
      CAF_MESSAGE("  the rule says " << each);
    CAF_REQUIRE_EQUAL(is, should);
    total += is.size();
  }

  // ---- what would be durable

  struct durable {
    watch_terms terms;
  };
  void follow(const std::vector<price_index::change>& changes) {
    for (auto& c : changes) {
      if (!index->knows(c.id)) {
        live.erase(c.id);
        continue;
      }
      auto& t = live[c.id].terms;
      t.id = c.id;
      t.as = c.now;
      t.order = c.order;
      t.rising = c.rising;
      if (c.based)
        t.baseline = c.price;
      t.since = c.now == watch_phase::pending ? std::optional(at(now)) : std::nullopt;
    }
    for (auto& n : naive.watches)
      live[n.id].terms.expires = n.expires;
  }
  void track_extremes() {
    for (auto& e : index->take_extremes())
      if (e.price)
        extremes[{e.high, e.since}] = e;
      else
        extremes.erase({e.high, e.since});
  }
  /// What a trailing watch measures from, by the durable extremes and by the rule.
  void compare_extremes(const char* after) {
    for (auto& n : naive.watches) {
      if (!n.trails() || n.state == naive_watch::waiting)
        continue;
      bool high = n.when.from == watch_from::high;
      auto it = extremes.upper_bound({high, live.at(n.id).terms.order});
      CAF_REQUIRE(it != extremes.begin());
      --it;
      CAF_REQUIRE_EQUAL(it->first.first, high);
      if (it->second.price != n.from)
        CAF_MESSAGE(n.id << " after " << after);
      CAF_REQUIRE(it->second.price == n.from);
    }
  }
  void restart() {
    for (auto it = live.begin(); it != live.end();)
      it = index->knows(it->first) ? std::next(it) : live.erase(it);
    auto anew = std::make_unique<price_index>();
    if (auto* last = index->last("X"))
      anew->set_last("X", *last);
    for (auto& [key, e] : extremes)
      anew->set_extreme(e);
    for (auto& [id, l] : live)
      anew->skip_order(l.terms.order);
    for (auto fresh : {false, true})
      for (auto& [id, l] : live)
        if (fresh == (l.terms.as == watch_phase::waiting)) {
          if (pick(2) == 0) {
            l.terms.order = anew->resume(watch_terms(l.terms), at(now));
            continue;
          }
          auto changes = anew->arm(l.terms, at(now));
          CAF_REQUIRE(changes.back().now == l.terms.as);
          l.terms.order = changes.back().order;
        }
    CAF_REQUIRE_EQUAL(anew->size(), index->size());
    index = std::move(anew);
    track_extremes();
    ++restarts;
  }

  void run(int steps) {
    base = pick(4) == 0 ? -20 : 80;
    for (int i = 0; i < steps; ++i) {
      int what = pick(8);
      step(what);
      compare_extremes(("step " + std::to_string(what)).c_str());
    }
  }
  void step(int what) {
    switch (what) {
    case 0:
    case 1:
      arm();
      break;
    case 2:
      if (pick(3) == 0)
        disarm();
      break;
    case 3:
      if (pick(4) == 0)
        restart();
      else if (pick(3) == 0)
        rearm();
      break;
    default:
      sample();
    }
  }

  std::mt19937 random;
  std::unique_ptr<price_index> index = std::make_unique<price_index>();
  naive_market naive;
  std::map<std::string, durable> live;
  std::map<std::pair<bool, std::uint64_t>, running_extreme> extremes;
  int base = 80, now = 0, ids = 0;
  std::size_t total = 0, undone = 0, restarts = 0, rearmed = 0;
};

} // namespace

CAF_TEST(random streams do what the naive rule does) {
  std::size_t total = 0, undone = 0, restarts = 0, rearmed = 0;
  for (unsigned seed = 1; seed <= 80; ++seed) {
    contest c(seed);
    CAF_MESSAGE("seed " << seed);
    c.run(500);
    total += c.total;
    undone += c.undone;
    restarts += c.restarts;
    rearmed += c.rearmed;
  }
  CAF_MESSAGE(total << " events, " << undone << " steps undone, " << restarts << " restarts, "
                    << rearmed << " began anew");
  CAF_CHECK_GREATER(total, 5000u);
  CAF_CHECK_GREATER(undone, 1000u);
  CAF_CHECK_GREATER(restarts, 500u);
  CAF_CHECK_GREATER(rearmed, 100u);
}
