// A conversation whose turns fail three times in a row is parked until it is reset; and a stack
// whose bot is gone.
#define CAF_SUITE parking
#include "tests/support/caf_test.hpp"

#include "protocols/codec/binary.hpp"
#include "tests/conversation/fixture.hpp"

using namespace interject;
using namespace interject::conversation;
using namespace std::chrono_literals;

namespace {

struct fixture : test::talk_fixture {
  int poisons = 0;

  /// A notice that no row can hold.
  notify poison() { return news("poison-" + std::to_string(++poisons)); }
  void fail(int times) {
    for (int i = 0; i < times; ++i) {
      send(poison());
      run();
    }
  }
  state stored_state(const std::string& id = "c1") {
    state s;
    auto row = store->open_reader()->load(id);
    CAF_REQUIRE(row->has_value());
    CAF_REQUIRE(decode_all((*row)->state, s));
    return s;
  }
  std::string code_of(const notification_id& id) {
    auto kept = store->open_reader()->find_notification(id);
    return kept && *kept ? to_string((*kept)->trail.back().code) : "(none)";
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(parking_tests, fixture)

CAF_TEST(two failures in a row do not park and a turn that succeeds begins the count anew) {
  open();
  fail(2);
  CAF_CHECK_EQUAL(client.of<refused>().back().code, errc::unavailable);
  CAF_CHECK_EQUAL(stored_state().failures, 2u);
  say("book a trip");
  CAF_CHECK_EQUAL(client.of<posted>().size(), 1u);
  CAF_CHECK_EQUAL(stored_state().failures, 0u);
  fail(2);
  CAF_CHECK(!stored_state().parked);
  say("London");
  CAF_CHECK(out->bodies.back().find("How many nights?") != std::string::npos);
  CAF_CHECK_EQUAL(counts->parked.load(), 0u);
}

CAF_TEST(a third failure parks and the user is told) {
  open();
  fail(3);
  CAF_CHECK(stored_state().parked == clock->now());
  CAF_CHECK_EQUAL(counts->parked.load(), 1u);
  say("book a trip");
  CAF_REQUIRE(!client.of<refused>().empty());
  CAF_CHECK_EQUAL(client.of<refused>().back().code, errc::conflict);
  CAF_CHECK(client.of<refused>().back().what.find("parked") != std::string::npos);
  CAF_CHECK_EQUAL(client.of<posted>().size(), 0u);
}

CAF_TEST(the count survives a restart) {
  open();
  fail(2);
  stop();
  start();
  fail(1);
  CAF_CHECK(stored_state().parked.has_value());
  stop();
  start();
  say("hello");
  CAF_CHECK_EQUAL(client.of<refused>().back().code, errc::conflict);
}

CAF_TEST(others are not touched) {
  open();
  open("c2");
  fail(3);
  send(message("book a trip", "", "c2"));
  run();
  CAF_CHECK_EQUAL(client.of<posted>().size(), 1u);
}

CAF_TEST(notices of a parked conversation are held as parked and said after the reset) {
  open();
  say("book a trip");
  pass(10s);
  auto later = news("before");
  later.what.mode = delivery_mode::deferred;
  send(later);
  run();
  fail(3);
  CAF_CHECK_EQUAL(code_of("before"), "parked");
  send(news("after"));
  run();
  CAF_REQUIRE(!client.of<decided>().empty());
  CAF_CHECK_EQUAL(client.of<decided>().back().what.code, delivery_code::parked);
  CAF_CHECK_EQUAL(client.of<decided>().back().what.retry, "reset");
  auto said = out->bodies.size();
  timers.of<wake_at>().clear();
  send(reset_conversation{0, "c1"});
  run();
  CAF_CHECK_EQUAL(out->bodies.size(), said);
  CAF_REQUIRE_EQUAL(timers.of<wake_at>().size(), 1u);
  CAF_CHECK(timers.of<wake_at>()[0].at <= clock->now());
  send(wake{0, "c1"});
  run();
  CAF_CHECK_EQUAL(code_of("before"), "idle");
  pass(6s);
  send(wake{0, "c1"});
  run();
  CAF_CHECK_EQUAL(code_of("after"), "idle");
  CAF_CHECK_EQUAL(out->bodies.size(), said + 2);
}

CAF_TEST(a reset frees it with an empty stack) {
  open();
  say("book a trip");
  fail(3);
  send(reset_conversation{0, "c1"});
  run();
  CAF_CHECK_EQUAL(client.of<done>().size(), 1u);
  auto s = stored_state();
  CAF_CHECK(!s.parked);
  CAF_CHECK_EQUAL(s.failures, 0u);
  CAF_CHECK(s.talk.stack.empty());
  say("book a trip");
  CAF_CHECK_EQUAL(client.of<posted>().size(), 2u);
}

CAF_TEST(a parked conversation asks for no waking and settles its monitors) {
  open();
  say("slow");
  CAF_REQUIRE_EQUAL(calls.of<begin_call>().size(), 1u);
  fail(3);
  CAF_REQUIRE(!timers.of<wake_at>().empty());
  CAF_CHECK(!timers.of<wake_at>().back().at);
  CAF_CHECK(!(*store->open_reader()->load("c1"))->wake_at);
  client.of<done>().clear();
  send(wake{0, "c1"});
  call_answered result;
  result.conversation = "c1";
  result.call = calls.of<begin_call>()[0].row.id;
  send(result);
  run();
  CAF_CHECK_EQUAL(client.of<done>().size(), 2u);
  CAF_CHECK(store->open_reader()->calls("c1")->empty());
}

CAF_TEST(what came with the poison is refused and can be sent again) {
  open();
  send(message("book a trip", "k1"));
  send(poison());
  send(message("London", "k2"));
  run();
  CAF_CHECK_EQUAL(client.of<posted>().size() + client.of<refused>().size(), 3u);
  say("book a trip", "k1");
  say("London", "k2");
  CAF_CHECK(out->bodies.back().find("How many nights?") != std::string::npos);
  CAF_CHECK_EQUAL(stored(), 5u);
}

CAF_TEST(a turn that throws counts like one that cannot be written) {
  open();
  for (int i = 0; i < 3; ++i) {
    bots->broken = true;
    say("hello");
    bots->broken = false;
    CAF_REQUIRE(!client.of<refused>().empty());
    CAF_CHECK_EQUAL(client.of<refused>().back().code, errc::unavailable);
  }
  CAF_CHECK(stored_state().parked.has_value());
  CAF_CHECK_EQUAL(counts->actor_failures.load(), 3u);
}

CAF_TEST(a full disk parks nobody) {
  open();
  store->failing = true;
  for (int i = 0; i < 5; ++i)
    say("hello");
  store->failing = false;
  CAF_CHECK_EQUAL(stored_state().failures, 0u);
  say("book a trip");
  CAF_CHECK_EQUAL(client.of<posted>().size(), 1u);
}

CAF_TEST(a stack whose bot is gone is told of and cleared by a reset) {
  open();
  say("book a trip");
  stop();
  auto other = test::bot_of(
      R"({"id": "other", "dialogs": {"hi": {"intents": ["hi"], "steps": [{"do": "say", "text": "Hi."}]}}})",
      "other");
  bots->it = std::make_shared<const definitions>(definitions{other, policy_of(*other)});
  start();
  say("London");
  CAF_CHECK_EQUAL(client.of<refused>().back().code, errc::unavailable);
  CAF_CHECK(client.of<refused>().back().what.find("reset") != std::string::npos);
  send(reset_conversation{0, "c1"});
  run();
  CAF_CHECK_EQUAL(client.of<done>().size(), 1u);
  say("hi");
  CAF_CHECK(out->bodies.back().find("Hi.") != std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
