#define CAF_SUITE turn
#include "tests/support/caf_test.hpp"

#include "tests/conversation/desk.hpp"

using namespace interject;
using namespace interject::conversation;
using namespace std::chrono_literals;
using interject::test::desk;

namespace {

using lines = std::vector<std::string>;

} // namespace

CAF_TEST(a new notice stands behind those that are spaced) {
  desk d;
  d.policy.budget_burst = 10;
  d.say("Hello");
  d.tell(d.notice(delivery_mode::ad_hoc, "First."));
  d.tell(d.notice(delivery_mode::ad_hoc, "Second."));
  d.pass(3s);
  CAF_CHECK_EQUAL(d.transcript.back(), "! First.");
  CAF_CHECK(d.tell(d.notice(delivery_mode::ad_hoc, "Third.")).code == delivery_code::spaced);
  d.pass_in_steps(20s);
  CAF_REQUIRE(d.transcript.size() > 3);
  CAF_CHECK_EQUAL(*(d.transcript.end() - 2), "! Second.");
  CAF_CHECK_EQUAL(d.transcript.back(), "! Third.");
}

CAF_TEST(the lifetime of a notice without a date begins when it is taken) {
  desk d;
  d.say("Hello");
  d.pass(3s);
  auto n = d.notice(delivery_mode::ad_hoc);
  n.created = {};
  CAF_CHECK(d.tell(n).action == delivery_action::sent);
}

CAF_TEST(a new conversation is greeted and its person is known) {
  desk d;
  CAF_CHECK_EQUAL(d.heard(), lines{"Hello."});
  CAF_REQUIRE_EQUAL(d.out.persons.size(), 1u);
  CAF_CHECK_EQUAL(d.out.persons[0].user, "dl_ann");
  CAF_CHECK(d.now_is.interacted);
}

CAF_TEST(the echo precedes the answer and the answer names what it replies to) {
  desk d;
  d.heard();
  auto a = d.say("book a trip");
  CAF_CHECK_EQUAL(d.heard(), (lines{"> book a trip", "Where to?"}));
  CAF_CHECK_EQUAL(std::get<posted>(a).activity, "0a1-test|0000002");
  CAF_REQUIRE_EQUAL(d.out.said.size(), 2u);
  CAF_CHECK_EQUAL(d.out.said[0].seq, 2u);
  CAF_CHECK_EQUAL(d.out.said[1].seq, 3u);
  CAF_CHECK_EQUAL(d.out.said[1].replies_to, 2u);
}

CAF_TEST(an interrupting offer is discussed and the trip resumes at its exact step) {
  desk d;
  d.say("book a trip");
  d.say("London");
  d.heard();
  d.now += 10s;
  auto decided = d.tell(d.offer());
  CAF_CHECK_EQUAL(decided.code, delivery_code::interrupted);
  CAF_CHECK_EQUAL(d.heard(), lines{"! The hotel is 158. Book it?"});
  CAF_REQUIRE_EQUAL(d.out.trail.size(), 1u);
  CAF_CHECK_EQUAL(d.out.trail[0].activity, "0a1-test|0000006");
  d.say("yes");
  CAF_CHECK_EQUAL(d.heard(), (lines{"> yes", "Booked.", "Back to your trip.", "How many nights?"}));
  CAF_REQUIRE_EQUAL(d.out.trail.size(), 1u);
  CAF_CHECK(d.out.trail[0].ended == interruption_end::resumed);
  CAF_CHECK(d.now_is.active.empty());
  d.say("3");
  CAF_CHECK_EQUAL(d.heard(), (lines{"> 3", "3 nights in London."}));
}

CAF_TEST(an ad hoc notice leaves the question open) {
  desk d;
  d.say("book a trip");
  d.heard();
  d.now += 10s;
  CAF_CHECK_EQUAL(d.tell(d.notice(delivery_mode::ad_hoc)).code, delivery_code::adhoc);
  CAF_CHECK_EQUAL(d.heard(), lines{"! News."});
  d.say("London");
  CAF_CHECK_EQUAL(d.heard(), (lines{"> London", "How many nights?"}));
}

CAF_TEST(an ad hoc notice waits for the end of typing) {
  desk d;
  d.say("book a trip");
  d.heard();
  d.now += 1s;
  auto decided = d.tell(d.notice(delivery_mode::ad_hoc));
  CAF_CHECK_EQUAL(decided.code, delivery_code::user_typing);
  CAF_CHECK_EQUAL(d.heard(), lines{});
  d.pass_in_steps(2s);
  CAF_CHECK_EQUAL(d.heard(), lines{"! News."});
}

