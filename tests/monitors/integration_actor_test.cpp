#define CAF_SUITE integration_actor
#include "tests/support/caf_test.hpp"

#include "actors/monitors/integration.hpp"
#include "actors/monitors/retry.hpp"
#include "tests/monitors/fake_http.hpp"
#include "tests/monitors/monitor_fixture.hpp"

using namespace interject;
using namespace interject::monitors;
using interject::test::at;
using std::chrono::seconds;

namespace {

struct fixture : interject::test::monitor_fixture {
  fixture() {
    timer = keep(spawn_timer(sys, clock, reader, {clock}));
    CAF_REQUIRE_EQUAL(begin(timer), "done");
  }
  void start(integration_options how = {}) {
    calls = keep(spawn_integration_over(sys, http, clock, timer, reader, how));
    CAF_REQUIRE_EQUAL(begin(calls), "done");
  }
  static call_row a_call(const std::string& id, std::uint32_t retries = 0) {
    call_row c;
    c.id = id;
    c.conversation = "c1";
    c.url = "http://shop.example.com/price";
    c.retries = retries;
    c.read = {{"price", "/price"}, {"gone", "/nothing"}};
    return c;
  }
  void call(const call_row& row) {
    caf::anon_send(calls, begin_call{row});
    deliver();
  }
  void advance(duration by) {
    caf::send_as(begun.address, timer, advance_clock{7, by});
    deliver();
  }

