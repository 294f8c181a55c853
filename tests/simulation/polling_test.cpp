// Seeded runs of a polled feed whose source fails, hangs, answers late, answers rubbish or falls
// silent, while the disk fails and the process dies. INTERJECT_SEEDS and INTERJECT_SEED as in
// simulation_test.cpp.
#define CAF_SUITE polling
#include "tests/support/caf_test.hpp"

#include "actors/conversation/local_messages.hpp"
#include "actors/monitors/http_client.hpp"
#include "tests/simulation/history.hpp"
#include "tests/simulation/seeds.hpp"
#include "tests/simulation/simulated_node.hpp"
#include "tests/simulation/spoiled_store.hpp"
#include "tests/support/bots.hpp"

#include <spdlog/spdlog.h>

#include <map>
#include <string>

using namespace interject;
using namespace interject::simulation;
using namespace std::chrono_literals;

namespace {

constexpr const char* bot_text = R"json({
  "id": "polling", "locales": ["en"], "start": "hello", "hosts": ["f.test"],
  "delivery": { "budget": { "per": "1s", "burst": 50 } },
  "feeds": { "market": { "url": "http://f.test/", "every": "5s", "symbol": "/s", "price": "/p", "seq": "/n",
    "stale_after": "1m", "stale_text": "[stale]" } },
  "dialogs": { "hello": { "steps": [
    { "do": "watch", "symbol": "PEN", "when": { "rises_to": 100, "repeat": true },
      "notify": { "delivery": "ad_hoc", "text": "[{price}]" } },
    { "do": "say", "text": "Hello." } ] } } })json";

/// Polls wait here until the world answers.
struct polled final : monitors::http_client {
  std::uint64_t start(monitors::http_request, callback done) override {
    open[++last] = std::move(done);
    return last;
  }
  void cancel(std::uint64_t call) override { open.erase(call); }
  std::map<std::uint64_t, callback> open;
  std::uint64_t last = 0;
};

struct polling_plan {
  std::uint64_t seed = 1;
  /// Wraps the store, to plant a fault in it.
  std::function<std::shared_ptr<journal::store>(std::shared_ptr<journal::store>)> spoil_store;
};

class polling final : simulated_node {
public:
  explicit polling(const polling_plan& how) : simulated_node(how.seed, kept_by(how.spoil_store)) {
    store_->saw = [this](const journal::commit& c) { saw(c); };
    live();
    send(node_.router, open_conversation{1, "c1", "u1", "Ann", "en", "directline"});
    run();
  }
  ~polling() override {
    http_->open.clear(); // each holds its feed
    finish();
  }

  std::vector<std::string> go() {
    for (int i = 0; i < 150; ++i) {
      act();
      step_some(pick(40));
    }
    settle();
    check();
    return broken_;
  }
  simulation::reached reached;

private:
  void publish(const publication&) override {}

