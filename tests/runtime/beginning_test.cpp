#define CAF_SUITE beginning
#include "tests/support/caf_test.hpp"

#include "actors/monitors/monitors.hpp"
#include "actors/runtime/beginning.hpp"
#include "tests/support/fixture.hpp"

#include <caf/exit_reason.hpp>

using namespace interject;

namespace {

struct fixture : interject::test::actor_fixture {
  fixture() {
    list = std::make_shared<runtime::unread_list>(std::vector<std::string>{"reminders", "watches"});
    beginner =
        runtime::spawn_beginner(sys, {{"reminders", timers.address}, {"watches", prices.address}},
                                {feed.address}, {}, list);
    deliver();
  }
  ~fixture() override {
    caf::anon_send_exit(beginner, caf::exit_reason::user_shutdown);
    deliver();
  }

  template <class Answer> void answer(Answer a) {
    caf::anon_send(beginner, std::move(a));
    deliver();
  }
  std::string unread() {
    std::string out;
    for (auto& each : list->left())
      out += each.what + (each.why.empty() ? " " : "(" + each.why + ") ");
    return out;
  }

  inbox<monitors::begin_monitoring> timers = spawn_inbox<monitors::begin_monitoring>(),
                                    prices = spawn_inbox<monitors::begin_monitoring>(),
                                    feed = spawn_inbox<monitors::begin_monitoring>();
  std::shared_ptr<runtime::unread_list> list;
  caf::actor beginner;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(beginning_tests, fixture)

CAF_TEST(feeds begin when all that they need was read) {
  CAF_CHECK_EQUAL(unread(), "reminders watches ");
  answer(done{timers.of<monitors::begin_monitoring>().at(0).ticket});
  CAF_CHECK_EQUAL(unread(), "watches ");
  CAF_CHECK(feed.of<monitors::begin_monitoring>().empty());
  answer(done{prices.of<monitors::begin_monitoring>().at(0).ticket});
  CAF_CHECK_EQUAL(unread(), "");
  CAF_CHECK_EQUAL(feed.of<monitors::begin_monitoring>().size(), 1u);
}

CAF_TEST(what cannot be read is named and read again) {
  auto ticket = prices.of<monitors::begin_monitoring>().at(0).ticket;
  answer(refused{ticket, errc::unavailable, "the disk is away"});
  CAF_CHECK_EQUAL(unread(), "reminders watches(the disk is away) ");
  CAF_CHECK_EQUAL(prices.of<monitors::begin_monitoring>().size(), 1u);
  sched.clock().advance_time(std::chrono::seconds(1));
  deliver();
  CAF_REQUIRE_EQUAL(prices.of<monitors::begin_monitoring>().size(), 2u);
  answer(done{ticket});
  CAF_CHECK_EQUAL(unread(), "reminders ");
  CAF_CHECK_EQUAL(timers.of<monitors::begin_monitoring>().size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
