// What holds for every store. Each test runs over the memory store and over SQLite.
#define CAF_SUITE store
#include "tests/support/caf_test.hpp"

#include "actors/journal/commit.hpp"
#include "tests/journal/stores.hpp"

#include <functional>

using namespace interject;
using namespace interject::journal;
using namespace interject::journal::test;

namespace {

void over_both(const std::function<void(store&)>& check) {
  CAF_MESSAGE("memory");
  check(*make_memory_store());
  CAF_MESSAGE("sqlite");
  scratch_folder folder;
  auto opened = open_sqlite_store(folder.path());
  CAF_REQUIRE(opened.has_value());
  check(**opened);
}

std::string texts(const std::vector<activity_row>& rows) {
  std::string out;
  for (auto& row : rows)
    out += std::to_string(row.seq) + "=" + *row.body + " ";
  return out;
}

std::string history(store& from, const conversation_id& id, std::uint64_t after = 0,
                    std::size_t limit = 1000) {
  return texts(*from.open_reader()->history(id, after, limit));
}

watch_row a_watch(const std::string& id, const conversation_id& of) {
  watch_row w;
  w.id = id;
  w.conversation = of;
  w.symbol = "GOOG";
  w.when = {watch_kind::drops_by, decimal::of(20)};
  w.notify.params = {{"n", value(decimal::of(3))}};
  w.baseline = decimal{1250000000};
  w.state = watch_state::armed;
  return w;
}

notification_row a_notice(const notification_id& id, const conversation_id& of,
                          delivery_code code) {
  notification_row n;
  n.id = id;
  n.conversation = of;
  decision d;
  d.code = code;
  d.rule = "A1";
  n.decisions = {d};
  n.at = at(0);
  return n;
}

} // namespace

CAF_TEST(a file is written with the activity that it came with and found by its id) {
  over_both([](store& to) {
    auto c = std::make_shared<commit>();
    c->conversation = "c-files";
    c->fence = {shard_of("c-files"), 1};
    c->activities.push_back({1, {}, std::make_shared<const std::string>("{}")});
    c->files.push_back({"f-1", "a b.png", "image/png", std::string("\0\xff bytes", 8)});
    CAF_CHECK(c->bytes() > 8);
    commit_ptr batch[] = {c, c}; // the second is stale: it must leave no trace
    result<void> outcomes[2];
    CAF_REQUIRE(to.write(batch, outcomes));
    CAF_CHECK(outcomes[0]);
    CAF_CHECK(!outcomes[1]);
    auto rows = to.open_reader();
    auto found = rows->file("f-1");
    CAF_REQUIRE(found && *found);
    auto& file = **found;
    CAF_CHECK_EQUAL(file.name, "a b.png");
    CAF_CHECK_EQUAL(file.content_type, "image/png");
    CAF_CHECK_EQUAL(file.body, std::string("\0\xff bytes", 8));
    CAF_CHECK(!*rows->file("f-2"));
  });
}

CAF_TEST(a turn is read back as it was written) {
  over_both([](store& s) {
    auto c = turn("c1", 0, 0, {"hello", "hi"});
    c.wake_at = at(60);
    CAF_CHECK_EQUAL(write_one(s, c), "ok");
    auto row = *s.open_reader()->load("c1");
    CAF_REQUIRE(row.has_value());
    CAF_CHECK_EQUAL(row->version, 1u);
    CAF_CHECK_EQUAL(row->last_seq, 2u);
    CAF_CHECK_EQUAL(row->state, "state 1");
    CAF_CHECK_EQUAL(row->user, "ann");
    CAF_CHECK(row->wake_at == at(60));
    CAF_CHECK(row->created == at(0));
    CAF_CHECK_EQUAL(write_one(s, turn("c1", 1, 2, {"more"})), "ok");
    row = *s.open_reader()->load("c1");
    CAF_CHECK_EQUAL(row->version, 2u);
    CAF_CHECK(!row->wake_at.has_value());
    CAF_CHECK(row->created == at(0) && row->updated == at(1));
    CAF_CHECK(!s.open_reader()->load("c2")->has_value());
  });
}