  void live() {
    static const auto bot = interject::test::bot_of(bot_text);
    runtime::node_options o;
    o.bot = bot;
    o.http = http_ = std::make_shared<polled>();
    begin(std::move(o));
  }
  void die() {
    ++reached["deaths"];
    reached["polls cut off"] += !http_->open.empty();
    http_->open.clear(); // each holds its feed
    end();
    rest(200'000);
    live();
  }

  /// What is durable was taken: a rise among it must be told.
  void saw(const journal::commit& c) {
    for (auto& k : c.kept)
      told_ = told_ || (k.key.starts_with("feed/") && k.body.starts_with("told "));
    for (auto& row : c.symbols) {
      auto price = static_cast<int>(row.price.units / decimal::scale);
      reached["taken"] += price != taken_;
      if (price >= 100 && taken_ < 100 && taken_ > 0)
        rises_.push_back(price);
      taken_ = price;
    }
  }

  void act() {
    auto what = pick(100);
    if (what < 25)
      quote();
    else if (what < 60)
      answer(pick(12));
    else if (what < 88)
      pass(std::chrono::milliseconds(chance(15) ? pick(120'000) : pick(12'000)));
    else if (what < 94)
      store_->failing = !store_->failing;
    else if (what < 97)
      die();
  }
  void pass(duration d) { send(node_.timers, advance_clock{0, d}); }
  /// Low and high by turns; each high price is its own.
  void quote() { price_ = ++seq_ % 2 == 0 ? 100 + static_cast<int>(seq_) : 50; }

  void answer(int how) {
    if (http_->open.empty())
      return;
    using kind = monitors::http_answer::kind;
    auto done = std::move(http_->open.begin()->second);
    http_->open.erase(http_->open.begin());
    monitors::http_answer a;
    a.how = kind::answered;
    a.status = 200;
    a.body = "[]";
    if (how == 11)
      a.how = kind::timed_out;
    else if (how == 10)
      a.how = kind::unreachable;
    else if (how == 9)
      a.status = 500;
    else if (how == 8)
      a.body = R"([{"s":"PEN","p":"a lot"},7)";
    else if (how == 7)
      a.body = body_before_; // late: what it was
    else if (how != silent)
      a.body =
          R"([{"s":"PEN","p":)" + std::to_string(price_) + R"(,"n":)" + std::to_string(seq_) + "}]";
    ++reached[how == silent  ? "silent"
              : how < silent ? "served"
              : how == 7     ? "served late"
                             : "failed"];
    if (how < silent)
      body_before_ = a.body;
    done(std::move(a));
  }
  static constexpr int silent = 6;

  int said(const std::string& what) {
    int out = 0;
    for (auto& l : history("c1", *store_->open_reader()))
      out += l.from_bot && l.text.find(what) != std::string::npos;
    return out;
  }
  /// The source answers well, or has nothing, for so long.
  void calm(duration d, int how) {
    for (auto until = clock_->now() + d; clock_->now() < until;) {
      while (!http_->open.empty()) {
        answer(how);
        run();
      }
      pass(2s);
      run();
    }
  }
  /// The process dies when it has written down that it told the silence, whoever has taken it.
  void fall_silent_and_die() {
    for (told_ = false; !told_;) {
      while (!http_->open.empty()) {
        answer(silent);
        run_until_told();
      }
      pass(2s);
      run_until_told();
    }
    ++reached["died as it told"];
    die();
    run();
  }
  void run_until_told() {
    while (!told_ && !sched.jobs.empty())
      step_some(1);
  }
  void settle() {
    store_->failing = false;
    die();
    run();
    calm(2min, 0);
    for (int i = 0; i < 4; ++i) {
      quote();
      calm(30s, 0);
      if (price_ >= 100 && said("[" + std::to_string(price_) + "]") != 1)
        broken_.push_back(std::to_string(price_) + " was served in peace and not told once");
    }
    for (int i = 0; i < 2; ++i) {
      auto before = said("[stale]");
      if (i == 1)
        die(); // it must remember whom it waits for
      run();
      if (chance(50))
        fall_silent_and_die();
      calm(5min, silent);
      if (auto now = said("[stale]"); now != before + 1)
        broken_.push_back("one silence was told " + std::to_string(now - before) + " times");
      quote();
      calm(30s, 0);
    }
  }
  /// How often the watch has fired, by the number of its last alert.
  std::size_t last_firing() {
    std::size_t out = 0;
    if (auto rows = store_->open_reader()->notifications_of("c1", 10'000))
      for (auto& n : *rows)
        if (n.what.id.find(".stale.") == std::string::npos)
          out = std::max<std::size_t>(out, n.what.occurrence);
    return out;
  }
  void check() {
    std::vector<int> told(rises_.size());
    for (std::size_t i = 0; i < rises_.size(); ++i)
      told[i] = said("[" + std::to_string(rises_[i]) + "]");
    auto firings = last_firing();
    for (std::size_t i = 0; i < told.size(); ++i)
      if (told[i] > 1 || (told[i] == 0 && i + 1 == told.size()))
        broken_.push_back("the rise to " + std::to_string(rises_[i]) + " was told " +
                          std::to_string(told[i]) + " times");
    // One that was not taken before the next is overtaken by it, and has its number all the same.
    if (firings != rises_.size())
      broken_.push_back(std::to_string(rises_.size()) + " rises were weighed as " +
                        std::to_string(firings));
    int silences = 0;
    if (auto rows = store_->open_reader()->notifications_of("c1", 10'000))
      for (auto& n : *rows) // named by its symbol's last price
        silences += n.what.id.find(".stale.") != std::string::npos &&
                    std::any_of(n.trail.begin(), n.trail.end(),
                                [](auto& d) { return d.action == delivery_action::sent; });
    if (auto n = said("[stale]"); n != silences)
      broken_.push_back(std::to_string(silences) + " silences were told " + std::to_string(n) +
                        " times");
    reached["rises"] += static_cast<int>(rises_.size());
    reached["silences"] += silences;
  }

  std::shared_ptr<polled> http_;
  std::string body_before_ = "[]";
  std::uint64_t seq_ = 1;
  int price_ = 50, taken_ = 0;
  bool told_ = false; ///< a silence is on disk as told
  std::vector<int> rises_;
  std::vector<std::string> broken_;
};

std::vector<std::string> run(const polling_plan& how, reached* into = nullptr) {
  spdlog::set_level(spdlog::level::off); // a failing store is the point here
  polling p(how);
  auto broken = p.go();
  if (into)
    for (auto& [name, times] : p.reached)
      (*into)[name] += times;
  return broken;
}

bool found(const std::function<void(journal::commit&)>& fault, std::string_view what) {
  polling_plan p;
  p.spoil_store = spoiled_by(changed(fault));
  return simulation::found(p, what, 60);
}

} // namespace

CAF_TEST(what a source serves is weighed once and each silence is told once) {
  look_at_seeds<polling_plan>(300);
}

CAF_TEST(the runs reach what they are about) {
  check_reached<polling_plan>(60, {"deaths", "polls cut off", "taken", "served", "served late",
                                   "failed", "silent", "rises", "silences", "died as it told"});
}

CAF_TEST(a store that forgets which symbols a feed has is found) {
  CAF_CHECK(found([](journal::commit& c) { c.kept.clear(); }, "one silence was told 0 times"));
}

CAF_TEST(a store that forgets how far a watch has come is found) {
  CAF_CHECK(found(
      [](journal::commit& c) {
        if (c.conversation.empty())
          c.watches.clear();
      },
      "rises were weighed as"));
}
