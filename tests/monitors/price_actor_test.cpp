#define CAF_SUITE price_actor
#include "tests/support/caf_test.hpp"

#include "actors/monitors/local_messages.hpp"
#include "actors/monitors/price_rows.hpp"
#include "protocols/codec/binary.hpp"
#include "tests/journal/stores.hpp"
#include "tests/monitors/monitor_fixture.hpp"
#include "tests/support/forwarding_store.hpp"

#include <algorithm>
#include <functional>
#include <set>

using namespace interject;
using namespace interject::monitors;
using interject::test::at;
using std::chrono::seconds;

namespace {

decimal d(const char* text) {
  return decimal::parse(text).value();
}

/// Fails while told to.
class moody_store final : public interject::test::forwarding_store {
public:
  using forwarding_store::forwarding_store;
  result<void> write(std::span<const journal::commit_ptr> batch,
                     std::span<result<void>> outcomes) override {
    if (failing)
      return error{errc::unavailable, "the disk is full"};
    return inner->write(batch, outcomes);
  }
  bool failing = false;
};

struct fixture : interject::test::monitor_fixture {
  explicit fixture(std::shared_ptr<journal::store> rows = journal::make_memory_store())
      : monitor_fixture(std::move(rows)) {
    slow_journal = keep(journal::spawn_journal(sys, moody, {.detached = false}));
    timer = keep(spawn_timer(sys, clock, reader, {clock}));
    CAF_REQUIRE_EQUAL(begin(timer), "done");
  }

  void start() {
    prices = keep(spawn_price(sys, clock, slow_journal, reader, timer));
    CAF_REQUIRE_EQUAL(begin(prices), "done");
  }
  /// As after a crash: what was in memory is gone.
  void restart() {
    caf::anon_send_exit(prices, caf::exit_reason::kill);
    deliver();
    start();
  }

  watch_row a_watch(const std::string& id, watch_condition when,
                    watch_state state = watch_state::waiting) {
    watch_row w;
    w.id = id;
    w.conversation = "c1";
    w.symbol = "GOOG";
    w.when = when;
    w.notify.text = {{"", "GOOG is at {price}."}};
    w.notify.params = {{"price", value("overwritten")}, {"own", value(true)}};
    w.state = state;
    return w;
  }
  /// As a conversation does it: the row first, then the message.
  void watch(const watch_row& row) {
    store_row(row);
    caf::anon_send(prices, arm_watch{row});
    deliver();
  }
  void store_row(const watch_row& row) { store_rows({row}); }
  void store_rows(std::vector<watch_row> rows) {
    journal::commit c;
    c.conversation = "c1";
    c.expected_version = version++;
    c.watches = std::move(rows);
    write(c);
  }

  std::string say(std::vector<price_sample> samples) {
    answers.of<prices_taken>().clear();
    answers.of<refused>().clear();
    caf::send_as(answers.address, prices, take_prices{5, std::move(samples)});
    deliver();
    if (!answers.of<refused>().empty())
      return to_string(answers.of<refused>()[0].code);
    if (answers.of<prices_taken>().empty())
      return "";
    auto& a = answers.of<prices_taken>()[0];
    return std::to_string(a.accepted) + "/" + std::to_string(a.ignored) + "/" +
           std::to_string(a.fired);
  }
  std::string say(const char* price) { return say({{"GOOG", d(price), {}, {}}}); }
  void advance(duration by) {
    caf::send_as(begun.address, timer, advance_clock{7, by});
    deliver();
  }
  watch_row stored(const std::string& id) {
    auto row = *store->open_reader()->watch(id);
    CAF_REQUIRE(row.has_value());
    return *row;
  }

  std::shared_ptr<moody_store> moody = std::make_shared<moody_store>(store);
  caf::actor slow_journal, timer, prices;
  inbox<prices_taken, refused> answers = spawn_inbox<prices_taken, refused>();
  std::uint64_t version = 0;
};

const watch_condition below_100{watch_kind::falls_to, decimal::of(100)};

} // namespace

CAF_TEST_FIXTURE_SCOPE(price_actor_tests, fixture)

