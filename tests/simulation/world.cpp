#include "tests/support/caf_test.hpp"

#include "tests/simulation/world.hpp"

#include "actors/conversation/local_messages.hpp"
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

constexpr const char* bot_text = R"json({
  "id": "shop", "name": "Shop", "locales": ["en"], "start": "hello",
  "dialogs": {
    "hello": { "steps": [ { "do": "say", "text": "Hello." } ] },
    "order": { "intents": ["order"], "resume": "Back to your order.", "steps": [
      { "do": "ask", "type": "text", "into": "item", "text": "Which item?" },
      { "do": "ask", "type": "number", "into": "n", "text": "How many?", "tries": 10 },
      { "do": "say", "text": "Ordered: {item} x {n}" } ] },
    "sell": { "params": { "token": "text" }, "steps": [
      { "do": "ask", "type": "yes_no", "into": "ok", "text": "[{token}] Sell now?" },
      { "do": "branch", "when": "ok", "then": [ { "do": "say", "text": "Sold." } ], "else": [ { "do": "say", "text": "Kept." } ] } ] },
    "remind": { "intents": [ { "pattern": "remind (?P<token>\\S+)" } ], "params": { "token": "text" }, "steps": [
      { "do": "remind", "in": "1m", "notify": { "delivery": "ad_hoc", "text": "[{token}]" } },
      { "do": "say", "text": "Noted." } ] }
  } })json";

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
  bool failing = false;

private:
  std::shared_ptr<journal::store> inner_;
};

struct client {
  conversation_id id;
  user_id user;
  std::optional<post_activity> sending; ///< not answered yet, or answered with a refusal: sent again
  bool opened = false;
  int sent = 0;
  std::string question; ///< the last one seen, and its number
  std::string prompt;
};

class world final : public interject::test::actor_fixture, runtime::outlet {
public:
  explicit world(const plan& how) : how_(how), random_(how.seed) {
    std::shared_ptr<journal::store> kept = journal::make_memory_store();
    if (how_.spoil_store)
      kept = how_.spoil_store(kept);
    store_ = std::make_shared<frail_store>(kept);
    bot_ = interject::test::bot_of(bot_text);
    answers_ = spawn_inbox<opened, posted, decided, done, refused, prices_taken>();
    for (int i = 0; i < how_.conversations; ++i) {
      client c;
      c.user = "u" + std::to_string(i);
      c.id = "c" + std::to_string(i);
      seen_.conversations.push_back(c.id);
      clients_.push_back(c);
    }
    live();
  }
  ~world() override {
    die();
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
    return check(seen_, *store_->open_reader());
  }

private:
  // ---- chance -----------------------------------------------------------------------------------------

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

  // ---- life and death of the process -----------------------------------------------------------------

  void live() {
    runtime::node_options o;
    o.bot = bot_;
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

  /// As clients do that lost their stream: what was committed but never reached them is read from the history.
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
  void die() {
    caf::anon_send_exit(node_.router, caf::exit_reason::kill);
    for (auto& a : node_.others())
      caf::anon_send_exit(a, caf::exit_reason::kill);
    node_ = {};
    run();
    take_answers();
    advancing_ = false;
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
    if (j.value("inputHint", "") == "expectingInput") {
      c.question = text;
      c.prompt = prompt_of(j);
    } else if (text.starts_with("Ordered: ") || text.starts_with("Hello")) {
      c.question.clear();
    }
  }
  static std::string prompt_of(const nlohmann::json& j) {
    auto p = j.value("/channelData/interject/prompt"_json_pointer, nlohmann::json());
    return p.is_number() ? std::to_string(p.get<int>()) : p.is_string() ? p.get<std::string>() : "";
  }

  // ---- what happens -----------------------------------------------------------------------------------

  void act() {
    auto what = pick(100);
    if (what < 50)
      speak(clients_[static_cast<std::size_t>(pick(how_.conversations))]);
    else if (what < 70)
      tell(clients_[static_cast<std::size_t>(pick(how_.conversations))]);
    else if (what < 88)
      pass(std::chrono::milliseconds(pick(20'000)));
    else if (what < 94 && how_.store_fails)
      store_->failing = !store_->failing;
    else if (what < 97 && how_.process_dies) {
      die();
      live();
    } else
      send_again();
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
    if (c.question == "Which item?")
      a.text = "item-" + std::to_string(c.sent);
    else if (c.question == "How many?")
      a.text = std::to_string(1 + pick(9));
    else if (c.question.starts_with("[")) {
      a.text = chance(50) ? "yes" : "no";
      a.tapped = c.prompt;
    } else if (chance(70))
      a.text = "order";
    else
      a.text = "remind r" + a.client_id;
    a.rest = R"("type":"message","text":")" + a.text + "\"";
    c.sending = post_activity{ticket_for(c), c.id, a};
    seen_.post_order[c.id].push_back(a.client_id);
    seen_.posts[c.id][a.client_id] = {a.text, ""};
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
    caf::send_as(answers_.address, node_.router, notify{0, chance(50) ? c.id : "", c.user, n});
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

  // ---- answers ----------------------------------------------------------------------------------------

  static constexpr ticket advance_ticket = 1'000'000;
  ticket ticket_for(const client& c) {
    return static_cast<ticket>(&c - clients_.data()) + 1;
  }
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

  // ---- the end ----------------------------------------------------------------------------------------

  /// Heals everything, repeats what was not acknowledged, and lets all deadlines pass.
  void settle() {
    store_->failing = false;
    for (int i = 0; i < 60; ++i) {
      run();
      take_answers();
      for (auto& c : clients_)
        if (!c.opened || c.sending)
          speak(c);
      for (auto& [id, notice] : seen_.notices)
        if (!notice.acknowledged)
          send(notice.what, client_of(target_[id]));
      pass(1min);
    }
    run();
    take_answers();
  }

  plan how_;
  std::mt19937_64 random_;
  std::shared_ptr<runtime::test_clock> clock_ =
      std::make_shared<runtime::test_clock>(time_point(std::chrono::sys_days{std::chrono::March / 1 / 2026}));
  std::shared_ptr<frail_store> store_;
  dialog::bot_ptr bot_;
  runtime::assembly node_;
  inbox<opened, posted, decided, done, refused, prices_taken> answers_;
  std::vector<client> clients_;
  std::map<notification_id, conversation_id> target_;
  std::map<conversation_id, std::uint64_t> last_acknowledged_;
  bool advancing_ = false;
  record seen_;
};

} // namespace

std::vector<std::string> run(const plan& how) {
  spdlog::set_level(spdlog::level::off); // a failing store is the point here
  world w(how);
  return w.go();
}

} // namespace interject::simulation