CAF_TEST(history pages forward from any point) {
  over_both([](store& s) {
    std::uint64_t seq = 0;
    for (std::uint64_t v = 0; v < 5; ++v) {
      CAF_REQUIRE_EQUAL(write_one(s, turn("c1", v, seq, {"a", "b"})), "ok");
      CAF_REQUIRE_EQUAL(write_one(s, turn("c2", v, v, {"other"})), "ok");
      seq += 2;
    }
    CAF_CHECK_EQUAL(history(s, "c1", 0, 3), "1=a 2=b 3=a ");
    CAF_CHECK_EQUAL(history(s, "c1", 3, 3), "4=b 5=a 6=b ");
    CAF_CHECK_EQUAL(history(s, "c1", 8, 3), "9=a 10=b ");
    CAF_CHECK_EQUAL(history(s, "c1", 10, 3), "");
    CAF_CHECK_EQUAL(history(s, "c1", 99, 3), "");
    CAF_CHECK_EQUAL(history(s, "c2", 3), "4=other 5=other ");
    CAF_CHECK_EQUAL(history(s, "c3"), "");
  });
}

CAF_TEST(a second writer is refused and leaves no trace) {
  over_both([](store& s) {
    CAF_CHECK_EQUAL(write_one(s, turn("c1", 0, 0, {"first"})), "ok");
    auto late = turn("c1", 0, 0, {"second"});
    late.watches = {a_watch("w-1", "c1")};
    late.notifications = {a_notice("n-1", "c1", delivery_code::idle)};
    late.notifications[0].what = notification{};
    CAF_CHECK_EQUAL(write_one(s, late), to_string(errc::stale_version));
    late.expected_version = 2;
    CAF_CHECK_EQUAL(write_one(s, late), to_string(errc::stale_version));
    CAF_CHECK_EQUAL(write_one(s, turn("c9", 1, 0, {})), to_string(errc::stale_version));
    CAF_CHECK_EQUAL(history(s, "c1"), "1=first ");
    CAF_CHECK(!s.open_reader()->watch("w-1")->has_value());
    CAF_CHECK(!s.open_reader()->find_notification("n-1")->has_value());
    CAF_CHECK(!s.open_reader()->load("c9")->has_value());
  });
}

CAF_TEST(a gap in the activities is refused) {
  over_both([](store& s) {
    CAF_CHECK_EQUAL(write_one(s, turn("c1", 0, 1, {"two"})), to_string(errc::conflict));
    CAF_CHECK_EQUAL(write_one(s, turn("c1", 0, 0, {"one"})), "ok");
    CAF_CHECK_EQUAL(write_one(s, turn("c1", 1, 0, {"one again"})), to_string(errc::conflict));
    CAF_CHECK_EQUAL(history(s, "c1"), "1=one ");
  });
}

CAF_TEST(a commit of an epoch that has passed is fenced) {
  over_both([](store& s) {
    auto in_epoch = [](commit c, shard_id shard, std::uint64_t epoch) {
      c.fence = {shard, epoch};
      return c;
    };
    CAF_CHECK_EQUAL(write_one(s, in_epoch(turn("c1", 0, 0, {"a"}), 7, 3)), "ok");
    CAF_CHECK_EQUAL(write_one(s, in_epoch(turn("c1", 1, 1, {"b"}), 7, 2)), to_string(errc::fenced));
    CAF_CHECK_EQUAL(write_one(s, in_epoch(turn("c2", 0, 0, {"c"}), 8, 1)), "ok");
    CAF_CHECK_EQUAL(write_one(s, in_epoch(turn("c1", 1, 1, {"d"}), 7, 4)), "ok");
    CAF_CHECK_EQUAL(write_one(s, in_epoch(turn("c1", 2, 2, {"e"}), 7, 3)), to_string(errc::fenced));
    CAF_CHECK_EQUAL(history(s, "c1"), "1=a 2=d ");
    // A refused commit does not move the epoch.
    CAF_CHECK_EQUAL(write_one(s, in_epoch(turn("c1", 9, 2, {}), 7, 9)),
                    to_string(errc::stale_version));
    CAF_CHECK_EQUAL(write_one(s, in_epoch(turn("c1", 2, 2, {"f"}), 7, 4)), "ok");
  });
}

