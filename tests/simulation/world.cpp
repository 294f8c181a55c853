#include "tests/support/caf_test.hpp"

#include "tests/simulation/world.hpp"

#include "actors/conversation/local_messages.hpp"
#include "actors/monitors/integration.hpp"
#include "tests/simulation/market.hpp"
#include "tests/simulation/record.hpp"
#include "tests/simulation/simulated_node.hpp"
#include "tests/support/bots.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

namespace interject::simulation {

namespace {

using namespace std::chrono_literals;

// VERSION is replaced by v1 and by v2.
constexpr const char* bot_text = R"json({
  "id": "shop", "name": "Shop", "locales": ["en"], "start": "hello", "hosts": ["h.test"],
  "delivery": { "budget": { "per": "5s", "burst": 5 } },
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
        "notify": { "delivery": "deferred", "text": "[{token}]" } },
      { "do": "say", "text": "Watching." } ] },
    "again": { "intents": [ { "pattern": "again (?P<token>\\S+)" } ], "params": { "token": "text" }, "steps": [
      { "do": "watch", "symbol": { "=": "token" }, "when": { "falls_to": 50, "repeat": true },
        "notify": { "delivery": "deferred", "text": "[{token}]" } },
      { "do": "say", "text": "Watching." } ] },
    "trail": { "intents": [ { "pattern": "trail (?P<token>\\S+)" } ], "params": { "token": "text" }, "steps": [
      { "do": "watch", "symbol": { "=": "token" }, "when": { "drops_by": "20%", "from": "high" },
        "notify": { "delivery": "ad_hoc", "text": "[{token}]" } },
      { "do": "say", "text": "Watching." } ] },
    "hold": { "intents": [ { "pattern": "hold (?P<token>\\S+)" } ], "params": { "token": "text" }, "steps": [
      { "do": "watch", "symbol": { "=": "token" }, "when": { "falls_to": 50, "for": "30s" },
        "notify": { "delivery": "deferred", "text": "[{token}]" } },
      { "do": "say", "text": "Watching." } ] },
    "follow": { "intents": [ { "pattern": "follow (?P<token>\\S+)" } ], "params": { "token": "text" }, "steps": [
      { "do": "watch", "symbol": "all", "when": { "falls_to": 50, "repeat": true },
        "notify": { "delivery": "ad_hoc", "text": "[{token}]" } },
      { "do": "say", "text": "Watching." } ] },
    "every": { "intents": [ { "pattern": "every (?P<token>\\S+)" } ], "params": { "token": "text" }, "steps": [
      { "do": "remind", "rrule": "FREQ=MINUTELY;COUNT=8", "zone": "Europe/Paris", "misfire": "fire_once",
        "notify": { "delivery": "ad_hoc", "text": "[{token}]" } },
      { "do": "say", "text": "Noted." } ] },
    "skip": { "intents": [ { "pattern": "skip (?P<token>\\S+)" } ], "params": { "token": "text" }, "steps": [
      { "do": "remind", "rrule": "FREQ=MINUTELY;COUNT=8", "zone": "Europe/Paris", "misfire": "skip",
        "notify": { "delivery": "ad_hoc", "text": "[{token}]" } },
      { "do": "say", "text": "Noted." } ] },
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
  std::string heard;  ///< its own words, as they came last on its stream
};