CAF_TEST(a deferred notice waits for the end of the flow and is then said) {
  desk d;
  d.say("book a trip");
  d.say("London");
  d.now += 10s;
  CAF_CHECK_EQUAL(d.tell(d.notice(delivery_mode::deferred)).code, delivery_code::await_boundary);
  d.heard();
  d.say("2");
  CAF_CHECK_EQUAL(d.heard(), (lines{"> 2", "2 nights in London."}));
  d.pass_in_steps(3s);
  CAF_CHECK_EQUAL(d.heard(), lines{"! News."});
}

CAF_TEST(a deferred notice is said at the boundary between two dialogs before what follows) {
  desk d;
  d.say("chain");
  d.now += 10s;
  d.tell(d.notice(delivery_mode::deferred));
  d.heard();
  d.say("a");
  CAF_CHECK_EQUAL(d.heard(), (lines{"> a", "! News.", "After.", "Last?"}));
}

CAF_TEST(cancelling the flow for a notice drops what was beneath) {
  desk d;
  d.say("book a trip");
  d.now += 10s;
  auto n = d.offer();
  n.returns = return_mode::reset;
  CAF_CHECK_EQUAL(d.tell(n).code, delivery_code::flow_cancelled);
  d.heard();
  d.say("no");
  CAF_CHECK_EQUAL(d.heard(), (lines{"> no", "Not booked."}));
  CAF_CHECK(d.now_is.talk.stack.empty());
}

CAF_TEST(a step that is never interrupted keeps the notice until the dialog ends) {
  desk d;
  d.say("order");
  d.now += 10s;
  CAF_CHECK_EQUAL(d.tell(d.notice(delivery_mode::ad_hoc)).code, delivery_code::step_protected);
  d.say("tea");
  d.heard();
  d.pass_in_steps(4s);
  CAF_CHECK_EQUAL(d.heard(), lines{"! News."});
}

CAF_TEST(a repeated notification id is answered with its first result and said once) {
  desk d;
  d.now += 10s;
  auto n = d.notice(delivery_mode::ad_hoc);
  d.tell(n);
  d.heard();
  auto again = d.give(notify{9, "0a1-test", "", n});
  CAF_REQUIRE(std::holds_alternative<repeated>(again));
  CAF_CHECK_EQUAL(std::get<repeated>(again).id, n.id);
  CAF_CHECK(!d.out.changed);
  CAF_CHECK_EQUAL(d.heard(), lines{});
}

CAF_TEST(a newer notice of the same collapse key takes the place of the waiting one) {
  desk d;
  d.say("book a trip");
  d.now += 10s;
  auto first = d.notice(delivery_mode::deferred, "158");
  auto second = d.notice(delivery_mode::deferred, "149");
  first.collapse_key = second.collapse_key = "hotel";
  d.tell(first);
  d.tell(second);
  CAF_REQUIRE_EQUAL(d.now_is.queue.items.size(), 1u);
  CAF_CHECK_EQUAL(d.now_is.queue.items[0].what.id, second.id);
  CAF_REQUIRE_EQUAL(d.out.trail.size(), 2u);
  CAF_CHECK_EQUAL(d.out.trail[1].decisions[0].code, delivery_code::superseded);
}

CAF_TEST(a withdrawn notice is not said) {
  desk d;
  d.say("order");
  d.now += 10s;
  auto n = d.notice(delivery_mode::deferred);
  d.tell(n);
  auto a = d.give(withdraw{5, "0a1-test", n.id});
  CAF_CHECK_EQUAL(std::get<decided>(a).what.code, delivery_code::withdrawn);
  d.say("tea");
  d.heard();
  d.pass_in_steps(10s);
  CAF_CHECK_EQUAL(d.heard(), lines{});
  auto again = d.give(withdraw{6, "0a1-test", n.id});
  CAF_CHECK_EQUAL(std::get<refused>(again).code, errc::conflict);
}

CAF_TEST(three waiting notices of one digest key become one message) {
  desk d;
  d.say("chain");
  d.now += 10s;
  for (auto* text : {"A", "B", "C"}) {
    auto n = d.notice(delivery_mode::deferred, text);
    n.digest_key = "offers";
    d.tell(n);
  }
  d.heard();
  d.say("a");
  auto heard = d.heard();
  CAF_REQUIRE_EQUAL(heard.size(), 4u);
  CAF_CHECK_EQUAL(heard[1], "! 3 news: \n• A\n• B\n• C");
  int coalesced = 0;
  for (auto& row : d.out.trail)
    for (auto& decision : row.decisions)
      coalesced += decision.code == delivery_code::coalesced;
  CAF_CHECK_EQUAL(coalesced, 2);
}

