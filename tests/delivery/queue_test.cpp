#define CAF_SUITE queue
#include "tests/support/caf_test.hpp"

#include "actors/delivery/queue.hpp"
#include "protocols/codec/binary.hpp"
#include "tests/delivery/inputs.hpp"

using namespace interject;
using namespace interject::delivery;
using namespace interject::delivery::inputs;

namespace {

notification named(std::string id, urgency level = urgency::normal, duration lifetime = 1000s) {
  auto n = news(delivery_mode::deferred, level);
  n.id = std::move(id);
  n.lifetime = lifetime;
  return n;
}

queued waiting(notification n, time_point now = start) {
  const auto s = at(stack_state::awaiting_call);
  const auto d = decide({}, s, n, now);
  return place_for(std::move(n), d, look_again({}, s, d, now), now);
}

std::string listed(const std::vector<notification_id>& ids) {
  std::string out;
  for (auto& id : ids)
    out += (out.empty() ? "" : " ") + id;
  return out;
}

std::string all(const queue& q) {
  return listed(in_order(q));
}

} // namespace

CAF_TEST(the order of release is urgency then expiry then priority then arrival) {
  const policy p;
  queue q;
  auto preferred = named("preferred");
  preferred.priority = 1;
  push(q, p, waiting(named("second"), start + 2ms));
  push(q, p, waiting(named("first"), start + 1ms));
  push(q, p, waiting(preferred, start + 3ms));
  push(q, p, waiting(named("soon", urgency::normal, 500s), start + 4ms));
  push(q, p, waiting(named("urgent", urgency::time_sensitive), start + 5ms));
  push(q, p, waiting(named("idle", urgency::passive, 400s), start));
  CAF_CHECK_EQUAL(all(q), "urgent soon preferred first second idle");
}

CAF_TEST(a full queue gives up the lowest urgency and then the earliest expiry) {
  policy p;
  p.queue_limit = 3;
  queue q;
  CAF_CHECK(!push(q, p, waiting(named("critical", urgency::critical, 100s))));
  CAF_CHECK(!push(q, p, waiting(named("long", urgency::normal, 900s))));
  CAF_CHECK(!push(q, p, waiting(named("short", urgency::normal, 800s))));
  auto gone = push(q, p, waiting(named("urgent", urgency::time_sensitive, 100s)));
  CAF_REQUIRE(gone.has_value());
  CAF_CHECK_EQUAL(gone->what.id, "short");
  gone = push(q, p, waiting(named("passive", urgency::passive, 5000s)));
  CAF_REQUIRE(gone.has_value());
  CAF_CHECK_EQUAL(gone->what.id, "passive"); // the new one itself
  gone = push(q, p, waiting(named("late", urgency::normal, 900s), start + 1ms));
  CAF_REQUIRE(gone.has_value());
  CAF_CHECK_EQUAL(gone->what.id, "late"); // among equals the latest to arrive
  CAF_CHECK_EQUAL(all(q), "critical urgent long");
}

CAF_TEST(a newer notice of the same collapse key takes the place of the pending one) {
  const policy p;
  queue q;
  auto old = named("old");
  old.collapse_key = "hotel";
  push(q, p, waiting(old, start + 1s));
  push(q, p, waiting(named("other"), start + 2s));
  CAF_CHECK(pending(q, "flight") == nullptr);
  CAF_CHECK(pending(q, "") == nullptr);
  CAF_REQUIRE(pending(q, "hotel") != nullptr);
  auto gone = supersede(q, "hotel");
  CAF_REQUIRE(gone.has_value());
  CAF_CHECK_EQUAL(gone->what.id, "old");
  auto next = named("new");
  next.collapse_key = "hotel";
  const auto s = at(stack_state::awaiting_call);
  const auto d = decide(p, s, next, start + 9s);
  push(q, p, place_for(next, d, look_again(p, s, d, start + 9s), start + 9s, &*gone));
  CAF_CHECK_EQUAL(all(q), "new other");
  CAF_CHECK_EQUAL(find(q, "new")->queued_since, start + 1s);
  CAF_CHECK(!supersede(q, "flight"));
  CAF_CHECK_EQUAL(q.items.size(), 2u);
}

CAF_TEST(a withdrawn notice leaves and an unknown id changes nothing) {
  queue q;
  push(q, {}, waiting(named("a")));
  CAF_CHECK(!remove(q, "b"));
  CAF_CHECK(remove(q, "a").has_value());
  CAF_CHECK(q.items.empty());
  CAF_CHECK(find(q, "a") == nullptr);
}

CAF_TEST(a retraction takes what its source sent and nothing else) {
  queue q;
  auto watch = named("w1");
  watch.from = origin::watch;
  watch.source = "7";
  auto again = watch;
  again.id = "w2";
  auto reminder = named("r");
  reminder.from = origin::reminder;
  reminder.source = "7";
  push(q, {}, waiting(watch));
  push(q, {}, waiting(reminder));
  push(q, {}, waiting(again));
  push(q, {}, waiting(named("program")));
  CAF_CHECK_EQUAL(retract(q, origin::watch, "7").size(), 2u);
  CAF_CHECK_EQUAL(all(q), "r program");
  CAF_CHECK(retract(q, origin::watch, "7").empty());
}