CAF_TEST(a refused commit does not touch the others of its batch) {
  over_both([](store& s) {
    auto done =
        write_all(s, {turn("c1", 0, 0, {"a"}), turn("c2", 5, 0, {"b"}), turn("c3", 0, 0, {"c"}),
                      turn("c1", 1, 1, {"d"}), turn("c1", 1, 1, {"e"})});
    CAF_REQUIRE(done.whole.has_value());
    std::string outcomes;
    for (auto& each : done.each)
      outcomes += each ? '+' : '-';
    CAF_CHECK_EQUAL(outcomes, "+-++-");
    CAF_CHECK_EQUAL(history(s, "c1"), "1=a 2=d ");
    CAF_CHECK(!s.open_reader()->load("c2")->has_value());
    CAF_CHECK_EQUAL(history(s, "c3"), "1=c ");
  });
}

CAF_TEST(a trail grows and keeps its notification) {
  over_both([](store& s) {
    auto c = turn("c1", 0, 0, {});
    c.notifications = {a_notice("n-1", "c1", delivery_code::await_boundary)};
    c.notifications[0].what = notification{};
    c.notifications[0].what->id = "n-1";
    c.notifications[0].what->topic = "flights";
    CAF_CHECK_EQUAL(write_one(s, c), "ok");
    c = turn("c1", 1, 0, {});
    c.notifications = {a_notice("n-1", "c1", delivery_code::interrupted)};
    c.notifications[0].activity = "c1|0000007";
    CAF_CHECK_EQUAL(write_one(s, c), "ok");
    c = turn("c1", 2, 0, {});
    c.notifications = {a_notice("n-1", "c1", delivery_code::idle)};
    c.notifications[0].decisions.clear();
    c.notifications[0].ended = interruption_end::resumed;
    CAF_CHECK_EQUAL(write_one(s, c), "ok");
    auto found = *s.open_reader()->find_notification("n-1");
    CAF_REQUIRE(found.has_value());
    CAF_CHECK_EQUAL(found->what.topic, "flights");
    CAF_CHECK_EQUAL(found->conversation, "c1");
    CAF_REQUIRE_EQUAL(found->trail.size(), 2u);
    CAF_CHECK(found->trail[0].code == delivery_code::await_boundary);
    CAF_CHECK(found->trail[1].code == delivery_code::interrupted);
    CAF_CHECK_EQUAL(found->activity, "c1|0000007");
    CAF_CHECK(found->ended == interruption_end::resumed);
  });
}

CAF_TEST(a trail has a bound and keeps its first and newest lines) {
  over_both([](store& s) {
    std::uint64_t version = 0;
    for (int i = 0; i < trail_limit + 10; ++i) {
      auto c = turn("c1", version++, 0, {});
      c.notifications = {a_notice("n-1", "c1", delivery_code::quiet)};
      c.notifications[0].decisions[0].at = at(i);
      if (i == 0)
        c.notifications[0].what = notification{};
      CAF_REQUIRE_EQUAL(write_one(s, c), "ok");
    }
    auto found = *s.open_reader()->find_notification("n-1");
    CAF_REQUIRE(found.has_value());
    auto& trail = found->trail;
    CAF_REQUIRE_EQUAL(trail.size(), static_cast<std::size_t>(trail_limit));
    CAF_CHECK(trail.front().at == at(0));
    CAF_CHECK(trail.back().at == at(trail_limit + 9));
  });
}

CAF_TEST(two conversations may take the same notification id) {
  over_both([](store& s) {
    for (auto* id : {"c1", "c2"}) {
      auto c = turn(id, 0, 0, {});
      c.notifications = {a_notice("n-1", id, delivery_code::idle)};
      c.notifications[0].what = notification{};
      CAF_CHECK_EQUAL(write_one(s, c), "ok");
    }
    auto found = *s.open_reader()->find_notification("n-1");
    CAF_CHECK_EQUAL(found->conversation, "c2");
    CAF_CHECK_EQUAL(found->trail.size(), 1u);
  });
}

