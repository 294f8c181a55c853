#define CAF_SUITE bound
#include "tests/support/caf_test.hpp"

#include "tests/delivery/inputs.hpp"

using namespace interject;
using namespace interject::delivery;
using namespace interject::delivery::inputs;

namespace {

using mode = delivery_mode;

situation waiting(situation s) {
  s.queued = true;
  s.queued_since = start;
  return s;
}

notification question(mode how = mode::deferred, urgency level = urgency::normal) {
  auto n = news(how, level);
  n.needs_answer = true;
  n.dialog = "offer";
  return n;
}

} // namespace

CAF_TEST(the margin is a tenth of the lifetime but 30 s at least and half the lifetime at most) {
  struct {
    duration lifetime, bound, last;
  } table[] = {
      {24h, 24h - 144min, 24h - 72min},
      {1000s, 900s, 950s},
      {300s, 270s, 285s},
      {299s, 269s, 284s},
      {60s, 30s, 45s},
      {40s, 20s, 30s},
      {2ms, 1ms, 2ms},
      {1ms, 1ms, 1ms},
  };
  for (auto& row : table) {
    auto n = news(mode::deferred);
    n.lifetime = row.lifetime;
    auto e = resolve({}, n, std::nullopt);
    CAF_CHECK_EQUAL(e.bound, start + row.bound);
    CAF_CHECK_EQUAL(e.last, start + row.last);
  }
}

CAF_TEST(auto waits 30 s or 10 min or until its margin by urgency) {
  auto bound = [](urgency level, std::optional<time_point> since) {
    return resolve({}, news(mode::automatic, level), since).bound - start;
  };
  CAF_CHECK_EQUAL(bound(urgency::time_sensitive, std::nullopt), 30s);
  CAF_CHECK_EQUAL(bound(urgency::normal, std::nullopt), 600s);
  CAF_CHECK_EQUAL(bound(urgency::passive, std::nullopt), 900s);
  CAF_CHECK_EQUAL(bound(urgency::critical, std::nullopt), 900s);
  CAF_CHECK_EQUAL(bound(urgency::normal, start + 100s), 700s);
  CAF_CHECK_EQUAL(bound(urgency::normal, start + 400s), 900s); // never past the margin
  CAF_CHECK_EQUAL(resolve({}, news(mode::deferred, urgency::normal), std::nullopt).bound,
                  start + 900s);
}

CAF_TEST(what is held says until when) {
  const auto s = at(stack_state::awaiting_input);
  struct {
    notification n;
    duration now, latest;
  } table[] = {
      {news(mode::deferred), 0s, 900s},
      {news(mode::automatic), 0s, 600s},
      {news(mode::automatic, urgency::time_sensitive), 0s, 30s},
      {news(mode::automatic, urgency::passive), 899s, 900s},
  };
  for (auto& row : table) {
    auto d = decide({}, s, row.n, start + row.now);
    CAF_CHECK_EQUAL(to_string(d.code), std::string("await_boundary"));
    CAF_CHECK_EQUAL(d.retry, "dialog_end");
    CAF_CHECK_EQUAL(*d.latest, start + row.latest);
  }
}

CAF_TEST(at its bound a notice goes ad hoc and not a millisecond before) {
  const auto s = waiting(at(stack_state::awaiting_input));
  CAF_CHECK_EQUAL(told(s, news(mode::deferred), start + 900s - 1ms), "queued await_boundary B7");
  CAF_CHECK_EQUAL(told(s, news(mode::deferred), start + 900s), "sent escalated_expiry C-bound/B7");
  CAF_CHECK_EQUAL(told(s, news(mode::automatic), start + 600s - 1ms), "queued await_boundary B7");
  CAF_CHECK_EQUAL(told(s, news(mode::automatic), start + 600s), "sent escalated_expiry C-bound/B7");
  CAF_CHECK_EQUAL(told(waiting(at(stack_state::awaiting_call)), news(mode::deferred), start + 900s),
                  "sent escalated_expiry C-bound/B6");
  CAF_CHECK_EQUAL(told(waiting(inside(urgency::critical)), news(mode::deferred), start + 900s),
                  "sent escalated_expiry C-bound/B5");
}

