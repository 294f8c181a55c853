#include "gateway/serve.hpp"

#include "actors/journal/journal_actor.hpp"
#include "actors/runtime/node.hpp"
#include "config/bot_loader.hpp"
#include "gateway/demo.hpp"
#include "gateway/log_format.hpp"
#include "gateway/reload.hpp"
#include "gateway/routes.hpp"
#include "gateway/secrets.hpp"
#include "gateway/server.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <mutex>

namespace interject::gateway {

namespace fs = std::filesystem;

namespace {

int cannot_start(const std::string& why) {
  std::cerr << "interject: " << why << '\n';
  return 1;
}

void print_faults(std::ostream& out, const config::loaded_bot& loaded) {
  for (auto& fault : loaded.faults)
    out << config::describe(fault) << '\n';
}

result<credentials> keys_for(const config::settings& how) {
  if (how.demo)
    return find_secrets(how.secrets, how.data);
  auto keys = known_secrets(how.secrets, how.data);
  if (keys && (keys->api_key.empty() || keys->directline_secret.empty()))
    return error{errc::bad_input, std::string("set ") + api_key_name + " and " +
                                      directline_secret_name +
                                      ", or give both in --secrets FILE; --demo makes them up"};
  return keys;
}

// On the terminal and never in the log, which is kept and shipped.
void show_once(const credentials& keys, const config::settings& how) {
  if (!keys.made_now)
    return;
  std::cout << "The keys of this server, kept in " << (fs::path(how.data) / "secrets").string()
            << " and shown only now:\n  " << api_key_name << "=" << keys.api_key << "\n  "
            << directline_secret_name << "=" << keys.directline_secret << "\n"
            << std::flush;
}

/// Held while the server runs, and let go by the system when it dies: two servers would take the
/// conversations from each other.
class folder_lock {
public:
  explicit folder_lock(const fs::path& folder)
      : file_(::open((folder / "lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {
    why_ = file_ >= 0 && ::flock(file_, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
  }
  folder_lock(const folder_lock&) = delete;
  folder_lock& operator=(const folder_lock&) = delete;
  ~folder_lock() {
    if (file_ >= 0)
      ::close(file_);
  }
  bool is_taken() const { return why_ == EWOULDBLOCK; }

private:
  int file_;
  int why_;
};

struct time_source {
  runtime::clock_ptr clock;
  std::shared_ptr<runtime::test_clock> manual;
};

time_source clock_for(const config::settings& how) {
  runtime::wall_clock wall;
  if (!how.test_clock)
    return {std::make_shared<runtime::wall_clock>(), nullptr};
  auto manual = std::make_shared<runtime::test_clock>(wall.now());
  return {manual, manual};
}

// Everything that runs, in the order in which it is built; torn down the other way round.
struct running {
  caf::actor_system_config cfg;
  std::unique_ptr<caf::actor_system> sys;
  std::unique_ptr<runtime::node> node;
  caf::actor slow_reader;
  std::unique_ptr<services> with;
  std::unique_ptr<server> listener;
  std::unique_ptr<demo> extras;

  /// Before the node and the services that its jobs use.
  void end_slow_reader() {
    if (!slow_reader)
      return;
    caf::scoped_actor self{*sys};
    self->monitor(slow_reader);
    caf::anon_send_exit(slow_reader, caf::exit_reason::user_shutdown);
    self->receive([](const caf::down_msg&) {});
    slow_reader = nullptr;
  }

  ~running() {
    extras.reset();
    end_slow_reader();
    if (node)
      node->stop(std::chrono::seconds(1));
    listener.reset();
  }
};

result<void> start_node(running& r, const config::settings& how, config::loaded_bot loaded,
                        std::shared_ptr<journal::store> store, const time_source& time,
                        std::shared_ptr<hub> streams) {
  runtime::prepare(r.cfg);
  r.cfg.set("scheduler.max-threads",
            static_cast<std::size_t>(config::threads_of(how.actor_threads)));
  r.sys = std::make_unique<caf::actor_system>(r.cfg);
  runtime::node_options options;
  options.bot = loaded.bot;
  options.bot_source = std::move(loaded.source);
  options.bot_from_source = &config::bot_from_source;
  options.store = std::move(store);
  options.clock = time.clock;
  options.manual = time.manual;
  options.out = std::move(streams);
  options.idle_after = how.passivate_after;
  options.calls.limits.running = static_cast<std::size_t>(how.max_calls);
  options.calls.limits.running_per_host = static_cast<std::size_t>(how.max_calls_per_host);
  options.calls.max_body = static_cast<std::size_t>(how.max_call_body);
  options.max_waiting = static_cast<std::size_t>(how.max_inputs);
  options.journal_bytes = static_cast<std::size_t>(how.max_journal_queue);
  options.max_live = static_cast<std::size_t>(how.max_live);
  options.decisions_kept = how.decisions_kept;
  options.broadcasts.per_second = how.broadcast_rate;
  auto node = runtime::node::start(*r.sys, std::move(options));
  if (!node)
    return node.error();
  r.node = std::move(*node);
  return {};
}

result<void> start_listening(running& r, const config::settings& how, const credentials& keys,
                             std::shared_ptr<journal::store> store, const time_source& time,
                             std::shared_ptr<hub> streams) {
  r.slow_reader = journal::spawn_reader(*r.sys, store, true);
  r.with.reset(new services{.how = how,
                            .clock = time.clock,
                            .manual = time.manual,
                            .bot = r.node->bot(),
                            .store = store,
                            .router = r.node->router(),
                            .people = r.node->people(),
                            .broadcasts = r.node->broadcasts(),
                            .prices = r.node->prices(),
                            .timers = r.node->timers(),
                            .reader = r.node->reader(),
                            .slow_reader = r.slow_reader,
                            .node = r.node.get(),
                            .webhooks = r.node->webhooks(),
                            .streams = std::move(streams),
                            .counted = std::make_shared<metrics>(routes().size()),
                            .node_counts = &r.node->counts(),
                            .tokens = token_office(keys.directline_secret, time.clock),
                            .api_key = keys.api_key,
                            .scoped_keys = keys.scoped_keys,
                            .demo_feed = how.demo && !how.test_clock,
                            .kept = journal::answers_of(store)});
  r.listener = std::make_unique<server>(*r.with, *r.sys);
  if (how.demo) {
    auto extras = demo::start({how.demo_listen, r.node->prices(), !how.test_clock, 1});
    if (!extras)
      return extras.error();
    r.extras = std::move(*extras);
  }
  return r.listener->start();
}

/// SIGINT and SIGTERM: the first begins the stop, the second ends its grace.
class stop_signals {
public:
  void came() {
    std::lock_guard hold(mutex_);
    ++count_;
    changed_.notify_all();
  }
  void wait_for_first() {
    std::unique_lock hold(mutex_);
    changed_.wait(hold, [this] { return count_ > 0; });
  }
  void wait_for_second(duration most) {
    std::unique_lock hold(mutex_);
    changed_.wait_for(hold, most, [this] { return count_ > 1; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

void stop(running& r, const config::settings& how, stop_signals& signals) {
  spdlog::info("serve.stopping");
  r.with->leaving = true;
  signals.wait_for_second(how.stop_grace);
  r.with->stopping = true;
  r.extras.reset();
  r.listener->drain(how.stop_timeout);
  r.end_slow_reader();
  r.node->stop(how.stop_timeout);
  r.listener->stop(std::chrono::seconds(2));
  spdlog::info("serve.stopped");
}

} // namespace

int check(const std::string& folder) {
  auto loaded = config::load_bot(folder);
  print_faults(std::cout, loaded);
  if (!loaded.bot) {
    std::cout << folder << ": the bot cannot be loaded\n";
    return 1;
  }
  std::cout << folder << ": " << dialog::id(*loaded.bot) << ", "
            << dialog::dialogs(*loaded.bot).size() << " dialogs, version "
            << dialog::version(*loaded.bot).substr(0, 12) << '\n';
  return 0;
}

int serve(const config::settings& how) {
  set_up_log(how.log_format, how.log_level);
  std::signal(SIGPIPE, SIG_IGN);
  auto where = parse_endpoint(how.listen);
  if (!where)
    return cannot_start(where.error().what);
  if (how.test_clock && !where->address().is_loopback())
    return cannot_start("--test-clock is refused off loopback, and " + how.listen +
                        " is not on it");
  auto loaded = config::load_bot(how.bot);
  print_faults(std::cerr, loaded);
  if (!loaded.bot)
    return cannot_start("the bot in " + how.bot + " cannot be loaded");
  std::error_code ec;
  fs::create_directories(how.data, ec);
  if (ec)
    return cannot_start("cannot make the data folder " + how.data + ": " + ec.message());
  folder_lock alone(how.data); // what else may be wrong with the folder, the database says
  if (alone.is_taken())
    return cannot_start("the data folder " + how.data +
                        " belongs to a server that is running; each server needs one of its own");
  auto keys = keys_for(how);
  if (!keys)
    return cannot_start(keys.error().what);
  auto store = journal::open_sqlite_store(how.data);
  if (!store)
    return cannot_start(store.error().what);

  auto time = clock_for(how);
  auto streams = std::make_shared<hub>();
  stop_signals signals; // before the threads that tell of them
  running r;
  if (auto ok = start_node(r, how, std::move(loaded), *store, time, streams); !ok)
    return cannot_start(ok.error().what);
  if (auto ok = start_listening(r, how, *keys, *store, time, streams); !ok)
    return cannot_start(ok.error().what);
  show_once(*keys, how);
  spdlog::info("serve.started listen={} bot={} version={} clock={}", r.listener->address(),
               dialog::id(*r.node->bot()), dialog::version(*r.node->bot()).substr(0, 12),
               how.test_clock ? "test" : "wall");
  r.listener->on_signal([&signals] { signals.came(); });
  r.listener->on_hangup([&r] { reload_later(*r.with); });
  signals.wait_for_first();
  stop(r, how, signals);
  return 0;
}

} // namespace interject::gateway
