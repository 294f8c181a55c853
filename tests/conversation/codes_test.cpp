// Every code of the delivery rule is reached through the actor: a row for each, and a code without
// one fails.
#define CAF_SUITE codes
#include "tests/support/caf_test.hpp"

#include "actors/conversation/conversation_actor.hpp"
#include "actors/conversation/local_messages.hpp"
#include "actors/monitors/reminder_rows.hpp"
#include "actors/person/person_actor.hpp"
#include "tests/conversation/one_bot.hpp"
#include "tests/support/bots.hpp"
#include "tests/support/fixture.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

using namespace interject;
using namespace interject::conversation;
using namespace std::chrono_literals;

namespace {

constexpr const char* bot_text = R"json({
  "id": "codes", "start": "welcome", "hosts": ["127.0.0.1:9"],
  "channels": {
    "directline": {},
    "sms": { "session_window": "24h", "templates": { "known": "Template {what}." } },
    "watch": { "reach": "connected" },
    "pager": { "reach": "connected", "otherwise": "directline" },
    "tablet": { "reach": "connected", "otherwise": "clock" },
    "clock": { "reach": "connected", "otherwise": "tablet" } },
  "delivery": { "caps": [ { "topic": "capped", "per": "1h", "at_most": 1 } ],
    "topic_budgets": { "rare": { "per": "1h", "burst": 1 } }, "queue_limit": 3,
    "digest_text": "{count}:{items}" },
  "dialogs": {
    "welcome": { "steps": [ { "do": "say", "text": "Hello." } ] },
    "book": { "intents": ["book"], "steps": [
      { "do": "ask", "type": "text", "into": "city", "text": "Where to?" },
      { "do": "say", "text": "Off to {city}." } ] },
    "order": { "intents": ["order"], "interruptible": "never", "steps": [
      { "do": "ask", "type": "text", "into": "what", "text": "What?" } ] },
    "two": { "intents": ["two"], "steps": [
      { "do": "ask", "type": "text", "into": "a", "text": "A?" },
      { "do": "ask", "type": "text", "into": "b", "text": "B?", "boundary": true } ] },
    "pay": { "intents": ["pay"], "steps": [
      { "do": "request", "method": "POST", "url": "http://127.0.0.1:9/pay", "timeout": "1h" },
      { "do": "say", "text": "Paid." } ] },
    "offer": { "steps": [ { "do": "ask", "type": "yes_no", "into": "ok", "text": "Book it?" } ] },
    "mute": { "intents": ["mute"], "steps": [ { "do": "prefer", "topics": { "offers": "muted" } } ] },
    "leave_me": { "intents": ["leave me alone"], "steps": [ { "do": "prefer", "contact": false } ] },
    "sleep": { "intents": ["sleep"], "steps": [
      { "do": "prefer", "quiet_hours": { "from": "10:00", "to": "18:00", "zone": "UTC" } } ] }
  } })json";

struct listener final : runtime::outlet {
  bool open = false;
  void publish(const publication&) override {}
  bool listening(const conversation_id&) const override { return open; }
};

/// A conversation "c1" of Ann at noon, a minute after she opened it.
struct fixture : interject::test::actor_fixture {
  std::shared_ptr<journal::store> store = journal::make_memory_store();
  std::shared_ptr<runtime::test_clock> clock = std::make_shared<runtime::test_clock>(
      time_point(std::chrono::sys_days{std::chrono::January / 5 / 2026} + 12h));
  std::shared_ptr<listener> out = std::make_shared<listener>();
  using told = inbox<opened, posted, decided, done, refused>;
  told client = spawn_inbox<opened, posted, decided, done, refused>();
  inbox<wake_at, arm_reminder, disarm_reminder, monitors::set_alarm> timers =
      spawn_inbox<wake_at, arm_reminder, disarm_reminder, monitors::set_alarm>();
  inbox<arm_watch, disarm_watch> prices = spawn_inbox<arm_watch, disarm_watch>();
  inbox<begin_call, cancel_call> calls = spawn_inbox<begin_call, cancel_call>();
  std::shared_ptr<runtime::counters> counts = std::make_shared<runtime::counters>();
  caf::actor journal, reader, people, router;
  std::shared_ptr<surroundings> with = std::make_shared<surroundings>();
  int names = 0;

