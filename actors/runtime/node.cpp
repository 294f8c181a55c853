#include "actors/runtime/node.hpp"

#include "actors/conversation/conversation_actor.hpp"
#include "actors/conversation/local_messages.hpp"
#include "actors/journal/journal_actor.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/messages.hpp"
#include "actors/runtime/shelf.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/after.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>

#include <algorithm>
#include <array>

namespace interject::runtime {

namespace {

/// Monitors read all their rows before they answer; this only bounds a failure.
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

} // namespace

void prepare(caf::actor_system_config& cfg) {
  register_messages();
  use_sharing_scheduler(cfg);
  cfg.set(config_key("scheduler.max-throughput"), messages_in_a_row);
}

struct node::parts {
  parts(caf::actor_system& sys, node_options&& how) : system(sys), options(std::move(how)) {}

  caf::actor_system& system;
  node_options options;
  std::shared_ptr<shelf> bots;
  std::shared_ptr<counters> counts = std::make_shared<counters>();
  caf::actor journal, reader, timers, prices, calls, router;
  bool running = true;
};

node::node(std::unique_ptr<parts> p) : parts_(std::move(p)) {}

node::~node() { stop(std::chrono::seconds(10)); }

result<std::unique_ptr<node>> node::start(caf::actor_system& sys, node_options how) {
  ensure(how.bot != nullptr && how.store != nullptr && how.clock != nullptr,
         "a node needs a bot, a store and a clock");
  std::unique_ptr<node> made(new node(std::make_unique<parts>(sys, std::move(how))));
  auto& p = *made->parts_;
  auto& o = p.options;
  if (!o.bot_source.empty())
    if (auto kept = o.store->keep_bot(std::string(dialog::version(*o.bot)), o.bot_source); !kept)
      return kept.error();
  p.bots = std::make_shared<shelf>(o.bot, o.store, o.bot_from_source);
  journal::journal_options how_to_write;
  how_to_write.max_bytes = o.journal_bytes;
  how_to_write.detached = o.detached;
  how_to_write.counts = p.counts;
  p.journal = journal::spawn_journal(sys, o.store, how_to_write);
  p.reader = journal::spawn_reader(sys, o.store, o.detached);
  o.calls.hosts = dialog::hosts(*o.bot);
  p.timers = monitors::spawn_timer(sys, o.clock, p.reader, {o.manual});
  p.prices = monitors::spawn_price(sys, o.clock, p.journal, p.reader, p.timers);
  p.calls = monitors::spawn_integration(sys, o.clock, p.timers, p.reader, o.calls);
  auto with = std::make_shared<conversation::surroundings>();
  with->bots = p.bots;
  with->clock = o.clock;
  with->out = o.out;
  with->counts = p.counts;
  with->journal = p.journal;
  with->reader = p.reader;
  with->timers = p.timers;
  with->prices = p.prices;
  with->calls = p.calls;
  with->idle_after = o.idle_after;
  p.router = conversation::spawn_router(sys, std::move(with));

  std::optional<error> failed;
  caf::scoped_actor self{sys};
  for (auto& monitor : std::array{p.timers, p.prices, p.calls}) {
    send(self.ptr(), monitor, monitors::begin_monitoring{0, p.router});
    self->receive([](const done&) {}, [&](const refused& r) { failed = error{r.code, r.what}; },
                  caf::after(begin_within) >>
                      [&] { failed = error{errc::timed_out, "a monitor has not begun in time"}; });
  }
  if (failed)
    return *failed;
  return made;
}

const caf::actor& node::router() const { return parts_->router; }
const caf::actor& node::prices() const { return parts_->prices; }
const caf::actor& node::timers() const { return parts_->timers; }
const caf::actor& node::reader() const { return parts_->reader; }
const caf::actor& node::journal() const { return parts_->journal; }
dialog::bot_ptr node::bot() const { return parts_->bots->current()->bot; }
const counters& node::counts() const { return *parts_->counts; }

void node::stop(duration limit) {
  auto& p = *parts_;
  if (!std::exchange(p.running, false))
    return;
  caf::scoped_actor self{p.system};
  auto end = std::chrono::steady_clock::now() + limit;
  if (p.router) {
    send(self.ptr(), p.router, conversation::drain{});
    wait_for_end(self, p.router, end);
  }
  for (auto* a : {&p.prices, &p.calls, &p.timers, &p.journal, &p.reader}) {
    if (!*a)
      continue;
    caf::anon_send_exit(*a, caf::exit_reason::user_shutdown);
    wait_for_end(self, *a, end);
  }
}

} // namespace interject::runtime
