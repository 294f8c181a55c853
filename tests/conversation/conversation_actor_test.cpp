#define CAF_SUITE conversation_actor
#include "tests/support/caf_test.hpp"

#include "tests/conversation/fixture.hpp"

using namespace interject;
using namespace interject::conversation;
using namespace std::chrono_literals;

namespace {

struct fixture : test::talk_fixture {};

} // namespace

CAF_TEST_FIXTURE_SCOPE(conversation_actor_tests, fixture)

CAF_TEST(what was said is in the store before a client hears of it) {
  open();
  CAF_CHECK_EQUAL(client.of<opened>().size(), 1u);
  CAF_CHECK(client.of<opened>()[0].created);
  say("book a trip");
  CAF_REQUIRE_EQUAL(client.of<posted>().size(), 1u);
  CAF_CHECK_EQUAL(client.of<posted>()[0].activity, "c1|0000002");
  CAF_CHECK_EQUAL(out->seqs, (std::vector<std::uint64_t>{1, 2, 3}));
  CAF_CHECK_EQUAL(stored(), 3u);
}

CAF_TEST(opening again finds the conversation) {
  open();
  open();
  CAF_REQUIRE_EQUAL(client.of<opened>().size(), 2u);
  CAF_CHECK(!client.of<opened>()[1].created);
  CAF_CHECK_EQUAL(stored(), 1u);
}

CAF_TEST(a repeated post is answered alike and taken once) {
  open();
  say("book a trip", "k1");
  say("book a trip", "k1");
  CAF_REQUIRE_EQUAL(client.of<posted>().size(), 2u);
  CAF_CHECK_EQUAL(client.of<posted>()[0].activity, client.of<posted>()[1].activity);
  CAF_CHECK_EQUAL(stored(), 3u);
}

CAF_TEST(a repeated post is recognised after passivation) {
  open();
  say("book a trip", "k1");
  pass(10min);
  CAF_CHECK_EQUAL(counts->live.load(), 1u);
  sweep();
  CAF_CHECK_EQUAL(counts->live.load(), 0u);
  say("book a trip", "k1");
  CAF_CHECK_EQUAL(counts->activations.load(), 1u);
  CAF_REQUIRE_EQUAL(client.of<posted>().size(), 2u);
  CAF_CHECK_EQUAL(client.of<posted>()[1].activity, "c1|0000002");
  CAF_CHECK_EQUAL(stored(), 3u);
}

CAF_TEST(a passivated conversation goes on at its step) {
  open();
  say("book a trip");
  say("London");
  pass(10min);
  sweep();
  say("3");
  CAF_CHECK(out->bodies.back().find("3 nights in London.") != std::string::npos);
}

CAF_TEST(a message that arrives while the actor ends goes to its successor) {
  open();
  say("book a trip");
  pass(10min);
  ask_to_sweep();
  send(message("London")); // stands in the mailbox right behind the sweep
  run();
  CAF_REQUIRE_EQUAL(client.of<posted>().size(), 2u);
  CAF_CHECK(out->bodies.back().find("How many nights?") != std::string::npos);
}

CAF_TEST(inputs that wait while a commit is under way become the next one) {
  open();
  auto before = store->transactions;
  for (auto* text : {"book a trip", "London", "3"})
    send(message(text));
  run();
  CAF_CHECK_EQUAL(client.of<posted>().size(), 3u);
  CAF_CHECK(store->transactions - before <= 3);
  CAF_CHECK(out->bodies.back().find("3 nights in London.") != std::string::npos);
  std::vector<std::uint64_t> expected;
  for (std::uint64_t i = 1; i <= out->seqs.size(); ++i)
    expected.push_back(i);
  CAF_CHECK_EQUAL(out->seqs, expected);
}

