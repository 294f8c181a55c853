// Two notices and three inputs of the user, in every order, over every pair of kinds of notices and
// every kind of step, with and without time passing between them, and with a user who answers what
// is on the screen or what stood there before the last notice came. On the pure turn, so that a
// prefix is shared by all orders that begin with it. INTERJECT_PAUSES sets how often time may pass
// within one order (default 1).
#define CAF_SUITE interleaving
#include "tests/support/caf_test.hpp"

#include "tests/conversation/interleaving.hpp"

#include <cstdio>
#include <cstdlib>

using namespace interject;
using namespace interject::conversation::interleaving;

namespace {

int pauses() {
  auto* text = std::getenv("INTERJECT_PAUSES");
  return text ? std::atoi(text) : 1;
}

void expect_sound(const std::string& flow) {
  std::size_t orders = 0;
  for (auto first : kinds())
    for (auto second : kinds()) {
      auto got = explore({flow, first, second, pauses(), {}});
      orders += got.orders;
      for (auto& what : got.broken)
        std::fprintf(stderr, "%s\n", what.c_str());
      CAF_CHECK_EQUAL(got.broken.size(), 0u);
    }
  std::printf("interleaving: %s: %zu orders\n", flow.c_str(), orders);
  CAF_CHECK(orders > 100 * kinds().size() * kinds().size());
}

/// A fault that is planted must break one of the orders of some pair of kinds.
bool found(fault planted, std::string_view what) {
  for (auto first : kinds())
    for (auto second : kinds())
      for (auto& line : explore({"plain", first, second, 1, planted}).broken)
        if (line.find(what) != std::string::npos)
          return true;
  return false;
}

} // namespace

CAF_TEST(on an empty stack) {
  expect_sound("nothing");
}
CAF_TEST(at questions that may be interrupted) {
  expect_sound("plain");
}
CAF_TEST(at questions that wait for a boundary) {
  expect_sound("guarded");
}
CAF_TEST(at questions that are never interrupted) {
  expect_sound("closed");
}
CAF_TEST(during a call) {
  expect_sound("calling");
}
CAF_TEST(at marked boundaries) {
  expect_sound("marked");
}
CAF_TEST(inside a called dialog) {
  expect_sound("nested");
}
CAF_TEST(inside a loop) {
  expect_sound("looping");
}

CAF_TEST(a tap that is bound to whatever question waits is found) {
  CAF_CHECK(found(fault::taps_lose_their_prompt, "bound to"));
}
CAF_TEST(a flow that begins again is found) {
  CAF_CHECK(found(fault::flow_restarts, "asked anew"));
}
CAF_TEST(a notice that is said twice is found) {
  CAF_CHECK(found(fault::notice_doubled, "was said 2 times"));
}
CAF_TEST(a notice that is forgotten is found) {
  CAF_CHECK(found(fault::queue_loses, "was said 0 times"));
}
CAF_TEST(a notice that is held too long is found) {
  CAF_CHECK(found(fault::held_on, "is still held"));
}
