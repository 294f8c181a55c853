#define CAF_SUITE timer_index
#include "tests/support/caf_test.hpp"

#include "actors/monitors/backoff.hpp"
#include "actors/monitors/timer_index.hpp"

using namespace interject;
using namespace interject::monitors;

namespace {

time_point at(int s) {
  return time_point(std::chrono::seconds(s));
}

std::string drain(timer_index& from, time_point now) {
  std::string out;
  while (auto key = from.pop(now))
    out += *key + " ";
  return out;
}

} // namespace

CAF_TEST(what is due comes in the order of its instants and ties in the order of asking) {
  timer_index index;
  index.put("c", at(3));
  index.put("b1", at(2));
  index.put("a", at(1));
  index.put("b2", at(2));
  CAF_CHECK(index.earliest() == at(1));
  CAF_CHECK_EQUAL(drain(index, at(0)), "");
  CAF_CHECK_EQUAL(drain(index, at(2)), "a b1 b2 ");
  CAF_CHECK(index.earliest() == at(3));
  CAF_CHECK_EQUAL(drain(index, at(9)), "c ");
  CAF_CHECK(!index.earliest().has_value());
}

CAF_TEST(a new wish replaces the old one of its key) {
  timer_index index;
  index.put("a", at(1));
  index.put("b", at(2));
  index.put("a", at(3));
  CAF_CHECK_EQUAL(index.size(), 2u);
  CAF_CHECK_EQUAL(drain(index, at(2)), "b ");
  CAF_CHECK(index.erase("a"));
  CAF_CHECK(!index.erase("a"));
  CAF_CHECK_EQUAL(drain(index, at(9)), "");
}

CAF_TEST(waiting doubles up to a minute) {
  std::string waits;
  for (std::uint32_t tries : {0u, 1u, 2u, 3u, 6u, 7u, 8u, 4'000'000'000u})
    waits += std::to_string(backoff(tries) / std::chrono::seconds(1)) + " ";
  CAF_CHECK_EQUAL(waits, "1 1 2 4 32 60 60 60 ");
}
