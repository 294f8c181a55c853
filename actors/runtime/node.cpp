#include "actors/runtime/node.hpp"

#include "actors/conversation/local_messages.hpp"
#include "actors/dialog/bot_sections.hpp"
#include "actors/runtime/assembly.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/messages.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/after.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>

#include <algorithm>
#include <mutex>
#include <thread>

namespace interject::runtime {

namespace {

/// Those whose rows are few read them before they answer; this only bounds a failure.
constexpr auto begin_within = std::chrono::minutes(2);
/// Messages that one actor may handle before another gets its thread.
constexpr std::size_t messages_in_a_row = 100;

void wait_for_end(caf::scoped_actor& self, const caf::actor& who,
                  std::chrono::steady_clock::time_point end) {
  self->monitor(who);
  auto left = std::max<std::chrono::steady_clock::duration>(end - std::chrono::steady_clock::now(),
                                                            std::chrono::milliseconds(1));
  self->receive([](const caf::down_msg&) {},
                caf::after(std::chrono::duration_cast<std::chrono::milliseconds>(left)) >>
                    [] { log_warn("node.stop_timed_out", "an actor has not ended in time"); });
}

result<void> begin_at_once(caf::actor_system& sys, const std::vector<caf::actor>& which,
                           const caf::actor& router) {
  std::optional<error> failed;
  caf::scoped_actor self{sys};
  for (auto& monitor : which) {
    send(self.ptr(), monitor, monitors::begin_monitoring{0, router});
    self->receive([](const done&) {},
                  [&](const refused& r) {
                    failed = error{r.code, r.what};
                  },
                  caf::after(begin_within) >>
                      [&] {
                        failed = error{errc::timed_out, "a monitor has not begun in time"};
                      });
    if (failed)
      return *failed;
  }
  return {};
}

} // namespace

void prepare(caf::actor_system_config& cfg) {
  register_messages();
  use_sharing_scheduler(cfg);
  cfg.set(config_key("scheduler.max-throughput"), messages_in_a_row);
  // CAF takes four at least. More than there are cores only wake each other for the queue's lock.
  cfg.set(config_key("scheduler.max-threads"),
          std::max<std::size_t>(2, std::thread::hardware_concurrency()));
}

struct node::parts {
  parts(caf::actor_system& sys, const node_options& with)
      : system(sys), how(with), store(with.store), clock(with.clock), actors(assemble(sys, with)) {}

  void replace_feeds(const dialog::bot& was, const dialog::bot& now);

  caf::actor_system& system;
  node_options how;
  std::shared_ptr<journal::store> store;
  clock_ptr clock;
  assembly actors;
  std::shared_ptr<unread_list> unread =
      std::make_shared<unread_list>(std::vector<std::string>{"reminders", "watches"});
  caf::actor beginner;
  std::mutex replacing; ///< of feeds, and `running`
  bool running = true;
};

/// What is asked of sources changes with the bot.
void node::parts::replace_feeds(const dialog::bot& was, const dialog::bot& now) {
  if (dialog::sections(was).feeds == dialog::sections(now).feeds &&
      dialog::hosts(was) == dialog::hosts(now))
    return;
  std::lock_guard hold(replacing);
  if (!running)
    return;
  for (auto& feed : actors.feeds)
    caf::anon_send_exit(feed, caf::exit_reason::user_shutdown);
  actors.feeds = spawn_feeds(system, now, how, actors);
  for (auto& feed : actors.feeds)
    runtime::anon_send(feed, monitors::begin_monitoring{0, actors.router});
}

node::node(std::unique_ptr<parts> p) : parts_(std::move(p)) {}

node::~node() {
  stop(std::chrono::seconds(10));
}

result<std::unique_ptr<node>> node::start(caf::actor_system& sys, node_options how) {
  ensure(how.bot != nullptr && how.store != nullptr && how.clock != nullptr,
         "a node needs a bot, a store and a clock");
  if (!how.bot_source.empty())
    if (auto kept = how.store->keep_bot(std::string(dialog::version(*how.bot)), how.bot_source);
        !kept)
      return kept.error();
  std::unique_ptr<node> made(new node(std::make_unique<parts>(sys, how)));
  auto& parts = *made->parts_;
  auto& actors = parts.actors;
  std::vector<caf::actor> first{actors.calls, actors.webhooks, actors.broadcasts};
  if (how.manual) // its time must not pass by what was not read
    first.insert(first.begin(), {actors.timers, actors.prices});
  if (auto ok = begin_at_once(sys, first, actors.router); !ok)
    return ok.error();
  parts.beginner = spawn_beginner(sys, {{"reminders", actors.timers}, {"watches", actors.prices}},
                                  actors.feeds, actors.router, parts.unread);
  return made;
}

const caf::actor& node::router() const {
  return parts_->actors.router;
}
const caf::actor& node::people() const {
  return parts_->actors.people;
}
const caf::actor& node::broadcasts() const {
  return parts_->actors.broadcasts;
}
const caf::actor& node::prices() const {
  return parts_->actors.prices;
}
const caf::actor& node::timers() const {
  return parts_->actors.timers;
}
const caf::actor& node::webhooks() const {
  return parts_->actors.webhooks;
}
const caf::actor& node::reader() const {
  return parts_->actors.reader;
}
const caf::actor& node::journal() const {
  return parts_->actors.journal;
}
dialog::bot_ptr node::bot() const {
  return parts_->actors.bots->current()->bot;
}
dialog::bot_ptr node::bot(const std::string& version) const {
  auto found = parts_->actors.bots->find(version);
  return found ? found->bot : nullptr;
}

result<void> node::replace_bot(dialog::bot_ptr it, const std::string& source) {
  auto& p = *parts_;
  auto kept = p.actors.bots->keep(std::move(it), source);
  if (!kept)
    return kept.error();
  runtime::anon_send(p.actors.calls, monitors::allow_hosts{dialog::hosts(*(*kept)->bot)});
  p.replace_feeds(*bot(), *(*kept)->bot);
  p.actors.bots->replace(std::move(*kept));
  runtime::anon_send(p.actors.journal, journal::sweep_rows{p.clock->now(), [bots = p.actors.bots] {
                                                             return bots->in_use();
                                                           }});
  return {};
}

const counters& node::counts() const {
  return *parts_->actors.counts;
}
std::vector<unread> node::unread() const {
  return parts_->unread->left();
}

void node::stop(duration limit) {
  auto& p = *parts_;
  {
    std::lock_guard hold(p.replacing);
    if (!std::exchange(p.running, false))
      return;
  }
  caf::scoped_actor self{p.system};
  auto end = std::chrono::steady_clock::now() + limit;
  if (p.beginner)
    caf::anon_send_exit(p.beginner, caf::exit_reason::user_shutdown);
  send(self.ptr(), p.actors.router, conversation::drain{});
  wait_for_end(self, p.actors.router, end);
  for (auto& other : p.actors.others()) {
    caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
    wait_for_end(self, other, end);
  }
}

} // namespace interject::runtime
