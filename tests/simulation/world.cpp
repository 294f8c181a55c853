#include "tests/support/caf_test.hpp"

#include "tests/simulation/world.hpp"

#include "actors/conversation/local_messages.hpp"
#include "actors/monitors/integration.hpp"
#include "actors/runtime/assembly.hpp"
#include "tests/simulation/record.hpp"
#include "tests/support/bots.hpp"
#include "tests/support/fixture.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <random>

namespace interject::simulation {

namespace {

using namespace std::chrono_literals;

// VERSION is replaced by v1 and by v2.
constexpr const char* bot_text = R"json({
  "id": "shop", "name": "Shop", "locales": ["en"], "start": "hello", "hosts": ["h.test"],
  "dialogs": {
    "hello": { "steps": [ { "do": "say", "text": "Hello." } ] },
    "order": { "intents": ["order"], "resume": "Back to your order.", "steps": [
      { "do": "ask", "type": "text", "into": "item", "text": "Which item, VERSION?" },
      { "do": "ask", "type": "number", "into": "n", "text": "How many, VERSION?", "tries": 10 },
      { "do": "say", "text": "Ordered, VERSION: {item} x {n}" } ] },
    "sell": { "params": { "token": "text" }, "steps": [
      { "do": "ask", "type": "yes_no", "into": "ok", "text": "[{token}] Sell now?" },
      { "do": "branch", "when": "ok", "then": [ { "do": "say", "text": "Sold." } ], "else": [ { "do": "say", "text": "Kept." } ] } ] },
    "remind": { "intents": [ { "pattern": "remind (?P<token>\\S+)" } ], "params": { "token": "text" }, "steps": [
      { "do": "remind", "in": "1m", "notify": { "delivery": "ad_hoc", "text": "[{token}]" } },
      { "do": "say", "text": "Noted." } ] },
    "watch": { "intents": [ { "pattern": "watch (?P<token>\\S+)" } ], "params": { "token": "text" }, "steps": [
      { "do": "watch", "symbol": { "=": "token" }, "when": { "falls_to": 50 },
        "notify": { "delivery": "ad_hoc", "text": "[{symbol}]" } },
      { "do": "say", "text": "Watching." } ] },
    "find": { "intents": [ { "pattern": "find (?P<token>\\S+)" } ], "params": { "token": "text" }, "steps": [
      { "do": "say", "text": "Looking for {token}" },
      { "do": "request", "url": "http://h.test/{token}", "read": { "a": "/a" }, "retries": 10, "timeout": "1h" },
      { "do": "say", "text": "Found {token}: {a}" } ] }
  } })json";

std::string source_of(const std::string& version) {
  std::string out = bot_text;
  for (auto at = out.find("VERSION"); at != std::string::npos; at = out.find("VERSION"))
    out.replace(at, 7, version);
  return out;
}

dialog::bot_ptr bot_of(const std::string& version) {
  static const auto first = interject::test::bot_of(source_of(versions[0]), versions[0]);
  static const auto second = interject::test::bot_of(source_of(versions[1]), versions[1]);
  return version == versions[0] ? first : second;
}

/// Keeps what is started until the world answers. Each life of the process has its own.
class held_http final : public monitors::http_client {
public:
  explicit held_http(record& seen) : seen_(seen) {}
  std::uint64_t start(monitors::http_request what, callback done) override {
    for (auto& [name, key] : what.headers)
      if (name == "Idempotency-Key")
        seen_.calls[what.url].insert(key);
    open[++last_] = {what.url.substr(what.url.rfind('/') + 1), std::move(done)};
    return last_;
  }
  void cancel(std::uint64_t call) override { open.erase(call); }

  void answer(std::uint64_t call, bool well) {
    auto it = open.find(call);
    auto [token, done] = std::move(it->second);
    open.erase(it);
    monitors::http_answer a;
    if (well) {
      a.how = monitors::http_answer::kind::answered;
      a.status = 200;
      a.body = R"({"a":"answer to )" + token + "\"}";
    } else {
      a.reason = "the line is cut";
    }
    done(std::move(a));
  }
  std::map<std::uint64_t, std::pair<std::string, callback>> open;

