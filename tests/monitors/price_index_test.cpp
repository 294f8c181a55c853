#define CAF_SUITE price_index
#include "tests/support/caf_test.hpp"

#include "actors/monitors/price_index.hpp"

#include <algorithm>
#include <random>

using namespace interject;
using namespace interject::monitors;

namespace {

time_point at(int s) { return time_point(std::chrono::seconds(s)); }
decimal d(const char* text) { return decimal::parse(text).value(); }

struct market {
  price_index index;
  int now = 0;

  std::string say(const char* price) {
    std::string out;
    for (auto& f : index.apply({"X", d(price), {}, {}}, at(++now)).fired)
      out += (out.empty() ? "" : " ") + f.id;
    return out;
  }
  void watch(const std::string& id, watch_kind kind, const char* level) {
    auto* last = index.last("X");
    index.arm(id, "X", {kind, d(level)}, last ? std::optional(last->price) : std::nullopt);
  }
};

/// One watch after some prices: which of the prices after it was armed fire it.
struct story {
  watch_kind kind;
  const char* level;
  std::vector<const char*> before;
  std::vector<const char*> after;
  const char* fires_at; ///< "" never
};

} // namespace

CAF_TEST(a watch fires when its condition becomes true and not while it is true) {
  using enum watch_kind;
  for (auto& s : std::vector<story>{
           {falls_to, "100", {"110"}, {"105", "100", "99"}, "100"},
           {falls_to, "100", {"110"}, {"100.00000001", "99.99999999"}, "99.99999999"},
           {falls_to, "100", {"95"}, {"94", "96", "99", "100", "101", "100"}, "100"},
           {falls_to, "100", {"95"}, {"90", "80"}, ""},
           {falls_to, "100", {"100"}, {"100", "99"}, ""},
           {falls_to, "100", {}, {"90", "80", "101", "99"}, "99"}, // the first sample is the baseline
           {falls_to, "100", {}, {"110", "90"}, "90"},
           {rises_to, "100", {"90"}, {"99", "100"}, "100"},
           {rises_to, "100", {"105"}, {"110", "99", "101"}, "101"},
           {crosses, "100", {"90"}, {"95", "100"}, "100"},
           {crosses, "100", {"110"}, {"105", "99"}, "99"},
           {crosses, "100", {"100"}, {"100", "105", "101", "98"}, "98"},
           {crosses, "100", {"100"}, {"95", "103"}, "103"},
           {crosses, "100", {}, {"95", "90", "120"}, "120"},
           {drops_by, "20", {"250"}, {"200.01", "200"}, "200"},
           {drops_by, "20", {"250"}, {"200.00000001", "300", "210"}, ""},
           {drops_by, "33.33333333", {"0.00000003"}, {"0.00000002"}, "0.00000002"},
           {drops_by, "33.33333334", {"0.00000003"}, {"0.00000002", "0.00000001"}, "0.00000001"},
           {drops_by, "20", {}, {"50", "41", "40"}, "40"},
           {gains_by, "5", {"100"}, {"104.99999999", "105"}, "105"},
           {gains_by, "200", {"92233720368"}, {"92233720368.5"}, ""}, // no price can reach it
           {drops_by, "150", {"10"}, {"-4.9", "-5"}, "-5"},
       }) {
    market m;
    for (auto* p : s.before)
      m.say(p);
    m.watch("w", s.kind, s.level);
    std::string fired;
    for (auto* p : s.after)
      if (m.say(p) == "w")
        fired += fired.empty() ? p : std::string(" and ") + p;
    CAF_MESSAGE(to_string(s.kind) << " " << s.level);
    CAF_CHECK_EQUAL(fired, s.fires_at);
  }
}

CAF_TEST(one sample fires all thresholds that it passes nearest first) {
  market m;
  m.say("100");
  m.watch("w90", watch_kind::falls_to, "90");
  m.watch("w80", watch_kind::falls_to, "80");
  m.watch("w95", watch_kind::falls_to, "95");
  m.watch("w90b", watch_kind::falls_to, "90");
  m.watch("w70", watch_kind::falls_to, "70");
  CAF_CHECK_EQUAL(m.say("75"), "w95 w90 w90b w80");
  CAF_CHECK_EQUAL(m.say("120"), "");
  CAF_CHECK_EQUAL(m.say("60"), "w70");
  CAF_CHECK_EQUAL(m.index.size(), 0u);
}

CAF_TEST(a firing says what came before) {
  price_index index;
  index.apply({"X", d("10"), {}, {}}, at(1));
  index.arm("w", "X", {watch_kind::rises_to, d("12")}, d("10"));
  index.apply({"X", d("11"), {}, {}}, at(2));
  auto did = index.apply({"X", d("13"), at(7), 5}, at(3));
  CAF_REQUIRE_EQUAL(did.fired.size(), 1u);
  CAF_CHECK(did.fired[0].price == d("13") && did.fired[0].previous == d("11") && did.fired[0].at == at(7));
  CAF_CHECK(index.last("X")->seq == 5u);
}