CAF_TEST(at its bound a notice that needs an answer interrupts with the boundary row waived) {
  const auto s = waiting(at(stack_state::awaiting_input, interruptible::boundary));
  CAF_CHECK_EQUAL(told(s, question(), start + 899s), "queued await_boundary B7");
  CAF_CHECK_EQUAL(told(s, question(), start + 900s), "pushed escalated_expiry C-bound/B7/ladder6");
  CAF_CHECK_EQUAL(told(s, question(mode::interrupt), start + 899s),
                  "queued await_boundary B7/ladder1");
  CAF_CHECK_EQUAL(told(s, question(mode::interrupt), start + 900s),
                  "pushed escalated_expiry C-bound/B7/ladder6");
}

CAF_TEST(refused again its text goes at half the margin) {
  const auto s = waiting(inside(urgency::normal));
  auto d = decide({}, s, question(), start + 900s);
  CAF_CHECK_EQUAL(to_string(d.code), std::string("interruption_active"));
  CAF_CHECK_EQUAL(*d.latest, start + 950s);
  CAF_CHECK_EQUAL(told(s, question(), start + 950s - 1ms), "queued interruption_active C-bound/B5");
  CAF_CHECK_EQUAL(told(s, question(), start + 950s), "sent escalated_expiry C-last/B5");
}

CAF_TEST(a protected step outlasts the bound and half the margin) {
  const auto s = waiting(at(stack_state::awaiting_input, interruptible::never));
  struct {
    duration now, latest;
    const char* rule;
  } table[] = {{899s, 900s, "B4"}, {900s, 950s, "C-bound/B4"}, {950s, 1000s, "C-last/B4"}};
  for (auto& row : table) {
    auto d = decide({}, s, question(), start + row.now);
    CAF_CHECK_EQUAL(to_string(d.code), std::string("step_protected"));
    CAF_CHECK_EQUAL(d.rule, row.rule);
    CAF_CHECK_EQUAL(*d.latest, start + row.latest);
  }
  CAF_CHECK_EQUAL(told(s, question(), start + 1000s), "dropped expired_unseen A2");
}

CAF_TEST(the bound does not override what the person or the channel refuses) {
  auto s = waiting(at(stack_state::awaiting_input));
  s.tokens = 0;
  auto d = decide({}, s, news(mode::deferred), start + 900s);
  CAF_CHECK_EQUAL(to_string(d.code), std::string("rate_limited"));
  CAF_CHECK_EQUAL(*d.latest, start + 950s);
  s.quiet = true;
  CAF_CHECK_EQUAL(told(s, news(mode::deferred), start + 960s), "held quiet A11");
}

CAF_TEST(an idle conversation or a boundary keeps its own name at the bound) {
  CAF_CHECK_EQUAL(told(waiting(at(stack_state::empty)), news(mode::deferred), start + 900s),
                  "sent idle C-bound/B1");
  CAF_CHECK_EQUAL(told(waiting(at(stack_state::boundary)), news(mode::deferred), start + 900s),
                  "sent boundary C-bound/B2");
}

CAF_TEST(a new notice inside its margin does what its mode says but a deferred one cannot wait) {
  const auto s = at(stack_state::awaiting_input);
  CAF_CHECK_EQUAL(told(s, news(mode::interrupt), start + 910s), "pushed interrupted B7/ladder6");
  CAF_CHECK_EQUAL(told(s, news(mode::deferred), start + 910s), "sent escalated_expiry C-bound/B7");
}