  fixture() {
    journal = journal::spawn_journal(sys, store, {512, 1 << 20, false, {}});
    reader = journal::spawn_reader(sys, store, false);
    auto bots = std::make_shared<test::one_bot>();
    auto bot = test::bot_of(bot_text);
    bots->it = std::make_shared<const definitions>(definitions{bot, policy_of(*bot)});
    with->bots = bots;
    with->clock = clock;
    with->out = out;
    with->counts = counts;
    with->journal = journal;
    with->reader = reader;
    with->timers = timers.address;
    with->prices = prices.address;
    with->calls = calls.address;
    auto known = std::make_shared<person::people_surroundings>();
    known->clock = clock;
    known->journal = journal;
    known->reader = reader;
    known->timers = timers.address;
    with->people = people = person::spawn_people(sys, known);
    begin();
  }
  /// With nothing of the conversations in memory.
  void begin() {
    router = spawn_router(sys, with);
    caf::anon_send(people, person::conversations_are{router});
    run();
  }
  ~fixture() override {
    caf::anon_send(router, drain{});
    run();
    for (auto& a :
         {people, journal, reader, timers.address, prices.address, calls.address, client.address})
      caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
    run();
  }

  template <class T> void send(T what) {
    caf::send_as(client.address, router, std::move(what));
    run();
  }
  void open(std::string channel = "directline", std::string id = "c1",
            std::string user = "dl_ann") {
    send(open_conversation{1, std::move(id), std::move(user), "Ann", "en", std::move(channel)});
    clock->advance_to(clock->now() + 1min);
  }
  void say(std::string text, std::string id = "c1") {
    incoming_activity a;
    a.text = std::move(text);
    a.from = "dl_ann";
    send(post_activity{1, std::move(id), a});
  }
  /// Says it, and lets the typing window pass.
  void said(std::string text) {
    say(std::move(text));
    pass(10s);
  }
  notification news(delivery_mode mode = delivery_mode::ad_hoc, urgency level = urgency::normal) {
    notification n;
    n.id = "n" + std::to_string(++names);
    n.mode = mode;
    n.urgency = level;
    n.created = clock->now();
    n.text = {{"", n.id}};
    return n;
  }
  notification offer(urgency level = urgency::normal) {
    auto n = news(delivery_mode::interrupt, level);
    n.dialog = "offer";
    n.needs_answer = true;
    return n;
  }
  void tell(notification n, std::string id = "c1") {
    send(notify{1, std::move(id), "", std::move(n)});
  }
  /// In steps, as the timers would wake it.
  void pass(duration d) {
    for (auto end = clock->now() + d; clock->now() < end;) {
      clock->advance_to(std::min(end, clock->now() + std::max<duration>(d / 100, 500ms)));
      send(wake{1, "c1"});
    }
  }
  bool reached(delivery_code code) const {
    return counts->decisions[static_cast<std::size_t>(code)].load() > 0;
  }
  decision last_of(const notification_id& id) {
    return (*store->open_reader()->find_notification(id))->trail.back();
  }
};

using play = void (*)(fixture&);