CAF_TEST(rows of the monitors are replaced listed and erased) {
  over_both([](store& s) {
    auto c = turn("c1", 0, 0, {});
    c.watches = {a_watch("w-1", "c1"), a_watch("w-2", "c2"), a_watch("w-3", "c1")};
    reminder_row r;
    r.id = "r-1";
    r.conversation = "c1";
    r.due = at(90);
    c.reminders = {r};
    call_row call;
    call.id = "c-1";
    call.conversation = "c1";
    call.read = {{"price", "/a/b"}};
    c.calls = {call};
    c.symbols = {{"GOOG", decimal::of(100), at(1), 7}, {"MSFT", decimal::of(5), at(2), {}}};
    CAF_CHECK_EQUAL(write_one(s, c), "ok");
    commit step; // a monitor's own
    step.watches = {a_watch("w-1", "c1")};
    step.watches[0].state = watch_state::fired;
    step.watches_gone = {"w-3"};
    step.symbols = {{"GOOG", decimal::of(99), at(3), 8}};
    CAF_CHECK_EQUAL(write_one(s, step), "ok");

    auto from = s.open_reader();
    auto w = *from->watch("w-1");
    CAF_REQUIRE(w.has_value());
    CAF_CHECK(w->state == watch_state::fired && w->baseline == decimal{1250000000});
    CAF_CHECK(w->when.kind == watch_kind::drops_by && w->notify.params.size() == 1);
    CAF_CHECK_EQUAL(from->watches("", 10, "")->items.size(), 2u);
    CAF_CHECK_EQUAL(from->watches("c1", 10, "")->items.size(), 1u);
    auto reminders = *from->reminders("c1", 10, "");
    CAF_REQUIRE_EQUAL(reminders.items.size(), 1u);
    CAF_CHECK_EQUAL(reminders.items[0].id, "r-1");
    CAF_CHECK((*from->reminder("r-1")).value().due == at(90));
    CAF_CHECK(!from->reminder("r-2")->has_value());
    auto calls = *from->calls("");
    CAF_REQUIRE_EQUAL(calls.size(), 1u);
    CAF_CHECK_EQUAL(calls[0].read.at(0).second, "/a/b");
    CAF_CHECK(from->calls("c2")->empty());
    auto symbols = *from->symbols();
    CAF_REQUIRE_EQUAL(symbols.size(), 2u);
    CAF_CHECK(symbols[0].price == decimal::of(99) && symbols[0].seq == 8u);
    CAF_CHECK(symbols[1].symbol == "MSFT" && !symbols[1].seq.has_value());

    // A monitor that has not heard of the removal does not undo it.
    step = {};
    step.watches = {a_watch("w-3", "c1")};
    CAF_CHECK_EQUAL(write_one(s, step), "ok");
    CAF_CHECK(!s.open_reader()->watch("w-3")->has_value());

    c = turn("c1", 1, 0, {});
    c.reminders_gone = {"r-1"};
    c.calls_gone = {"c-1"};
    CAF_CHECK_EQUAL(write_one(s, c), "ok");
    CAF_CHECK(s.open_reader()->reminders("", 10, "")->items.empty());
    CAF_CHECK(s.open_reader()->calls("")->empty());
  });
}

CAF_TEST(pages follow their cursor to the end) {
  over_both([](store& s) {
    for (int i = 0; i < 5; ++i) {
      auto id = "c" + std::to_string(i);
      auto c = turn(id, 0, 0, {});
      c.watches = {a_watch("w-" + std::to_string(i), i % 2 == 0 ? "even" : "odd")};
      CAF_REQUIRE_EQUAL(write_one(s, c), "ok");
    }
    auto from = s.open_reader();
    std::string seen, cursor;
    do {
      auto page = *from->conversations(2, cursor);
      for (auto& row : page.items)
        seen += row.id + " ";
      seen += "| ";
      cursor = page.next;
    } while (!cursor.empty());
    CAF_CHECK_EQUAL(seen, "c4 c3 | c2 c1 | c0 | ");
    seen.clear();
    do {
      auto page = *from->watches("even", 2, cursor);
      for (auto& row : page.items)
        seen += row.id + " ";
      seen += "| ";
      cursor = page.next;
    } while (!cursor.empty());
    CAF_CHECK_EQUAL(seen, "w-0 w-2 | w-4 | ");
    CAF_CHECK(from->watches("", 2, "nonsense").error().code == errc::bad_input);
    CAF_CHECK(from->conversations(2, "-4").error().code == errc::bad_input);
  });
}