  std::shared_ptr<interject::test::fake_http> http = std::make_shared<interject::test::fake_http>();
  caf::actor timer, calls;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(integration_actor_tests, fixture)

CAF_TEST(a call is made and its answer is read) {
  start();
  auto row = a_call("c-1");
  row.method = "POST";
  row.body = "{}";
  row.mode = call_mode::background;
  row.notify.topic = "orders";
  call(row);
  CAF_REQUIRE_EQUAL(http->started.size(), 1u);
  auto& sent = http->started[0];
  CAF_CHECK(sent.method == "POST" && sent.url == row.url && sent.body == "{}");
  CAF_REQUIRE_EQUAL(sent.headers.size(), 1u);
  CAF_CHECK(sent.headers[0] == std::pair(std::string("Idempotency-Key"), std::string("c-1.1")));
  CAF_CHECK(sent.timeout > seconds(20) && sent.timeout <= seconds(30));
  http->answer(0, 200, R"({"price": 19.99})");
  deliver();
  CAF_CHECK_EQUAL(routed(), "0 answered c-1 succeeded");
  auto& c = lines[0].call;
  CAF_CHECK_EQUAL(c.status, 200);
  CAF_REQUIRE_EQUAL(c.values.size(), 2u);
  CAF_CHECK(c.values[0].first == "price" && display(c.values[0].second) == "19.99");
  CAF_CHECK(c.values[1].first == "gone" && c.values[1].second.is_null());
  CAF_CHECK(c.mode == call_mode::background && c.notify.topic == "orders" &&
            c.conversation == "c1");
  advance(seconds(600));
  CAF_CHECK_EQUAL(routed(), "");
}

CAF_TEST(failures end a call with their reason) {
  start();
  for (auto* id : {"c-1", "c-2", "c-3", "c-4"})
    call(a_call(id));
  http->answer(0, 404);
  http->answer(1, 200, "<html>");
  http->fail(2, http_answer::kind::timed_out, "no answer within 30s");
  http->fail(3, http_answer::kind::not_allowed, "not named");
  deliver();
  std::string told;
  for (auto& l : lines)
    told += l.text + " " + std::to_string(l.call.status) + " " + l.call.reason + "; ";
  CAF_CHECK_EQUAL(
      told, "answered c-1 failed 404 status 404; answered c-2 failed 200 the answer is no JSON; "
            "answered c-3 timed_out 0 no answer within 30s; answered c-4 failed 0 not named; ");
}

CAF_TEST(what may pass is tried again with growing rests and the same key) {
  start();
  call(a_call("c-1", 3));
  http->answer(0, 503);
  deliver();
  CAF_CHECK_EQUAL(http->started.size(), 1u);
  advance(jittered_rest("c-1", 1) - std::chrono::milliseconds(1));
  CAF_CHECK_EQUAL(http->started.size(), 1u);
  advance(std::chrono::milliseconds(1));
  CAF_REQUIRE_EQUAL(http->started.size(), 2u);
  http->fail(1, http_answer::kind::unreachable, "no connection");
  deliver();
  advance(seconds(1));
  CAF_REQUIRE_EQUAL(http->started.size(), 3u);
  http->answer(2, 429);
  deliver();
  advance(seconds(2));
  CAF_REQUIRE_EQUAL(http->started.size(), 4u);
  for (auto& each : http->started)
    CAF_CHECK_EQUAL(each.headers.at(0).second, "c-1.1");
  http->answer(3, 500);
  deliver();
  CAF_REQUIRE_EQUAL(lines.size(), 1u);
  CAF_CHECK_EQUAL(lines[0].text, "answered c-1 failed");
  CAF_CHECK_EQUAL(lines[0].call.status, 500);
}

CAF_TEST(retries stay within the time of the call) {
  start();
  auto row = a_call("c-1", 10);
  row.timeout = seconds(2);
  call(row);
  for (std::size_t i = 0; i < http->started.size(); ++i) {
    CAF_REQUIRE(i < 10);
    // Each try has only what the tries and rests before it have left.
    auto rest = jittered_rest("c-1", static_cast<std::uint32_t>(i));
    auto before = i == 0 ? duration(2000) : http->started[i - 1].timeout - rest;
    CAF_CHECK(http->started[i].timeout > duration::zero() && http->started[i].timeout <= before);
    http->answer(i, 503);
    deliver();
    advance(seconds(1));
  }
  CAF_CHECK_LESS(http->started.size(), 10u);
  CAF_REQUIRE_EQUAL(lines.size(), 1u);
  CAF_CHECK_EQUAL(lines[0].text, "answered c-1 failed");
}

CAF_TEST(what a client got wrong is not tried again) {
  start();
  call(a_call("c-1", 3));
  http->answer(0, 400);
  deliver();
  advance(seconds(60));
  CAF_CHECK_EQUAL(http->started.size(), 1u);
  CAF_CHECK_EQUAL(routed(), "0 answered c-1 failed");
}

CAF_TEST(a result is told until it is taken) {
  start();
  int left = 2;
  reply = [&](const line&) -> std::optional<int> {
    return left-- > 0 ? std::optional<int>(left ? silent : static_cast<int>(errc::unavailable))
                      : std::nullopt;
  };
  call(a_call("c-1"));
  http->answer(0, 200);
  deliver();
  advance(seconds(60));
  CAF_CHECK_EQUAL(routed(),
                  "0 answered c-1 succeeded, 1 answered c-1 succeeded, 3 answered c-1 succeeded");
}

CAF_TEST(a cancelled call is not told) {
  start();
  call(a_call("c-1"));
  call(a_call("c-2", 3));
  http->answer(1, 503);
  deliver();
  caf::anon_send(calls, cancel_call{"c-1"});
  caf::anon_send(calls, cancel_call{"c-2"});
  caf::anon_send(calls, cancel_call{"c-3"});
  deliver();
  CAF_CHECK_EQUAL(http->cancelled, std::vector<std::uint64_t>{1});
  http->answer(0, 200); // it was on its way already
  deliver();
  advance(seconds(60));
  CAF_CHECK_EQUAL(http->started.size(), 2u);
  CAF_CHECK_EQUAL(routed(), "");
}

CAF_TEST(more than may run wait in order and more than may wait fail) {
  integration_options how;
  how.limits.running = 2;
  how.limits.waiting = 2;
  start(how);
  for (auto* id : {"c-1", "c-2", "c-3", "c-4", "c-5"})
    call(a_call(id));
  CAF_CHECK_EQUAL(http->started.size(), 2u);
  CAF_CHECK_EQUAL(routed(), "0 answered c-5 failed");
  CAF_CHECK_EQUAL(lines[0].call.reason, "too many calls wait");
  http->answer(0, 200);
  deliver();
  CAF_CHECK_EQUAL(http->started.size(), 3u);
  CAF_CHECK_EQUAL(http->started[2].headers.at(0).second, "c-3.1");
  caf::anon_send(calls, cancel_call{"c-2"});
  deliver();
  CAF_CHECK_EQUAL(http->started.size(), 4u);
}

CAF_TEST(after a restart calls are repeated or their outcome is unknown) {
  interject::journal::commit c;
  c.conversation = "c1";
  c.calls = {a_call("c-1"), a_call("c-2")};
  c.calls[1].restart = call_restart::fail;
  c.calls[1].generation = 4;
  write(c);
  start();
  CAF_CHECK_EQUAL(routed(), "0 answered c-2 unknown_outcome");
  CAF_CHECK_EQUAL(lines[0].call.reason, "unknown_outcome");
  CAF_CHECK_EQUAL(lines[0].call.generation, 4u);
  CAF_REQUIRE_EQUAL(http->started.size(), 1u);
  CAF_CHECK_EQUAL(http->started[0].headers.at(0).second, "c-1.1"); // as it was before
  http->answer(0, 200);
  deliver();
  CAF_CHECK_EQUAL(routed(), "0 answered c-1 succeeded");
}

CAF_TEST(a host that asks to wait is waited for) {
  start();
  call(a_call("c-1", 3));
  http->answer(0, 503, "", "7");
  deliver();
  advance(seconds(7) - std::chrono::milliseconds(1));
  CAF_CHECK_EQUAL(http->started.size(), 1u);
  advance(std::chrono::milliseconds(1));
  CAF_REQUIRE_EQUAL(http->started.size(), 2u);
  http->answer(1, 429, "", "3600"); // longer than the call may take
  deliver();
  CAF_CHECK_EQUAL(routed(), "7 answered c-1 failed");
  CAF_CHECK_EQUAL(lines[0].call.reason,
                  "status 429; its host asks to wait longer than the call may take");
}

CAF_TEST(a host that keeps failing is left alone and tried by a probe) {
  integration_options how;
  how.breaker.failures = 2;
  how.breaker.rest = seconds(5);
  how.breaker.successes = 1;
  start(how);
  for (auto* id : {"c-1", "c-2"}) {
    call(a_call(id));
    http->answer(http->started.size() - 1, 500);
    deliver();
  }
  CAF_REQUIRE_EQUAL(routed(), "0 answered c-1 failed, 0 answered c-2 failed");
  call(a_call("c-3"));
  CAF_CHECK_EQUAL(routed(), "0 answered c-3 failed");
  CAF_CHECK_EQUAL(lines[2].call.reason,
                  "its host has failed too often of late, and is left alone for a while");
  auto other = a_call("c-4");
  other.url = "http://other.example.com/";
  call(other); // does not suffer with it
  CAF_CHECK_EQUAL(http->started.size(), 3u);
  call(a_call("c-5", 1)); // rests until the circuit lets a probe through
  CAF_CHECK_EQUAL(http->started.size(), 3u);
  advance(seconds(5) + jittered_rest("c-5", 1));
  CAF_REQUIRE_EQUAL(http->started.size(), 4u);
  call(a_call("c-6")); // one probe at a time: it waits for how that ends
  CAF_CHECK_EQUAL(http->started.size(), 4u);
  http->answer(3, 200);
  deliver();
  CAF_CHECK_EQUAL(http->started.size(), 5u);
}

CAF_TEST(a slow host does not keep others waiting) {
  integration_options how;
  how.limits.running_per_host = 1;
  start(how);
  call(a_call("c-1"));
  call(a_call("c-2"));
  auto other = a_call("c-3");
  other.url = "http://other.example.com/";
  call(other);
  CAF_REQUIRE_EQUAL(http->started.size(), 2u);
  CAF_CHECK_EQUAL(http->started[1].url, other.url);
  // What waits has its time, too.
  advance(seconds(30));
  CAF_CHECK_EQUAL(routed(), "30 answered c-2 timed_out");
  CAF_CHECK_EQUAL(lines[0].call.reason, "no answer within 30s");
}

CAF_TEST(a call that begins before the rows are read is made once) {
  interject::journal::commit c;
  c.conversation = "c1";
  c.calls = {a_call("c-1"), a_call("c-2")};
  write(c);
  calls = keep(spawn_integration_over(sys, http, clock, timer, reader, {}));
  call(a_call("c-1"));
  call(a_call("c-1"));
  caf::anon_send(calls, cancel_call{"c-2"});
  CAF_REQUIRE_EQUAL(begin(calls), "done");
  CAF_CHECK_EQUAL(http->started.size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