CAF_TEST(a price fires a watch once and says what happened) {
  start();
  CAF_CHECK_EQUAL(say("120"), "1/0/0");
  watch(a_watch("w-1", below_100));
  CAF_CHECK(stored("w-1").state == watch_state::armed);
  CAF_CHECK(stored("w-1").baseline == d("120"));
  CAF_CHECK_EQUAL(say("110"), "1/0/0");
  clock->advance_to(at(3));
  CAF_CHECK_EQUAL(say("99.5"), "1/0/1");
  CAF_CHECK_EQUAL(routed(), "3 notify w-1.1");
  auto& what = lines[0].what;
  CAF_CHECK(what.from == origin::watch && what.source == "w-1" && what.occurrence == 1 &&
            !what.late);
  CAF_CHECK(what.created == at(3));
  std::string params;
  for (auto& [name, v] : what.params)
    params += name + "=" + display(v) + " ";
  CAF_CHECK_EQUAL(params, "price=99.5 own=true at=" + format_time(at(3)) +
                              " symbol=GOOG baseline=120 previous=110 ");
  CAF_CHECK(stored("w-1").state == watch_state::done);
  CAF_CHECK_EQUAL(stored("w-1").firings, 1u);
  CAF_CHECK_EQUAL(say({{"GOOG", d("120"), {}, {}}, {"GOOG", d("80"), {}, {}}}), "2/0/0");
  // That was withdrawn unheard, so that the watch began anew, and 80 is below its level again.
  CAF_CHECK_EQUAL(routed(), "3 withdraw w-1.1, 3 create w-1 armed 1, 3 notify w-1.2");
}

CAF_TEST(where no price is known the first sample is the baseline) {
  start();
  watch(a_watch("w-1", {watch_kind::drops_by, decimal::of(20)}));
  CAF_CHECK(stored("w-1").state == watch_state::waiting);
  CAF_CHECK_EQUAL(say("50"), "1/0/0");
  CAF_CHECK(stored("w-1").state == watch_state::armed && stored("w-1").baseline == d("50"));
  CAF_CHECK_EQUAL(say("40"), "1/0/1");
  CAF_CHECK_EQUAL(routed(), "0 notify w-1.1");
}

CAF_TEST(a baseline and a firing in one batch) {
  start();
  watch(a_watch("w-1", {watch_kind::drops_by, decimal::of(20)}));
  CAF_CHECK_EQUAL(say({{"GOOG", d("50"), {}, {}}, {"GOOG", d("39"), {}, {}}}), "2/0/1");
  CAF_CHECK_EQUAL(routed(), "0 notify w-1.1");
  CAF_CHECK(stored("w-1").baseline == d("50") && stored("w-1").fired_price == d("39"));
}

CAF_TEST(nothing is said before it is durable) {
  start();
  say("120");
  watch(a_watch("w-1", below_100));
  moody->failing = true;
  CAF_CHECK_EQUAL(say("90"), to_string(errc::unavailable));
  CAF_CHECK_EQUAL(routed(), "");
  moody->failing = false;
  // The refused sample never was: the next one fires.
  CAF_CHECK_EQUAL(say("95"), "1/0/1");
  CAF_CHECK_EQUAL(routed(), "0 notify w-1.1");
  CAF_CHECK(stored("w-1").previous == d("120"));
}

CAF_TEST(a baseline that could not be written is written later) {
  start();
  say("120");
  moody->failing = true;
  watch(a_watch("w-1", below_100));
  CAF_CHECK(stored("w-1").state == watch_state::waiting);
  moody->failing = false;
  advance(seconds(1));
  CAF_CHECK(stored("w-1").state == watch_state::armed && stored("w-1").baseline == d("120"));
}

CAF_TEST(samples older than the newest are ignored also after a restart) {
  start();
  CAF_CHECK_EQUAL(
      say({{"GOOG", d("1"), at(5), 7}, {"GOOG", d("2"), at(6), 6}, {"MSFT", d("3"), at(1), {}}}),
      "2/1/0");
  restart();
  CAF_CHECK_EQUAL(say({{"GOOG", d("2"), at(6), 7}, {"MSFT", d("3"), at(0), {}}}), "0/2/0");
  CAF_CHECK_EQUAL(say({{"GOOG", d("2"), at(6), 8}}), "1/0/0");
}

CAF_TEST(an armed watch fires after a restart) {
  start();
  say("120");
  watch(a_watch("w-1", below_100));
  watch(a_watch("w-2", {watch_kind::drops_by, decimal::of(50)}));
  restart();
  CAF_CHECK_EQUAL(say("100"), "1/0/1");
  CAF_CHECK_EQUAL(say("60"), "1/0/1");
  CAF_CHECK_EQUAL(routed(), "0 notify w-1.1, 0 notify w-2.1");
}

CAF_TEST(news that nobody took is sent again and after a restart as well) {
  start();
  say("120");
  watch(a_watch("w-1", below_100));
  reply = [](const line&) { return static_cast<int>(errc::busy); };
  say("90");
  advance(seconds(4));
  CAF_CHECK_EQUAL(routed(), "0 notify w-1.1, 1 notify w-1.1, 3 notify w-1.1");
  CAF_CHECK(stored("w-1").state == watch_state::fired);
  reply = [](const line&) { return std::nullopt; };
  restart();
  CAF_CHECK_EQUAL(routed(), "4 notify w-1.1");
  CAF_CHECK(lines.back().what.late);
  CAF_CHECK(stored("w-1").state == watch_state::done);
  restart();
  advance(seconds(600));
  CAF_CHECK_EQUAL(routed(), "");
}

