#define CAF_SUITE timer_actor
#include "tests/support/caf_test.hpp"

#include "actors/monitors/reminder_rows.hpp"
#include "protocols/recurrence.hpp"
#include "tests/monitors/monitor_fixture.hpp"

#include <set>

using namespace interject;
using namespace interject::monitors;
using interject::test::at;
using std::chrono::seconds;

namespace {

struct fixture : interject::test::monitor_fixture {
  void start(bool test_time = true) {
    timer_options how;
    how.journal = journal;
    if (test_time)
      how.test_clock = clock;
    timer = keep(spawn_timer(sys, clock, reader, how));
    CAF_REQUIRE_EQUAL(begin(timer), "done");
  }
  void want_wake(const conversation_id& id, std::optional<time_point> when) {
    caf::anon_send(timer, wake_at{id, when});
    deliver();
  }
  static reminder_row a_reminder(const std::string& id, time_point due) {
    reminder_row r;
    r.id = id;
    r.conversation = "c1";
    r.due = due;
    r.notify.text = {{"", "It is time."}};
    return r;
  }
  void remind(const std::string& id, time_point due) { remind(a_reminder(id, due)); }
  /// As a conversation does it: the row first, then the message.
  void remind(const reminder_row& row) {
    store_row(row);
    caf::anon_send(timer, arm_reminder{row});
    deliver();
  }
  void store_row(const reminder_row& row) {
    interject::journal::commit c;
    c.conversation = "stored";
    c.expected_version = version++;
    c.reminders = {row};
    write(c);
  }
  reminder_row recurring(const std::string& id, const char* rule, const char* zone = "") {
    auto row = a_reminder(id, at(0));
    row.rrule = rule;
    row.zone = zone;
    row.start = std::chrono::floor<std::chrono::minutes>(at(0));
    row.due = *recurrence::parse(rule, zone, row.start)->after(at(0));
    return row;
  }
  void restart() {
    caf::anon_send_exit(timer, caf::exit_reason::kill);
    deliver();
    start();
  }
  reminder_row stored(const std::string& id) {
    auto row = *store->open_reader()->reminder(id);
    CAF_REQUIRE(row.has_value());
    return *row;
  }
  void advance(duration by) {
    caf::send_as(clients.address, timer, advance_clock{7, by});
    deliver();
  }
  std::size_t finished() { return clients.of<done>().size(); }
  /// Real time: the clock and CAF's timers move together.
  void pass(duration by) {
    clock->advance_to(clock->now() + by);
    advance_time(by);
    deliver();
  }

