#define CAF_SUITE webhook_actor
#include "tests/support/caf_test.hpp"

#include "actors/monitors/webhook.hpp"
#include "tests/monitors/fake_http.hpp"
#include "tests/monitors/monitor_fixture.hpp"

#include <algorithm>

using namespace interject;
using namespace interject::monitors;
using interject::test::at;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct fixture : interject::test::monitor_fixture {
  fixture() {
    timer = keep(spawn_timer(sys, clock, reader, {clock}));
    CAF_REQUIRE_EQUAL(begin(timer), "done");
  }
  void start(webhook_options how = {}) {
    spawn(how);
    CAF_REQUIRE_EQUAL(begin(it), "done");
  }
  void spawn(webhook_options how = {}) {
    auto find = [this](const std::string& name) -> std::optional<webhook_channel> {
      return name == known ? std::optional(webhook_channel{"http://sms.example:9000/in", "key"})
                           : std::nullopt;
    };
    it = keep(spawn_webhooks(sys, http, clock, timer, journal, reader, find, how));
  }
  /// As a turn does: the row is on disk, then the actor hears of it.
  void say(std::uint64_t seq, const std::string& conversation = "c1") {
    auto row =
        delivery_of(conversation, seq, "sms", "{\"n\":" + std::to_string(seq) + "}", clock->now());
    interject::journal::commit c;
    c.conversation = conversation;
    c.expected_version = versions[conversation]++;
    c.calls = {row};
    write(c);
    caf::anon_send(it, begin_call{row});
    deliver();
  }
  void advance(duration by) {
    caf::send_as(begun.address, timer, advance_clock{7, by});
    deliver();
  }
  void answer(std::size_t number, int status, const std::string& retry_after = {}) {
    http->answer(number, status, "", retry_after);
    deliver();
  }
  /// What was posted so far: "1 2 1".
  std::string posted() {
    std::string out;
    for (auto& each : http->started)
      out += (out.empty() ? "" : " ") + each.body.substr(5, each.body.size() - 6);
    return out;
  }
  /// On disk: "d-c1-1 d-c1-2!" with a mark behind dead ones.
  std::string stored() {
    std::string out;
    for (auto& row : *store->open_reader()->calls(""))
      out += (out.empty() ? "" : " ") + row.id + (row.dead_at ? "!" : "");
    return out;
  }
  /// Lets the latest try of the only lane fail until it is given up.
  void fail_all() {
    for (std::uint32_t tries = 1; tries <= 6; ++tries) {
      answer(http->started.size() - 1, 500);
      if (tries < 6)
        advance(webhook_rest("d-c1-1", tries));
    }
  }
  std::string resend(const std::string& id) {
    caf::send_as(begun.address, it, resend_delivery{9, id});
    auto before = begun.of<done>().size();
    deliver();
    return begun.of<done>().size() > before ? "done" : begun.of<refused>().back().what;
  }

  std::string known = "sms";
  std::map<std::string, std::uint64_t> versions;
  std::shared_ptr<interject::test::fake_http> http = std::make_shared<interject::test::fake_http>();
  caf::actor timer, it;
};