CAF_TEST(client ids are read back newest first within their bounds) {
  over_both([](store& s) {
    std::uint64_t seq = 0;
    for (std::uint64_t v = 0; v < 4; ++v) {
      auto c = turn("c1", v, seq, {"user", "bot"});
      c.activities[0].client_id = "k" + std::to_string(v);
      CAF_REQUIRE_EQUAL(write_one(s, c), "ok");
      seq += 2;
    }
    auto show = [&](std::size_t limit, time_point since) {
      std::string out;
      for (auto& [client, at_seq] : *s.open_reader()->recent_clients("c1", limit, since))
        out += client + "@" + std::to_string(at_seq) + " ";
      return out;
    };
    CAF_CHECK_EQUAL(show(100, at(0)), "k3@7 k2@5 k1@3 k0@1 ");
    CAF_CHECK_EQUAL(show(100, at(2)), "k3@7 k2@5 ");
    CAF_CHECK_EQUAL(show(4, at(0)), "k3@7 k2@5 ");
    CAF_CHECK(s.open_reader()->recent_clients("none", 4, at(0))->empty());
  });
}

CAF_TEST(persons wakes and bots are found again) {
  over_both([](store& s) {
    auto c = turn("c1", 0, 0, {});
    c.persons = {{"ann", "c1", false, at(0)}};
    c.wake_at = at(30);
    CAF_CHECK_EQUAL(write_one(s, c), "ok");
    CAF_CHECK_EQUAL(write_one(s, turn("c2", 0, 0, {})), "ok");
    c = turn("c3", 0, 0, {});
    c.persons = {{"ann", "c3", true, at(1)}};
    c.wake_at = at(20);
    CAF_CHECK_EQUAL(write_one(s, c), "ok");
    auto from = s.open_reader();
    auto ann = *from->person("ann");
    CAF_REQUIRE(ann.has_value());
    CAF_CHECK(ann->conversation == "c3" && ann->interacted && ann->at == at(1));
    CAF_CHECK(!from->person("bob")->has_value());
    auto wakes = *from->wakes();
    std::sort(wakes.begin(), wakes.end());
    CAF_REQUIRE_EQUAL(wakes.size(), 2u);
    CAF_CHECK(wakes[0] == std::pair(std::string("c1"), at(30)));
    CAF_CHECK(s.keep_bot("v1", "{}").has_value());
    CAF_CHECK(s.keep_bot("v1", "{}").has_value());
    CAF_CHECK(*from->bot_source("v1") == "{}");
    CAF_CHECK(!from->bot_source("v2")->has_value());
    CAF_CHECK(s.check_writable().has_value());
  });
}

CAF_TEST(a sweep removes notifications after a week) {
  over_both([](store& s) {
    auto c = turn("c1", 0, 0, {});
    c.notifications = {a_notice("old", "c1", delivery_code::idle),
                       a_notice("new", "c1", delivery_code::idle)};
    for (auto& n : c.notifications)
      n.what = notification{};
    c.notifications[1].at = at(3600);
    CAF_CHECK_EQUAL(write_one(s, c), "ok");
    CAF_CHECK(s.sweep(at(0) + notifications_kept).has_value());
    CAF_CHECK((*s.open_reader()->find_notification("old")).has_value());
    CAF_CHECK(s.sweep(at(1) + notifications_kept).has_value());
    CAF_CHECK(!s.open_reader()->find_notification("old")->has_value());
    CAF_CHECK(s.open_reader()->find_notification("new")->has_value());
    // What is added to a swept one finds nothing to add to.
    c = turn("c1", 1, 0, {});
    c.notifications = {a_notice("old", "c1", delivery_code::idle)};
    CAF_CHECK_EQUAL(write_one(s, c), "ok");
    CAF_CHECK(!s.open_reader()->find_notification("old")->has_value());
  });
}

CAF_TEST(a bot stays while a stack refers to it or somebody holds it) {
  over_both([](store& s) {
    for (auto* version : {"v1", "v2", "v3"})
      CAF_CHECK(s.keep_bot(version, "{}").has_value());
    auto c = turn("c1", 0, 0, {});
    c.pinned = "v1";
    CAF_CHECK_EQUAL(write_one(s, c), "ok");
    c = turn("c2", 0, 0, {});
    CAF_CHECK_EQUAL(write_one(s, c), "ok");
    using pairs = std::vector<std::pair<std::string, std::uint64_t>>;
    CAF_CHECK(*s.open_reader()->pins() == pairs({{"v1", 1}}));
    c = turn("c2", 1, 0, {});
    c.pinned = "v1";
    CAF_CHECK_EQUAL(write_one(s, c), "ok");
    CAF_CHECK(*s.open_reader()->pins() == pairs({{"v1", 2}}));
    auto held = [] { return std::vector<std::string>{"v3"}; };
    CAF_CHECK_EQUAL(*s.sweep_bots(held), 1u);
    CAF_CHECK(s.open_reader()->bot_source("v1")->has_value());
    CAF_CHECK(!s.open_reader()->bot_source("v2")->has_value());
    CAF_CHECK(s.open_reader()->bot_source("v3")->has_value());
    CAF_CHECK_EQUAL(write_one(s, turn("c1", 1, 0, {})), "ok");
    CAF_CHECK_EQUAL(*s.sweep_bots(held), 0u);
    CAF_CHECK_EQUAL(write_one(s, turn("c2", 2, 0, {})), "ok");
    CAF_CHECK_EQUAL(*s.sweep_bots(held), 1u);
    CAF_CHECK(s.open_reader()->pins()->empty());
  });
}