/// What the person and the senders do until the code is there.
const std::map<delivery_code, play> plays{
    {delivery_code::idle, [](fixture& f) { f.open(), f.tell(f.news()); }},
    {delivery_code::boundary,
     [](fixture& f) {
       f.open(), f.said("two");
       f.tell(f.news(delivery_mode::deferred));
       f.say("x");
     }},
    {delivery_code::adhoc, [](fixture& f) { f.open(), f.said("book"), f.tell(f.news()); }},
    {delivery_code::adhoc_critical,
     [](fixture& f) {
       f.open(), f.said("book");
       f.tell(f.news(delivery_mode::ad_hoc, urgency::critical));
     }},
    {delivery_code::abandoned,
     [](fixture& f) { f.open(), f.said("book"), f.pass(20min), f.tell(f.news()); }},
    {delivery_code::depth_adhoc,
     [](fixture& f) {
       f.open(), f.said("book");
       for (int i = 0; i < 3; ++i)
         f.tell(f.offer(urgency::critical)), f.pass(61s);
     }},
    {delivery_code::escalated_expiry,
     [](fixture& f) {
       f.open(), f.said("book");
       auto n = f.news(delivery_mode::deferred);
       n.lifetime = 5min;
       f.tell(n), f.pass(6min);
     }},
    {delivery_code::opened, [](fixture& f) { f.open(), f.tell(f.offer()); }},
    {delivery_code::interrupted, [](fixture& f) { f.open(), f.said("book"), f.tell(f.offer()); }},
    {delivery_code::flow_cancelled,
     [](fixture& f) {
       f.open(), f.said("book");
       auto n = f.offer();
       n.returns = return_mode::reset;
       f.tell(n);
     }},
    {delivery_code::user_typing, [](fixture& f) { f.open(), f.say("book"), f.tell(f.news()); }},
    {delivery_code::await_boundary,
     [](fixture& f) { f.open(), f.said("book"), f.tell(f.news(delivery_mode::deferred)); }},
    {delivery_code::step_protected,
     [](fixture& f) { f.open(), f.said("order"), f.tell(f.news()); }},
    {delivery_code::interruption_active,
     [](fixture& f) {
       f.open(), f.said("book"), f.tell(f.offer()), f.pass(10s), f.tell(f.offer());
     }},
    {delivery_code::depth_limit,
     [](fixture& f) {
       f.open(), f.said("book"), f.tell(f.offer()), f.pass(10s);
       f.tell(f.offer(urgency::time_sensitive));
     }},
    {delivery_code::uncancellable,
     [](fixture& f) {
       f.open(), f.said("pay");
       auto n = f.offer();
       n.returns = return_mode::reset;
       f.tell(n);
     }},
    {delivery_code::inhibited,
     [](fixture& f) {
       f.open(), f.said("order");
       auto alarm = f.news(delivery_mode::deferred, urgency::time_sensitive);
       alarm.inhibits = {"offers"};
       auto n = f.news();
       n.topic = "offers";
       f.tell(alarm), f.tell(n);
     }},
    {delivery_code::no_channel, [](fixture& f) { f.open("watch"), f.tell(f.news()); }},
    {delivery_code::window_closed, [](fixture& f) { f.open("sms"), f.tell(f.news()); }},
    {delivery_code::quiet, [](fixture& f) { f.open(), f.said("sleep"), f.tell(f.news()); }},
    {delivery_code::rate_limited,
     [](fixture& f) {
       f.open();
       for (int i = 0; i < 2; ++i) {
         auto n = f.news();
         n.topic = "rare";
         f.tell(n), f.pass(10s);
       }
     }},
    {delivery_code::spaced,
     [](fixture& f) {
       f.open(), f.said("order"), f.tell(f.news()), f.tell(f.news());
       f.say("tea"), f.pass(4s);
     }},
    {delivery_code::coalesced,
     [](fixture& f) {
       f.open(), f.said("order");
       for (int i = 0; i < 3; ++i) {
         auto n = f.news();
         n.digest_key = "d";
         f.tell(n);
       }
       f.say("tea"), f.pass(4s);
     }},
    {delivery_code::superseded,
     [](fixture& f) {
       f.open(), f.said("order");
       for (int i = 0; i < 2; ++i) {
         auto n = f.news();
         n.collapse_key = "k";
         f.tell(n);
       }
     }},
    {delivery_code::dup_id,
     [](fixture& f) {
       f.open();
       auto n = f.news();
       f.tell(n), f.tell(n);
     }},
    {delivery_code::expired,
     [](fixture& f) {
       f.open();
       auto n = f.news();
       n.created -= 48h;
       f.tell(n);
     }},
    {delivery_code::expired_unseen,
     [](fixture& f) {
       f.open(), f.said("order");
       auto n = f.news();
       n.lifetime = 2min;
       f.tell(n), f.pass(3min);
     }},
    {delivery_code::expires_in_quiet,
     [](fixture& f) {
       f.open(), f.said("sleep");
       auto n = f.news();
       n.lifetime = 1h;
       f.tell(n);
     }},
    {delivery_code::withdrawn,
     [](fixture& f) {
       f.open(), f.said("order");
       auto n = f.news();
       n.from = origin::watch;
       n.source = "w-1";
       f.tell(n);
       f.send(retract{1, "c1", origin::watch, "w-1"});
     }},
    {delivery_code::no_optin,
     [](fixture& f) {
       f.open(), f.said("leave me alone");
       f.tell(f.news(delivery_mode::ad_hoc, urgency::critical));
     }},
    {delivery_code::muted,
     [](fixture& f) {
       f.open(), f.said("mute");
       auto n = f.news();
       n.topic = "offers";
       f.tell(n);
     }},
    {delivery_code::freq_cap,
     [](fixture& f) {
       f.open();
       for (int i = 0; i < 2; ++i) {
         auto n = f.news();
         n.topic = "capped";
         f.tell(n), f.pass(2min);
       }
     }},
    {delivery_code::repeat_window,
     [](fixture& f) {
       f.open();
       for (int i = 0; i < 2; ++i) {
         auto n = f.news();
         n.collapse_key = "k";
         n.repeat_window = 1h;
         f.tell(n), f.pass(2min);
       }
     }},
    {delivery_code::queue_full,
     [](fixture& f) {
       f.open(), f.said("order");
       for (int i = 0; i < 4; ++i)
         f.tell(f.news());
     }},
    {delivery_code::failed,
     [](fixture& f) {
       f.open(), f.tell(f.news());
       f.send(delivery_failed{1, "c1", activity_id("c1", 2), "gone"});
     }},
};

