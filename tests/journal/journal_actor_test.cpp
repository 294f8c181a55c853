#define CAF_SUITE journal_actor
#include "tests/support/caf_test.hpp"

#include "actors/journal/journal_actor.hpp"
#include "tests/journal/stores.hpp"
#include "tests/support/fixture.hpp"
#include "tests/support/forwarding_store.hpp"

using namespace interject;
using namespace interject::journal;
using namespace interject::journal::test;

namespace {

/// A memory store that keeps count of its transactions and fails when told to.
class watched_store final : public interject::test::forwarding_store {
public:
  watched_store() : forwarding_store(make_memory_store()) {}
  result<void> write(std::span<const commit_ptr> batch, std::span<result<void>> outcomes) override {
    batches.push_back(batch.size());
    if (failing)
      return error{errc::unavailable, "the disk is full"};
    for (auto& c : batch)
      if (c->state == "poison")
        return error{errc::internal, "it has no binary form"};
    return inner->write(batch, outcomes);
  }

  std::vector<std::size_t> batches;
  bool failing = false;
};

struct fixture : interject::test::actor_fixture {
  fixture() { start({}); }
  ~fixture() override { caf::anon_send_exit(journal, caf::exit_reason::user_shutdown); }

  void start(journal_options how) {
    if (journal)
      caf::anon_send_exit(journal, caf::exit_reason::user_shutdown);
    how.detached = false;
    how.counts = counts;
    journal = spawn_journal(sys, to, how);
    deliver();
  }

  /// Plain sends: the answers come as ordinary messages.
  void submit(commit c) {
    caf::send_as(answers.address, journal, write_commit{share(std::move(c))});
  }
  std::string outcomes() {
    std::string out;
    for (auto& a : answers.of<committed>())
      out += a.ok ? "ok " : std::string(to_string(a.code)) + " ";
    answers.of<committed>().clear();
    return out;
  }