class world final : simulated_node {
public:
  explicit world(const plan& how) : simulated_node(how.seed, kept_by(how.spoil_store)), how_(how) {
    store_->saw = [this](const journal::commit& c) {
      for (auto& w : c.watches)
        seen_.watches.try_emplace(w.id, w);
      for (auto& k : c.kept)
        reached_["prices in slices"] += k.key.starts_with("price/sweep/");
      for (auto& r : c.reminders)
        seen_.reminders.try_emplace(r.id, r);
    };
    for (auto& v : versions)
      (void)store_->keep_bot(v, source_of(v));
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
  ~world() override { finish(); }

  std::vector<std::string> go() {
    for (int i = 0; i < how_.steps; ++i) {
      act();
      step_some(pick(40));
      take_answers();
      note_trouble();
    }
    settle();
    count_life();
    count_alerts();
    return check(seen_, *store_->open_reader());
  }
  const reached& came_up() const { return reached_; }

private:
  // ---- life and death of the process

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
    o.price_slice = 2;
    begin(std::move(o));
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
  /// Its successor begins at once, or after a while.
  void die() {
    ++reached_["deaths"];
    reached_["sweeps cut off"] += is_sweeping();
    reached_["calls cut off"] += static_cast<int>(http_->open.size());
    count_life();
    end();
    take_answers();
    advancing_ = false;
    prices_.cut_off();
    auto from = clock_->now();
    rest(200'000);
    seen_.down.push_back({from, clock_->now()});
    seen_.trouble.push_back({from - 2min, clock_->now() + 2min});
    if (how_.bot_changes && chance(50))
      version_ = 1 - version_;
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
    auto text = j.value("text", "");
    if (j["from"].value("role", "") != "bot") {
      c.heard = text;
      return;
    }
    count(text);
    if (text == "Watching.")
      watched(c.heard);
    if (j.value("inputHint", "") == "expectingInput") {
      c.question = text;
      c.prompt = prompt_of(j);
    } else if (text.starts_with("Ordered, ") || text == "Hello." || text == "Sold." ||
               text == "Kept." ||
               (text == "That question is closed by now." && c.prompt == c.tapped)) {
      c.question.clear(); // but not a newer one that came while the tap was on its way
    }
  }
  /// From here on the prices of its symbol come; those of the one that many watch came before, too.
  void watched(const std::string& words) {
    auto token = words.substr(words.find(' ') + 1);
    if (words.starts_with("follow "))
      seen_.armed_before.try_emplace(token, prices_.sent("all"));
    else if (std::find(symbols_.begin(), symbols_.end(), token) == symbols_.end())
      symbols_.push_back(token);
  }
  void note_trouble() {
    if (store_->failing)
      seen_.trouble.push_back({clock_->now() - 2min, clock_->now() + 2min});
  }
  /// What became of the alerts of all watches.
  void count_alerts() {
    auto rows = store_->open_reader();
    for (auto& [id, w] : seen_.watches)
      for (int k = 1; k < 20; ++k)
        if (auto found = rows->find_notification(id + "." + std::to_string(k)); found && *found) {
          reached_["alerts withdrawn"] += (*found)->trail.back().code == delivery_code::withdrawn;
          reached_["late alerts"] += (*found)->what.late;
        }
    for (auto& [id, r] : seen_.reminders)
      for (int k = 1; k < 20; ++k)
        if (auto found = rows->find_notification(id + "." + std::to_string(k)); found && *found)
          reached_["late reminders"] += (*found)->what.late;
  }
  void count(const std::string& text) {
    static const std::pair<const char*, const char*> names[] = {
        {"[r", "reminders"},
        {"[s", "price alerts"},
        {"[n", "notices"},
        {"[a", "repeated alerts"},
        {"[t", "trailing alerts"},
        {"[h", "alerts of what held"},
        {"[o", "alerts of what many watch"},
        {"[e", "recurring reminders"},
        {"[k", "recurring reminders that skip"},
        {"Found ", "calls"},
        {"Sold.", "offers"},
        {"Kept.", "offers"},
        {"Back to", "resumptions"},
        {"Ordered, ", "orders"}};
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

  /// Every other run is about monitors: more of them, and more prices.
  bool busy_market() const { return how_.seed % 2 == 1; }

  void act() {
    auto what = pick(100);
    if (busy_market() && store_->failing && chance(20))
      fail_or_heal();
    if (busy_market() && what >= 35 && what < 65)
      move_price();
    else if (what < 50)
      speak(clients_[static_cast<std::size_t>(pick(how_.conversations))]);
    else if (what < 70)
      tell(clients_[static_cast<std::size_t>(pick(how_.conversations))]);
    else if (what < 75)
      move_price();
    else if (what < 80)
      answer_call(chance(60));
    else if (what < 89)
      pass(std::chrono::milliseconds(pick(20'000)));
    else if (what < 94 && how_.store_fails)
      fail_or_heal();
    else if (what < 97 && how_.process_dies) {
      die();
      live();
    } else if (what < 98 && how_.bot_changes)
      reload();
    else
      send_again();
  }

  void fail_or_heal() {
    store_->failing = !store_->failing;
    store_->fail_after = -1;
  }

  /// The other version becomes current in a node that goes on, and what no conversation is on is
  /// dropped.
  void reload() {
    ++reached_["reloads"];
    version_ = 1 - version_;
    auto& source = versions[version_];
    auto kept = node_.bots->keep(bot_of(source), source_of(source));
    if (!kept)
      return;
    node_.bots->replace(*kept);
    runtime::anon_send(node_.journal, journal::sweep_rows{clock_->now(), [bots = node_.bots] {
                                                            return bots->in_use();
                                                          }});
  }

  void speak(client& c) {
    if (!c.opened) {
      send(node_.router, open_conversation{ticket_for(c), c.id, c.user, "", "en", "directline"});
      return;
    }
    if (!c.sending)
      compose(c);
    auto post = *c.sending;
    if (how_.spoil_post)
      how_.spoil_post(post);
    send(node_.router, post);
  }

  void compose(client& c) {
    incoming_activity a;
    a.client_id = c.id + "-" + std::to_string(++c.sent);
    a.from = c.user;
    if (c.question.find("Which item") != std::string::npos)
      a.text = "item-" + std::to_string(c.sent);
    else if (c.question.find("How many") != std::string::npos)
      a.text = std::to_string(1 + pick(9));
    else if (c.question.find("] Sell now?") != std::string::npos) { // after "Sorry, …", too
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
    auto what = busy_market() ? 30 + pick(70) : pick(100);
    if (busy_market() && followers_ < 8) { // soon many watch one price
      ++followers_;
      a.text = "follow o" + a.client_id;
      return;
    }
    if (what < 45)
      a.text = "order";
    else if (what < 55)
      a.text = "remind r" + a.client_id;
    else if (what < 70)
      a.text = "find f" + a.client_id;
    else {
      static constexpr const char* kinds[] = {"watch s",  "again a",  "trail t", "hold h",
                                              "follow o", "follow o", "every e", "skip k"};
      a.text = kinds[pick(8)] + a.client_id;
    }
  }

  void move_price() {
    if (symbols_.empty() || chance(40)) {
      prices_.quote("all", 30 + 20 * pick(4));
      if (how_.store_fails && !store_->failing && chance(30))
        store_->fail_after = pick(4);
    } else {
      auto& symbol = symbols_[static_cast<std::size_t>(pick(static_cast<int>(symbols_.size())))];
      // What trails takes small steps, so that a high that is off tells.
      prices_.quote(symbol, symbol.starts_with("t") ? 76 + 3 * pick(9) : 30 + 20 * pick(5));
    }
    send_prices();
    if (how_.process_dies && busy_market() && chance(15)) { // in the midst of what it changes
      for (int i = 0; i < 40 && !is_sweeping(); ++i)
        step_some(1);
      die();
      live();
    }
  }
  bool is_sweeping() {
    auto open = store_->open_reader()->kept("price/sweep/", 1, "");
    return open && !open->items.empty();
  }
  void send_prices() {
    prices_.pump(clock_->now(), [this](take_prices t) { send(node_.prices, std::move(t)); });
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
    tell(n, c);
  }
  void tell(const notification& n, client& c) {
    for (auto& one : how_.spoil_notice ? how_.spoil_notice(n) : std::vector<notification>{n})
      send(node_.router, notify{0, chance(50) ? c.id : "", c.user, one});
    target_[n.id] = c.id;
  }
  void send_again() {
    for (auto& [id, notice] : seen_.notices)
      if (!notice.acknowledged && chance(50))
        tell(notice.what, client_of(target_[id]));
  }

  void pass(duration d) {
    if (advancing_)
      return;
    advancing_ = true;
    send(node_.timers, advance_clock{advance_ticket, d});
  }

  // ---- answers

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
    for (auto& a : std::exchange(answers_.of<prices_taken>(), {}))
      prices_.taken(a.ticket, seen_, clock_->now());
    for (auto& a : std::exchange(answers_.of<refused>(), {}))
      if (prices_.is_its(a.ticket))
        prices_.refused(a.ticket);
      else if (a.ticket == advance_ticket)
        advancing_ = false;
    if (node_.prices)
      send_prices();
    if (how_.withdraws_alerts && node_.router)
      for (auto& [id, w] : seen_.watches)
        send(node_.router, withdraw{0, w.conversation, id + ".1"});
  }

  // ---- the end

  /// Heals everything, repeats what was not acknowledged, and lets all deadlines pass.
  void settle() {
    store_->failing = false;
    store_->fail_after = -1;
    if (how_.process_dies) { // what follows comes out of the rows alone
      die();
      live();
    }
    for (int i = 0; i < 60; ++i) {
      do {
        run();
        take_answers();
      } while (!prices_.idle());
      for (auto& c : clients_)
        if (!c.opened || c.sending ||
            (!c.question.empty() && i < 40)) // in the end everybody has answered
          speak(c);
      for (auto& [id, notice] : seen_.notices)
        if (!notice.acknowledged)
          tell(notice.what, client_of(target_[id]));
      while (!http_->open.empty())
        http_->answer(http_->open.begin()->first, true);
      if (i % 10 == 5) { // every watch sees a fall in the end
        for (auto price : {100, 40}) {
          prices_.quote("all", price);
          for (auto& symbol : symbols_)
            prices_.quote(symbol, price);
        }
        send_prices();
      }
      pass(1min);
    }
    run();
    take_answers();
  }

  plan how_;
  std::shared_ptr<held_http> http_;
  std::size_t version_ = 0;          ///< of the bot that is current
  std::vector<std::string> symbols_; ///< of all watches that are alone with theirs
  market prices_;
  int followers_ = 0;
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