/// Reached by a test of its own.
const std::map<delivery_code, const char*> elsewhere{
    {delivery_code::parked, "tests/conversation/parking_test.cpp"},
};

} // namespace

CAF_TEST(every code is reached through the actor) {
  for (int i = 0; i < delivery_code_count; ++i) {
    auto code = static_cast<delivery_code>(i);
    auto it = plays.find(code);
    if (it == plays.end()) {
      auto other = elsewhere.find(code);
      if (other == elsewhere.end() ||
          !std::filesystem::exists(std::filesystem::path(INTERJECT_SOURCE_DIR) / other->second))
        CAF_ERROR(to_string(code) << " is reached by no test");
      continue;
    }
    fixture f;
    it->second(f);
    if (f.reached(code))
      continue;
    std::string instead;
    for (int k = 0; k < delivery_code_count; ++k)
      if (auto other = static_cast<delivery_code>(k); f.reached(other))
        instead += std::string(" ") + to_string(other);
    CAF_ERROR(to_string(code) << " was not reached, but:" << instead);
  }
}

CAF_TEST_FIXTURE_SCOPE(codes_tests, fixture)

CAF_TEST(a template is said while the session window is closed) {
  open("sms");
  auto n = news();
  n.template_id = "known";
  n.params = {{"what", value("snow")}};
  tell(n);
  auto rows = store->open_reader()->history("c1", 0, 100);
  CAF_CHECK(rows->back().body->find("Template snow.") != std::string::npos);
  auto unknown = news();
  unknown.template_id = "other";
  tell(unknown);
  CAF_CHECK(last_of(unknown.id).code == delivery_code::window_closed);
  say("I am here");
  pass(10s);
  CAF_CHECK(last_of(unknown.id).action == delivery_action::sent);
}

CAF_TEST(news goes to another channel when the first does not reach the person) {
  open("directline", "c2");
  open("pager", "c1");
  auto n = news();
  tell(n);
  CAF_REQUIRE_EQUAL(timers.of<arm_reminder>().size(), 1u);
  auto row = timers.of<arm_reminder>()[0].row;
  CAF_CHECK_EQUAL(row.conversation, "c2");
  CAF_CHECK_EQUAL(row.notify.id, n.id);
  CAF_CHECK(client.of<decided>().back().what.action == delivery_action::accepted);
}

CAF_TEST(each notice that another channel takes has a name of its own and keeps its expiry) {
  open("directline", "c2");
  open("pager", "c1");
  std::set<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    auto n = news();
    n.lifetime = 10min;
    n.created -= 4min;
    tell(n);
    auto row = timers.of<arm_reminder>().back().row;
    ids.insert(row.id);
    CAF_CHECK(row.notify.lifetime == 6min);
  }
  CAF_CHECK_EQUAL(ids.size(), 3u);
}

CAF_TEST(two channels that name each other pass a notice on once) {
  open("tablet", "c1");
  open("clock", "c2");
  auto n = news();
  tell(n);
  CAF_REQUIRE_EQUAL(timers.of<arm_reminder>().size(), 1u);
  auto row = timers.of<arm_reminder>()[0].row;
  CAF_CHECK_EQUAL(row.conversation, "c2");
  auto fired = monitors::fire(row, false, clock->now()).what;
  CAF_CHECK(
      last_of(n.id).inputs.ends_with(R"(,"handed_to":"c2","handed_as":")" + fired.id + "\"}"));
  tell(fired, "c2");
  CAF_CHECK_EQUAL(timers.of<arm_reminder>().size(), 1u);
  CAF_CHECK(last_of(fired.id).code == delivery_code::no_channel);
}