CAF_TEST(a firing that nobody took before the next is overtaken by it) {
  start();
  say("120");
  auto when = below_100;
  when.repeat = true;
  watch(a_watch("w-1", when));
  reply = [](const line&) { return static_cast<int>(errc::busy); };
  for (auto* price : {"90", "110", "80"})
    say(price);
  CAF_CHECK_EQUAL(routed(), "0 notify w-1.1, 0 notify w-1.2");
  restart(); // the disk knows the newest only as well
  reply = [](const line&) { return std::nullopt; };
  advance(seconds(2));
  CAF_CHECK_EQUAL(routed().substr(0, 33),
                  "0 notify w-1.2, 1 notify w-1.2, 2"); // and the end of the first
  auto told = std::find_if(lines.rbegin(), lines.rend(),
                           [](auto& l) { return l.text.starts_with("notify"); });
  CAF_CHECK_EQUAL(told->what.occurrence, 2u);
  CAF_CHECK(std::count(told->what.params.begin(), told->what.params.end(),
                       std::pair<std::string, value>("price", value(d("80")))) == 1);
  CAF_CHECK_EQUAL(stored("w-1").taken, 2u);
  restart();
  advance(seconds(600));
  CAF_CHECK(routed().find("notify") == std::string::npos);
}

CAF_TEST(news for a conversation that is no more is given up) {
  start();
  say("120");
  watch(a_watch("w-1", below_100));
  reply = [](const line&) { return static_cast<int>(errc::not_found); };
  say("90");
  advance(seconds(600));
  CAF_CHECK_EQUAL(routed(), "0 notify w-1.1");
  CAF_CHECK(stored("w-1").state == watch_state::done);
}

CAF_TEST(a disarmed watch is silent and its row stays away) {
  start();
  say("120");
  watch(a_watch("w-1", below_100));
  journal::commit c;
  c.conversation = "c1";
  c.expected_version = version++;
  c.watches_gone = {"w-1"};
  write(c);
  caf::anon_send(prices, disarm_watch{"w-1"});
  deliver();
  CAF_CHECK_EQUAL(say("90"), "1/0/0");
  CAF_CHECK_EQUAL(routed(), "");
  CAF_CHECK(!store->open_reader()->watch("w-1")->has_value());
}

CAF_TEST(arming the same watch again changes nothing) {
  start();
  say("120");
  watch(a_watch("w-1", below_100));
  caf::anon_send(prices, arm_watch{a_watch("w-1", below_100)});
  deliver();
  CAF_CHECK_EQUAL(say("90"), "1/0/1");
  CAF_CHECK_EQUAL(routed(), "0 notify w-1.1");
}

CAF_TEST(what comes before the rows are loaded is kept in order) {
  prices = keep(spawn_price(sys, clock, slow_journal, reader, timer));
  store_row(a_watch("w-1", below_100));
  caf::send_as(answers.address, prices, take_prices{1, {{"GOOG", d("120"), {}, {}}}});
  caf::anon_send(prices, arm_watch{a_watch("w-2", {watch_kind::drops_by, decimal::of(10)})});
  caf::send_as(answers.address, prices, take_prices{2, {{"GOOG", d("90"), {}, {}}}});
  deliver();
  CAF_CHECK(answers.of<prices_taken>().empty());
  CAF_REQUIRE_EQUAL(begin(prices), "done");
  CAF_CHECK_EQUAL(answers.of<prices_taken>().size(), 2u);
  CAF_CHECK_EQUAL(routed(), "0 notify w-2.1, 0 notify w-1.1"); // at 108 and at 100
}