CAF_TEST(a cancelled flow and the depth limit keep their names at the bound) {
  auto n = question(mode::interrupt);
  n.returns = return_mode::reset;
  auto s = waiting(at(stack_state::awaiting_call));
  CAF_CHECK_EQUAL(told(s, n, start + 900s), "pushed flow_cancelled C-bound/B6/ladder5");
  s.call_cancellable = false;
  CAF_CHECK_EQUAL(told(s, n, start + 900s), "queued uncancellable C-bound/B6/ladder4");
  CAF_CHECK_EQUAL(told(s, n, start + 950s), "sent escalated_expiry C-last/B6");
  const auto top = question(mode::deferred, urgency::critical);
  CAF_CHECK_EQUAL(told(waiting(inside(urgency::critical, 2)), top, start + 900s),
                  "sent depth_adhoc C-bound/B5/ladder2");
}

CAF_TEST(asked for its bound a notice is tried so whatever the time) {
  auto d =
      decide_at_bound({}, waiting(at(stack_state::awaiting_input)), news(mode::deferred), start);
  CAF_CHECK_EQUAL(d.rule, "C-bound/B7");
  CAF_CHECK_EQUAL(to_string(d.code), std::string("escalated_expiry"));
}

CAF_TEST(released notices follow each other 5 s apart and critical ones at once) {
  auto s = waiting(at(stack_state::empty));
  s.since_proactive = 5s - 1ms;
  auto d = decide({}, s, news(mode::deferred), start);
  CAF_CHECK_EQUAL(to_string(d.code), std::string("spaced"));
  CAF_CHECK_EQUAL(d.rule, "C-spacing");
  CAF_CHECK_EQUAL(d.retry, "spacing");
  CAF_CHECK_EQUAL(*d.latest, start + 1ms);
  CAF_CHECK_EQUAL(told(s, news(mode::deferred, urgency::critical)), "sent idle B1");
  CAF_CHECK_EQUAL(told(s, news(mode::deferred), start + 900s), "sent idle C-bound/B1");
  s.since_proactive = 5s;
  CAF_CHECK_EQUAL(told(s, news(mode::deferred)), "sent idle B1");
}

CAF_TEST(what could not go anyway is not called spaced) {
  auto s = at(stack_state::awaiting_input);
  s.since_proactive = 1s;
  CAF_CHECK_EQUAL(told(s, news(mode::deferred)), "queued await_boundary B7");
}

CAF_TEST(time alone is awaited until the earliest instant that can change the answer) {
  const policy p;
  auto again = [&](const situation& s, const notification& n) {
    return look_again(p, s, decide(p, s, n, start), start) - start;
  };
  auto s = at(stack_state::awaiting_input);
  CAF_CHECK_EQUAL(again(s, news(mode::deferred)), 14min); // the question was asked a minute ago
  s.since_typed = 1s;
  CAF_CHECK_EQUAL(again(s, news()), 2s);
  s.since_wrote = 500ms;
  CAF_CHECK_EQUAL(again(s, news()), 2500ms);
  s.typing_waited = 9s;
  CAF_CHECK_EQUAL(again(s, news()), 1s);
  s = at(stack_state::awaiting_call);
  CAF_CHECK_EQUAL(again(s, news(mode::deferred)), 900s);
  s.quiet = true;
  s.quiet_until = start + 50s;
  CAF_CHECK_EQUAL(again(s, news()), 50s);
  s.quiet_until = start - 1s; // stale: not at once
  CAF_CHECK_EQUAL(again(s, news()), 900s);
  s.quiet = false;
  s.tokens = 0;
  s.token_at = start + 17s;
  CAF_CHECK_EQUAL(again(s, news()), 17s);
}

CAF_TEST(release goes by urgency then expiry then priority then arrival) {
  auto a = news(), b = news();
  const auto later = start + 1ms;
  CAF_CHECK(before(a, start, b, later));
  CAF_CHECK(!before(a, start, b, start));
  b.priority = 49;
  CAF_CHECK(before(b, later, a, start));
  a.lifetime = 999s;
  CAF_CHECK(before(a, later, b, start));
  b.urgency = urgency::time_sensitive;
  CAF_CHECK(before(b, later, a, start));
}