CAF_TEST(reminders come in the order in which they are due and pages go on behind the last) {
  over_both([](store& s) {
    auto reminder = [](const char* id, int due) {
      reminder_row r;
      r.id = id;
      r.conversation = "c1";
      r.due = at(due);
      return r;
    };
    commit c;
    c.conversation = "c1";
    c.reminders = {reminder("r-30", 30), reminder("r-10", 10), reminder("r-20", 20),
                   reminder("r-20b", 20), reminder("r-99", 99)};
    commit_ptr batch[] = {std::make_shared<const commit>(c)};
    result<void> outcomes[1];
    CAF_REQUIRE(s.write(batch, outcomes).has_value() && outcomes[0].has_value());
    auto from = s.open_reader();
    auto ids = [](const result<page<reminder_row>>& p) {
      std::string out;
      for (auto& r : p->items)
        out += r.id + " ";
      return out + (p->next.empty() ? "end" : "more");
    };
    CAF_CHECK_EQUAL(ids(from->reminders_due(at(30), 10, "")), "r-10 r-20 r-20b r-30 end");
    CAF_CHECK_EQUAL(ids(from->reminders_due(at(29), 10, "")), "r-10 r-20 r-20b end");
    auto first = from->reminders_due(at(30), 2, "");
    CAF_CHECK_EQUAL(ids(first), "r-10 r-20 more");
    CAF_CHECK_EQUAL(ids(from->reminders_due(at(30), 2, first->next)), "r-20b r-30 end");
    CAF_CHECK(!from->reminders_due(at(30), 2, "nonsense"));
    // A monitor's step moves one on.
    commit step;
    step.reminders = {reminder("r-10", 25), reminder("r-gone", 1)};
    batch[0] = std::make_shared<const commit>(step);
    CAF_REQUIRE(s.write(batch, outcomes).has_value() && outcomes[0].has_value());
    CAF_CHECK_EQUAL(ids(from->reminders_due(at(30), 10, "")), "r-20 r-20b r-10 r-30 end");
  });
}

CAF_TEST(what monitors keep is found by the beginning of its key) {
  over_both([](store& s) {
    commit c;
    c.kept = {
        {"price/high/2/X", "b"}, {"price/high/1/X", "a"}, {"price/sweep/X", "s"}, {"other", "o"}};
    commit_ptr batch[] = {std::make_shared<const commit>(c)};
    result<void> outcomes[1];
    CAF_REQUIRE(s.write(batch, outcomes).has_value() && outcomes[0].has_value());
    auto from = s.open_reader();
    auto show = [](const result<page<monitor_row>>& p) {
      std::string out;
      for (auto& r : p->items)
        out += r.key + "=" + r.body + " ";
      return out + (p->next.empty() ? "end" : "more");
    };
    CAF_CHECK_EQUAL(show(from->kept("price/", 10, "")),
                    "price/high/1/X=a price/high/2/X=b price/sweep/X=s end");
    auto first = from->kept("price/", 2, "");
    CAF_CHECK_EQUAL(show(from->kept("price/", 2, first->next)), "price/sweep/X=s end");
    commit step;
    step.kept = {{"price/high/1/X", "A"}};
    step.kept_gone = {"price/high/2/X", "nobody"};
    batch[0] = std::make_shared<const commit>(step);
    CAF_REQUIRE(s.write(batch, outcomes).has_value() && outcomes[0].has_value());
    CAF_CHECK_EQUAL(show(from->kept("price/high/", 10, "")), "price/high/1/X=A end");
  });
}
