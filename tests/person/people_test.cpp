// Persons and their conversations on a whole node, in virtual time: what one conversation learns
// the others know, and what is erased is gone from the disk.
#define CAF_SUITE people
#include "tests/support/caf_test.hpp"

#include "actors/conversation/local_messages.hpp"
#include "actors/runtime/assembly.hpp"
#include "protocols/codec/binary.hpp"
#include "tests/journal/stores.hpp"
#include "tests/support/bots.hpp"
#include "tests/support/fixture.hpp"
#include "tests/support/forwarding_store.hpp"

#include <fstream>
#include <iterator>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>

using namespace interject;
using namespace std::chrono_literals;

namespace {

constexpr const char* bot_text = R"json({
  "id": "people", "start": "welcome",
  "channels": { "directline": {}, "watch": { "reach": "connected" },
    "sms": { "session_window": "1m", "otherwise": "directline" } },
  "dialogs": {
    "welcome": { "steps": [ { "do": "say", "text": "Hello." } ] },
    "name": { "intents": [{ "pattern": "call me (?P<who>\\w+)" }], "steps": [
      { "do": "set", "into": "user.nick", "to": "who" }, { "do": "say", "text": "Fine, {user.nick}." } ] },
    "who": { "intents": ["who am i"], "steps": [
      { "do": "branch", "when": "has(user.nick)", "then": [ { "do": "say", "text": "You are {user.nick}." } ],
        "else": [ { "do": "say", "text": "Nobody." } ] } ] },
    "mute": { "intents": ["stop offers"], "steps": [
      { "do": "prefer", "topics": { "offers": "muted" } }, { "do": "say", "text": "No offers." } ] },
    "order": { "intents": ["order"], "interruptible": "never", "steps": [
      { "do": "ask", "type": "text", "into": "what", "text": "What?" } ] },
    "remind": { "intents": ["remind me"], "steps": [
      { "do": "remind", "in": "10m", "name": "tea", "notify": { "text": "Tea!" } } ] }
  } })json";

struct listener final : runtime::outlet {
  std::set<conversation_id> open;
  std::vector<std::string> said;
  void publish(const publication& p) override { said.push_back(p.conversation + " " + *p.body); }
  bool listening(const conversation_id& id) const override { return open.count(id) > 0; }
};

/// A reader whose jobs throw when they are told to.
struct frail_reader final : test::forwarding_reader {
  frail_reader(std::unique_ptr<journal::reader> to, const bool& how)
      : forwarding_reader(std::move(to)), throws(how) {}
  result<std::optional<journal::conversation_row>> load(const conversation_id& id) override {
    check();
    return inner->load(id);
  }
  result<std::optional<journal::stored_notification>>
  find_notification(const notification_id& id) override {
    check();
    return inner->find_notification(id);
  }
  result<named_values> person_values(const user_id& user) override {
    check();
    return inner->person_values(user);
  }
  result<std::vector<journal::conversation_row>> conversations_of(const user_id& user,
                                                                  std::size_t most) override {
    check();
    return inner->conversations_of(user, most);
  }
  result<std::vector<journal::person_entry>> people(std::uint64_t after, std::uint64_t until,
                                                    std::size_t most) override {
    check();
    return inner->people(after, until, most);
  }
  void check() const {
    if (throws)
      throw std::runtime_error("no memory left");
  }
  const bool& throws;
};

/// A store that fails when it is told to.
struct frail_store final : test::forwarding_store {
  std::unique_ptr<journal::reader> open_reader() override {
    return std::make_unique<frail_reader>(inner->open_reader(), throwing);
  }
  bool throwing = false;
  using forwarding_store::forwarding_store;
  result<void> write(std::span<const journal::commit_ptr> batch,
                     std::span<result<void>> outcomes) override {
    if (failing)
      return error{errc::unavailable, "the disk is full"};
    return inner->write(batch, outcomes);
  }
  bool failing = false;
};