CAF_TEST(a sample older than the newest is ignored) {
  price_index index;
  auto accepted = [&](const char* price, std::optional<time_point> when, std::optional<std::uint64_t> seq) {
    return index.apply({"X", d(price), when, seq}, at(100)).accepted;
  };
  CAF_CHECK(accepted("1", at(10), 5));
  CAF_CHECK(!accepted("2", at(11), 4)); // by sequence, whatever the time
  CAF_CHECK(!accepted("2", at(11), 5)); // the same sample
  CAF_CHECK(accepted("3", at(9), 6));
  CAF_CHECK(!accepted("4", at(8), {})); // one without: by time
  CAF_CHECK(accepted("5", at(9), {}));
  CAF_CHECK(accepted("6", {}, {}));
  CAF_CHECK(!accepted("7", at(99), 7));
  CAF_CHECK(index.last("X")->price == d("6"));
  CAF_CHECK(index.last("Y") == nullptr);
}

CAF_TEST(a disarmed watch does not fire) {
  market m;
  m.say("100");
  m.watch("w1", watch_kind::falls_to, "90");
  m.watch("w2", watch_kind::crosses, "100");
  m.watch("w3", watch_kind::rises_to, "90");
  for (auto* id : {"w1", "w2", "w3"})
    CAF_CHECK(m.index.disarm(id));
  CAF_CHECK(!m.index.disarm("w1"));
  CAF_CHECK_EQUAL(m.say("80") + m.say("120") + m.say("80"), "");
}

CAF_TEST(the level of a percentage is the one that the exact comparison has) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    decimal baseline{static_cast<std::int64_t>(random() >> (random() % 60))};
    if (random() % 8 == 0)
      baseline.units = -baseline.units;
    decimal percent{static_cast<std::int64_t>(random() % (150 * decimal::scale))};
    if (auto level = drop_level(baseline, percent)) {
      CAF_REQUIRE(dropped_by(*level, baseline, percent));
      if (level->units < INT64_MAX)
        CAF_REQUIRE(!dropped_by({level->units + 1}, baseline, percent));
    }
    if (auto level = gain_level(baseline, percent)) {
      CAF_REQUIRE(gained_by(*level, baseline, percent));
      if (level->units > INT64_MIN)
        CAF_REQUIRE(!gained_by({level->units - 1}, baseline, percent));
    } else {
      CAF_REQUIRE(!gained_by({INT64_MAX}, baseline, percent));
    }
  }
}

namespace {

/// The rule as one would say it: on every sample, look at every watch.
struct naive_watch {
  std::string id;
  watch_condition when;
  std::optional<decimal> baseline;

  bool holds(decimal p) const {
    switch (when.kind) {
    case watch_kind::falls_to: return p <= when.level;
    case watch_kind::rises_to: return p >= when.level;
    case watch_kind::drops_by: return dropped_by(p, *baseline, when.level);
    case watch_kind::gains_by: return gained_by(p, *baseline, when.level);
    case watch_kind::crosses: break;
    }
    return false;
  }
  bool fires(decimal from, decimal to) const {
    if (when.kind != watch_kind::crosses)
      return !holds(from) && holds(to);
    return (from > when.level && to <= when.level) || (from < when.level && to >= when.level);
  }
};

struct naive_market {
  std::optional<decimal> last;
  std::vector<naive_watch> watches;

  std::vector<std::string> say(decimal p) {
    std::vector<std::string> fired;
    for (auto& w : watches)
      if (!w.baseline)
        w.baseline = p;
      else if (last && w.fires(*last, p))
        fired.push_back(w.id);
    std::erase_if(watches, [&](auto& w) { return std::find(fired.begin(), fired.end(), w.id) != fired.end(); });
    last = p;
    std::sort(fired.begin(), fired.end());
    return fired;
  }
};

} // namespace

CAF_TEST(random streams fire what the naive rule fires) {
  std::size_t total = 0, undone = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    price_index index;
    naive_market naive;
    int now = 0, next_id = 0;
    auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    auto price = [&] { return decimal::of(80 + pick(41)); };
    for (int i = 0; i < 400; ++i) {
      switch (pick(4)) {
      case 0: {
        auto kind = static_cast<watch_kind>(pick(5));
        bool percent = kind == watch_kind::drops_by || kind == watch_kind::gains_by;
        watch_condition when{kind, percent ? decimal::of(pick(25)) : price()};
        auto id = "w" + std::to_string(next_id++);
        index.arm(id, "X", when, naive.last);
        naive.watches.push_back({id, when, naive.last});
        break;
      }
      case 1:
        if (!naive.watches.empty() && pick(4) == 0) {
          auto at_ = naive.watches.begin() + pick(static_cast<int>(naive.watches.size()));
          CAF_REQUIRE(index.disarm(at_->id));
          naive.watches.erase(at_);
        }
        break;
      default: {
        // Now and then a step that does not become durable comes first: it must leave no trace.
        if (pick(3) == 0) {
          index.begin();
          for (int n = pick(4); n >= 0; --n)
            index.apply({"X", price(), {}, {}}, at(now + 1));
          index.roll_back();
          ++undone;
        }
        auto p = price();
        index.begin();
        auto did = index.apply({"X", p, {}, {}}, at(++now));
        index.keep();
        std::vector<std::string> fired;
        for (auto& f : did.fired)
          fired.push_back(f.id);
        std::sort(fired.begin(), fired.end());
        CAF_REQUIRE_EQUAL(fired, naive.say(p));
        CAF_REQUIRE_EQUAL(index.size(), naive.watches.size());
        total += fired.size();
      }
      }
    }
  }
  CAF_MESSAGE(total << " firings, " << undone << " steps undone");
  CAF_CHECK_GREATER(total, 1000u);
  CAF_CHECK_GREATER(undone, 1000u);
}