CAF_TEST(whatever part of the rows is read nothing that is asked meanwhile is lost or overtaken) {
  constexpr int many = 4'100; // three parts
  bool all_before = false;
  for (int cut = 0; !all_before; ++cut) {
    fixture f;
    for (int i = 0; i < many; ++i) {
      auto w = f.a_watch("w-" + std::to_string(i), below_100, watch_state::armed);
      w.order = static_cast<std::uint64_t>(i) + 1;
      f.store_row(w);
    }
    f.prices = f.keep(spawn_price(f.sys, f.clock, f.slow_journal, f.reader, f.timer));
    caf::send_as(f.begun.address, f.prices, begin_monitoring{1, f.router});
    for (int i = 0; i < cut && f.sched.has_job(); ++i)
      f.sched.run_once();
    all_before = !f.sched.has_job();
    // A new watch, the ends of one that is read early and of one that is read late, and a sample on
    // either side.
    caf::send_as(f.answers.address, f.prices, take_prices{1, {{"GOOG", d("120"), {}, {}}}});
    caf::anon_send(f.prices,
                   arm_watch{f.a_watch("w-new", {watch_kind::drops_by, decimal::of(10)})});
    for (auto* id : {"w-7", "w-4050"}) {
      journal::commit c;
      c.conversation = "c1";
      c.expected_version = f.version++;
      c.watches_gone = {id};
      f.write(c);
      caf::anon_send(f.prices, disarm_watch{id});
    }
    caf::send_as(f.answers.address, f.prices, take_prices{2, {{"GOOG", d("90"), {}, {}}}});
    while (f.sched.has_job()) {
      if (f.begun.of<done>().size() < 2) // the timer's, and ours
        CAF_REQUIRE(f.answers.of<prices_taken>().empty());
      f.sched.run_once();
    }
    for (int i = 0; i < 20; ++i)
      f.advance(seconds(1));
    CAF_REQUIRE_EQUAL(f.answers.of<prices_taken>().size(), 2u);
    std::set<std::string> told;
    for (auto& l : f.lines)
      told.insert(l.text);
    CAF_CHECK_EQUAL(told.size(), many - 2u + 1u);
    CAF_CHECK(told.count("notify w-new.1"));
    CAF_CHECK(!told.count("notify w-7.1") && !told.count("notify w-4050.1"));
  }
}

CAF_TEST(rows that cannot be read to their end are read again) {
  auto asked = spawn_inbox<journal::read_job>(); // in the reader's place
  prices = keep(spawn_price(sys, clock, slow_journal, asked.address, timer));
  auto tell = [&](std::vector<int> ids, const char* more) {
    auto rows = std::make_shared<loaded_rows>();
    for (auto i : ids)
      rows->watches.push_back(
          loaded(a_watch("w-" + std::to_string(i), below_100, watch_state::armed)));
    rows->first = ids.front() == 1;
    rows->more = more;
    caf::anon_send(prices, rows_loaded{rows});
    deliver();
  };
  begun.of<done>().clear();
  begin(prices);
  caf::send_as(answers.address, prices,
               take_prices{1, {{"GOOG", d("120"), {}, {}}, {"GOOG", d("90"), {}, {}}}});
  tell({1, 2}, "2");
  CAF_CHECK_EQUAL(asked.of<journal::read_job>().size(), 2u);
  auto failed = std::make_shared<loaded_rows>();
  failed->failed = error{errc::unavailable, "the disk is away"};
  caf::anon_send(prices, rows_loaded{failed});
  deliver();
  CAF_REQUIRE_EQUAL(begun.of<refused>().size(), 1u);
  CAF_CHECK(answers.of<prices_taken>().empty());
  begun.of<refused>().clear();
  CAF_CHECK_EQUAL(begin(prices), "");
  tell({1, 2}, "2");
  CAF_CHECK(answers.of<prices_taken>().empty());
  tell({3}, "");
  CAF_CHECK_EQUAL(begun.of<done>().size(), 1u);
  CAF_REQUIRE_EQUAL(answers.of<prices_taken>().size(), 1u);
  CAF_CHECK_EQUAL(answers.of<prices_taken>()[0].fired, 3u);
}

CAF_TEST(many firings are sent within a window and none is lost) {
  start();
  say("120");
  for (int i = 0; i < 600; ++i)
    caf::anon_send(prices, arm_watch{a_watch("w-" + std::to_string(i), below_100)});
  deliver();
  reply = [](const line&) { return silent; };
  CAF_CHECK_EQUAL(say("90"), "1/0/600");
  auto open = lines.size();
  CAF_CHECK_EQUAL(open, 96u);
  reply = [](const line&) { return std::nullopt; };
  for (int i = 0; i < 10; ++i)
    advance(seconds(1));
  std::set<std::string> taken;
  for (auto i = open; i < lines.size(); ++i)
    taken.insert(lines[i].text);
  CAF_CHECK_EQUAL(taken.size(), 600u);
}