/// A circuit that never opens, where tries are counted.
webhook_options patient() {
  webhook_options how;
  how.breaker.failures = 1000;
  return how;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(webhook_actor_tests, fixture)

CAF_TEST(an activity is posted signed and leaves the disk when it was taken) {
  start();
  say(1);
  CAF_REQUIRE_EQUAL(http->started.size(), 1u);
  auto& sent = http->started[0];
  CAF_CHECK_EQUAL(sent.method + " " + sent.url + " " + sent.body,
                  "POST http://sms.example:9000/in {\"n\":1}");
  CAF_CHECK_EQUAL(sent.sign_by, "key");
  CAF_CHECK(sent.signed_at == clock->now());
  CAF_CHECK(sent.headers[0] == std::pair(std::string("Idempotency-Key"), std::string("d-c1-1")));
  CAF_CHECK_EQUAL(stored(), "d-c1-1");
  answer(0, 202);
  CAF_CHECK_EQUAL(stored(), "");
}

CAF_TEST(a conversation keeps its order and others do not wait for it) {
  start();
  say(1);
  say(2);
  say(7, "c2");
  CAF_CHECK_EQUAL(posted(), "1 7");
  answer(0, 503);
  say(3);
  answer(1, 200);
  CAF_CHECK_EQUAL(posted(), "1 7");
  advance(webhook_rest("d-c1-1", 1));
  CAF_CHECK_EQUAL(posted(), "1 7 1");
  answer(2, 200);
  CAF_CHECK_EQUAL(posted(), "1 7 1 2");
  answer(3, 200);
  answer(4, 200);
  CAF_CHECK_EQUAL(posted(), "1 7 1 2 3");
  CAF_CHECK_EQUAL(stored(), "");
}

CAF_TEST(rests are those of the list give or take a fifth) {
  const duration rests[] = {seconds(1), seconds(5), seconds(30), seconds(120), seconds(600)};
  for (std::uint32_t tries = 1; tries <= 5; ++tries) {
    auto rest = rests[tries - 1];
    duration least = duration::max(), most{0};
    for (int i = 0; i < 1000; ++i) {
      auto drawn = webhook_rest("d-" + std::to_string(i), tries);
      least = std::min(least, drawn);
      most = std::max(most, drawn);
    }
    CAF_CHECK(least >= rest * 4 / 5 && least < rest * 41 / 50);
    CAF_CHECK(most <= rest * 6 / 5 && most > rest * 59 / 50);
  }
}

CAF_TEST(what is not taken six times is a dead letter and the next goes on) {
  start(patient());
  say(1);
  say(2);
  fail_all();
  CAF_CHECK_EQUAL(posted(), "1 1 1 1 1 1 2");
  CAF_CHECK_EQUAL(stored(), "d-c1-1! d-c1-2");
  auto rows = *store->open_reader()->calls("");
  CAF_CHECK_EQUAL(rows[0].why, "status 500");
  CAF_CHECK_EQUAL(rows[0].tries, 6u);
  CAF_CHECK(rows[0].dead_at == clock->now());
}

CAF_TEST(its conversation is told of a dead letter until it takes that) {
  start(patient());
  say(1);
  say(2);
  int refusals = 2;
  reply = [&](const line&) -> std::optional<int> {
    return refusals-- > 0 ? std::optional<int>(refusals ? silent : static_cast<int>(errc::busy))
                          : std::nullopt;
  };
  auto failed = "failed " + activity_id("c1", 1);
  fail_all();
  CAF_CHECK(routed().ends_with(failed));
  CAF_CHECK_EQUAL(stored(), "d-c1-1 d-c1-2"); // not dead before it is known
  advance(seconds(1));
  CAF_CHECK(routed().ends_with(failed));
  CAF_CHECK_EQUAL(http->started.size(), 6u); // its conversation's next waits for it
  advance(seconds(2));
  CAF_CHECK(routed().ends_with(failed));
  CAF_CHECK_EQUAL(stored(), "d-c1-1! d-c1-2");
  CAF_CHECK_EQUAL(http->started.size(), 7u);
  advance(seconds(3600));
  CAF_CHECK_EQUAL(routed(), "");
}

CAF_TEST(a receiver that hangs or is gone is tried again and an answer that comes late counts for nothing) {
  start();
  say(1);
  http->fail(0, http_answer::kind::timed_out, "no answer within 10s");
  deliver();
  advance(webhook_rest("d-c1-1", 1));
  CAF_REQUIRE_EQUAL(posted(), "1 1");
  http->answer(0, 200); // of the try that was given up
  deliver();
  CAF_CHECK_EQUAL(stored(), "d-c1-1");
  answer(1, 200);
  CAF_CHECK_EQUAL(stored(), "");
}

CAF_TEST(a receiver may ask for a longer rest within ten minutes) {
  start();
  say(1);
  answer(0, 429, "60");
  advance(seconds(60) - milliseconds(1));
  CAF_CHECK_EQUAL(posted(), "1");
  advance(milliseconds(1));
  CAF_CHECK_EQUAL(posted(), "1 1");
  answer(1, 429, "86400");
  advance(seconds(600));
  CAF_CHECK_EQUAL(posted(), "1 1 1");
}

CAF_TEST(an outage spends no tries once the circuit is open) {
  webhook_options how;
  how.breaker.failures = 1;
  how.breaker.successes = 1;
  start(how);
  say(1);
  answer(0, 500);
  say(2, "c2"); // the circuit is open: it rests
  CAF_CHECK_EQUAL(posted(), "1");
  advance(seconds(10));
  CAF_CHECK_EQUAL(http->started.size(), 2u); // one probe
  answer(1, 200);
  advance(seconds(10));
  CAF_CHECK_EQUAL(http->started.size(), 3u);
}

CAF_TEST(a host that stays down costs every conversation about a quarter of an hour and no more) {
  start();
  for (std::uint64_t n = 1; n <= 30; ++n)
    say(n, "c" + std::to_string(n));
  std::size_t answered = 0;
  auto fail_for = [&](duration how_long) {
    for (auto end = clock->now() + how_long; clock->now() < end; advance(seconds(10)))
      while (answered < http->started.size())
        answer(answered++, 503);
  };
  auto dead = [&] {
    auto all = stored();
    return std::count(all.begin(), all.end(), '!');
  };
  fail_for(std::chrono::minutes(9)); // the shortest of all six tries is 10 min 5 s
  CAF_CHECK_EQUAL(dead(), 0);
  fail_for(std::chrono::minutes(11)); // the longest and one rest of the circuit
  CAF_CHECK_EQUAL(dead(), 30);
}

CAF_TEST(a receiver that is slow gets all that waits for it) {
  webhook_options how;
  how.limits.running_per_host = how.limits.waiting_per_host = 1;
  start(how);
  for (std::uint64_t n = 1; n <= 6; ++n)
    say(n, "c" + std::to_string(n));
  for (int i = 0; i < 180; ++i)
    advance(seconds(20)); // an hour, and the first is not answered yet
  CAF_CHECK_EQUAL(posted(), "1");
  for (std::size_t n = 0; n < 6; ++n) {
    CAF_REQUIRE_EQUAL(http->started.size() > n, true);
    answer(n, 200);
    advance(seconds(20));
  }
  CAF_CHECK_EQUAL(stored(), "");
}

CAF_TEST(after a restart all that was not taken goes out in order) {
  for (std::uint64_t seq = 1; seq <= 3; ++seq) {
    interject::journal::commit c;
    c.conversation = "c1";
    c.expected_version = seq - 1;
    c.calls = {delivery_of("c1", seq, "sms", "{\"n\":" + std::to_string(seq) + "}", clock->now())};
    if (seq == 1)
      c.calls[0].dead_at = clock->now();
    if (seq == 3) { // and a call of a step, which is not this actor's
      c.calls.emplace_back();
      c.calls.back().id = "c-1";
      c.calls.back().conversation = "c1";
    }
    write(c);
  }
  start();
  CAF_CHECK_EQUAL(posted(), "2");
  answer(0, 200);
  answer(1, 200);
  CAF_CHECK_EQUAL(posted(), "2 3");
  CAF_CHECK_EQUAL(stored(), "d-c1-1! c-1");
  CAF_CHECK_EQUAL(resend("d-c1-1"), "done");
  CAF_CHECK_EQUAL(posted(), "2 3 1");
}

CAF_TEST(what comes before the rows are read keeps its order and is not left behind) {
  for (std::uint64_t seq = 1; seq <= 2; ++seq) {
    interject::journal::commit c;
    c.conversation = "c1";
    c.expected_version = versions["c1"]++;
    c.calls = {delivery_of("c1", seq, "sms", "{\"n\":" + std::to_string(seq) + "}", clock->now())};
    write(c);
  }
  spawn();
  say(3); // on disk, and already here
  auto unseen = delivery_of("c2", 7, "sms", "{\"n\":7}", clock->now());
  caf::anon_send(it, begin_call{unseen}); // on disk when the rows have been read
  CAF_REQUIRE_EQUAL(begin(it), "done");
  CAF_CHECK(posted() == "1 7" || posted() == "7 1");
  for (std::size_t n = 0; n < 4; ++n) {
    CAF_REQUIRE(n < http->started.size());
    answer(n, 200);
  }
  CAF_CHECK(posted().ends_with("2 3"));
}

CAF_TEST(after a restart the oldest dead letters are still those that go first) {
  const int dead_at[] = {30, 10, 20};
  for (std::uint64_t seq = 1; seq <= 3; ++seq) {
    interject::journal::commit c;
    c.conversation = "c1";
    c.expected_version = seq - 1;
    c.calls = {delivery_of("c1", seq, "sms", "{}", at(0))};
    c.calls[0].dead_at = at(dead_at[seq - 1]);
    write(c);
  }
  webhook_options how;
  how.max_dead = 2;
  start(how);
  CAF_CHECK_EQUAL(stored(), "d-c1-1! d-c1-3!");
}

CAF_TEST(a dead letter is sent again once when it is asked for) {
  start(patient());
  say(1);
  fail_all();
  CAF_CHECK_EQUAL(resend("d-c1-2"), "there is no such dead letter");
  CAF_CHECK_EQUAL(resend("d-c1-1"), "done");
  CAF_CHECK_EQUAL(resend("d-c1-1"), "there is no such dead letter");
  CAF_CHECK_EQUAL(posted(), "1 1 1 1 1 1 1");
  CAF_CHECK_EQUAL(stored(), "d-c1-1");
  answer(6, 200);
  CAF_CHECK_EQUAL(stored(), "");
}

CAF_TEST(a channel that is not set any more is waited for) {
  start();
  known.clear();
  say(1);
  CAF_CHECK_EQUAL(posted(), "");
  known = "sms";
  advance(webhook_rest("d-c1-1", 1));
  CAF_CHECK_EQUAL(posted(), "1");
}

CAF_TEST(more than may wait for a conversation are dead letters at once) {
  webhook_options how;
  how.max_waiting = 2;
  how.max_dead = 1;
  start(how);
  for (std::uint64_t seq = 1; seq <= 4; ++seq)
    say(seq);
  CAF_CHECK_EQUAL(posted(), "1");
  CAF_CHECK_EQUAL(stored(), "d-c1-1 d-c1-2 d-c1-4!"); // the older of the dead letters has gone
  answer(0, 200);
  answer(1, 200);
  CAF_CHECK_EQUAL(posted(), "1 2");
}

CAF_TEST(an erased conversation sends nothing more) {
  start();
  say(1);
  say(2);
  caf::anon_send(it, cancel_call{"d-c1-1"});
  deliver();
  CAF_CHECK_EQUAL(http->cancelled, std::vector<std::uint64_t>{1});
  http->answer(0, 200);
  deliver();
  CAF_CHECK_EQUAL(posted(), "1 2");
}

CAF_TEST_FIXTURE_SCOPE_END()