  caf::actor timer;
  std::uint64_t version = 0;
  inbox<done, refused> clients = spawn_inbox<done, refused>();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(timer_actor_tests, fixture)

CAF_TEST(the test clock serves what is due in order and stops at its target) {
  start();
  want_wake("c2", at(20));
  want_wake("c1", at(10));
  remind("r-1", at(15));
  want_wake("c3", at(31));
  advance(seconds(30));
  CAF_CHECK_EQUAL(routed(), "10 wake c1, 15 notify r-1.1, 20 wake c2");
  CAF_CHECK_EQUAL(finished(), 1u);
  CAF_CHECK(clients.of<done>()[0].ticket == 7);
  CAF_CHECK(clock->now() == at(30));
  advance(seconds(1));
  CAF_CHECK_EQUAL(routed(), "31 wake c3");
  CAF_CHECK_EQUAL(finished(), 2u);
}

CAF_TEST(a reminder says what it is) {
  start();
  remind("r-1", at(5));
  advance(seconds(5));
  CAF_REQUIRE_EQUAL(lines.size(), 1u);
  auto& what = lines[0].what;
  CAF_CHECK(what.from == origin::reminder);
  CAF_CHECK_EQUAL(what.source, "r-1");
  CAF_CHECK_EQUAL(what.occurrence, 1u);
  CAF_CHECK(what.created == at(5));
  CAF_CHECK(!what.late);
  CAF_REQUIRE_EQUAL(what.params.size(), 1u);
  CAF_CHECK(what.params[0].first == "at" && *what.params[0].second.as_time() == at(5));
}

CAF_TEST(the test clock waits for the answer and serves what is asked meanwhile) {
  start();
  want_wake("c1", at(10));
  meanwhile = [&](const line& l) {
    if (l.text != "wake c1")
      return;
    if (l.at == at(10))
      caf::anon_send(timer, wake_at{"c1", at(12)});
    else if (l.at == at(12))
      caf::anon_send(timer, wake_at{"c2", at(11)}); // the past: at once
  };
  advance(seconds(60));
  CAF_CHECK_EQUAL(routed(), "10 wake c1, 12 wake c1, 12 wake c2");
  CAF_CHECK_EQUAL(finished(), 1u);
}

CAF_TEST(the clock stands still while an answer is missing) {
  start();
  want_wake("c1", at(10));
  reply = [](const line&) { return silent; };
  advance(seconds(60));
  CAF_CHECK_EQUAL(routed(), "10 wake c1");
  CAF_CHECK(clock->now() == at(10));
  CAF_CHECK_EQUAL(finished(), 0u);
  // In the end it goes on without: the conversation is tried again later.
  reply = [](const line&) { return std::nullopt; };
  advance_time(seconds(10));
  deliver();
  CAF_CHECK_EQUAL(routed(), "11 wake c1");
  CAF_CHECK_EQUAL(finished(), 1u);
  CAF_CHECK(clock->now() == at(60));
}

CAF_TEST(a conversation that asks for the same instant for ever does not stop the clock) {
  start();
  want_wake("c1", at(10));
  meanwhile = [&](const line& l) {
    if (l.at < at(12))
      caf::anon_send(timer, wake_at{"c1", at(10)});
  };
  advance(seconds(5));
  CAF_CHECK(clock->now() == at(5));
  advance(seconds(15));
  CAF_CHECK_EQUAL(finished(), 2u);
  CAF_CHECK_EQUAL(lines.size(), 2001u);
  CAF_CHECK(lines.back().at == at(12));
}

CAF_TEST(what is refused for now comes again later and later) {
  start();
  int left = 3;
  reply = [&](const line&) -> std::optional<int> {
    return left-- > 0 ? std::optional<int>(static_cast<int>(errc::busy)) : std::nullopt;
  };
  remind("r-1", at(10));
  advance(seconds(60));
  CAF_CHECK_EQUAL(routed(), "10 notify r-1.1, 11 notify r-1.1, 13 notify r-1.1, 17 notify r-1.1");
  CAF_CHECK(!lines.back().what.late);
}

CAF_TEST(what is refused for good is given up) {
  start();
  reply = [](const line&) { return static_cast<int>(errc::not_found); };
  remind("r-1", at(10));
  want_wake("c1", at(20));
  advance(seconds(600));
  CAF_CHECK_EQUAL(routed(), "10 notify r-1.1, 20 wake c1");
}

CAF_TEST(what was disarmed or replaced does not come) {
  start();
  remind("r-1", at(10));
  remind("r-2", at(11));
  want_wake("c1", at(12));
  want_wake("c2", at(13));
  caf::anon_send(timer, disarm_reminder{"r-1"});
  want_wake("c1", std::nullopt);
  want_wake("c2", at(40));
  remind("r-2", at(14));
  advance(seconds(30));
  CAF_CHECK_EQUAL(routed(), "14 notify r-2.1");
}

CAF_TEST(a reminder that is armed again while it fires is not said twice) {
  start();
  remind("r-1", at(10));
  reply = [](const line&) { return static_cast<int>(errc::unavailable); };
  advance(seconds(10));
  remind("r-1", at(10));
  CAF_CHECK_EQUAL(routed(), "10 notify r-1.1");
}

CAF_TEST(what came due while nobody ran fires at the beginning and says that it is late) {
  journal::commit c;
  c.conversation = "c1";
  c.wake_at = at(-5);
  c.reminders = {a_reminder("r-old", at(-60)), a_reminder("r-new", at(10))};
  write(c);
  start();
  CAF_CHECK_EQUAL(routed(), "0 notify r-old.1, 0 wake c1");
  CAF_CHECK(lines[0].what.late);
  CAF_CHECK(lines[0].what.created == at(-60));
  advance(seconds(10));
  CAF_CHECK_EQUAL(routed(), "10 notify r-new.1");
  CAF_CHECK(!lines.back().what.late);
}

CAF_TEST(what conversations ask before the rows are there stands above the rows) {
  journal::commit c;
  c.conversation = "c1";
  c.wake_at = at(-5);
  c.reminders = {a_reminder("r-1", at(-60))};
  write(c);
  timer_options how;
  how.test_clock = clock;
  timer = keep(spawn_timer(sys, clock, reader, how));
  want_wake("c1", at(8));
  caf::anon_send(timer, disarm_reminder{"r-1"});
  CAF_REQUIRE_EQUAL(begin(timer), "done");
  advance(seconds(30));
  CAF_CHECK_EQUAL(routed(), "8 wake c1");
}

CAF_TEST(alarms ring at their instant and their addressee is heard before the clock goes on) {
  start();
  std::string log;
  caf::actor sleeper = keep(sys.spawn([&](caf::event_based_actor* me) -> caf::behavior {
    return {[&log, me, this](alarm_rang a) {
              log += interject::test::offset(clock->now()) + "#" + std::to_string(a.token) + " ";
              if (a.token == 1)
                me->send(timer, set_alarm{2, at(12)});
            },
            [me, this](int) {
              me->send(timer, set_alarm{1, at(10)});
            }};
  }));
  caf::anon_send(sleeper, 0);
  deliver();
  want_wake("c1", at(11));
  advance(seconds(20));
  CAF_CHECK_EQUAL(log, "10#1 12#2 ");
  CAF_CHECK_EQUAL(routed(), "11 wake c1");
  CAF_CHECK_EQUAL(finished(), 1u);
}

CAF_TEST(an alarm of one that has ended holds nobody up) {
  start();
  auto sleeper = sys.spawn([this](caf::event_based_actor* me) -> caf::behavior {
    me->send(timer, set_alarm{1, at(10)});
    return {[](alarm_rang) {}};
  });
  deliver();
  caf::anon_send_exit(sleeper, caf::exit_reason::kill);
  deliver();
  advance(seconds(20));
  CAF_CHECK_EQUAL(finished(), 1u);
}

CAF_TEST(advances wait for each other and bad ones are refused) {
  start();
  want_wake("c1", at(15));
  caf::send_as(clients.address, timer, advance_clock{1, seconds(10)});
  caf::send_as(clients.address, timer, advance_clock{2, seconds(10)});
  caf::send_as(clients.address, timer, advance_clock{3, seconds(-1)});
  caf::send_as(clients.address, timer, advance_clock{4, duration::max()});
  deliver();
  CAF_CHECK_EQUAL(finished(), 2u);
  CAF_CHECK(clock->now() == at(20));
  CAF_CHECK_EQUAL(routed(), "15 wake c1");
  CAF_REQUIRE_EQUAL(clients.of<refused>().size(), 2u);
  CAF_CHECK(clients.of<refused>()[0].code == errc::invalid_fields);
}

CAF_TEST(in real time one CAF timer serves everything and earlier wishes overtake) {
  start(false);
  for (int i = 0; i < 100; ++i)
    want_wake("c" + std::to_string(i), at(30));
  CAF_CHECK_EQUAL(sched.clock().schedule().size(), 2u); // one is the look at the next window
  want_wake("early", at(10));
  pass(seconds(9));
  CAF_CHECK_EQUAL(routed(), "");
  pass(seconds(1));
  CAF_CHECK_EQUAL(routed(), "10 wake early");
  pass(seconds(20));
  CAF_CHECK_EQUAL(lines.size(), 101u);
  CAF_CHECK(lines.back().at == at(30));
  pass(seconds(600));
  CAF_CHECK_EQUAL(lines.size(), 101u);
  advance(seconds(5));
  CAF_REQUIRE_EQUAL(clients.of<refused>().size(), 1u);
  CAF_CHECK(clients.of<refused>()[0].code == errc::conflict);
}

CAF_TEST(what is armed while the next window is read is not lost) {
  for (int steps = 0; steps < 12; ++steps) {
    start(false);
    auto began = clock->now();
    for (int i = 0; i < 5; ++i)
      pass(seconds(60));
    auto row = a_reminder("r-" + std::to_string(steps), began + seconds(800));
    store_row(row);
    clock->advance_to(clock->now() + seconds(60)); // the next window is looked for now
    advance_time(seconds(60));
    for (int i = 0; i < steps; ++i)
      sched.try_run_once();
    caf::anon_send(timer, arm_reminder{row});
    deliver();
    for (int i = 0; i < 10; ++i)
      pass(seconds(60));
    CAF_CHECK_EQUAL(lines.size(), std::size_t(steps) + 1);
    interject::journal::commit taken; // as its conversation does
    taken.conversation = "stored";
    taken.expected_version = version++;
    taken.reminders_gone = {row.id};
    write(taken);
    caf::anon_send_exit(timer, caf::exit_reason::kill);
    deliver();
  }
}

CAF_TEST(in real time a lost answer is asked for again) {
  start(false);
  reply = [](const line&) { return silent; };
  remind("r-1", at(10));
  for (int i = 0; i < 14; ++i)
    pass(seconds(1));
  CAF_CHECK_EQUAL(routed(), "10 notify r-1.1, 11 notify r-1.1, 13 notify r-1.1");
  reply = [](const line&) { return std::nullopt; };
  for (int i = 0; i < 60; ++i)
    pass(seconds(1));
  CAF_CHECK_EQUAL(routed(), "17 notify r-1.1");
}

CAF_TEST(more than the window are served as answers come) {
  start();
  for (int i = 0; i < 1000; ++i)
    caf::anon_send(timer, wake_at{"c" + std::to_string(i), at(10)});
  deliver();
  advance(seconds(10));
  CAF_CHECK_EQUAL(lines.size(), 1000u);
  CAF_CHECK(lines.back().at == at(10));
  CAF_CHECK_EQUAL(finished(), 1u);
}

CAF_TEST(a recurring reminder fires at each occurrence and its row moves on) {
  start();
  remind(recurring("r-1", "FREQ=HOURLY;COUNT=3"));
  auto first = stored("r-1").due;
  advance(first - at(0));
  CAF_CHECK(lines.back().what.more);
  CAF_CHECK(lines.back().what.occurrence == 1 &&
            lines.back().what.id == instant_id("r-1", lines.back().what.created));
  CAF_CHECK(stored("r-1").due == first + std::chrono::hours(1) && stored("r-1").occurrence == 2u);
  advance(std::chrono::hours(1));
  CAF_CHECK(lines.back().what.occurrence == 2 &&
            lines.back().what.id == instant_id("r-1", lines.back().what.created));
  CAF_CHECK(!lines.back().what.more); // the start counted, too: this was the third
  advance(std::chrono::hours(24));
  CAF_CHECK_EQUAL(lines.size(), 2u);
}

CAF_TEST(what was missed fires once and late or is passed over) {
  struct row {
    const char* name;
    const char* rule;
    misfire_policy policy;
    const char* now;          ///< what comes at the restart
    std::uint64_t afterwards; ///< the occurrence within the hour after it
  };
  for (auto& r : std::vector<row>{
           {"once", "", misfire_policy::fire_once, "36000 notify r-1.1", 0},
           {"once, skipped: dropped as expired", "", misfire_policy::skip, "36000 notify r-1.1", 0},
           {"hourly", "FREQ=HOURLY", misfire_policy::fire_once, "36000 notify r-1.", 2},
           {"hourly, skipped", "FREQ=HOURLY", misfire_policy::skip, "", 2},
       }) {
    CAF_MESSAGE(r.name);
    fixture f;
    auto row = *r.rule ? f.recurring("r-1", r.rule) : f.a_reminder("r-1", at(60));
    row.misfire = r.policy;
    f.store_row(row);
    f.clock->advance_to(at(36'000));
    f.start();
    auto routed = f.routed();
    CAF_CHECK_EQUAL(f.lines.size(), *r.now ? 1u : 0u);
    if (*r.now) {
      auto& what = f.lines[0].what;
      auto instant = what.created.time_since_epoch() / std::chrono::seconds(1);
      CAF_CHECK_EQUAL(routed, *r.rule ? r.now + std::to_string(instant) : r.now);
      CAF_CHECK(what.late);
      CAF_CHECK_EQUAL(what.lifetime == duration::zero(), r.policy == misfire_policy::skip);
      if (*r.rule) // the last that was missed
        CAF_CHECK(what.created > at(36'000) - std::chrono::hours(1) && what.created <= at(36'000));
    }
    f.lines.clear();
    f.seen = 0;
    f.advance(std::chrono::hours(1));
    CAF_CHECK_EQUAL(f.lines.empty() ? 0u : f.lines[0].what.occurrence, r.afterwards);
    if (!f.lines.empty())
      CAF_CHECK(!f.lines[0].what.late);
  }
}

CAF_TEST(what is passed over goes on at its next occurrence however soon) {
  for (auto policy : {misfire_policy::skip, misfire_policy::fire_once}) {
    fixture f;
    auto row = f.recurring("r-1", "FREQ=MINUTELY;INTERVAL=5");
    row.misfire = policy;
    f.store_row(row);
    f.clock->advance_to(row.due + std::chrono::minutes(62));
    f.start();
    CAF_CHECK_EQUAL(f.lines.size(), policy == misfire_policy::skip ? 0u : 1u);
    f.lines.clear();
    f.advance(std::chrono::hours(1));
    CAF_CHECK_EQUAL(f.lines.size(), 12u);
    CAF_CHECK(!f.lines.empty() && f.lines[0].at == row.due + std::chrono::minutes(65));
  }
}

CAF_TEST(what is due at the very instant of the start is not passed over) {
  auto row = recurring("r-1", "FREQ=HOURLY");
  row.misfire = misfire_policy::skip;
  store_row(row);
  auto now = row.due + std::chrono::hours(3);
  clock->advance_to(now);
  start();
  CAF_REQUIRE_EQUAL(lines.size(), 1u);
  CAF_CHECK(lines[0].what.created == now && !lines[0].what.late);
}

CAF_TEST(an occurrence that was taken does not stand for those that were missed after it) {
  start();
  auto row = recurring("r-1", "FREQ=HOURLY");
  remind(row);
  auto taken = row.due;
  reply = [](const line&) { return std::optional<int>(silent); }; // taken, and the answer is lost
  advance(taken - at(0));
  CAF_REQUIRE(!lines.empty());
  CAF_CHECK(lines[0].what.created == taken);
  auto first = lines[0].what.id;
  reply = [](const line&) { return std::nullopt; };
  caf::anon_send_exit(timer, caf::exit_reason::kill);
  deliver();
  clock->advance_to(taken + std::chrono::hours(3));
  lines.clear();
  start();
  CAF_REQUIRE_EQUAL(lines.size(), 1u);
  CAF_CHECK(lines[0].what.late && lines[0].what.id != first);
  CAF_CHECK(lines[0].what.created == taken + std::chrono::hours(3));
}

CAF_TEST(a recurring reminder goes on where it was after a restart) {
  start();
  remind(recurring("r-1", "FREQ=DAILY;BYHOUR=9;BYMINUTE=0", "Europe/Paris"));
  advance(std::chrono::hours(24 * 3));
  CAF_CHECK_EQUAL(lines.size(), 3u);
  restart();
  advance(std::chrono::hours(24));
  CAF_REQUIRE_EQUAL(lines.size(), 4u);
  CAF_CHECK_EQUAL(lines[3].what.occurrence, 4u);
  CAF_CHECK(!lines[3].what.late);
}

CAF_TEST(sleeping reminders stay in the store until their window comes and each fires once) {
  constexpr int many = 30'000; // more than a window holds
  interject::journal::commit c;
  c.conversation = "stored";
  for (int i = 0; i < many; ++i) // some hundreds share each instant
    c.reminders.push_back(a_reminder("r-" + std::to_string(i), at(3600 + (i * 7919) % 100)));
  write(c);
  version = 1;
  start();
  advance(seconds(3599));
  CAF_CHECK_EQUAL(lines.size(), 0u);
  remind("r-new", at(3650));
  caf::anon_send(timer, disarm_reminder{"r-5"});
  deliver();
  advance(seconds(200));
  std::set<std::string> told;
  for (auto& l : lines)
    told.insert(l.text);
  CAF_CHECK_EQUAL(told.size(), lines.size());
  CAF_CHECK(told.count("notify r-new.1") == 1);
  CAF_CHECK_GREATER(told.size(), static_cast<std::size_t>(many - 1));
  for (std::size_t i = 1; i < lines.size(); ++i)
    CAF_REQUIRE(lines[i - 1].at <= lines[i].at);
}

CAF_TEST_FIXTURE_SCOPE_END()