CAF_TEST(a repeating watch fires again once its condition has ended and takes the old news back) {
  start();
  say("120");
  watch(
      a_watch("w-1", {watch_kind::falls_to, decimal::of(100), watch_from::creation, {}, {}, true}));
  CAF_CHECK_EQUAL(say("99"), "1/0/1");
  CAF_CHECK(lines.back().what.more);
  CAF_CHECK(stored("w-1").state == watch_state::rearming);
  CAF_CHECK_EQUAL(say("101"), "1/0/0");
  CAF_CHECK(stored("w-1").state == watch_state::armed && stored("w-1").ended == 1 &&
            stored("w-1").retracted == 1);
  CAF_CHECK_EQUAL(say("100"), "1/0/1");
  CAF_CHECK_EQUAL(routed(), "0 notify w-1.1, 0 withdraw w-1.1, 0 notify w-1.2");
  restart();
  CAF_CHECK_EQUAL(say("99"), "1/0/0");
  CAF_CHECK_EQUAL(say("101"), "1/0/0");
  CAF_CHECK_EQUAL(say("98"), "1/0/1");
  CAF_CHECK_EQUAL(routed(), "0 withdraw w-1.2, 0 notify w-1.3");
}

CAF_TEST(the end of a single alert withdraws it or is told when it had been said) {
  struct row {
    const char* name;
    bool has_words, said;
    int withdrawal; ///< how the conversation answers it
    const char* expected;
  };
  for (auto& r : std::vector<row>{
           {"said, and the bot has words for it", true, true, static_cast<int>(errc::conflict),
            "0 withdraw w-1.1, 0 notify w-1.1.over"},
           {"dropped", true, false, static_cast<int>(errc::conflict), "0 withdraw w-1.1"},
           {"said, and the bot has none", false, true, static_cast<int>(errc::conflict),
            "0 withdraw w-1.1"},
       }) {
    CAF_MESSAGE(r.name);
    fixture f;
    f.start();
    f.say("120");
    auto w = f.a_watch("w-1", below_100);
    if (r.has_words)
      w.no_longer = {{"", "{symbol} is no longer that low."}};
    f.watch(w);
    f.reply = [&](const line& l) -> std::optional<int> {
      return l.text.starts_with("withdraw") && r.withdrawal >= 0 ? std::optional(r.withdrawal)
                                                                 : std::nullopt;
    };
    CAF_CHECK_EQUAL(f.say("99"), "1/0/1");
    CAF_CHECK_EQUAL(f.routed(), "0 notify w-1.1");
    if (r.said) {
      journal::notification_row n;
      n.id = "w-1.1";
      n.conversation = "c1";
      n.what = f.lines.back().what;
      n.decisions = {{delivery_action::sent, delivery_code::idle, at(0), {}, {}, {}, {}}};
      journal::commit c;
      c.notifications = {n};
      f.write(c);
    }
    CAF_CHECK_EQUAL(f.say("101"), "1/0/0");
    CAF_CHECK_EQUAL(f.routed(), r.expected);
    CAF_CHECK(f.stored("w-1").retracted == 1u);
    if (r.said && r.has_words) { // it may use what the alert could
      auto of = [&](const char* name) {
        for (auto& [known, v] : f.lines.back().what.params)
          if (known == name)
            return display(v);
        return std::string("nothing");
      };
      CAF_CHECK_EQUAL(of("symbol") + " " + of("price") + " " + of("previous") + " " +
                          of("baseline") + " " + of("at"),
                      "GOOG 99 120 120 " + format_time(at(0)));
    }
    f.restart();
    f.say("99");
    f.say("101");
    CAF_CHECK_EQUAL(f.routed(), "");
  }
}

CAF_TEST(a watch whose alert was withdrawn unheard begins anew) {
  start();
  say("120");
  watch(a_watch("w-1", below_100));
  CAF_CHECK_EQUAL(say("99"), "1/0/1");
  CAF_CHECK_EQUAL(say("101"), "1/0/0");
  // Among its conversation's watches, too: those forgot it when they took the alert.
  CAF_CHECK_EQUAL(routed(), "0 notify w-1.1, 0 withdraw w-1.1, 0 create w-1 armed 1");
  CAF_CHECK(stored("w-1").state == watch_state::armed && stored("w-1").retracted == 1);
  restart();
  CAF_CHECK_EQUAL(say("100"), "1/0/1");
  CAF_CHECK_EQUAL(routed(), "0 notify w-1.2");
  CAF_CHECK(!lines.back().what.late && !lines.back().what.more);
}

CAF_TEST(what has come true again by the time that its alert is withdrawn is told at once) {
  start();
  say("120");
  watch(a_watch("w-1", {watch_kind::drops_by, decimal::of(20), watch_from::high}));
  reply = [](const line& l) -> std::optional<int> {
    return l.text == "withdraw w-1.1" ? std::optional(silent) : std::nullopt;
  };
  say({{"GOOG", d("96"), {}, {}}, {"GOOG", d("97"), {}, {}}, {"GOOG", d("95"), {}, {}}});
  CAF_CHECK_EQUAL(routed(), "0 notify w-1.1, 0 withdraw w-1.1");
  reply = [](const line&) { return std::nullopt; };
  advance(seconds(1));
  CAF_CHECK_EQUAL(routed(), "1 withdraw w-1.1, 1 create w-1 armed 1, 1 notify w-1.2");
  CAF_CHECK(stored("w-1").fired_price == d("95"));
}

