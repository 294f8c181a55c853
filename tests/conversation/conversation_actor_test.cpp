#define CAF_SUITE conversation_actor
#include "tests/support/caf_test.hpp"

#include "actors/conversation/conversation_actor.hpp"
#include "actors/conversation/local_messages.hpp"
#include "tests/support/bots.hpp"
#include "tests/support/fixture.hpp"

using namespace interject;
using namespace interject::conversation;
using namespace std::chrono_literals;

namespace {

/// A memory store that refuses to write when told to.
class frail_store final : public journal::store {
public:
  result<void> write(std::span<const journal::commit_ptr> batch,
                     std::span<result<void>> outcomes) override {
    if (failing)
      return error{errc::unavailable, "the disk is full"};
    ++transactions;
    return inner->write(batch, outcomes);
  }
  std::unique_ptr<journal::reader> open_reader() override { return inner->open_reader(); }
  result<void> keep_bot(const std::string& version, const std::string& source) override {
    return inner->keep_bot(version, source);
  }
  result<void> check_writable() override { return inner->check_writable(); }
  result<void> sweep(time_point now) override { return inner->sweep(now); }

  std::shared_ptr<journal::store> inner = journal::make_memory_store();
  bool failing = false;
  int transactions = 0;
};

struct one_bot final : bot_shelf {
  std::shared_ptr<const definitions> it;
  std::shared_ptr<const definitions> current() const override { return it; }
  std::shared_ptr<const definitions> find(const std::string&) const override { return nullptr; }
};

struct listener final : runtime::outlet {
  std::vector<std::uint64_t> seqs;
  std::vector<std::string> bodies;
  bool broken = false;
  void publish(const publication& p) override {
    if (broken)
      throw std::runtime_error("no such member");
    seqs.push_back(p.seq);
    bodies.push_back(*p.body);
  }
};

struct fixture : interject::test::actor_fixture {
  std::shared_ptr<frail_store> store = std::make_shared<frail_store>();
  std::shared_ptr<runtime::test_clock> clock =
      std::make_shared<runtime::test_clock>(time_point(std::chrono::sys_days{std::chrono::January / 5 / 2026}));
  std::shared_ptr<listener> out = std::make_shared<listener>();
  std::shared_ptr<runtime::counters> counts = std::make_shared<runtime::counters>();
  inbox<opened, posted, decided, done, refused> client =
      spawn_inbox<opened, posted, decided, done, refused>();
  inbox<wake_at, arm_reminder, disarm_reminder> timers;
  std::shared_ptr<std::vector<caf::strong_actor_ptr>> sweepers =
      std::make_shared<std::vector<caf::strong_actor_ptr>>();
  inbox<arm_watch, disarm_watch> prices = spawn_inbox<arm_watch, disarm_watch>();
  inbox<begin_call, cancel_call> calls = spawn_inbox<begin_call, cancel_call>();
  caf::actor journal, reader, router;
  ticket last = 0;

  /// Takes what the timers take, and remembers which routers want to be woken for a sweep.
  void spawn_timers() {
    auto got = std::make_shared<std::tuple<std::vector<wake_at>, std::vector<arm_reminder>,
                                           std::vector<disarm_reminder>>>();
    timers.got = got;
    timers.address = sys.spawn([got, who = sweepers](caf::event_based_actor* me) -> caf::behavior {
      return {[=](const wake_at& m) { std::get<0>(*got).push_back(m); },
              [=](const arm_reminder& m) { std::get<1>(*got).push_back(m); },
              [=](const disarm_reminder& m) { std::get<2>(*got).push_back(m); },
              [=](const monitors::set_alarm&) { who->push_back(me->current_sender()); }};
    });
  }
  void ask_to_sweep() {
    for (auto& who : std::exchange(*sweepers, {}))
      caf::anon_send(caf::actor_cast<caf::actor>(who), monitors::alarm_rang{0});
  }
  void sweep() {
    ask_to_sweep();
    run();
  }

  fixture() {
    spawn_timers();
    journal = journal::spawn_journal(sys, store, {512, 1 << 20, false, {}});
    reader = journal::spawn_reader(sys, store, false);
    auto bots = std::make_shared<one_bot>();
    auto bot = test::bot_of(test::travel_bot());
    bots->it = std::make_shared<const definitions>(definitions{bot, policy_of(*bot)});
    auto with = std::make_shared<surroundings>();
    with->bots = bots;
    with->clock = clock;
    with->out = out;
    with->counts = counts;
    with->journal = journal;
    with->reader = reader;
    with->timers = timers.address;
    with->prices = prices.address;
    with->calls = calls.address;
    router = spawn_router(sys, with);
    deliver();
  }
  ~fixture() override {
    caf::anon_send(router, drain{});
    run();
    for (auto& a : {journal, reader, timers.address, prices.address, calls.address, client.address})
      caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
    run();
  }

  template <class T> void send(T what) {
    what.ticket = ++last;
    caf::send_as(client.address, router, std::move(what));
  }
  void open(const std::string& id = "c1") {
    send(open_conversation{0, id, "dl_ann", "Ann", "en", "directline"});
    run();
  }
  post_activity message(std::string text, std::string client_id = "", const std::string& id = "c1") {
    incoming_activity a;
    a.text = std::move(text);
    a.client_id = std::move(client_id);
    a.from = "dl_ann";
    a.rest = R"("type":"message")";
    return {0, id, a};
  }
  void say(std::string text, std::string client_id = "") {
    send(message(std::move(text), std::move(client_id)));
    run();
  }
  notify news(const std::string& id, const std::string& conversation = "c1", const std::string& user = "") {
    notification n;
    n.id = id;
    n.mode = delivery_mode::ad_hoc;
    n.created = clock->now();
    n.text = {{"", "News."}};
    return {0, conversation, user, n};
  }
  std::size_t stored() { return store->open_reader()->history("c1", 0, 1000)->size(); }
  void pass(duration d) { clock->advance_to(clock->now() + d); }
};

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

CAF_TEST(the thirty-third waiting input is refused as busy) {
  open();
  for (int i = 0; i < 40; ++i)
    send(message("hello " + std::to_string(i)));
  run();
  CAF_CHECK_EQUAL(client.of<posted>().size() + client.of<refused>().size(), 40u);
  for (auto& r : client.of<refused>())
    CAF_CHECK_EQUAL(r.code, errc::busy);
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