CAF_TEST(a failed commit is refused and loses nothing that was acknowledged) {
  open();
  say("book a trip");
  store->failing = true;
  say("London", "k2");
  CAF_REQUIRE_EQUAL(client.of<refused>().size(), 1u);
  CAF_CHECK_EQUAL(client.of<refused>()[0].code, errc::unavailable);
  CAF_CHECK_EQUAL(out->seqs.size(), 3u);
  store->failing = false;
  say("London", "k2");
  CAF_CHECK_EQUAL(client.of<posted>().size(), 2u);
  CAF_CHECK(out->bodies.back().find("How many nights?") != std::string::npos);
  CAF_CHECK_EQUAL(out->seqs, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
}

CAF_TEST(an unknown conversation is not found and keeps no actor) {
  say("hello");
  CAF_REQUIRE_EQUAL(client.of<refused>().size(), 1u);
  CAF_CHECK_EQUAL(client.of<refused>()[0].code, errc::not_found);
  CAF_CHECK_EQUAL(counts->live.load(), 0u);
}

CAF_TEST(a notice for a person finds their conversation) {
  open();
  pass(10s);
  send(news("n1", "", "dl_ann"));
  run();
  CAF_REQUIRE_EQUAL(client.of<decided>().size(), 1u);
  CAF_CHECK_EQUAL(client.of<decided>()[0].conversation, "c1");
  CAF_CHECK_EQUAL(client.of<decided>()[0].what.code, delivery_code::idle);
}

CAF_TEST(a notice for a stranger is dropped and its trail is kept) {
  send(news("n1", "", "nobody"));
  run();
  CAF_REQUIRE_EQUAL(client.of<decided>().size(), 1u);
  CAF_CHECK_EQUAL(client.of<decided>()[0].what.code, delivery_code::no_optin);
  auto kept = store->open_reader()->find_notification("n1");
  CAF_REQUIRE(kept->has_value());
  CAF_CHECK_EQUAL((*kept)->trail.size(), 1u);
  CAF_CHECK(
      (*kept)->what.text.empty()); // should they come and be erased, nothing of theirs is left
}

CAF_TEST(a notice that was dropped for a stranger stays dropped when they come) {
  send(news("n1", "", "dl_ann"));
  run();
  open();
  pass(10s);
  send(news("n1", "", "dl_ann"));
  run();
  CAF_REQUIRE_EQUAL(client.of<decided>().size(), 2u);
  CAF_CHECK_EQUAL(client.of<decided>()[1].what.code, delivery_code::no_optin);
  CAF_CHECK_EQUAL(client.of<decided>()[1].ticket, last);
}

CAF_TEST(a repeated notice is answered with its first result) {
  open();
  pass(10s);
  send(news("n1"));
  run();
  send(news("n1"));
  run();
  CAF_REQUIRE_EQUAL(client.of<decided>().size(), 2u);
  CAF_CHECK_EQUAL(client.of<decided>()[1].what.code, delivery_code::idle);
  CAF_CHECK_EQUAL(client.of<decided>()[1].ticket, last);
  CAF_CHECK_EQUAL(stored(), 2u);
}

CAF_TEST(a reminder is armed when its commit is on disk and disarmed when it was taken) {
  open();
  say("remind me");
  CAF_REQUIRE_EQUAL(timers.of<arm_reminder>().size(), 1u);
  auto row = timers.of<arm_reminder>()[0].row;
  CAF_CHECK(store->open_reader()->reminder(row.id)->has_value());
  pass(10min);
  auto n = notify{0, "c1", "", row.notify};
  n.what.id = row.id + ".1";
  n.what.from = origin::reminder;
  n.what.source = row.id;
  n.what.created = clock->now();
  send(n);
  run();
  CAF_CHECK(!store->open_reader()->reminder(row.id)->has_value());
  CAF_CHECK_EQUAL(timers.of<disarm_reminder>().size(), 1u);
}

CAF_TEST(a foreground call asks to be woken for its progress) {
  open();
  timers.of<wake_at>().clear();
  say("slow");
  CAF_REQUIRE_EQUAL(calls.of<begin_call>().size(), 1u);
  CAF_REQUIRE_EQUAL(timers.of<wake_at>().size(), 1u);
  CAF_CHECK(timers.of<wake_at>()[0].at == clock->now() + 2s);
}

CAF_TEST(the record of a notice goes after its seven days) {
  open();
  pass(10s);
  send(news("n1"));
  run();
  CAF_CHECK(store->open_reader()->find_notification("n1")->has_value());
  pass(8 * 24h);
  sweep();
  CAF_CHECK(!store->open_reader()->find_notification("n1")->has_value());
}

CAF_TEST(an erasure that waits for a commit that fails is refused and may be asked for again) {
  open();
  store->failing = true;
  send(message("book a trip"));
  send(erase_conversation{0, "c1"});
  run();
  CAF_CHECK_EQUAL(client.of<refused>().size(), 2u);
  store->failing = false;
  say("book a trip"); // a successor is there
  CAF_CHECK_EQUAL(client.of<posted>().size(), 1u);
  send(erase_conversation{0, "c1"});
  run();
  CAF_CHECK_EQUAL(client.of<done>().size(), 1u);
}

CAF_TEST(an erasure that waits for a turn that cannot be written is refused) {
  open();
  send(news("poison-1"));
  send(erase_conversation{0, "c1"});
  run();
  CAF_CHECK_EQUAL(client.of<refused>().size(), 2u);
  say("book a trip");
  CAF_CHECK_EQUAL(client.of<posted>().size(), 1u);
}

CAF_TEST(a repeated notice whose record has gone is refused under its ticket) {
  open();
  pass(10s);
  send(news("n1"));
  run();
  CAF_REQUIRE(store->sweep(clock->now() + 8 * 24h).has_value());
  send(news("n1"));
  run();
  CAF_REQUIRE_EQUAL(client.of<refused>().size(), 1u);
  CAF_CHECK(client.of<refused>()[0].code == errc::conflict);
  CAF_CHECK_EQUAL(client.of<refused>()[0].ticket, last);
}

CAF_TEST(an outlet that throws ends no conversation) {
  open();
  out->broken = true;
  say("book a trip");
  out->broken = false;
  say("London");
  CAF_CHECK_EQUAL(client.of<posted>().size(), 2u);
  CAF_CHECK(out->bodies.back().find("How many nights?") != std::string::npos);
  CAF_CHECK_EQUAL(counts->actor_failures.load(), 1u);
}

CAF_TEST(a drained router refuses what is new and ends) {
  open();
  caf::anon_send(router, drain{});
  run();
  CAF_CHECK_EQUAL(counts->live.load(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