CAF_TEST(a lost answer to the withdrawal or to the renewal changes nothing) {
  for (std::string lost : {"withdraw w-1.1", "create w-1 armed 1"}) {
    CAF_MESSAGE(lost);
    fixture f;
    f.start();
    f.say("120");
    f.watch(f.a_watch("w-1", below_100));
    f.reply = [&](const line& l) -> std::optional<int> {
      return l.text == lost ? std::optional(silent) : std::nullopt;
    };
    f.say("99");
    journal::notification_row n;
    n.id = "w-1.1";
    n.conversation = "c1";
    n.what = f.lines.back().what;
    n.decisions = {{delivery_action::dropped, delivery_code::withdrawn, at(0), {}, {}, {}, {}}};
    journal::commit c;
    c.notifications = {n};
    f.write(c);
    f.say("101");
    f.reply = [&](const line& l) -> std::optional<int> { // the first one did its work
      return l.text.starts_with("withdraw") ? std::optional(static_cast<int>(errc::conflict))
                                            : std::nullopt;
    };
    f.routed();
    f.restart();
    CAF_CHECK_EQUAL(f.routed(), "0 withdraw w-1.1, 0 create w-1 armed 1");
    CAF_CHECK_EQUAL(f.say("98"), "1/0/1");
    CAF_CHECK_EQUAL(f.routed(), "0 notify w-1.2");
  }
}

CAF_TEST(a watch that expired meanwhile does not begin anew) {
  start();
  say("120");
  auto w = a_watch("w-1", below_100);
  w.expires = at(5);
  watch(w);
  reply = [](const line& l) -> std::optional<int> {
    return l.text == "withdraw w-1.1" ? std::optional(silent) : std::nullopt;
  };
  say("99");
  say("101");
  clock->advance_to(at(5));
  reply = [](const line&) { return std::nullopt; };
  advance(seconds(1));
  routed();
  CAF_CHECK(stored("w-1").state == watch_state::done && stored("w-1").retracted == 1);
  CAF_CHECK_EQUAL(say("99"), "1/0/0");
  CAF_CHECK_EQUAL(routed(), "");
}

CAF_TEST(what has no end takes nothing back) {
  struct row {
    const char* name;
    watch_condition when;
    std::vector<const char*> prices;
    const char* expected;
  };
  for (auto& r : std::vector<row>{
           {"a crossing that came to its level and went on",
            {watch_kind::crosses, decimal::of(100), watch_from::creation, {}, {}, true},
            {"90", "100", "101", "99"},
            "0 notify w-1.1, 0 notify w-1.2"},
           {"a staircase that came to nothing",
            {watch_kind::drops_by, decimal::of(10), watch_from::last_fired, {}, {}, true},
            {"10", "0", "5"},
            "0 notify w-1.1, 0 notify w-1.2"},
       }) {
    CAF_MESSAGE(r.name);
    fixture f;
    f.start();
    f.say("95");
    auto w = f.a_watch("w-1", r.when);
    w.no_longer = {{"", "{symbol} has moved on."}};
    f.watch(w);
    for (auto* price : r.prices)
      f.say(price);
    CAF_CHECK_EQUAL(f.routed(), r.expected);
    CAF_CHECK_EQUAL(f.stored("w-1").ended, 0u);
  }
}

CAF_TEST(each ended firing is taken back also when the one before could not be yet) {
  for (bool crash : {false, true}) {
    fixture f;
    f.start();
    f.say("120");
    f.watch(f.a_watch(
        "w-1", {watch_kind::falls_to, decimal::of(100), watch_from::creation, {}, {}, true}));
    f.reply = [](const line& l) -> std::optional<int> {
      return l.text == "withdraw w-1.1" ? std::optional(static_cast<int>(errc::busy))
                                        : std::nullopt;
    };
    for (auto* price : {"99", "101", "98", "102", "97"})
      f.say(price);
    CAF_CHECK_EQUAL(f.routed(), "0 notify w-1.1, 0 withdraw w-1.1, 0 notify w-1.2, 0 notify w-1.3");
    f.reply = [](const line&) { return std::nullopt; };
    if (crash)
      f.restart();
    else
      f.advance(seconds(1));
    CAF_CHECK_EQUAL(f.routed(), crash ? "0 withdraw w-1.1, 0 withdraw w-1.2"
                                      : "1 withdraw w-1.1, 1 withdraw w-1.2");
    CAF_CHECK_EQUAL(f.stored("w-1").retracted, 2u);
  }
}

