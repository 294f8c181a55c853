#define CAF_SUITE bucket
#include "tests/support/caf_test.hpp"

#include "tests/delivery/inputs.hpp"

using namespace interject;
using namespace interject::delivery;
using namespace interject::delivery::inputs;

CAF_TEST(a new conversation has its burst and the reserve) {
  const policy p;
  CAF_CHECK_EQUAL(tokens(p, {}, start), 2);
  CAF_CHECK(critical_token(p, {}, start));
  CAF_CHECK_EQUAL(token_at(p, {}, start), start);
}

CAF_TEST(spent tokens come back one a minute to the millisecond) {
  const policy p;
  auto b = spend(p, spend(p, {}, start), start);
  CAF_CHECK_EQUAL(tokens(p, b, start), 0);
  CAF_CHECK_EQUAL(token_at(p, b, start), start + 60s);
  CAF_CHECK_EQUAL(tokens(p, b, start + 60s - 1ms), 0);
  CAF_CHECK_EQUAL(tokens(p, b, start + 60s), 1);
  CAF_CHECK_EQUAL(tokens(p, b, start + 120s - 1ms), 1);
  CAF_CHECK_EQUAL(tokens(p, b, start + 120s), 2);
  CAF_CHECK_EQUAL(tokens(p, b, start + 24h), 2);
}

CAF_TEST(critical news may take one token more and then waits too) {
  const policy p;
  auto b = spend(p, spend(p, {}, start), start);
  CAF_CHECK(critical_token(p, b, start));
  b = spend(p, b, start);
  CAF_CHECK(!critical_token(p, b, start));
  CAF_CHECK(critical_token(p, b, start + 60s));
  CAF_CHECK_EQUAL(tokens(p, b, start + 60s), 0);
  CAF_CHECK_EQUAL(token_at(p, b, start), start + 120s);
  CAF_CHECK_EQUAL(tokens(p, b, start + 120s), 1);
}

CAF_TEST(a token is there again when its delivery failed) {
  const policy p;
  auto b = spend(p, spend(p, {}, start), start);
  b = give_back(p, b);
  CAF_CHECK_EQUAL(tokens(p, b, start), 1);
  CAF_CHECK_EQUAL(tokens(p, give_back(p, give_back(p, b)), start), 2);
}

CAF_TEST(the debt is bounded however much is spent) {
  const policy p;
  bucket b;
  for (int i = 0; i < 100; ++i)
    b = spend(p, b, start);
  CAF_CHECK_EQUAL(token_at(p, b, start), start + 120s);
}

CAF_TEST(a token is there at the instant that was promised for it) {
  for (int burst : {1, 2, 5}) {
    policy p;
    p.budget_burst = burst;
    p.budget_per = 7s;
    bucket b;
    for (int i = 0; i < 40; ++i) {
      const auto now = start + i * 1300ms;
      const auto at = token_at(p, b, now);
      CAF_CHECK_GREATER(tokens(p, b, at), 0);
      if (at > now)
        CAF_CHECK_EQUAL(tokens(p, b, at - 1ms), 0);
      if (tokens(p, b, now) > 0)
        b = spend(p, b, now);
    }
  }
}

CAF_TEST(a budget of nothing gives no token and a budget without a period has no limit) {
  policy p;
  p.budget_burst = 0;
  CAF_CHECK_EQUAL(tokens(p, {}, start), 0);
  CAF_CHECK_GREATER(token_at(p, {}, start), start);
  policy open;
  open.budget_per = 0s;
  CAF_CHECK_EQUAL(tokens(open, spend(open, {}, start), start), 2);
}

CAF_TEST(what goes costs a token unless the person asked for it) {
  auto n = news();
  const auto s = at(stack_state::awaiting_input);
  CAF_CHECK(costs_token(n, decide({}, s, n, start)));
  n.mode = delivery_mode::interrupt;
  CAF_CHECK(costs_token(n, decide({}, s, n, start)));
  n.mode = delivery_mode::deferred;
  CAF_CHECK(!costs_token(n, decide({}, s, n, start)));
  n.mode = delivery_mode::ad_hoc;
  n.solicited = true;
  CAF_CHECK(!costs_token(n, decide({}, s, n, start)));
}
