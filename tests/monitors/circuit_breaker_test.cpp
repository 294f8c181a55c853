#define CAF_SUITE circuit_breaker
#include "tests/support/caf_test.hpp"

#include "actors/monitors/circuit_breaker.hpp"

#include <vector>

using namespace interject;
using namespace interject::monitors;

namespace {

using verdict = circuit_breaker::verdict;

/// Plays a story: at a second `t`, `+` asks for a call, `g` `b` `u` end the oldest call as good,
/// bad or unknown. Each line gives what was seen: "go" or "no" for a call, and the state after it.
struct player {
  explicit player(breaker_options how) : it(how) {}

  std::string play(int second, std::string_view moves) {
    time_point now{std::chrono::seconds(second)};
    std::string seen;
    for (char m : moves) {
      if (m == '+') {
        auto permit = it.admit(now);
        seen += permit ? "go " : "no ";
        if (permit)
          out.push_back(*permit);
        continue;
      }
      auto permit = out.front();
      out.erase(out.begin());
      it.ended(permit, m == 'g' ? verdict::good : m == 'b' ? verdict::bad : verdict::unknown, now);
    }
    return seen + to_string(it.at(now));
  }

  circuit_breaker it;
  std::vector<std::uint64_t> out;
};

breaker_options small() {
  breaker_options o;
  o.failures = 3;
  o.rest = std::chrono::seconds(5);
  o.longest_rest = std::chrono::seconds(15);
  o.probes = 1;
  o.successes = 2;
  return o;
}

struct row {
  int second;
  const char* moves;
  const char* seen;
};

void check(const char* what, const std::vector<row>& story) {
  player p(small());
  for (auto& r : story)
    CAF_CHECK_EQUAL(what + (" @" + std::to_string(r.second) + " " + r.moves + ": ") +
                        p.play(r.second, r.moves),
                    what + (" @" + std::to_string(r.second) + " " + r.moves + ": ") + r.seen);
}

} // namespace

CAF_TEST(its stories) {
  check(
      "failures in a row open it",
      {{0, "+b", "go closed"}, {0, "+b", "go closed"}, {0, "+b", "go open"}, {0, "+", "no open"}});
  check("a good one between them does not",
        {{0, "+b+b+g", "go go go closed"}, {0, "+b+b", "go go closed"}});
  check("an unknown one counts as nothing",
        {{0, "+b+b+u", "go go go closed"}, {0, "+b", "go open"}});
  check("it rests to the second",
        {{0, "+b+b+b", "go go go open"}, {4, "+", "no open"}, {5, "", "half_open"}});
  check("one probe at a time",
        {{0, "+b+b+b", "go go go open"}, {5, "++", "go no half_open"}, {6, "+", "no half_open"}});
  check("probes that succeed close it", {{0, "+b+b+b", "go go go open"},
                                         {5, "+g", "go half_open"},
                                         {5, "+g", "go closed"},
                                         {5, "+b+b", "go go closed"}});
  check("a probe that fails opens it, for twice as long, and so on to the longest",
        {{0, "+b+b+b", "go go go open"},
         {5, "+b", "go open"},
         {14, "", "open"},
         {15, "+b", "go open"},
         {29, "", "open"},
         {30, "+b", "go open"},
         {44, "", "open"},
         {45, "", "half_open"}});
  check("after it closed, rests begin anew", {{0, "+b+b+b", "go go go open"},
                                              {5, "+b", "go open"},
                                              {15, "+g+g", "go go closed"},
                                              {16, "+b+b+b", "go go go open"},
                                              {20, "", "open"},
                                              {21, "", "half_open"}});
  check("a probe of which nothing is known gives its place back",
        {{0, "+b+b+b", "go go go open"}, {5, "+u", "go half_open"}, {5, "+", "go half_open"}});
}

CAF_TEST(results from before a change say nothing) {
  check("late failures do not lengthen the rest", {{0, "+++++", "go go go go go closed"},
                                                   {0, "bbb", "open"},
                                                   {4, "b", "open"},
                                                   {5, "b", "half_open"},
                                                   {5, "+", "go half_open"}});
  check("a late success does not close it",
        {{0, "++++", "go go go go closed"}, {0, "bbb", "open"}, {1, "g", "open"}});
}

CAF_TEST(it tells when it may be asked again) {
  player p(small());
  p.play(0, "+b+b+b");
  auto at = [](int s) { return time_point(std::chrono::seconds(s)); };
  CAF_CHECK(p.it.opens_at(at(1)) == at(5));
  CAF_CHECK(!p.it.opens_at(at(5)));
  CAF_CHECK(!p.it.pristine());
  p.play(5, "+g+g");
  CAF_CHECK(p.it.pristine());
}