struct fixture : interject::test::actor_fixture {
  std::shared_ptr<frail_store> store = std::make_shared<frail_store>(journal::make_memory_store());
  std::shared_ptr<runtime::test_clock> clock = std::make_shared<runtime::test_clock>(
      time_point(std::chrono::sys_days{std::chrono::January / 5 / 2026} + 12h));
  std::shared_ptr<listener> out = std::make_shared<listener>();
  using told = inbox<opened, posted, decided, done, refused>;
  told client = spawn_inbox<opened, posted, decided, done, refused>();
  runtime::assembly node;
  int names = 0;

  void start() {
    runtime::node_options o;
    o.bot = test::bot_of(bot_text);
    o.store = store;
    o.clock = clock;
    o.manual = clock;
    o.out = out;
    o.detached = false;
    o.broadcasts.per_second = 1000;
    node = runtime::assemble(sys, o);
    for (auto& monitor : node.monitors())
      caf::send_as(client.address, monitor, monitors::begin_monitoring{0, node.router});
    deliver();
    forget();
  }
  void stop(caf::exit_reason how = caf::exit_reason::kill) {
    caf::anon_send_exit(node.router, how);
    for (auto& a : node.others())
      caf::anon_send_exit(a, how);
    node = {};
    deliver();
  }
  fixture() { start(); }
  ~fixture() override {
    stop();
    caf::anon_send_exit(client.address, caf::exit_reason::kill);
    deliver();
  }
  void forget() { *client.got = {}; }
  template <class T> void ask(const caf::actor& who, T what) {
    caf::send_as(client.address, who, std::move(what));
    deliver();
  }
  void pass(duration d) { ask(node.timers, advance_clock{2, d}); }
  void open(const std::string& id, const std::string& user = "ann",
            const std::string& channel = "directline") {
    ask(node.router, open_conversation{1, id, user, "", "en", channel});
    pass(1min);
  }
  void say(const std::string& id, const std::string& text, const std::string& user = "ann") {
    incoming_activity a;
    a.text = text;
    a.from = user;
    ask(node.router, post_activity{1, id, a});
    pass(10s);
  }
  notification news(const std::string& topic = "") {
    notification n;
    n.id = "n" + std::to_string(++names);
    n.mode = delivery_mode::ad_hoc;
    n.created = clock->now();
    n.topic = topic;
    n.text = {{"", "News for you."}};
    return n;
  }
  decided tell(const std::string& user, notification n, const std::string& id = "") {
    forget();
    ask(node.router, notify{1, id, user, std::move(n)});
    CAF_REQUIRE_EQUAL(client.of<decided>().size(), 1u);
    return client.of<decided>().back();
  }
  void set(const std::string& user, std::vector<person_change> changes) {
    ask(node.people, set_person{1, user, std::move(changes)});
  }
  bool heard(const std::string& words) const {
    return !out->said.empty() && out->said.back().find(words) != std::string::npos;
  }
  person::broadcast cast(const std::string& id) {
    person::broadcast b;
    b.id = id;
    b.what = news();
    b.created = clock->now();
    b.until = *store->open_reader()->newest_person();
    return b;
  }
  person::broadcast state_of(const std::string& id) {
    person::broadcast b;
    auto row = store->open_reader()->broadcast(id);
    CAF_REQUIRE(row && *row);
    CAF_REQUIRE(decode_all((*row)->body, b));
    return b;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(people_tests, fixture)

CAF_TEST(what one conversation learns of a person the others know) {
  open("c1");
  open("c2");
  say("c1", "call me Rex");
  say("c2", "who am i");
  CAF_CHECK(heard("You are Rex."));
  open("c3", "bob");
  say("c3", "who am i", "bob");
  CAF_CHECK(heard("Nobody."));
}

CAF_TEST(variables and preferences survive a crash) {
  open("c1");
  say("c1", "call me Rex");
  say("c1", "stop offers");
  stop();
  start();
  say("c1", "who am i");
  CAF_CHECK(heard("You are Rex."));
  open("c2");
  CAF_CHECK(tell("", news("offers"), "c2").what.code == delivery_code::muted);
}

CAF_TEST(a turn that could not be made durable leaves the person as they were) {
  open("c1");
  store->failing = true;
  say("c1", "call me Rex");
  store->failing = false;
  open("c2");
  say("c2", "who am i");
  CAF_CHECK(heard("Nobody."));
  say("c1", "who am i");
  CAF_CHECK(heard("Nobody."));
}

CAF_TEST(consent from outside holds at once in conversations that are under way) {
  open("c1");
  set("ann", {{"topic.offers", value("muted")}});
  CAF_CHECK_EQUAL(client.of<done>().back().ticket, 1u);
  CAF_CHECK(tell("ann", news("offers")).what.code == delivery_code::muted);
  set("ann", {{"topic.offers", value("on")}});
  CAF_CHECK(tell("ann", news("offers")).what.action == delivery_action::sent);
  set("ann", {{"contact", value(false)}});
  CAF_CHECK(tell("ann", news()).what.code == delivery_code::no_optin);
}

CAF_TEST(memory holds what the disk holds however a turn and a change from outside meet) {
  open("c1");
  incoming_activity a;
  a.text = "stop offers";
  a.from = "ann";
  auto talk = [&] { caf::send_as(client.address, node.router, post_activity{1, "c1", a}); };
  auto change = [&] {
    caf::send_as(client.address, node.people,
                 set_person{1, "ann", {{"topic.offers", value("on")}}});
  };
  std::set<bool> ends; // both orders were met
  for (bool talk_first : {false, true})
    for (int steps = 0; steps < 30; ++steps) {
      set("ann", {{"topic.offers", value("on")}});
      talk_first ? talk() : change();
      for (int i = 0; i < steps; ++i)
        sched.try_run_once();
      talk_first ? change() : talk();
      deliver();
      pass(10s);
      auto stored = *store->open_reader()->person_values("ann");
      auto it = std::find_if(stored.begin(), stored.end(),
                             [](auto& v) { return v.first == "topic.offers"; });
      CAF_REQUIRE(it != stored.end());
      bool muted = it->second == value("muted");
      ends.insert(muted);
      CAF_CHECK_EQUAL(tell("ann", news("offers")).what.code == delivery_code::muted, muted);
    }
  CAF_CHECK_EQUAL(ends.size(), 2u);
}

CAF_TEST(what was held for quiet hours is said when the person takes them away) {
  open("c1");
  quiet_hours q;
  q.from = 11 * 60;
  q.to = 18 * 60;
  set("ann", {{"quiet", to_value(q)}});
  auto n = news();
  CAF_CHECK(tell("ann", n).what.code == delivery_code::quiet);
  set("ann", {{"quiet", {}}});
  CAF_CHECK((*store->open_reader()->find_notification(n.id))->trail.back().action ==
            delivery_action::sent);
}

CAF_TEST(what was held for quiet hours is said when they end) {
  open("c1");
  quiet_hours q;
  q.from = 11 * 60;
  q.to = 13 * 60;
  set("ann", {{"quiet", to_value(q)}});
  tell("ann", news());
  pass(58min);
  CAF_CHECK(!heard("News for you."));
  pass(1min);
  CAF_CHECK(heard("News for you."));
}

CAF_TEST(news for a person goes to the open stream else to the last conversation that reaches them) {
  open("c1");
  open("c2");
  open("c3", "ann", "watch");
  CAF_CHECK_EQUAL(tell("ann", news()).conversation, "c2"); // the newest, c3, reaches nobody now
  say("c1", "who am i");
  CAF_CHECK_EQUAL(tell("ann", news()).conversation, "c1");
  out->open = {"c3"};
  CAF_CHECK_EQUAL(tell("ann", news()).conversation, "c3");
  CAF_CHECK(tell("nobody", news()).what.code == delivery_code::no_optin);
}

CAF_TEST(a person leaves memory when nobody needs them and comes back) {
  open("c1");
  say("c1", "call me Rex");
  pass(10min); // the conversation goes
  pass(10min); // and then the person
  say("c1", "who am i");
  CAF_CHECK(heard("You are Rex."));
}

CAF_TEST(erasing a person erases their conversations and nobody else) {
  open("c1");
  open("c2");
  open("c3", "bob");
  say("c1", "call me Rex");
  say("c2", "remind me");
  forget();
  ask(node.people, erase_person{7, "ann"});
  CAF_REQUIRE_EQUAL(client.of<done>().size(), 1u);
  auto rows = store->open_reader();
  CAF_CHECK(!*rows->load("c1"));
  CAF_CHECK(!*rows->load("c2"));
  CAF_CHECK(bool(*rows->load("c3")));
  CAF_CHECK(rows->reminders("", 10, "")->items.empty());
  CAF_CHECK(rows->person_values("ann")->empty());
  CAF_CHECK(*rows->erased("ann"));
  CAF_CHECK(!*rows->erased("bob"));
  out->said.clear();
  pass(1h); // the reminder was taken from the timers as well
  CAF_CHECK(out->said.empty());
}

CAF_TEST(later effects meet the tombstone) {
  open("c1");
  ask(node.people, erase_person{7, "ann"});
  auto n = news();
  CAF_CHECK(tell("ann", n).what.code == delivery_code::no_optin);
  auto kept = *store->open_reader()->find_notification(n.id);
  CAF_REQUIRE(kept.has_value());
  CAF_CHECK(kept->what.text.empty()); // nothing of what was for them is kept
  forget();
  ask(node.router, open_conversation{9, "c1", "ann", "", "en", "directline"});
  CAF_CHECK(client.of<opened>().empty()); // the conversation's id never comes back
  open("c2");                             // the person may
  say("c2", "who am i");
  CAF_CHECK(heard("Nobody."));
}

CAF_TEST(erasing meets a disk that fails and is done when it has healed) {
  open("c1");
  store->failing = true;
  forget();
  ask(node.people, erase_person{7, "ann"});
  CAF_REQUIRE_EQUAL(client.of<refused>().size(), 1u);
  CAF_CHECK_EQUAL(client.of<refused>()[0].ticket, 7u);
  store->failing = false;
  ask(node.people, erase_person{8, "ann"});
  CAF_REQUIRE_EQUAL(client.of<done>().size(), 1u);
  CAF_CHECK(!*store->open_reader()->load("c1"));
}

// ---- broadcasts

CAF_TEST(a broadcast reaches whom its filter names and counts the decisions) {
  for (auto user : {"ann", "bob", "cid", "dot"})
    open(std::string("c-") + user, user);
  set("ann", {{"attr.plan", value("gold")}});
  set("cid", {{"attr.plan", value("gold")}, {"contact", value(false)}});
  auto b = cast("sale");
  b.to = {{{{"plan", person::filter_op::eq, value("gold")}}}};
  forget();
  ask(node.broadcasts, person::begin_broadcast{5, b});
  CAF_REQUIRE_EQUAL(client.of<done>().size(), 1u);
  pass(2s);
  auto now = state_of("sale");
  CAF_CHECK(now.state == person::broadcast_state::done);
  CAF_CHECK_EQUAL(now.considered, 4u);
  CAF_CHECK_EQUAL(now.recipients, 2u);
  CAF_CHECK_EQUAL(now.refused, 0u);
  CAF_CHECK_EQUAL(now.counts[static_cast<std::size_t>(delivery_code::idle)], 1u);
  CAF_CHECK_EQUAL(now.counts[static_cast<std::size_t>(delivery_code::no_optin)], 1u);
  auto rows = store->open_reader();
  CAF_CHECK(bool(*rows->find_notification(person::id_for(b, "ann"))));
  CAF_CHECK(!*rows->find_notification(person::id_for(b, "bob")));
}

CAF_TEST(a broadcast that a crash cuts off decides everybody once) {
  constexpr int many = 40;
  for (int i = 0; i < many; ++i)
    open("c" + std::to_string(i), "u" + std::to_string(i));
  auto b = cast("sale");
  b.per_second = 100; // ten a tick
  ask(node.broadcasts, person::begin_broadcast{5, b});
  pass(150ms);
  auto said = [&] {
    std::map<std::string, int> out_counts;
    for (int i = 0; i < many; ++i)
      for (auto& a : *store->open_reader()->history("c" + std::to_string(i), 0, 100))
        out_counts["c" + std::to_string(i)] += a.body->find("News for you.") != std::string::npos;
    return out_counts;
  };
  int before = 0;
  for (auto& [id, n] : said())
    before += n;
  CAF_CHECK(before > 0);
  CAF_CHECK(before < many);
  stop();
  start();
  pass(5s);
  for (auto& [id, n] : said())
    CAF_CHECK_EQUAL(n, 1);
  auto now = state_of("sale");
  CAF_CHECK(now.state == person::broadcast_state::done);
  CAF_CHECK_EQUAL(now.recipients, std::uint64_t(many));
  CAF_CHECK_EQUAL(now.counts[static_cast<std::size_t>(delivery_code::idle)], std::uint64_t(many));
}

CAF_TEST(a broadcast that a crash cuts off tells nobody twice whose conversation was erased) {
  open("web");
  open("sms", "ann", "sms");
  open("other", "bob");
  auto b = cast("sale");
  b.per_second = 1;
  ask(node.broadcasts, person::begin_broadcast{5, b});
  pass(500ms); // ann, whose window is closed: it is handed over
  auto times = [&] {
    auto all = *store->open_reader()->history("web", 0, 100);
    return std::count_if(all.begin(), all.end(), [](auto& a) {
      return a.body->find("News for you.") != std::string::npos;
    });
  };
  CAF_REQUIRE_EQUAL(times(), 1);
  CAF_REQUIRE(state_of("sale").state == person::broadcast_state::running);
  stop();
  start();
  ask(node.router, erase_conversation{6, "sms"});
  pass(10s);
  auto now = state_of("sale");
  CAF_CHECK(now.state == person::broadcast_state::done);
  CAF_CHECK_EQUAL(now.refused, 0u);
  CAF_CHECK_EQUAL(now.counts[static_cast<std::size_t>(delivery_code::idle)], 2u);
  CAF_CHECK_EQUAL(times(), 1);
}

CAF_TEST(a broadcast keeps its rate) {
  for (int i = 0; i < 20; ++i)
    open("c" + std::to_string(i), "u" + std::to_string(i));
  auto b = cast("slow");
  b.per_second = 10;
  out->said.clear();
  ask(node.broadcasts, person::begin_broadcast{5, b});
  pass(1s);
  CAF_CHECK(out->said.size() >= 9);
  CAF_CHECK(out->said.size() <= 12);
  pass(2s);
  CAF_CHECK_EQUAL(out->said.size(), 20u);
}

CAF_TEST(a cancelled broadcast stops and says so) {
  for (int i = 0; i < 20; ++i)
    open("c" + std::to_string(i), "u" + std::to_string(i));
  auto b = cast("slow");
  b.per_second = 10;
  ask(node.broadcasts, person::begin_broadcast{5, b});
  pass(500ms);
  forget();
  ask(node.broadcasts, person::cancel_broadcast{6, "slow"});
  CAF_CHECK_EQUAL(client.of<done>().size(), 1u);
  out->said.clear();
  pass(5s);
  CAF_CHECK(out->said.empty());
  CAF_CHECK(state_of("slow").state == person::broadcast_state::cancelled);
  ask(node.broadcasts, person::cancel_broadcast{7, "slow"});
  CAF_CHECK_EQUAL(client.of<refused>().size(), 1u);
}

CAF_TEST(a cancelled broadcast is answered when its end is on disk) {
  for (int i = 0; i < 20; ++i)
    open("c" + std::to_string(i), "u" + std::to_string(i));
  auto b = cast("slow");
  b.per_second = 10;
  ask(node.broadcasts, person::begin_broadcast{5, b});
  pass(500ms);
  forget();
  store->failing = true;
  ask(node.broadcasts, person::cancel_broadcast{6, "slow"});
  CAF_CHECK(client.of<done>().empty());
  CAF_CHECK_EQUAL(client.of<refused>().size(), 1u);
  CAF_CHECK(state_of("slow").state == person::broadcast_state::running);
  store->failing = false;
  forget();
  ask(node.broadcasts, person::cancel_broadcast{7, "slow"});
  CAF_REQUIRE_EQUAL(client.of<done>().size(), 1u);
  CAF_CHECK(state_of("slow").state == person::broadcast_state::cancelled);
  stop();
  start();
  out->said.clear();
  pass(5s);
  CAF_CHECK(out->said.empty());
}

CAF_TEST(a broadcast that is cancelled while another runs never begins) {
  for (int i = 0; i < 20; ++i)
    open("c" + std::to_string(i), "u" + std::to_string(i));
  auto slow = cast("slow"), next = cast("next"), last = cast("last");
  slow.per_second = 10;
  for (auto& b : {slow, next, last})
    ask(node.broadcasts, person::begin_broadcast{5, b});
  pass(100ms);
  forget();
  store->failing = true;
  ask(node.broadcasts, person::cancel_broadcast{6, "next"});
  CAF_CHECK_EQUAL(client.of<refused>().size(), 1u);
  store->failing = false;
  ask(node.broadcasts, person::cancel_broadcast{7, "next"});
  CAF_CHECK_EQUAL(client.of<done>().size(), 1u);
  CAF_CHECK(state_of("next").state == person::broadcast_state::cancelled);
  for (int i = 0; i < 10; ++i)
    pass(1s);
  CAF_CHECK(state_of("slow").state == person::broadcast_state::done);
  CAF_CHECK(state_of("last").state == person::broadcast_state::done);
  auto rows = store->open_reader();
  CAF_CHECK(!*rows->find_notification(person::id_for(next, "u1")));
  CAF_CHECK(bool(*rows->find_notification(person::id_for(last, "u1"))));
}

CAF_TEST(a broadcast that is asked for twice at once runs once) {
  open("c1", "ann");
  auto b = cast("sale");
  forget();
  for (auto t : {5, 6})
    caf::send_as(client.address, node.broadcasts, person::begin_broadcast{ticket(t), b});
  deliver();
  CAF_CHECK_EQUAL(client.of<done>().size(), 2u);
  pass(2s);
  auto now = state_of("sale");
  CAF_CHECK(now.state == person::broadcast_state::done);
  CAF_CHECK_EQUAL(now.recipients, 1u);
}

CAF_TEST(a repeat that was on its way when a broadcast ended does not run it again) {
  for (int i = 0; i < 20; ++i)
    open("c" + std::to_string(i), "u" + std::to_string(i));
  auto b = cast("slow");
  b.per_second = 10;
  ask(node.broadcasts, person::begin_broadcast{5, b});
  pass(500ms);
  ask(node.broadcasts, person::cancel_broadcast{6, "slow"});
  forget();
  ask(node.broadcasts, person::begin_broadcast{7, b});
  CAF_CHECK_EQUAL(client.of<done>().size(), 1u);
  out->said.clear();
  pass(5s);
  CAF_CHECK(out->said.empty());
  CAF_CHECK(state_of("slow").state == person::broadcast_state::cancelled);
}

CAF_TEST(a broadcast that meets a disk that fails goes on when it has healed) {
  for (auto user : {"ann", "bob"})
    open(std::string("c-") + user, user);
  auto b = cast("sale");
  b.per_second = 10;
  ask(node.broadcasts, person::begin_broadcast{5, b});
  store->failing = true;
  pass(300ms);
  store->failing = false;
  pass(5s);
  auto now = state_of("sale");
  CAF_CHECK(now.state == person::broadcast_state::done);
  CAF_CHECK_EQUAL(now.recipients, 2u);
  CAF_CHECK_EQUAL(now.counts[static_cast<std::size_t>(delivery_code::idle)] + now.refused, 2u);
}

CAF_TEST(a disk that fails for seconds costs nobody their part of a broadcast) {
  for (int i = 0; i < 20; ++i)
    open("c" + std::to_string(i), "u" + std::to_string(i));
  auto b = cast("sale");
  b.per_second = 10;
  ask(node.broadcasts, person::begin_broadcast{5, b});
  pass(500ms);
  store->failing = true;
  pass(10s);
  store->failing = false;
  pass(30s);
  auto now = state_of("sale");
  CAF_CHECK(now.state == person::broadcast_state::done);
  CAF_CHECK_EQUAL(now.refused, 0u);
  CAF_CHECK_EQUAL(now.counts[static_cast<std::size_t>(delivery_code::idle)], 20u);
}

CAF_TEST(the figures of a cancelled broadcast add up) {
  for (int i = 0; i < 20; ++i)
    open("c" + std::to_string(i), "u" + std::to_string(i));
  auto b = cast("slow");
  b.per_second = 10;
  ask(node.broadcasts, person::begin_broadcast{5, b});
  pass(500ms);
  ask(node.broadcasts, person::cancel_broadcast{6, "slow"});
  auto now = state_of("slow");
  auto decisions = std::accumulate(now.counts.begin(), now.counts.end(), std::uint64_t(0));
  CAF_CHECK(decisions > 0);
  CAF_CHECK(decisions < 20);
  CAF_CHECK_EQUAL(now.recipients, decisions + now.refused);
}

CAF_TEST(who asks for rows whose reading throws is refused and nothing stays behind) {
  open("c1", "ann");
  stop(); // so that nothing is in memory
  start();
  store->throwing = true;
  incoming_activity hello;
  hello.text = "order";
  hello.from = "ann";
  forget();
  ask(node.router, post_activity{1, "c1", hello});           // the conversation
  ask(node.router, notify{2, "", "ann", news()});            // whom it is for
  ask(node.people, set_person{3, "ann", {{"attr.a", "b"}}}); // the person
  ask(node.people, erase_person{4, "ann"});
  auto tickets = [&] {
    std::set<ticket> all;
    for (auto& no : client.of<refused>())
      all.insert(no.ticket);
    return all;
  };
  CAF_CHECK_EQUAL(tickets(), (std::set<ticket>{1, 2, 3, 4}));
  auto b = cast("sale");
  ask(node.broadcasts, person::begin_broadcast{5, b});
  pass(1s);
  store->throwing = false;
  pass(30s);
  CAF_CHECK(state_of("sale").state == person::broadcast_state::done);
  CAF_CHECK_EQUAL(state_of("sale").refused, 0u);
  forget();
  ask(node.router, post_activity{6, "c1", hello});
  CAF_CHECK_EQUAL(client.of<posted>().size(), 1u);
  ask(node.people, set_person{7, "ann", {{"attr.a", "b"}}});
  CAF_CHECK_EQUAL(client.of<done>().size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(nothing of an erased person stays in the files of the database) {
  journal::test::scratch_folder folder;
  auto opened = journal::open_sqlite_store(folder.path());
  CAF_REQUIRE(opened.has_value());
  {
    fixture f;
    f.stop();
    f.store->inner = *opened;
    f.start();
    f.open("c1", "user-with-a-secret");
    f.say("c1", "call me Zanzibar", "user-with-a-secret");
    f.set("user-with-a-secret", {{"attr.plan", value("platinum-plan")}});
    f.tell("", f.news(), "c1");
    f.ask(f.node.people, erase_person{7, "user-with-a-secret"});
    CAF_CHECK_EQUAL(f.client.of<done>().back().ticket, 7u);
  }
  int files = 0;
  for (auto& file : std::filesystem::directory_iterator(folder.path())) {
    ++files;
    std::ifstream in(file.path(), std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    for (auto secret : {"user-with-a-secret", "Zanzibar", "platinum-plan", "News for you"})
      if (bytes.find(secret) != std::string::npos)
        CAF_ERROR(file.path().filename().string() << " still holds " << secret);
  }
  CAF_CHECK(files > 0);
}