CAF_TEST(what was handed over is known by the id of its sender as well) {
  open("directline", "c2");
  open("pager", "c1");
  auto n = news();
  tell(n);
  auto fired = monitors::fire(timers.of<arm_reminder>()[0].row, false, clock->now()).what;
  send(erase_conversation{1, "c1"});
  tell(fired, "c2");
  auto said = [&] { return store->open_reader()->history("c2", 0, 100)->size(); };
  auto before = said();
  CAF_REQUIRE(last_of(fired.id).action == delivery_action::sent);
  clock->advance_to(clock->now() + 24h * 7 - 1ms); // for as long as other ids, and over a restart
  caf::anon_send(router, drain{});
  run();
  begin();
  tell(n, "c2");
  CAF_CHECK_EQUAL(said(), before);
  CAF_CHECK(!*store->open_reader()->find_notification(n.id));
  auto& answer = client.of<decided>().back();
  CAF_CHECK_EQUAL(answer.id, n.id);
  CAF_CHECK(answer.what.action == delivery_action::sent);
}

CAF_TEST(what was told by the id of its sender is not told again when it is handed over) {
  open("directline", "c2");
  open("pager", "c1");
  auto n = news();
  tell(n);
  auto fired = monitors::fire(timers.of<arm_reminder>()[0].row, false, clock->now()).what;
  send(erase_conversation{1, "c1"});
  tell(n, "c2");
  auto said = [&] { return store->open_reader()->history("c2", 0, 100)->size(); };
  auto before = said();
  CAF_REQUIRE(last_of(n.id).action == delivery_action::sent);
  tell(fired, "c2");
  CAF_CHECK_EQUAL(said(), before);
  CAF_CHECK(last_of(fired.id).code == delivery_code::dup_id);
  CAF_REQUIRE_EQUAL(timers.of<disarm_reminder>().size(), 1u); // its source need not send it again
  CAF_CHECK_EQUAL(timers.of<disarm_reminder>()[0].id, fired.source);
}

CAF_TEST(what was handed over and waits is known by the id of its sender) {
  open("watch", "c2");
  open("pager", "c1");
  auto n = news();
  n.lifetime = 24h * 30;
  tell(n);
  CAF_CHECK(timers.of<arm_reminder>().empty()); // the person was met on no channel that it names
  open("directline", "c3");
  say("order", "c3");
  auto late = news(delivery_mode::deferred);
  late.lifetime = 24h * 30;
  tell(late);
  CAF_REQUIRE(!timers.of<arm_reminder>().empty());
  auto fired = monitors::fire(timers.of<arm_reminder>().back().row, false, clock->now()).what;
  tell(fired, "c3");
  CAF_REQUIRE(last_of(fired.id).action != delivery_action::sent);
  send(erase_conversation{1, "c1"});
  clock->advance_to(clock->now() + 24h * 8);
  tell(late, "c3");
  CAF_CHECK_EQUAL(client.of<decided>().back().id, late.id);
  CAF_CHECK(!*store->open_reader()->find_notification(late.id));
}

CAF_TEST(a notice that waits for longer than trails are kept keeps its own) {
  open("sms");
  auto n = news();
  n.lifetime = 24h * 30;
  tell(n);
  auto has_trail = [&] { return store->open_reader()->find_notification(n.id)->has_value(); };
  clock->advance_to(clock->now() + 24h * 8);
  CAF_CHECK(store->sweep(clock->now()).has_value());
  CAF_CHECK(has_trail());
  tell(n); // still known
  CAF_CHECK_EQUAL(reached(delivery_code::dup_id), true);
  say("I am here");
  pass(10s);
  CAF_CHECK(last_of(n.id).action == delivery_action::sent);
  auto said = clock->now();
  CAF_CHECK(store->sweep(said + 24h * 7 - 1min).has_value());
  CAF_CHECK(has_trail());
  CAF_CHECK(store->sweep(said + 24h * 7 + 1ms).has_value());
  CAF_CHECK(!has_trail());
}

CAF_TEST(what a stream misses is said when it opens) {
  open("watch");
  auto n = news();
  tell(n);
  out->open = true;
  send(wake{1, "c1"});
  CAF_CHECK(last_of(n.id).action == delivery_action::sent);
}

CAF_TEST(a failed delivery gives its token back) {
  open();
  for (int i = 0; i < 2; ++i)
    tell(news());
  send(delivery_failed{1, "c1", activity_id("c1", 2), "gone"});
  tell(news());
  CAF_CHECK(client.of<decided>().back().what.action == delivery_action::sent);
}

CAF_TEST_FIXTURE_SCOPE_END()