CAF_TEST(what is more urgent goes before a digest) {
  desk d;
  d.say("chain");
  d.now += 10s;
  for (auto* text : {"A", "B", "C", "Urgent"}) {
    auto n = d.notice(delivery_mode::deferred, text);
    if (text == std::string("Urgent"))
      n.urgency = urgency::time_sensitive;
    else
      n.digest_key = "offers";
    d.tell(n);
  }
  d.heard();
  d.say("a");
  auto heard = d.heard();
  CAF_REQUIRE(heard.size() > 1);
  CAF_CHECK_EQUAL(heard[1], "! Urgent");
  for (auto& text : heard)
    CAF_CHECK(text.find("news") == text.npos); // spaced behind it
}

CAF_TEST(the third notice within a minute waits for a token and is not lost) {
  desk d;
  d.now += 10s;
  d.tell(d.notice(delivery_mode::ad_hoc, "1"));
  d.tell(d.notice(delivery_mode::ad_hoc, "2"));
  CAF_CHECK_EQUAL(d.tell(d.notice(delivery_mode::ad_hoc, "3")).code, delivery_code::rate_limited);
  d.heard();
  d.pass_in_steps(61s);
  CAF_CHECK_EQUAL(d.heard(), lines{"! 3"});
}

CAF_TEST(a deferred notice is escalated before it would expire) {
  desk d;
  d.say("book a trip");
  d.now += 10s;
  auto n = d.notice(delivery_mode::deferred);
  n.lifetime = 10min;
  auto decided = d.tell(n);
  CAF_REQUIRE(decided.latest.has_value());
  CAF_CHECK(*decided.latest < n.expires());
  d.heard();
  d.pass_in_steps(10min);
  CAF_CHECK_EQUAL(d.heard(), lines{"! News."});
}

CAF_TEST(a reminder is taken once and its row goes with the same commit) {
  desk d;
  d.say("remind me");
  CAF_REQUIRE_EQUAL(d.out.reminders.size(), 1u);
  auto row = d.out.reminders[0];
  CAF_CHECK_EQUAL(row.due, d.now + 10min);
  CAF_CHECK_EQUAL(d.now_is.talk.subscriptions.size(), 1u);
  d.heard();
  d.now += 10min;
  auto n = row.notify;
  n.id = row.id + ".1";
  n.from = origin::reminder;
  n.source = row.id;
  n.created = d.now;
  CAF_CHECK_EQUAL(d.tell(n).code, delivery_code::idle);
  CAF_CHECK_EQUAL(d.heard(), lines{"! Tea!"});
  CAF_CHECK_EQUAL(d.out.reminders_gone, lines{row.id});
  CAF_CHECK(d.now_is.talk.subscriptions.empty());
}

CAF_TEST(progress is said at its times and a result ends it) {
  desk d;
  d.say("slow");
  CAF_REQUIRE_EQUAL(d.out.calls.size(), 1u);
  auto call = d.out.calls[0];
  d.heard();
  d.pass_in_steps(4s);
  CAF_CHECK_EQUAL(d.heard(), lines{"One."});
  call_answered result{7,
                       "0a1-test",
                       call.id,
                       call.generation,
                       call_outcome::succeeded,
                       200,
                       {{"answer", value("gold")}},
                       "",
                       call_mode::foreground,
                       {}};
  d.give(result);
  CAF_CHECK_EQUAL(d.heard(), lines{"Got gold."});
  d.give(result);
  CAF_CHECK_EQUAL(d.heard(), lines{});
  d.pass_in_steps(10s);
  CAF_CHECK_EQUAL(d.heard(), lines{});
}

CAF_TEST(a background result arrives as a notice once) {
  desk d;
  call_answered result;
  result.conversation = "0a1-test";
  result.call = "c-1";
  result.mode = call_mode::background;
  result.notify.text = {{"", "Done: {answer}."}};
  result.values = {{"answer", value("42")}};
  d.now += 10s;
  d.heard();
  d.give(result);
  CAF_CHECK_EQUAL(d.heard(), lines{"! Done: 42."});
  CAF_CHECK_EQUAL(d.out.calls_gone, lines{"c-1"});
  d.give(result);
  CAF_CHECK_EQUAL(d.heard(), lines{});
}

CAF_TEST(a notice that a dialog sends to its own conversation is weighed like any other) {
  desk d;
  d.heard();
  d.say("tell me");
  CAF_CHECK_EQUAL(d.heard(), (lines{"> tell me", "And?"}));
  d.pass_in_steps(3s);
  CAF_CHECK_EQUAL(d.heard(), lines{"! By the way."});
}