CAF_TEST(an alert knows the price before also when its condition had to hold) {
  start();
  say("120");
  watch(
      a_watch("w-1", {watch_kind::falls_to, decimal::of(100), watch_from::creation, seconds(10)}));
  say("110");
  say("99");
  say("98");
  restart();
  advance(seconds(10));
  CAF_REQUIRE_EQUAL(routed(), "10 notify w-1.1");
  for (auto& [name, v] : lines.back().what.params)
    if (name == "previous" || name == "price")
      CAF_CHECK_EQUAL(display(v), name == "price" ? "98" : "110");
  CAF_CHECK(stored("w-1").previous == d("110"));
}

CAF_TEST(what was due while nobody ran is late) {
  start();
  say("120");
  watch(
      a_watch("w-1", {watch_kind::falls_to, decimal::of(100), watch_from::creation, seconds(10)}));
  say("99");
  caf::anon_send_exit(prices, caf::exit_reason::kill);
  deliver();
  clock->advance_to(at(11));
  start();
  CAF_CHECK_EQUAL(routed(), "11 notify w-1.1");
  CAF_CHECK(lines.back().what.late);
  CAF_CHECK(stored("w-1").fired_at == at(10));
}

CAF_TEST(a watch that must hold fires by the clock and also after a restart) {
  start();
  say("120");
  watch(
      a_watch("w-1", {watch_kind::falls_to, decimal::of(100), watch_from::creation, seconds(10)}));
  CAF_CHECK_EQUAL(say("99"), "1/0/0");
  CAF_CHECK(stored("w-1").state == watch_state::pending && stored("w-1").holding_since == at(0));
  advance(seconds(9));
  CAF_CHECK_EQUAL(routed(), "");
  restart();
  advance(seconds(1));
  CAF_CHECK_EQUAL(routed(), "10 notify w-1.1");
  CAF_CHECK(!lines.back().what.late);
  CAF_CHECK(stored("w-1").fired_price == d("99"));
}

CAF_TEST(an expired watch is removed through its conversation) {
  start();
  say("120");
  auto w = a_watch("w-1", below_100);
  w.expires = at(5);
  watch(w);
  advance(seconds(4));
  CAF_CHECK_EQUAL(routed(), "");
  advance(seconds(1));
  CAF_CHECK_EQUAL(routed(), "5 cancel w-1");
  CAF_CHECK_EQUAL(say("90"), "1/0/0");
  restart();
  CAF_CHECK_EQUAL(
      routed(),
      "5 cancel w-1"); // its row is still there: the conversation of this test does nothing
}

CAF_TEST(a running high outlives a restart) {
  start();
  say("100");
  watch(a_watch("w-1", {watch_kind::drops_by, decimal::of(10), watch_from::high}));
  say("200");
  say("190");
  watch(a_watch("w-2", {watch_kind::drops_by, decimal::of(10), watch_from::high}));
  restart();
  CAF_CHECK_EQUAL(say("180"), "1/0/1");
  CAF_CHECK_EQUAL(say("171"), "1/0/1");
  CAF_CHECK_EQUAL(routed(), "0 notify w-1.1, 0 notify w-2.1");
}

CAF_TEST(what holds already fires at once when that is wished and only when it is durable) {
  start();
  say("90");
  moody->failing = true;
  auto w = a_watch(
      "w-1", {watch_kind::falls_to, decimal::of(100), watch_from::creation, {}, {}, false, true});
  watch(w);
  CAF_CHECK_EQUAL(routed(), "");
  moody->failing = false;
  advance(seconds(2));
  CAF_CHECK_EQUAL(routed().substr(2), "notify w-1.1");
  restart();
  CAF_CHECK_EQUAL(routed(), "");
}

CAF_TEST(a feed gone stale is told once for each time) {
  start();
  say("120");
  watch(a_watch("w-1", below_100));
  for (int i = 0; i < 2; ++i) {
    caf::anon_send(
        prices,
        feed_went_stale{"GOOG", at(0), {{"", "No price of {symbol} since {since, time, short}."}}});
    deliver();
  }
  CAF_REQUIRE_EQUAL(lines.size(), 2u);
  CAF_CHECK_EQUAL(lines[0].what.id, lines[1].what.id); // the conversation knows the second
  CAF_CHECK(lines[0].what.more);
  CAF_CHECK(stored("w-1").state == watch_state::armed);
}