  std::shared_ptr<watched_store> to = std::make_shared<watched_store>();
  std::shared_ptr<runtime::counters> counts = std::make_shared<runtime::counters>();
  caf::actor journal;
  inbox<committed> answers = spawn_inbox<committed>();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(journal_actor_tests, fixture)

CAF_TEST(commits that wait together share a transaction) {
  for (auto* id : {"c1", "c2", "c3"})
    submit(turn(id, 0, 0, {"a"}));
  deliver();
  CAF_CHECK_EQUAL(outcomes(), "ok ok ok ");
  CAF_CHECK_EQUAL(to->batches, std::vector<std::size_t>({3}));
  submit(turn("c1", 1, 1, {"b"}));
  deliver();
  CAF_CHECK_EQUAL(outcomes(), "ok ");
  CAF_CHECK_EQUAL(to->batches, std::vector<std::size_t>({3, 1}));
  CAF_CHECK_EQUAL(counts->batches.load(), 2u);
}

CAF_TEST(a request is answered as a response) {
  auto answer = request<committed>(journal, write_commit{share(turn("c1", 0, 0, {"a"}))});
  CAF_CHECK(answer.ok);
  answer = request<committed>(journal, write_commit{share(turn("c1", 0, 0, {"a"}))});
  CAF_CHECK(!answer.ok);
  CAF_CHECK(answer.code == errc::stale_version);
  CAF_CHECK(!answer.what.empty());
}

CAF_TEST(a refused commit is told so and the others pass) {
  submit(turn("c1", 0, 0, {"a"}));
  submit(turn("c2", 4, 0, {"a"}));
  submit(turn("c3", 0, 0, {"a"}));
  deliver();
  CAF_CHECK_EQUAL(outcomes(), "ok stale_version ok ");
}

CAF_TEST(a failing disk refuses every commit of the batch and nothing is stored) {
  to->failing = true;
  submit(turn("c1", 0, 0, {"a"}));
  submit(turn("c2", 0, 0, {"a"}));
  deliver();
  CAF_CHECK_EQUAL(outcomes(), "unavailable unavailable ");
  to->failing = false;
  submit(turn("c1", 0, 0, {"a"}));
  deliver();
  CAF_CHECK_EQUAL(outcomes(), "ok ");
}

CAF_TEST(a commit that cannot be written fails alone) {
  auto poison = turn("c2", 0, 0, {"a"});
  poison.state = "poison";
  submit(turn("c1", 0, 0, {"a"}));
  submit(poison);
  submit(turn("c3", 0, 0, {"a"}));
  deliver();
  CAF_CHECK_EQUAL(outcomes(), "ok internal ok ");
}

CAF_TEST(a long queue is written in batches of the given size in order) {
  start({.max_batch = 4});
  for (std::uint64_t v = 0; v < 10; ++v)
    submit(turn("c1", v, v, {"a"}));
  deliver();
  CAF_CHECK_EQUAL(outcomes(), "ok ok ok ok ok ok ok ok ok ok ");
  CAF_CHECK_EQUAL(to->batches, std::vector<std::size_t>({4, 4, 2}));
}

CAF_TEST(turns that people wait for overtake what nobody waits for) {
  auto await = [&](const char* id) {
    caf::send_as(answers.address, journal,
                 write_commit{.it = share(turn(id, 0, 0, {"a"})), .awaited = true});
  };
  submit(turn("n1", 0, 0, {"a"}));
  submit(turn("n2", 3, 0, {"a"})); // refused: tells the answers apart
  await("c1");
  await("c2");
  deliver();
  CAF_CHECK_EQUAL(to->batches, std::vector<std::size_t>({2, 2}));
  CAF_CHECK_EQUAL(outcomes(), "ok ok ok stale_version ");
}

CAF_TEST(a turn with rows that monitors write as well keeps its place) {
  auto await = [&](commit c) {
    caf::send_as(answers.address, journal,
                 write_commit{.it = share(std::move(c)), .awaited = true});
  };
  submit(turn("n1", 3, 0, {"a"})); // refused: tells the answers apart
  auto arms = turn("c1", 0, 0, {"a"});
  arms.watches.emplace_back().id = "w1";
  await(std::move(arms));
  auto cancels = turn("c2", 0, 0, {"a"});
  cancels.reminders_gone = {"r1"};
  await(std::move(cancels));
  deliver();
  CAF_CHECK_EQUAL(to->batches, std::vector<std::size_t>({3}));
  CAF_CHECK_EQUAL(outcomes(), "stale_version ok ok ");
}

CAF_TEST(turns do not keep the others waiting for more than one transaction) {
  start({.max_batch = 4});
  for (int i = 0; i < 20; ++i)
    caf::send_as(
        answers.address, journal,
        write_commit{.it = share(turn("c" + std::to_string(i), 0, 0, {"a"})), .awaited = true});
  for (int i = 0; i < 6; ++i)
    submit(turn("n" + std::to_string(i), 3, 0, {"a"}));
  deliver();
  CAF_CHECK_EQUAL(outcomes(), "ok ok ok ok "                       // turns alone
                              "stale_version stale_version ok ok " // half of the places
                              "ok ok ok ok stale_version stale_version ok ok "
                              "ok ok ok ok stale_version stale_version ok ok ok ok ");
}

CAF_TEST(more than the bound in flight is refused at once) {
  start({.max_bytes = 3000});
  for (auto* id : {"c1", "c2", "c3"})
    submit(turn(id, 0, 0, {std::string(1500, 'x')}));
  deliver();
  CAF_CHECK_EQUAL(outcomes(), "unavailable unavailable ok ");
  submit(turn("c2", 0, 0, {std::string(1500, 'x')}));
  deliver();
  CAF_CHECK_EQUAL(outcomes(), "ok ");
  // One that is larger than the bound by itself is still written, alone.
  submit(turn("c3", 0, 0, {std::string(9000, 'x')}));
  deliver();
  CAF_CHECK_EQUAL(outcomes(), "ok ");
}

CAF_TEST(what was reserved is given back with the answer) {
  auto in_flight = std::make_shared<budget>(10'000);
  start({.in_flight = in_flight});
  for (bool failing : {false, true}) {
    to->failing = failing;
    auto c = share(turn(failing ? "c2" : "c1", 0, 0, {"a"}));
    CAF_REQUIRE(in_flight->reserve(c->bytes()));
    caf::send_as(answers.address, journal, write_commit{c, c->bytes()});
    CAF_CHECK_EQUAL(in_flight->used(), c->bytes());
    deliver();
    CAF_CHECK_EQUAL(in_flight->used(), 0u);
  }
  CAF_CHECK_EQUAL(outcomes(), "ok unavailable ");
}

CAF_TEST(a budget is full at its bound and not below) {
  budget b(100);
  CAF_CHECK(b.reserve(60));
  CAF_CHECK(!b.reserve(41));
  CAF_CHECK(!b.full());
  CAF_CHECK(b.reserve(40));
  CAF_CHECK(b.full());
  CAF_CHECK(!b.reserve(1));
  b.release(100);
  CAF_CHECK(b.reserve(1000)); // alone, however large
  CAF_CHECK(!b.reserve(1));
}

CAF_TEST(a reader answers by itself and outlives a job that throws) {
  submit(turn("c1", 0, 0, {"a"}));
  deliver();
  auto reading = spawn_reader(sys, to, false);
  std::uint64_t version = 0;
  auto job = [](auto f) {
    return read_job{std::make_shared<const std::function<void(reader&)>>(std::move(f))};
  };
  caf::anon_send(reading, job([](reader&) { throw std::runtime_error("boom"); }));
  caf::anon_send(reading, job([&](reader& from) { version = load(from, "c1").version; }));
  deliver();
  CAF_CHECK_EQUAL(version, 1u);
}

CAF_TEST(what was decided is kept for as long as is set) {
  for (auto hours : {1, 24 * 7, 24 * 30}) {
    CAF_MESSAGE(hours << " h");
    journal_options how;
    how.decisions_kept = std::chrono::hours(hours);
    start(how);
    auto id = "n-" + std::to_string(hours);
    auto c = turn("c" + std::to_string(hours), 0, 0, {});
    c.notifications = {{id, c.conversation, notification{}, {decision{}}, {}, {}, at(0)}};
    submit(c);
    deliver();
    auto is_kept = [&](time_point now) {
      caf::anon_send(journal, sweep_rows{now, {}});
      deliver();
      return to->open_reader()->find_notification(id)->has_value();
    };
    auto end = at(0) + how.decisions_kept;
    CAF_CHECK(is_kept(end));
    CAF_CHECK(!is_kept(end + duration(1)));
  }
}

CAF_TEST(a bot that is kept after the sweep was asked for stays) {
  std::vector<std::string> in_use{"v1"};
  CAF_REQUIRE(to->keep_bot("v1", "{}").has_value());
  caf::anon_send(journal, sweep_rows{at(0), [&] { return in_use; }});
  in_use = {"v2"};
  CAF_REQUIRE(to->keep_bot("v2", "{}").has_value());
  deliver();
  CAF_CHECK(to->open_reader()->bot_source("v2")->has_value());
  CAF_CHECK(!to->open_reader()->bot_source("v1")->has_value());
}

CAF_TEST_FIXTURE_SCOPE_END()