private:
  record& seen_;
  std::uint64_t last_ = 0;
};

/// Refuses to write while it is told to.
class frail_store final : public journal::store {
public:
  explicit frail_store(std::shared_ptr<journal::store> inner) : inner_(std::move(inner)) {}
  result<void> write(std::span<const journal::commit_ptr> batch,
                     std::span<result<void>> outcomes) override {
    if (failing)
      return error{errc::unavailable, "the disk is full"};
    return inner_->write(batch, outcomes);
  }
  std::unique_ptr<journal::reader> open_reader() override { return inner_->open_reader(); }
  result<void> keep_bot(const std::string& v, const std::string& s) override {
    return inner_->keep_bot(v, s);
  }
  result<void> check_writable() override { return inner_->check_writable(); }
  result<void> sweep(time_point now) override { return inner_->sweep(now); }
  result<std::size_t> sweep_bots(std::span<const std::string> keep) override {
    return inner_->sweep_bots(keep);
  }
  bool failing = false;

private:
  std::shared_ptr<journal::store> inner_;
};

struct client {
  conversation_id id;
  user_id user;
  std::optional<post_activity>
      sending; ///< not answered yet, or answered with a refusal: sent again
  bool opened = false;
  int sent = 0;
  std::string question; ///< the last one seen, and its number
  std::string prompt;
  std::string tapped; ///< the prompt of the last tap
};

class world final : public interject::test::actor_fixture, runtime::outlet {
public:
  explicit world(const plan& how) : how_(how), random_(how.seed) {
    std::shared_ptr<journal::store> kept = journal::make_memory_store();
    if (how_.spoil_store)
      kept = how_.spoil_store(kept);
    store_ = std::make_shared<frail_store>(kept);
    for (auto& v : versions)
      (void)kept->keep_bot(v, source_of(v));
    answers_ = spawn_inbox<opened, posted, decided, done, refused, prices_taken>();
    for (int i = 0, name = 0; i < how_.conversations; ++i) {
      client c;
      c.user = "u" + std::to_string(i);
      do // of one router: each router's share of `max_live` is what makes them leave
        c.id = "c" + std::to_string(name++);
      while (shard_of(c.id) % conversation::router_count != 0);
      seen_.conversations.push_back(c.id);
      clients_.push_back(c);
    }
    live();
  }
  ~world() override {
    end();
    caf::anon_send_exit(answers_.address, caf::exit_reason::kill);
    run();
  }

  std::vector<std::string> go() {
    for (int i = 0; i < how_.steps; ++i) {
      act();
      step_some(pick(40));
      take_answers();
    }
    settle();
    count_life();
    return check(seen_, *store_->open_reader());
  }
  const reached& came_up() const { return reached_; }

private:
  // ---- chance
  // -----------------------------------------------------------------------------------------

  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  bool chance(int percent) { return pick(100) < percent; }

  /// Delivers messages of actors picked at random, so that every order that CAF allows comes up.
  void step_some(int messages) {
    for (int i = 0; i < messages && !sched.jobs.empty(); ++i) {
      auto at = sched.jobs.begin() + pick(static_cast<int>(sched.jobs.size()));
      std::rotate(sched.jobs.begin(), at, at + 1);
      sched.try_run_once();
    }
  }

  // ---- life and death of the process
  // -----------------------------------------------------------------

  void live() {
    runtime::node_options o;
    o.bot = bot_of(versions[version_]);
    (void)store_->keep_bot(versions[version_], source_of(versions[version_]));
    o.bot_from_source = [this](const std::string& source) {
      auto v = source == source_of(versions[0]) ? versions[0] : versions[1];
      return bot_of(how_.spoil_version ? how_.spoil_version(v) : v);
    };
    http_ = std::make_shared<held_http>(seen_);
    o.http = http_;
    o.idle_after = 20s; // looked at once a minute
    o.max_live = 2 * conversation::router_count;
    o.store = store_;
    o.clock = clock_;
    o.manual = clock_;
    o.out = std::shared_ptr<runtime::outlet>(std::shared_ptr<void>(), this);
    o.detached = false;
    node_ = runtime::assemble(sys, o);
    for (auto& monitor : node_.monitors())
      caf::send_as(answers_.address, monitor, monitors::begin_monitoring{0, node_.router});
    catch_up();
    step_some(pick(60));
  }

