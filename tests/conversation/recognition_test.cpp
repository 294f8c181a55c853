// Messages whose meaning is asked outside: order, atomicity, and what happens when nobody answers.
#define CAF_SUITE recognition
#include "tests/support/caf_test.hpp"

#include "actors/conversation/conversation_actor.hpp"
#include "actors/conversation/local_messages.hpp"
#include "actors/monitors/webhook.hpp"
#include "tests/conversation/one_bot.hpp"
#include "tests/support/bots.hpp"
#include "tests/support/fixture.hpp"

using namespace interject;
using namespace interject::conversation;

namespace {

struct fixture : interject::test::actor_fixture {
  fixture() {
    auto bots = std::make_shared<test::one_bot>();
    auto bot =
        test::bot_of(R"({ "id": "b", "recognizer": { "url": "http://127.0.0.1:5005/model/parse" },
      "channels": { "sms": { "url": "http://127.0.0.1:9000/in", "secret": "${env:SMS}" } },
      "dialogs": {
        "trip": { "intents": ["book"], "params": { "city": "text" }, "steps": [ { "do": "say", "text": "To {city}." },
          { "do": "ask", "type": "yes_no", "into": "sure", "text": "Sure?" }, { "do": "say", "text": "Booked." } ] },
        "weather": { "intents": ["weather"], "steps": [ { "do": "say", "text": "Sunny." } ] } } })");
    bots->it = std::make_shared<const definitions>(definitions{bot, policy_of(*bot)});
    auto with = std::make_shared<surroundings>();
    with->bots = bots;
    with->clock = clock;
    with->counts = std::make_shared<runtime::counters>();
    with->journal = journal;
    with->reader = reader;
    with->in_flight = in_flight;
    with->timers = sink;
    with->prices = sink;
    with->calls = sink;
    with->webhooks = webhooks.address;
    with->recogniser = recogniser;
    router = spawn_router(sys, with);
    deliver();
  }
  ~fixture() override {
    give_all({});
    caf::anon_send(router, drain{});
    deliver();
    for (auto& a : {journal, reader, sink, webhooks.address, recogniser, client.address})
      caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
    deliver();
  }

  void open(const std::string& channel = "directline") {
    caf::send_as(client.address, router, open_conversation{1, "c1", "ann", "Ann", "en", channel});
    deliver();
  }
  void say(const std::string& text, const std::string& client_id = "",
           const std::string& tapped = "") {
    incoming_activity a;
    a.text = text;
    a.from = "ann";
    a.client_id = client_id;
    a.tapped = tapped;
    caf::send_as(client.address, router, post_activity{2, "c1", a});
    deliver();
  }
  /// Answers the oldest question.
  void give(std::optional<recognition> it) {
    CAF_REQUIRE(!promises.empty());
    caf::anon_send(recogniser, monitors::recognised{std::move(it)});
    deliver();
  }
  void give_all(std::optional<recognition> it) {
    while (!promises.empty())
      give(it);
  }
  /// What was said so far, by everybody.
  std::string talk() {
    std::string out;
    for (auto& row : *store->open_reader()->history("c1", 0, 100)) {
      auto from = row.body->find("\"text\":\"") + 8;
      out += (out.empty() ? "" : " / ") + row.body->substr(from, row.body->find('"', from) - from);
    }
    return out;
  }

  std::shared_ptr<journal::store> store = journal::make_memory_store();
  std::shared_ptr<runtime::test_clock> clock =
      std::make_shared<runtime::test_clock>(time_point(std::chrono::seconds(1'790'000'000)));
  std::shared_ptr<journal::budget> in_flight = std::make_shared<journal::budget>(1 << 20);
  std::vector<std::string> asked;
  std::vector<caf::response_promise> promises;
  inbox<opened, posted, decided, done, refused> client =
      spawn_inbox<opened, posted, decided, done, refused>();
  inbox<begin_call> webhooks = spawn_inbox<begin_call>();
  caf::actor journal =
      journal::spawn_journal(sys, store, {.detached = false, .in_flight = in_flight});
  caf::actor reader = journal::spawn_reader(sys, store, false);
  caf::actor sink = sys.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](const wake_at&) {}, [](const monitors::set_alarm&) {}};
  });
  caf::actor recogniser = sys.spawn([this](caf::event_based_actor* me) -> caf::behavior {
    return {[this, me](const monitors::recognise& r) {
              asked.push_back(r.text);
              promises.push_back(me->make_response_promise());
              return promises.back();
            },
            [this](const monitors::recognised& r) {
              auto promise = std::move(promises.front());
              promises.erase(promises.begin());
              promise.deliver(r);
            }};
  });
  caf::actor router;
};

