#define CAF_SUITE price_index
#include "tests/support/caf_test.hpp"

#include "actors/monitors/price_index.hpp"

#include <algorithm>
#include <random>

using namespace interject;
using namespace interject::monitors;

namespace {

time_point at(int s) {
  return time_point(std::chrono::seconds(s));
}
decimal d(const char* text) {
  return decimal::parse(text).value();
}

struct market {
  price_index index;
  int now = 0;

  std::string say(const char* price) {
    std::string out;
    for (auto& c : index.apply({"X", d(price), {}, {}}, at(++now)).changes)
      if (c.fired)
        out += (out.empty() ? "" : " ") + c.id;
    return out;
  }
  void watch(const std::string& id, watch_kind kind, const char* level) {
    index.arm({.id = id, .symbol = "X", .when = {kind, d(level)}}, at(now));
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
           {falls_to, "100", {}, {"90", "80", "101", "99"}, "99"}, // the first sample is the
                                                                   // baseline
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
  index.arm({.id = "w", .symbol = "X", .when = {watch_kind::rises_to, d("12")}}, at(1));
  index.apply({"X", d("11"), {}, {}}, at(2));
  auto did = index.apply({"X", d("13"), at(7), 5}, at(3));
  CAF_REQUIRE_EQUAL(did.changes.size(), 1u);
  CAF_CHECK(did.changes[0].fired && did.changes[0].price == d("13") &&
            did.changes[0].previous == d("11") && did.changes[0].at == at(7));
  CAF_CHECK(index.last("X")->seq == 5u);
}

CAF_TEST(a sample older than the newest is ignored) {
  price_index index;
  auto accepted = [&](const char* price, std::optional<time_point> when,
                      std::optional<std::uint64_t> seq) {
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
      if (level->units > -INT64_MAX)
        CAF_REQUIRE(!gained_by({level->units - 1}, baseline, percent));
    } else {
      CAF_REQUIRE(!gained_by({INT64_MAX}, baseline, percent));
    }
  }
}

namespace {

/// One watch of any terms: seconds and prices, and what becomes of it, as "f" fired, "p" pending,
/// "e" ended, "a" armed again, "x" expired, each with the second.
struct life {
  const char* name;
  watch_condition when;
  std::optional<int> expires;
  std::vector<std::pair<int, const char*>> prices;
  const char* expected;
};

std::string live(const life& l, std::size_t watch_after = 1) {
  price_index index;
  std::string out;
  auto note = [&](const std::vector<price_index::change>& changes, int second) {
    for (auto& c : changes) {
      auto what = c.fired                                    ? "f"
                  : c.expired                                ? "x"
                  : c.ended                                  ? "e"
                  : c.now == watch_phase::pending            ? "p"
                  : c.based || c.now == watch_phase::waiting ? ""
                                                             : "a";
      if (*what)
        out += (out.empty() ? "" : " ") + std::string(what) + std::to_string(second);
    }
  };
  auto arm = [&](int second) {
    watch_terms w{.id = "w", .symbol = "X", .when = l.when};
    w.interest = std::chrono::hours(1);
    if (l.expires)
      w.expires = at(*l.expires);
    note(index.arm(w, at(second)), second);
  };
  if (watch_after == 0)
    arm(0);
  for (std::size_t i = 0; i < l.prices.size(); ++i) {
    note(index.apply({"X", d(l.prices[i].second), {}, {}}, at(l.prices[i].first)).changes,
         l.prices[i].first);
    if (i + 1 == watch_after)
      arm(l.prices[i].first);
  }
  return out;
}

constexpr auto s_(int n) {
  return std::chrono::seconds(n);
}

} // namespace

CAF_TEST(terms and exact boundaries) {
  using enum watch_kind;
  using enum watch_from;
  auto dec = [](const char* t) { return std::optional(d(t)); };
  for (auto& l : std::vector<life>{
           {"repeats when the condition has ended",
            {falls_to, d("100"), creation, {}, {}, true},
            {},
            {{1, "110"}, {2, "100"}, {3, "90"}, {4, "100.00000001"}, {5, "99"}},
            "f2 e4 f5"},
           {"flaps without a level to come back to",
            {falls_to, d("100"), creation, {}, {}, true},
            {},
            {{1, "110"}, {2, "99"}, {3, "101"}, {4, "99"}, {5, "101"}},
            "f2 e3 f4 e5"},
           {"does not flap with one: it is inclusive",
            {falls_to, d("100"), creation, {}, dec("105"), true},
            {},
            {{1, "110"}, {2, "99"}, {3, "104.99999999"}, {4, "99"}, {5, "105"}, {6, "100"}},
            "f2 e5 f6"},
           {"the same for rises",
            {rises_to, d("100"), creation, {}, dec("95"), true},
            {},
            {{1, "90"}, {2, "100"}, {3, "95.00000001"}, {4, "101"}, {5, "95"}, {6, "100"}},
            "f2 e5 f6"},
           {"a single firing is told of its end once",
            {falls_to, d("100")},
            {},
            {{1, "110"}, {2, "99"}, {3, "101"}, {4, "99"}, {5, "101"}},
            "f2 e3"},
           {"held for exactly long enough",
            {falls_to, d("100"), creation, s_(5)},
            {},
            {{1, "110"}, {2, "99"}, {6, "98"}, {7, "97"}},
            "p2 f7"},
           {"at the exact end the sample that ends it comes second",
            {falls_to, d("100"), creation, s_(5)},
            {},
            {{1, "110"}, {2, "99"}, {7, "101"}},
            "p2 f7 e7"},
           {"broken off a second before",
            {falls_to, d("100"), creation, s_(5)},
            {},
            {{1, "110"}, {2, "99"}, {6, "101"}, {7, "99"}, {12, "50"}},
            "p2 a6 p7 f12"},
           {"a crossing that holds",
            {crosses, d("100"), creation, s_(5)},
            {},
            {{1, "110"}, {2, "99"}, {4, "101"}, {5, "95"}, {10, "90"}},
            "p2 a4 p5 f10"},
           {"crosses both ways",
            {crosses, d("100"), creation, {}, {}, true},
            {},
            {{1, "110"}, {2, "100"}, {3, "101"}, {4, "99"}, {5, "99"}, {6, "100"}},
            "f2 e3 f4 f6"},
           {"what holds already fires at once when it is asked to",
            {falls_to, d("100"), creation, {}, {}, false, true},
            {},
            {{1, "100"}, {2, "99"}},
            "f1"},
           {"else it waits",
            {falls_to, d("100")},
            {},
            {{1, "100"}, {2, "101"}, {3, "100"}},
            "e2 f3"},
           {"asked to but for a while",
            {falls_to, d("100"), creation, s_(2), {}, false, true},
            {},
            {{1, "100"}, {3, "99"}},
            "p1 f3"},
           {"from the high",
            {drops_by, d("10"), high},
            {},
            {{1, "100"}, {2, "120"}, {3, "108.00000001"}, {4, "130"}, {5, "117"}},
            "f5"},
           {"from the high again once that has ended",
            {drops_by, d("10"), high, {}, {}, true},
            {},
            {{1, "100"}, {2, "90"}, {3, "80"}, {4, "91"}, {5, "90"}, {6, "200"}, {7, "180"}},
            "f2 e4 f5 e6 f7"},
           {"from the high with a share to come back to",
            {drops_by, d("10"), high, {}, dec("5"), true},
            {},
            {{1, "100"}, {2, "90"}, {3, "94.99999999"}, {4, "90"}, {5, "95"}, {6, "90"}},
            "f2 e5 f6"},
           {"from the low",
            {gains_by, d("10"), low},
            {},
            {{1, "100"}, {2, "50"}, {3, "54.99999999"}, {4, "55"}},
            "f4"},
           {"from the last firing, a staircase",
            {drops_by, d("10"), last_fired, {}, {}, true},
            {},
            {{1, "100"}, {2, "90"}, {3, "81.00000001"}, {4, "81"}, {5, "200"}, {6, "72.9"}},
            "f2 f4 f6"},
           {"at its expiry it is gone",
            {falls_to, d("100")},
            5,
            {{1, "110"}, {4, "101"}, {5, "99"}},
            "x5"},
           {"just before its expiry it fires",
            {falls_to, d("100")},
            6,
            {{1, "110"}, {5, "99"}, {9, "110"}},
            "f5 e9"},
           {"expiry wins over the end of a wait",
            {falls_to, d("100"), creation, s_(3)},
            5,
            {{1, "110"}, {2, "99"}, {5, "98"}},
            "p2 x5"},
           {"a negative high",
            {drops_by, d("10"), high},
            {},
            {{1, "-10"}, {2, "-9"}, {3, "1"}, {4, "0.9"}},
            "e3 f4"},
       }) {
    CAF_MESSAGE(l.name);
    CAF_CHECK_EQUAL(live(l), l.expected);
  }
}

CAF_TEST(before any price the first sample is looked at only when that is wished) {
  using enum watch_kind;
  CAF_CHECK_EQUAL(live({"", {falls_to, d("100")}, {}, {{1, "90"}, {2, "110"}, {3, "90"}}, ""}, 0),
                  "e2 f3");
  CAF_CHECK_EQUAL(live({"",
                        {falls_to, d("100"), watch_from::creation, {}, {}, false, true},
                        {},
                        {{1, "90"}},
                        ""},
                       0),
                  "f1");
  CAF_CHECK_EQUAL(
      live({"", {drops_by, d("20"), watch_from::high}, {}, {{1, "90"}, {2, "100"}, {3, "80"}}, ""},
           0),
      "f3");
}

CAF_TEST(terms that make no sense are refused with the key at fault) {
  using enum watch_kind;
  using enum watch_from;
  auto dec = [](const char* t) { return std::optional(d(t)); };
  for (auto& [when, key] : std::vector<std::pair<watch_condition, std::string>>{
           {{falls_to, d("1")}, ""},
           {{drops_by, d("100"), high}, ""},
           {{drops_by, d("100.00000001")}, "level"},
           {{gains_by, d("0")}, "level"},
           {{falls_to, d("1"), high}, "from"},
           {{drops_by, d("1"), low}, "from"},
           {{gains_by, d("1"), high}, "from"},
           {{drops_by, d("1"), last_fired}, "from"},
           {{falls_to, d("1"), creation, s_(-1)}, "for"},
           {{crosses, d("1"), creation, {}, {}, false, true}, "first_sample"},
           {{crosses, d("1"), creation, {}, dec("2"), true}, "rearm"},
           {{falls_to, d("1"), creation, {}, dec("2")}, "rearm"},
           {{falls_to, d("1"), creation, {}, dec("1"), true}, "rearm"},
           {{falls_to, d("1"), creation, {}, dec("2"), true}, ""},
           {{rises_to, d("1"), creation, {}, dec("2"), true}, "rearm"},
           {{drops_by, d("10"), creation, {}, dec("10"), true}, "rearm"},
           {{drops_by, d("10"), creation, {}, dec("5"), true}, ""},
       }) {
    auto wrong = check(when);
    CAF_CHECK_EQUAL(wrong ? std::string(wrong->key) : std::string(), key);
  }
}