  /// As clients do that lost their stream: what was committed but never reached them is read from
  /// the history.
  void catch_up() {
    auto rows = store_->open_reader();
    for (auto& c : clients_) {
      auto& stream = seen_.streams[c.id];
      auto missed = rows->history(c.id, stream.empty() ? 0 : stream.back().seq, 10'000);
      if (!missed)
        continue;
      for (auto& row : *missed)
        see({c.id, row.seq, row.body});
    }
  }
  void count_life() {
    reached_["passivations"] += static_cast<int>(node_.counts->passivations.load());
    reached_["evictions"] += static_cast<int>(node_.counts->evictions.load());
    reached_["commits that failed"] += static_cast<int>(node_.counts->commit_failures.load());
  }
  void die() {
    ++reached_["deaths"];
    reached_["calls cut off"] += static_cast<int>(http_->open.size());
    count_life();
    end();
    take_answers();
    advancing_ = false;
    if (how_.bot_changes && chance(50))
      version_ = 1 - version_;
  }
  void end() {
    caf::anon_send_exit(node_.router, caf::exit_reason::kill);
    for (auto& a : node_.others())
      caf::anon_send_exit(a, caf::exit_reason::kill);
    node_ = {};
    run();
  }

  void publish(const publication& p) override {
    auto seen = how_.spoil_stream ? how_.spoil_stream(p) : std::vector<publication>{p};
    for (auto& one : seen)
      see(one);
  }
  void see(const publication& one) {
    seen_.streams[one.conversation].push_back(one);
    auto j = nlohmann::json::parse(*one.body);
    auto& c = client_of(one.conversation);
    if (j["from"].value("role", "") != "bot")
      return;
    auto text = j.value("text", "");
    count(text);
    if (j.value("inputHint", "") == "expectingInput") {
      c.question = text;
      c.prompt = prompt_of(j);
    } else if (text.starts_with("Ordered, ") || text == "Hello." || text == "Sold." ||
               text == "Kept." ||
               (text == "That question is closed by now." && c.prompt == c.tapped)) {
      c.question.clear(); // but not a newer one that came while the tap was on its way
    }
  }
  void count(const std::string& text) {
    static const std::pair<const char*, const char*> names[] = {
        {"[r", "reminders"},        {"[s", "price alerts"}, {"[n", "notices"},
        {"Found ", "calls"},        {"Sold.", "offers"},    {"Kept.", "offers"},
        {"Back to", "resumptions"}, {"Ordered, ", "orders"}};
    for (auto& [beginning, name] : names)
      if (text.starts_with(beginning))
        ++reached_[name];
    if (text.starts_with("Ordered, ") && !text.starts_with("Ordered, " + versions[version_]))
      ++reached_["orders on an older version"];
  }
  static std::string prompt_of(const nlohmann::json& j) {
    auto p = j.value("/channelData/interject/prompt"_json_pointer, nlohmann::json());
    return p.is_number() ? std::to_string(p.get<int>()) : p.is_string() ? p.get<std::string>() : "";
  }

  // ---- what happens
  // -----------------------------------------------------------------------------------

  void act() {
    auto what = pick(100);
    if (what < 50)
      speak(clients_[static_cast<std::size_t>(pick(how_.conversations))]);
    else if (what < 70)
      tell(clients_[static_cast<std::size_t>(pick(how_.conversations))]);
    else if (what < 74)
      move_price();
    else if (what < 80)
      answer_call(chance(60));
    else if (what < 89)
      pass(std::chrono::milliseconds(pick(20'000)));
    else if (what < 94 && how_.store_fails)
      store_->failing = !store_->failing;
    else if (what < 97 && how_.process_dies) {
      die();
      live();
    } else if (what < 98 && how_.bot_changes)
      reload();
    else
      send_again();
  }

  /// The other version becomes current in a node that goes on, and what no conversation is on is dropped.
  void reload() {
    ++reached_["reloads"];
    version_ = 1 - version_;
    auto& source = versions[version_];
    if (!store_->keep_bot(source, source_of(source)))
      return;
    node_.bots->replace(bot_of(source));
    runtime::anon_send(node_.journal, journal::sweep_rows{clock_->now(), node_.bots->in_use()});
  }

  void speak(client& c) {
    if (!c.opened) {
      caf::send_as(answers_.address, node_.router,
                   open_conversation{ticket_for(c), c.id, c.user, "", "en", "directline"});
      return;
    }
    if (!c.sending)
      compose(c);
    auto post = *c.sending;
    if (how_.spoil_post)
      how_.spoil_post(post);
    caf::send_as(answers_.address, node_.router, post);
  }

  void compose(client& c) {
    incoming_activity a;
    a.client_id = c.id + "-" + std::to_string(++c.sent);
    a.from = c.user;
    if (c.question.find("Which item") != std::string::npos)
      a.text = "item-" + std::to_string(c.sent);
    else if (c.question.find("How many") != std::string::npos)
      a.text = std::to_string(1 + pick(9));
    else if (c.question.starts_with("[")) {
      a.text = chance(50) ? "yes" : "no";
      a.tapped = c.tapped = c.prompt;
    } else
      compose_beginning(a);
    a.rest = R"("type":"message","text":")" + a.text + "\"";
    c.sending = post_activity{ticket_for(c), c.id, a};
    seen_.post_order[c.id].push_back(a.client_id);
    seen_.posts[c.id][a.client_id] = {a.text, ""};
  }

  void compose_beginning(incoming_activity& a) {
    auto what = pick(100);
    if (what < 55)
      a.text = "order";
    else if (what < 70)
      a.text = "remind r" + a.client_id;
    else if (what < 85)
      a.text = "find f" + a.client_id;
    else {
      symbols_.push_back("s" + a.client_id);
      a.text = "watch " + symbols_.back();
    }
  }

  void move_price() {
    if (!symbols_.empty())
      sample(symbols_[static_cast<std::size_t>(pick(static_cast<int>(symbols_.size())))],
             30 + 20 * pick(4));
  }
  void sample(const std::string& symbol, int price) {
    caf::send_as(
        answers_.address, node_.prices,
        take_prices{0,
                    {price_sample{symbol, decimal::parse(std::to_string(price)).value(), {}, {}}}});
  }

  void answer_call(bool well) {
    if (http_->open.empty())
      return;
    auto it = http_->open.begin();
    std::advance(it, pick(static_cast<int>(http_->open.size())));
    http_->answer(it->first, well);
  }

  void tell(client& c) {
    notification n;
    n.id = "n" + std::to_string(seen_.notices.size() + 1);
    n.mode = static_cast<delivery_mode>(pick(4));
    n.urgency = static_cast<urgency>(pick(4));
    n.lifetime = std::chrono::seconds(60 + pick(1200));
    n.created = clock_->now();
    if (chance(40)) {
      if (n.mode == delivery_mode::ad_hoc)
        n.mode = delivery_mode::interrupt;
      n.dialog = "sell";
      n.needs_answer = true;
      n.dialog_params = {{"token", value(n.id)}};
    } else {
      n.text = {{"", "[" + n.id + "]"}};
    }
    if (chance(20))
      n.collapse_key = "k" + std::to_string(pick(2));
    if (n.mode == delivery_mode::interrupt && chance(10))
      n.returns = return_mode::reset;
    seen_.notices[n.id] = {n, false};
    send(n, c);
  }
  void send(const notification& n, client& c) {
    for (auto& one : how_.spoil_notice ? how_.spoil_notice(n) : std::vector<notification>{n})
      caf::send_as(answers_.address, node_.router, notify{0, chance(50) ? c.id : "", c.user, one});
    target_[n.id] = c.id;
  }
  void send_again() {
    for (auto& [id, notice] : seen_.notices)
      if (!notice.acknowledged && chance(50))
        send(notice.what, client_of(target_[id]));
  }

  void pass(duration d) {
    if (advancing_)
      return;
    advancing_ = true;
    caf::send_as(answers_.address, node_.timers, advance_clock{advance_ticket, d});
  }

  // ---- answers
  // ----------------------------------------------------------------------------------------

  static constexpr ticket advance_ticket = 1'000'000;
  ticket ticket_for(const client& c) { return static_cast<ticket>(&c - clients_.data()) + 1; }
  client& client_of(const conversation_id& id) {
    return *std::find_if(clients_.begin(), clients_.end(), [&](auto& c) { return c.id == id; });
  }

  void take_answers() {
    for (auto& a : std::exchange(answers_.of<opened>(), {}))
      client_of(a.conversation).opened = true;
    for (auto& a : std::exchange(answers_.of<posted>(), {})) {
      auto& c = clients_[a.ticket - 1];
      if (!c.sending)
        continue; // an answer to a repeat
      auto& post = seen_.posts[c.id][c.sending->activity.client_id];
      auto seq = seq_of(c.id, a.activity);
      if (last_acknowledged_[c.id] >= seq)
        continue; // a late answer to an earlier post of this client
      last_acknowledged_[c.id] = seq;
      post.activity = a.activity;
      c.sending.reset();
    }
    for (auto& a : std::exchange(answers_.of<decided>(), {}))
      if (auto it = seen_.notices.find(a.id); it != seen_.notices.end())
        it->second.acknowledged = true;
    for (auto& a : std::exchange(answers_.of<done>(), {}))
      if (a.ticket == advance_ticket)
        advancing_ = false;
    for (auto& a : std::exchange(answers_.of<refused>(), {}))
      if (a.ticket == advance_ticket)
        advancing_ = false;
  }

  // ---- the end
  // ----------------------------------------------------------------------------------------

  /// Heals everything, repeats what was not acknowledged, and lets all deadlines pass.
  void settle() {
    store_->failing = false;
    if (how_.process_dies) { // what follows comes out of the rows alone
      die();
      live();
    }
    for (int i = 0; i < 60; ++i) {
      run();
      take_answers();
      for (auto& c : clients_)
        if (!c.opened || c.sending ||
            (!c.question.empty() && i < 40)) // in the end everybody has answered
          speak(c);
      for (auto& [id, notice] : seen_.notices)
        if (!notice.acknowledged)
          send(notice.what, client_of(target_[id]));
      while (!http_->open.empty())
        http_->answer(http_->open.begin()->first, true);
      if (i % 10 == 5) // every watch sees a fall in the end
        for (auto& symbol : symbols_)
          for (auto price : {100, 40})
            sample(symbol, price);
      pass(1min);
    }
    run();
    take_answers();
  }

  plan how_;
  std::mt19937_64 random_;
  std::shared_ptr<runtime::test_clock> clock_ = std::make_shared<runtime::test_clock>(
      time_point(std::chrono::sys_days{std::chrono::March / 1 / 2026}));
  std::shared_ptr<frail_store> store_;
  std::shared_ptr<held_http> http_;
  std::size_t version_ = 0;          ///< of the bot that is current
  std::vector<std::string> symbols_; ///< of all watches that clients asked for
  runtime::assembly node_;
  inbox<opened, posted, decided, done, refused, prices_taken> answers_;
  std::vector<client> clients_;
  std::map<notification_id, conversation_id> target_;
  std::map<conversation_id, std::uint64_t> last_acknowledged_;
  bool advancing_ = false;
  record seen_;
  reached reached_;
};

} // namespace

std::vector<std::string> run(const plan& how, reached* into) {
  spdlog::set_level(spdlog::level::off); // a failing store is the point here
  world w(how);
  auto broken = w.go();
  if (into)
    for (auto& [name, times] : w.came_up())
      (*into)[name] += times;
  return broken;
}

} // namespace interject::simulation