const recognition trip_to_paris{{"unknown", "trip"}, {{"city", value("Paris")}}};

} // namespace

CAF_TEST_FIXTURE_SCOPE(recognition_tests, fixture)

CAF_TEST(what the recogniser finds begins its dialog with its entities) {
  open();
  say("I would like to see Paris");
  CAF_CHECK_EQUAL(talk(), "");
  CAF_CHECK(client.of<posted>().empty()); // nothing is promised before it is on disk
  give(trip_to_paris);
  CAF_CHECK_EQUAL(talk(), "I would like to see Paris / To Paris. / Sure?");
  CAF_CHECK_EQUAL(client.of<posted>().size(), 1u);
}

CAF_TEST(without an answer or one that fits the own intents decide) {
  open();
  say("weather");
  give({});
  say("weather");
  give(recognition{{"stocks"}, {}});
  CAF_CHECK_EQUAL(talk(), "weather / Sunny. / weather / Sunny.");
}

CAF_TEST(only what asks for an intent is asked outside) {
  open();
  say("cancel");
  say("book");
  give({});
  say("yes", "", "99"); // a tap on what is no question any more
  say("yes");           // the question understands it
  CAF_CHECK_EQUAL(asked, std::vector<std::string>{"book"});
  CAF_CHECK(talk().ends_with("Booked."));
}

CAF_TEST(what comes meanwhile waits and order is kept) {
  open();
  say("I would like to see Paris", "m-1");
  say("yes", "m-2");
  caf::send_as(client.address, router, reset_conversation{3, "c1"});
  deliver();
  CAF_CHECK_EQUAL(talk(), "");
  CAF_CHECK_EQUAL(asked.size(), 1u);
  give(trip_to_paris);
  CAF_CHECK_EQUAL(talk(), "I would like to see Paris / To Paris. / Sure? / yes / Booked.");
  CAF_CHECK_EQUAL(client.of<done>().size(), 1u);
  say("I would like to see Paris", "m-1"); // a repeat is answered and neither asked nor taken again
  CAF_CHECK_EQUAL(asked.size(), 1u);
  CAF_CHECK_EQUAL(client.of<posted>().size(), 3u);
}

CAF_TEST(what a refused message meant is not taken for the next one) {
  open();
  say("I would like to see Paris");
  CAF_REQUIRE(in_flight->reserve(1 << 20));
  give(trip_to_paris);
  CAF_CHECK_EQUAL(client.of<refused>().size(), 1u);
  in_flight->release(1 << 20);
  say("weather");
  CAF_CHECK_EQUAL(asked.size(), 2u);
  give({});
  CAF_CHECK_EQUAL(talk(), "weather / Sunny.");
}

CAF_TEST(what was not answered is not lost as its sender was promised nothing) {
  open();
  say("I would like to see Paris", "m-1");
  caf::anon_send_exit(recogniser, caf::exit_reason::user_shutdown); // as good as a crash of it
  promises.clear();
  deliver();
  CAF_CHECK_EQUAL(talk(), "");
  sched.trigger_timeouts(); // nobody is left to answer
  deliver();
  CAF_CHECK_EQUAL(talk(), "I would like to see Paris / Sorry, I did not understand that.");
}

CAF_TEST(what the bot says on a webhook leaves with its commit) {
  open("sms");
  say("weather");
  give({});
  CAF_REQUIRE_EQUAL(webhooks.of<begin_call>().size(), 1u);
  auto& row = webhooks.of<begin_call>()[0].row;
  CAF_CHECK_EQUAL(row.channel + " " + row.id, "sms d-c1-2");
  CAF_CHECK(row.body.find(R"("text":"Sunny.")") != row.body.npos);
  CAF_CHECK_EQUAL(store->open_reader()->calls("")->size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
