// One price that fires a watch of each of many conversations, which are on disk and not in memory:
// each is woken, decides, and is told in a commit of its own. Meanwhile one customer orders.
#include "benchmarks/histogram.hpp"
#include "benchmarks/load.hpp"
#include "benchmarks/questions.hpp"
#include "benchmarks/running_node.hpp"
#include "benchmarks/stored.hpp"

#include <caf/scoped_actor.hpp>

#include <atomic>

namespace interject::bench {

namespace {

constexpr std::string_view alert = "\"text\":\"S000 is at 99.\"";

/// Published is what was written: the alerts that are on disk.
class alerts final : public runtime::outlet {
public:
  void publish(const publication& what) override {
    if (what.body->find(alert) != std::string::npos)
      told_.fetch_add(1, std::memory_order_relaxed);
  }
  std::uint64_t told() const { return told_; }

private:
  std::atomic<std::uint64_t> told_{0};
};

/// Orders one thing after another, each word when the answer to the last is on disk.
class customer {
public:
  customer(caf::actor_system& system, const caf::actor& router, std::uint64_t seed)
      : self_(system), router_(router), seed_(seed) {
    ask(open_conversation{});
  }
  double say_next() {
    auto words = make_order(seed_, 0, turn_ / turns_per_order);
    post_activity post;
    post.activity.from = "dl_customer";
    post.activity.text = words.says[turn_++ % turns_per_order];
    auto from = wall_seconds();
    ask(std::move(post));
    return (wall_seconds() - from) * 1e6;
  }

private:
  template <class Question> void ask(Question what) {
    what.conversation = "customer";
    runtime::send(self_.ptr(), router_, std::move(what));
    self_->receive([](const opened&) {}, [](const posted&) {},
                   [](const refused& r) { throw std::runtime_error(r.what); });
  }
  caf::scoped_actor self_;
  const caf::actor& router_;
  std::uint64_t seed_;
  std::size_t turn_ = 0;
};

std::uint64_t say_price(caf::actor_system& system, const caf::actor& prices) {
  caf::scoped_actor self{system};
  std::uint64_t fired = 0;
  runtime::send(self.ptr(), prices, take_prices{1, {{stored_symbol(0), decimal::of(99), {}, {}}}});
  self->receive([&](const prices_taken& p) { fired = p.fired; },
                [](const refused& r) { throw std::runtime_error(r.what); });
  return fired;
}

} // namespace

sample fire_and_tell(const settings& with) {
  work_folder folder(with);
  auto n = with.pick(100'000, 1'000);
  store_conversations(folder.path(), n, 1);
  auto out = std::make_shared<alerts>();
  runtime::node_options how;
  how.bot_source = orders_source();
  how.out = out;
  running_node node(open_store(folder.path()), how);
  sample s;
  {
    customer talks(node.system, node->router(), with.seed);
    histogram usual, meanwhile;
    for (std::size_t i = 0; i < with.pick(4'000, 50); ++i)
      usual.record(talks.say_next());
    auto wall = wall_seconds(), cpu = cpu_seconds();
    auto fired = say_price(node.system, node->prices());
    auto acknowledged = wall_seconds() - wall;
    // Sixty seconds: then something was lost.
    while (out->told() < n && wall_seconds() - wall < 60)
      meanwhile.record(talks.say_next());
    s.wall = wall_seconds() - wall;
    s.cpu = cpu_seconds() - cpu;
    s.units = static_cast<double>(n);
    s.checksum = fired + out->told();
    s.expected = 2 * n;
    s.more.emplace_back("ms to the answer", acknowledged * 1000);
    s.more.emplace_back("a user's turn usually, p99 us", usual.percentile(0.99));
    s.more.emplace_back("a user's turn meanwhile, p50 us", meanwhile.percentile(0.5));
    s.more.emplace_back("a user's turn meanwhile, p99 us", meanwhile.percentile(0.99));
  }
  node.stop();
  return s;
}

} // namespace interject::bench