CAF_TEST(what was inhibited is said as soon as nothing inhibits it) {
  struct row {
    const char* name;
    void (*end)(desk&, notification& storm);
    bool at_once;
  };
  for (auto& r : std::vector<row>{
           {"nothing has changed", [](desk&d, notification&) { d.pass(1s); }, false},
           {"withdrawn",
            [](desk&d, notification&n) {
              d.give(withdraw{5, "0a1-test", n.id});
            },
            true},
           {"retracted by its source",
            [](desk&d, notification&n) {
              d.give(retract{5, "0a1-test", n.from, n.source});
            },
            true},
           {"replaced by one that inhibits nothing",
            [](desk&d, notification&n) {
              auto newer = n;
              newer.id = "newer";
              newer.inhibits.clear();
              d.tell(newer);
            },
            true},
           {"replaced by one that inhibits as well",
            [](desk&d, notification&n) {
              auto newer = n;
              newer.id = "newer";
              d.tell(newer);
            },
            false},
           {"a millisecond before its expiry",
            [](desk&d, notification&n) { d.pass(n.expires() - d.now - 1ms); }, false},
           {"expired", [](desk&d, notification&n) { d.pass(n.expires() - d.now); }, true},
       }) {
    CAF_MESSAGE(r.name);
    desk d;
    d.policy.spacing = 0s;
    d.say("order"); // nobody is told anything at its question
    d.pass(3s);
    auto storm = d.notice(delivery_mode::ad_hoc, "Storm.");
    storm.urgency = urgency::time_sensitive;
    storm.inhibits = {"offers"};
    storm.collapse_key = "storm";
    storm.from = origin::watch;
    storm.source = "w-1";
    storm.lifetime = 5min;
    CAF_CHECK(d.tell(storm).code == delivery_code::step_protected);
    auto offer = d.notice(delivery_mode::ad_hoc, "Offer.");
    offer.topic = "offers";
    CAF_CHECK(d.tell(offer).code == delivery_code::inhibited);
    r.end(d, storm);
    auto* waits = delivery::find(d.now_is.queue, offer.id);
    CAF_REQUIRE(waits != nullptr);
    CAF_CHECK_EQUAL(waits->code != delivery_code::inhibited, r.at_once);
  }
}

CAF_TEST(notices of turns that say nothing have names of their own) {
  for (std::string to : {R"("to": { "user": "bob" },)", R"("delivery": "deferred",)"}) {
    CAF_MESSAGE(to);
    desk d(R"json({ "id": "b", "start": "hello", "hosts": ["127.0.0.1:9"], "dialogs": {
      "hello": { "steps": [ { "do": "say", "text": "Hello." } ] },
      "poll": { "intents": ["poll"], "steps": [
        { "do": "repeat", "for": "x", "in": "[1, 2, 3]", "steps": [
          { "do": "request", "url": "http://127.0.0.1:9/x" },
          { "do": "notify", )json" +
           to + R"json( "text": "Round {x}." } ] } ] } } })json");
    d.say("poll");
    std::vector<std::string> names;
    for (int round = 0; round < 3; ++round) {
      auto& waits = d.now_is.talk.stack.back();
      d.give(call_answered{5,
                           d.now_is.talk.id,
                           waits.call,
                           waits.generation,
                           call_outcome::succeeded,
                           200,
                           {},
                           {},
                           call_mode::foreground,
                           {}});
      for (auto& row : d.out.reminders)
        names.push_back(row.id);
      for (auto& row : d.out.trail)
        if (row.what)
          names.push_back(row.id);
    }
    std::sort(names.begin(), names.end());
    CAF_CHECK_EQUAL(names.size(), 3u);
    CAF_CHECK(std::unique(names.begin(), names.end()) == names.end());
  }
}

CAF_TEST(another user cannot speak in this conversation) {
  desk d;
  incoming_activity a;
  a.text = "hi";
  a.from = "dl_bob";
  auto answer = d.give(post_activity{2, "0a1-test", a});
  CAF_CHECK_EQUAL(std::get<refused>(answer).code, errc::forbidden);
  CAF_CHECK(!d.out.changed);
}

CAF_TEST(nobody is told anything before they have spoken or opened the messenger) {
  desk d;
  state fresh;
  fresh.talk.id = "0a1-other";
  bool exists = false;
  std::uint64_t seq = 0;
  outcome out;
  rules by{*d.bot, d.policy};
  take(by, fresh, exists, seq, open_conversation{1, "0a1-other", "", "", "en", "directline"}, d.now,
       out);
  auto n = d.notice(delivery_mode::ad_hoc);
  n.urgency = urgency::critical;
  auto a = take(by, fresh, exists, seq, notify{1, "0a1-other", "", n}, d.now, out);
  CAF_CHECK_EQUAL(std::get<decided>(a).what.code, delivery_code::no_optin);
}

CAF_TEST(an unknown conversation is refused) {
  desk d;
  state fresh;
  bool exists = false;
  std::uint64_t seq = 0;
  outcome out;
  auto a = take({*d.bot, d.policy}, fresh, exists, seq, reset_conversation{1, "none"}, d.now, out);
  CAF_CHECK_EQUAL(std::get<refused>(a).code, errc::not_found);
  CAF_CHECK(!out.changed);
}
