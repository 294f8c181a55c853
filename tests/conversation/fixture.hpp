// A router with its conversations over a memory store that can fail, on the deterministic
// scheduler. The timers and monitors are inboxes. Include after caf_test.hpp.
#pragma once

#include "actors/conversation/conversation_actor.hpp"
#include "actors/conversation/local_messages.hpp"
#include "tests/conversation/one_bot.hpp"
#include "tests/support/bots.hpp"
#include "tests/support/fixture.hpp"
#include "tests/support/forwarding_store.hpp"

#include <functional>
#include <stdexcept>

namespace interject::test {

using namespace interject::conversation;

/// A memory store that refuses to write when told to, and a notification whose id begins with
/// "poison" always.
class frail_store final : public forwarding_store {
public:
  frail_store() : forwarding_store(journal::make_memory_store()) {}
  result<void> write(std::span<const journal::commit_ptr> batch,
                     std::span<result<void>> outcomes) override {
    if (failing)
      return error{errc::unavailable, "the disk is full"};
    for (auto& c : batch)
      for (auto& n : c->notifications)
        if (n.id.starts_with("poison"))
          return error{errc::internal, "it has no binary form"};
    ++transactions;
    return inner->write(batch, outcomes);
  }
  bool failing = false;
  int transactions = 0;
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

struct talk_fixture : interject::test::actor_fixture {
  std::shared_ptr<frail_store> store = std::make_shared<frail_store>();
  std::shared_ptr<runtime::test_clock> clock = std::make_shared<runtime::test_clock>(
      time_point(std::chrono::sys_days{std::chrono::January / 5 / 2026}));
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

  std::shared_ptr<one_bot> bots = std::make_shared<one_bot>();
  std::shared_ptr<journal::budget> in_flight = std::make_shared<journal::budget>(1 << 20);
  std::shared_ptr<surroundings> with;

  explicit talk_fixture(const std::function<void(surroundings&)>& adjust = {}) {
    spawn_timers();
    journal = journal::spawn_journal(sys, store,
                                     {.max_batch = 512, .detached = false, .in_flight = in_flight});
    reader = journal::spawn_reader(sys, store, false);
    auto bot = bot_of(travel_bot());
    bots->it = std::make_shared<const definitions>(definitions{bot, policy_of(*bot)});
    start(adjust);
  }
  /// A node that begins: over what is stored, with nothing in memory.
  void start(const std::function<void(surroundings&)>& adjust = {}) {
    with = std::make_shared<surroundings>();
    with->bots = bots;
    with->clock = clock;
    with->out = out;
    with->counts = counts;
    with->journal = journal;
    with->reader = reader;
    with->timers = timers.address;
    with->prices = prices.address;
    with->calls = calls.address;
    with->in_flight = in_flight;
    if (adjust)
      adjust(*with);
    router = spawn_router(sys, with);
    deliver();
  }
  void stop() {
    caf::anon_send(router, drain{});
    run();
  }
  ~talk_fixture() override {
    stop();
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
  post_activity message(std::string text, std::string client_id = "",
                        const std::string& id = "c1") {
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
  notify news(const std::string& id, const std::string& conversation = "c1",
              const std::string& user = "") {
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

} // namespace interject::test