CAF_TEST(a notice comes due at its bound and at half its margin and at its expiry) {
  const policy p;
  const auto s = [] {
    auto protected_step = at(stack_state::awaiting_call, interruptible::never);
    protected_step.queued = true;
    return protected_step;
  }();
  queue q;
  push(q, p, waiting(named("n")));
  for (auto when : {900s, 950s, 1000s}) {
    CAF_CHECK_EQUAL(next_look(q).value_or(time_point{}), start + when);
    CAF_CHECK(due(q, start + when - 1ms).empty());
    CAF_CHECK_EQUAL(listed(due(q, start + when)), "n");
    const auto now = start + when;
    const auto d = decide(p, s, find(q, "n")->what, now);
    if (when == 1000s)
      CAF_CHECK_EQUAL(to_string(d.code), std::string("expired_unseen"));
    else
      note(*find(q, "n"), d, look_again(p, s, d, now), now);
  }
}

CAF_TEST(the earliest wish of all is the next look and an empty queue has none) {
  queue q;
  CAF_CHECK(!next_look(q));
  push(q, {}, waiting(named("long")));
  push(q, {}, waiting(named("short", urgency::normal, 100s)));
  CAF_CHECK_EQUAL(next_look(q).value_or(time_point{}), start + 70s);
  CAF_CHECK_EQUAL(listed(due(q, start + 70s)), "short");
  CAF_CHECK_EQUAL(listed(due(q, start + 900s)), "short long");
}

CAF_TEST(waiting for typing adds up over interruptions of the wait) {
  const policy p;
  auto s = at(stack_state::awaiting_input);
  s.since_typed = 0s;
  auto n = news();
  auto typing = decide(p, s, n, start);
  auto item = place_for(n, typing, look_again(p, s, typing, start), start);
  CAF_CHECK_EQUAL(item.look_at, start + 3s);
  CAF_CHECK_EQUAL(typing_waited(item, start + 3s), 3s);
  s.typing_waited = 3s;
  typing = decide(p, s, n, start + 3s);
  note(item, typing, look_again(p, s, typing, start + 3s), start + 3s);
  CAF_CHECK_EQUAL(typing_waited(item, start + 5s), 5s);
  auto other = decide(p, at(stack_state::awaiting_input, interruptible::never), n, start + 5s);
  note(item, other, start + 60s, start + 5s);
  CAF_CHECK_EQUAL(typing_waited(item, start + 50s), 5s); // it waits for something else now
}

CAF_TEST(a pending notice inhibits its topics for less urgent news only) {
  queue q;
  auto storm = named("storm", urgency::time_sensitive);
  storm.inhibits = {"offers"};
  push(q, {}, waiting(storm));
  CAF_CHECK(inhibits(q, "offers", urgency::normal));
  CAF_CHECK(!inhibits(q, "offers", urgency::time_sensitive));
  CAF_CHECK(!inhibits(q, "weather", urgency::normal));
  CAF_CHECK(!inhibits(q, "", urgency::normal));
}

CAF_TEST(three or more that share a digest key and need no answer become one) {
  std::vector<notification> ready(8, named("n"));
  for (std::size_t i : {0, 2, 3})
    ready[i].digest_key = "offers";
  for (std::size_t i : {1, 4})
    ready[i].digest_key = "news";
  for (std::size_t i : {5, 6, 7})
    ready[i].digest_key = "questions";
  ready[6].needs_answer = true;
  std::vector<const notification*> pointers;
  for (auto& n : ready)
    pointers.push_back(&n);
  const auto groups = digests(pointers);
  CAF_REQUIRE_EQUAL(groups.size(), 1u);
  CAF_CHECK(groups[0] == std::vector<std::size_t>({0, 2, 3}));
  CAF_CHECK(digests({}).empty());
  std::vector<notification> plain(5, named("n")); // no key at all
  pointers.clear();
  for (auto& n : plain)
    pointers.push_back(&n);
  CAF_CHECK(digests(pointers).empty());
}

CAF_TEST(a queue survives its row) {
  queue q, back;
  auto item = waiting(named("n", urgency::time_sensitive));
  item.typing_since = start + 1s;
  item.typing_waited = 2s;
  push(q, {}, item);
  std::string row;
  encode(row, q);
  std::string_view in = row;
  CAF_REQUIRE(decode(in, back));
  CAF_REQUIRE_EQUAL(back.items.size(), 1u);
  auto& b = back.items[0];
  CAF_CHECK_EQUAL(b.what.id, "n");
  CAF_CHECK_EQUAL(b.arrived, item.arrived);
  CAF_CHECK_EQUAL(b.queued_since, item.queued_since);
  CAF_CHECK_EQUAL(b.typing_waited, item.typing_waited);
  CAF_CHECK(b.typing_since == item.typing_since);
  CAF_CHECK_EQUAL(b.look_at, item.look_at);
  CAF_CHECK_EQUAL(b.latest, item.latest);
  CAF_CHECK(b.code == item.code);
}
