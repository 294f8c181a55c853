// All deadlines of a conversation are one durable instant in its row: a node that begins anew meets
// each of them.
#define CAF_SUITE wake
#include "tests/support/caf_test.hpp"

#include "actors/conversation/local_messages.hpp"
#include "actors/runtime/assembly.hpp"
#include "tests/monitors/fake_http.hpp"
#include "tests/support/bots.hpp"
#include "tests/support/fixture.hpp"

using namespace interject;
using namespace std::chrono_literals;

namespace {

struct heard final : runtime::outlet {
  std::vector<std::string> bodies;
  void publish(const publication& p) override { bodies.push_back(*p.body); }
};

struct fixture : interject::test::actor_fixture {
  std::shared_ptr<journal::store> store = journal::make_memory_store();
  time_point began = time_point(std::chrono::sys_days{std::chrono::January / 5 / 2026});
  std::shared_ptr<runtime::test_clock> clock = std::make_shared<runtime::test_clock>(began);
  std::shared_ptr<heard> out = std::make_shared<heard>();
  inbox<opened, posted, decided, done, refused> client =
      spawn_inbox<opened, posted, decided, done, refused>();
  runtime::assembly node;
  ticket last = 0;

  fixture() { live(); }
  ~fixture() override {
    die();
    caf::anon_send_exit(client.address, caf::exit_reason::kill);
    run();
  }

  void live() {
    runtime::node_options o;
    o.bot = interject::test::bot_of(interject::test::travel_bot());
    o.store = store;
    o.clock = clock;
    o.manual = clock;
    o.out = out;
    o.detached = false;
    o.http = std::make_shared<interject::test::fake_http>(); // never answers
    node = runtime::assemble(sys, o);
    for (auto& monitor : node.monitors())
      caf::send_as(client.address, monitor, monitors::begin_monitoring{0, node.router});
    deliver();
  }
  void die() {
    caf::anon_send_exit(node.router, caf::exit_reason::kill);
    for (auto& a : node.others())
      caf::anon_send_exit(a, caf::exit_reason::kill);
    node = {};
    deliver();
  }
  template <class T> void send(T what) {
    what.ticket = ++last;
    caf::send_as(client.address, node.router, std::move(what));
    deliver();
  }
  void say(const std::string& text) {
    incoming_activity a;
    a.text = text;
    a.from = "dl_ann";
    a.rest = R"("type":"message")";
    send(post_activity{0, "c1", a});
  }
  void pass(duration by) {
    caf::send_as(client.address, node.timers, advance_clock{++last, by});
    deliver();
  }
  bool said(const std::string& text) {
    for (auto& body : out->bodies)
      if (body.find(text) != std::string::npos)
        return true;
    return false;
  }
  std::optional<time_point> wake() { return (*store->open_reader()->load("c1"))->wake_at; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(wake_tests, fixture)

CAF_TEST(the earliest deadline stands in the row and the next one follows when it was met) {
  send(open_conversation{0, "c1", "dl_ann", "Ann", "en", "directline"});
  CAF_CHECK(!wake());
  say("book a trip");
  pass(20s);
  auto asked = clock->now();
  interject::notify n{0, "c1", "", {}};
  n.what.id = "n1";
  n.what.mode = delivery_mode::deferred;
  n.what.created = clock->now();
  n.what.text = {{"", "News."}};
  send(n);
  CAF_REQUIRE(wake().has_value());
  auto first = *wake();
  CAF_CHECK(first > asked);
  pass(first - clock->now() - 1s);
  CAF_CHECK(!said("News."));
  CAF_CHECK(*wake() == first);
  die();
  live();
  pass(1s);
  CAF_CHECK(said("News."));
  CAF_CHECK(!wake() || *wake() > first);
}

CAF_TEST(a deadline that passed while nobody ran is met at the start) {
  send(open_conversation{0, "c1", "dl_ann", "Ann", "en", "directline"});
  say("slow");
  CAF_REQUIRE(wake().has_value());
  CAF_CHECK(*wake() == began + 2s);
  die();
  clock->advance_to(began + 1h);
  live();
  pass(1s);
  CAF_CHECK(said("One.") || said("Two.") || said("Sorry"));
  CAF_CHECK(!wake() || *wake() > clock->now());
}

CAF_TEST(what waits longer than memory keeps it comes back by its row) {
  send(open_conversation{0, "c1", "dl_ann", "Ann", "en", "directline"});
  say("remind me");
  pass(9min);
  CAF_CHECK_EQUAL(node.counts->live.load(), 0u); // idle for five minutes
  pass(2min);
  CAF_CHECK(said("Tea!"));
}

CAF_TEST_FIXTURE_SCOPE_END()