CAF_TEST(a feed gone stale is no news to who has had their alert) {
  start();
  say("120");
  auto stale = [&] {
    caf::anon_send(prices, feed_went_stale{"GOOG", at(0), {{"", "No price of {symbol}."}}});
    deliver();
    return routed();
  };
  watch(a_watch("w-1", below_100));
  reply = [](const line& l) -> std::optional<int> { // not settled yet
    return l.text.starts_with("withdraw") ? std::optional(silent) : std::nullopt;
  };
  say("99");
  routed();
  CAF_CHECK_EQUAL(stale(), ""); // its condition still holds
  say("101");
  CAF_CHECK_EQUAL(routed(), "0 withdraw w-1.1");
  CAF_CHECK_EQUAL(stale(), ""); // and has ended
}

namespace {

using open_store = std::function<std::shared_ptr<journal::store>()>;

void take_told(const fixture& f, std::set<std::string>& told) {
  for (auto& l : f.lines)
    if (l.text.starts_with("notify"))
      told.insert(l.text);
}

/// Prices that change `many` watches, cut off after so many messages; also whom that told.
void begin_slices(fixture& f, int many, int cut, std::set<std::string>& told) {
  f.start();
  f.say("120");
  const watch_condition below_high{watch_kind::drops_by, decimal::of(20), watch_from::high};
  std::vector<watch_row> rows;
  for (int i = 0; i < many; ++i)
    rows.push_back(f.a_watch("w-" + std::to_string(i), i % 2 == 0 ? below_100 : below_high));
  f.store_rows(rows);
  for (auto& w : rows)
    caf::anon_send(f.prices, arm_watch{w});
  f.deliver();
  caf::send_as(f.answers.address, f.prices, take_prices{1, {{"GOOG", d("90"), {}, {}}}});
  caf::send_as(f.answers.address, f.prices,
               take_prices{2, {{"GOOG", d("130"), {}, {}}, {"MSFT", d("7"), {}, {}}}});
  for (int i = 0; i < cut && f.sched.has_job(); ++i)
    f.sched.run_once();
  take_told(f, told);
  caf::anon_send_exit(f.prices, caf::exit_reason::kill);
}

void fire_in_slices(const open_store& open, int many, int cut) {
  CAF_MESSAGE("cut off after " << cut);
  std::set<std::string> told;
  {
    fixture before(open());
    begin_slices(before, many, cut, told);
  }
  fixture f(open());
  f.start();
  if ((*f.store->open_reader()->symbols())[0].price == d("120")) // the first price was not written
    f.say({{"GOOG", d("90"), {}, {}}});
  for (int i = 0; i < 80; ++i)
    f.advance(seconds(1));
  take_told(f, told);
  CAF_CHECK_EQUAL(told.size(), static_cast<std::size_t>(many));
  CAF_CHECK(f.store->open_reader()->kept("price/sweep/", 10, "")->items.empty());
  std::set<std::uint64_t> firings;
  for (int i = 0; i < many; ++i)
    firings.insert(f.stored("w-" + std::to_string(i)).firings);
  CAF_CHECK_EQUAL(firings, std::set<std::uint64_t>{1});
}

} // namespace

CAF_TEST(a sample that changes very many watches goes on in slices wherever it is cut off) {
  for (int cut : {0, 1, 3, 6, 9, 20, 1000})
    fire_in_slices([rows = journal::make_memory_store()] { return rows; }, 2'500, cut);
}

CAF_TEST(what prices left to do is done in the order in which they came) {
  // The price of GOOG ended at 5 what had held since 0; that of AAPL came at 20. Neither row was
  // written yet.
  const watch_condition for_10s{watch_kind::falls_to, decimal::of(100), watch_from::creation,
                                seconds(10)};
  auto held = a_watch("w-1", for_10s, watch_state::pending);
  held.baseline = d("120");
  held.order = 1;
  held.holding_since = at(0);
  auto other = a_watch("w-2", below_100, watch_state::armed);
  other.symbol = "AAPL";
  other.baseline = d("120");
  other.order = 2;
  store_rows({held, other});
  auto left = [](const char* symbol, const char* before, const char* price, int received) {
    sweep_row row{{symbol, d(price), {}, {}}, at(received), d(before), at(0), {}, 3};
    return journal::monitor_row{sweep_key(symbol), encode(row)};
  };
  journal::commit c;
  c.kept = {left("GOOG", "99", "101", 5), left("AAPL", "120", "90", 20)};
  c.symbols = {{"GOOG", d("101"), at(5), {}}, {"AAPL", d("90"), at(20), {}}};
  write(c);
  clock->advance_to(at(30));
  start();
  CAF_CHECK_EQUAL(routed(), "30 notify w-2.1");
  CAF_CHECK(stored("w-1").state == watch_state::armed);
}

CAF_TEST(slices go on over a database that was closed and opened again) {
  for (int cut : {0, 3, 6, 9, 20, 1000}) {
    journal::test::scratch_folder folder;
    fire_in_slices([&] { return *journal::open_sqlite_store(folder.path()); }, 1'000, cut);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
