#define CAF_SUITE retry
#include "tests/support/caf_test.hpp"

#include "actors/monitors/retry.hpp"

#include <set>

using namespace interject;
using namespace interject::monitors;
using std::chrono::milliseconds;
using std::chrono::seconds;
using kind = http_answer::kind;

namespace {

const time_point now = *parse_time("2026-11-22T18:00:00Z");

http_answer status(int s, std::string retry_after = {}) {
  return {kind::answered, s, {}, std::move(retry_after), {}};
}

} // namespace

CAF_TEST(rests fill the whole range and the range doubles to its end) {
  for (std::uint32_t tries = 1; tries <= 12; ++tries) {
    auto most = std::min<duration>(first_rest * (1 << (tries - 1)), longest_rest);
    duration least_seen = duration::max(), most_seen{0};
    for (int i = 0; i < 2000; ++i) {
      auto rest = jittered_rest("c-" + std::to_string(i), tries);
      CAF_REQUIRE(rest >= duration::zero() && rest <= most);
      least_seen = std::min(least_seen, rest);
      most_seen = std::max(most_seen, rest);
    }
    CAF_CHECK(least_seen < most / 20);
    CAF_CHECK(most_seen > most - most / 20);
  }
  CAF_CHECK(jittered_rest("c-1", 3) == jittered_rest("c-1", 3));
  std::set<std::int64_t> drawn;
  for (std::uint32_t tries = 8; tries < 16; ++tries)
    drawn.insert(jittered_rest("c-1", tries).count());
  CAF_CHECK_EQUAL(drawn.size(), 8u); // each try draws anew
  CAF_CHECK(jittered_rest("x", 0) <= first_rest);
  CAF_CHECK(jittered_rest("x", 4'000'000'000u) <= longest_rest);
}

CAF_TEST(retry after is read as seconds or as a date) {
  struct row {
    const char* text;
    std::int64_t expected; ///< seconds; −1: none
  };
  for (auto& r : std::vector<row>{{"0", 0},
                                  {"120", 120},
                                  {"99999999999", 366 * 86'400},
                                  {"99999999999999999999999", 366 * 86'400},
                                  {"Sun, 22 Nov 2026 18:01:30 GMT", 90},
                                  {"Sun, 22 Nov 2026 17:00:00 GMT", 0},
                                  {"", -1},
                                  {"-1", -1},
                                  {"1.5", -1},
                                  {"12 s", -1},
                                  {" 12", -1},
                                  {"tomorrow", -1},
                                  {"Sun, 22 Nov 2026 18:01:30 GMT x", -1},
                                  {"Sun, 22 Nov 2026", -1}}) {
    auto got = parse_retry_after(r.text, now);
    CAF_CHECK_EQUAL(r.text + (": " + (got ? std::to_string(got->count() / 1000) : "-1")),
                    r.text + (": " + std::to_string(r.expected)));
  }
}

CAF_TEST(what may pass is told from what stays wrong) {
  for (int s : {408, 425, 429, 500, 502, 503, 504, 599})
    CAF_CHECK(may_pass(status(s)));
  for (int s : {200, 204, 301, 304, 400, 401, 403, 404, 409, 410, 413, 422, 499})
    CAF_CHECK(!may_pass(status(s)));
  CAF_CHECK(may_pass({kind::unreachable, 0, {}, {}, "no connection"}));
  for (auto how : {kind::timed_out, kind::not_allowed, kind::bad_request, kind::too_large})
    CAF_CHECK(!may_pass({how, 0, {}, {}, ""}));
}

CAF_TEST(a retry is planned within its bounds) {
  auto drawn = jittered_rest("c-1", 1);
  struct row {
    const char* what;
    std::uint32_t tries, retries;
    http_answer a;
    duration left;
    std::optional<duration> rest;
    bool why;
  };
  for (auto& r : std::vector<row>{
           {"no retries", 1, 0, status(503), seconds(30), {}, false},
           {"a retry is left", 1, 1, status(503), seconds(30), drawn, false},
           {"all are spent", 2, 1, status(503), seconds(30), {}, false},
           {"no use", 1, 5, status(404, "3"), seconds(30), {}, false},
           {"time enough to the millisecond", 1, 1, status(503), drawn + milliseconds(1), drawn,
            false},
           {"not time enough", 1, 1, status(503), drawn, {}, false},
           {"the host asks for longer", 1, 1, status(429, "9"), seconds(30), seconds(9), false},
           {"the host asks for less", 1, 1, status(429, "0"), seconds(30), drawn, false},
           {"the host asks for too long", 1, 1, status(429, "30"), seconds(30), {}, true},
           {"malformed is ignored", 1, 1, status(429, "soon"), seconds(30), drawn, false},
       }) {
    auto plan = plan_retry("c-1", r.tries, r.retries, r.a, r.left, now);
    CAF_MESSAGE(r.what);
    CAF_CHECK(plan.rest == r.rest);
    CAF_CHECK_EQUAL(!plan.why.empty(), r.why);
  }
}
