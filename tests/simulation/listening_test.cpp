// Seeded runs of conversations whose messages mean what a recogniser says, that fall silent at a
// question, and that wait for a slow service on a channel which allows no long silence, while the
// disk fails and the process dies. INTERJECT_SEEDS and INTERJECT_SEED as in simulation_test.cpp.
#define CAF_SUITE listening
#include "tests/support/caf_test.hpp"

#include "actors/conversation/local_messages.hpp"
#include "actors/conversation/state.hpp"
#include "actors/monitors/http_client.hpp"
#include "protocols/codec/binary.hpp"
#include "tests/simulation/seeds.hpp"
#include "tests/simulation/simulated_node.hpp"
#include "tests/simulation/spoiled_store.hpp"
#include "tests/support/bots.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <map>
#include <string>

using namespace interject;
using namespace interject::simulation;
using namespace std::chrono_literals;

namespace {

// "memo" is a dialog that only the recogniser knows.
constexpr const char* bot_text = R"json({
  "id": "listening", "locales": ["en"], "start": "hello", "hosts": ["h.test"],
  "recognizer": { "url": "http://m.test/model/parse" },
  "inactivity": { "nudge": { "after": "10m", "text": "Still there?" }, "end": "1h" },
  "channels": { "directline": { "max_silence": "5s" } },
  "dialogs": {
    "hello": { "steps": [ { "do": "say", "text": "Hello." } ] },
    "note": { "intents": [ { "pattern": "note (?P<token>\\S+)" } ], "params": { "token": "text" }, "steps": [
      { "do": "say", "text": "[{token}] noted." } ] },
    "memo": { "intents": ["memo"], "params": { "token": "text" }, "steps": [
      { "do": "say", "text": "[{token}] noted, as they say." } ] },
    "plan": { "intents": [ { "pattern": "plan (?P<token>\\S+)" } ], "params": { "token": "text" }, "steps": [
      { "do": "ask", "type": "yes_no", "into": "sure", "text": "[{token}] sure?", "tries": 10 },
      { "do": "say", "text": "[{token}] planned." } ] },
    "find": { "intents": [ { "pattern": "find (?P<token>\\S+)" } ], "params": { "token": "text" }, "steps": [
      { "do": "say", "text": "[{token}] sought." },
      { "do": "request", "url": "http://h.test/{token}", "read": { "a": "/a" }, "retries": 10, "timeout": "20m" },
      { "do": "say", "text": "[{token}] found." } ] }
  } })json";

constexpr auto nudge_after = 10min;
constexpr auto end_after = 1h;
constexpr auto longest_silence = 5s;

/// Questions to the recogniser and requests wait here until the world answers.
struct outside final : monitors::http_client {
  struct request {
    std::string text; ///< to be recognised; empty: a request to the service
    callback done;
  };
  std::uint64_t start(monitors::http_request what, callback done) override {
    bool meaning = what.url.starts_with("http://m.test");
    auto text = meaning ? nlohmann::json::parse(what.body).value("text", "") : std::string();
    open[++last] = {std::move(text), std::move(done)};
    return last;
  }
  void cancel(std::uint64_t call) override { open.erase(call); }
  std::map<std::uint64_t, request> open;
  std::uint64_t last = 0;
};

struct listening_plan {
  std::uint64_t seed = 1;
  /// Wraps the store, to plant a fault in it.
  std::function<std::shared_ptr<journal::store>(std::shared_ptr<journal::store>)> spoil_store;
  bool mixes_up = false; ///< the recogniser answers with what the message before it meant
};

struct spoken_line {
  time_point at;
  std::string client; ///< of the user's
  std::string text;   ///< "(end)": the bot has ended the conversation
  bool asks = false;
  bool is_users() const { return !client.empty(); }
};

struct person {
  conversation_id id;
  bool opened = false;
  int sent = 0;
  std::map<ticket, incoming_activity> on_way; ///< not acknowledged yet, in order
  std::vector<std::string> acknowledged;      ///< client ids
  std::vector<spoken_line> lines;             ///< as they were written
};

std::string token_of(const std::string& words) {
  auto space = words.find(' ');
  return space == std::string::npos ? "" : words.substr(space + 1);
}

class listening final : simulated_node {
public:
  explicit listening(const listening_plan& how)
      : simulated_node(how.seed, kept_by(how.spoil_store)), how_(how) {
    people_.resize(2);
    for (auto& p : people_)
      p.id = "c" + std::to_string(&p - people_.data());
    store_->saw = [this](const journal::commit& c) { saw(c); };
    live();
  }
  ~listening() override { finish(); }

  std::vector<std::string> go() {
    for (int i = 0; i < 200; ++i) {
      act();
      step_some(pick(40));
      take_answers();
    }
    settle();
    for (auto& p : people_) {
      listen_in_peace(p);
      check(p);
    }
    return broken_;
  }
  simulation::reached reached;

private:
  void publish(const publication&) override {}

  // ---- life and death of the process

  void live() {
    static const auto bot = interject::test::bot_of(bot_text);
    runtime::node_options o;
    o.bot = bot;
    o.bot_from_source = [](const std::string&) { return bot; };
    o.http = http_ = std::make_shared<outside>();
    o.idle_after = 20s;
    begin(std::move(o));
  }
  void die() {
    ++reached["deaths"];
    for (auto& [call, request] : http_->open)
      ++reached[request.text.empty() ? "calls cut off" : "meanings cut off"];
    end();
    take_answers();
    rest(200'000);
    live();
  }

  void saw(const journal::commit& c) {
    for (auto& p : people_)
      for (auto& a : c.activities)
        if (p.id == c.conversation) {
          auto j = nlohmann::json::parse(*a.body);
          bool over = j.value("type", "") == "endOfConversation";
          p.lines.push_back({c.at, a.client_id, over ? "(end)" : j.value("text", ""),
                             j.value("inputHint", "") == "expectingInput"});
        }
  }

  // ---- what happens

  void act() {
    auto what = pick(100);
    if (what < 40)
      speak(any(people_));
    else if (what < 65)
      answer(pick(10));
    else if (what < 90)
      pass(std::chrono::milliseconds(chance(15) ? pick(5'000'000) : pick(8'000)));
    else if (what < 96)
      store_->failing = !store_->failing;
    else if (what < 98)
      die();
  }
  void pass(duration d) { send(node_.timers, advance_clock{0, d}); }

  void speak(person& p) {
    if (!p.opened)
      return send(node_.router, open_conversation{0, p.id, "u-" + p.id, "", "en", "directline"});
    if (p.on_way.empty() || (p.on_way.size() < 3 && chance(50)))
      compose(p);
    for (auto& [number, a] : p.on_way)
      send(node_.router, post_activity{number, p.id, a});
  }

  /// Whatever takes more than one turn is alone on its way, and answered before the next.
  void compose(person& p) {
    auto waits = waiting_for(p);
    bool alone = p.on_way.empty() && waits.empty();
    if (!alone && (!p.on_way.empty() || waits != "an answer") &&
        !(waits.empty() && last_words(p).starts_with("note ")))
      return;
    incoming_activity a;
    a.client_id = p.id + "-" + std::to_string(++p.sent);
    a.from = "u-" + p.id;
    auto what = alone ? pick(10) : 0;
    a.text = waits == "an answer" ? "yes"
                                  : (what < 5   ? "note "
                                     : what < 8 ? "plan "
                                                : "find ") +
                                        a.client_id;
    a.rest = R"("type":"message","text":")" + a.text + "\"";
    p.on_way[++tickets_] = a;
  }
  static std::string last_words(const person& p) {
    return p.on_way.empty() ? "" : p.on_way.rbegin()->second.text;
  }
  /// What the last flow waits for: nothing, an answer, or the service.
  static std::string waiting_for(const person& p) {
    for (auto l = p.lines.rbegin(); l != p.lines.rend(); ++l)
      if (l->text == "(end)" || l->text == "Hello." || l->text.ends_with("planned.") ||
          l->text.ends_with("found.") || l->text.starts_with("Sorry, something went wrong") ||
          l->text.find("] noted") != std::string::npos)
        return "";
      else if (l->asks)
        return "an answer";
      else if (l->text.ends_with("sought."))
        return "the service";
    return "";
  }

  void answer(int how) {
    if (http_->open.empty())
      return;
    auto it = http_->open.begin();
    std::advance(it, pick(static_cast<int>(http_->open.size())));
    answer(it, how);
  }
  void answer(std::map<std::uint64_t, outside::request>::iterator it, int how) {
    auto [text, done] = std::move(it->second);
    http_->open.erase(it);
    using kind = monitors::http_answer::kind;
    monitors::http_answer a;
    a.how = how == 9 ? kind::timed_out : kind::answered;
    a.status = how == 8 ? 500 : 200;
    a.body = how == 7 ? R"({"intent":7)" : text.empty() ? R"({"a":"b"})" : meaning_of(text);
    ++reached[text.empty() ? "answers" : how < 7 ? "meanings" : "no meanings"];
    done(std::move(a));
  }
  /// "note x" is a memo to it; it knows the other words by their dialogs.
  std::string meaning_of(const std::string& text) {
    auto token = token_of(text);
    if (token.empty())
      return R"({"intent":{"name":"affirm","confidence":0.9},"entities":[]})";
    if (how_.mixes_up)
      std::swap(token, meant_before_);
    auto name = text.starts_with("note ") ? "memo" : text.substr(0, text.find(' '));
    return R"({"intent":{"name":")" + std::string(name) +
           R"(","confidence":0.9},"entities":[{"entity":"token","value":")" + token + "\"}]}";
  }

  void take_answers() {
    for (auto& a : std::exchange(answers_.of<opened>(), {}))
      for (auto& p : people_)
        p.opened = p.opened || p.id == a.conversation;
    for (auto& a : std::exchange(answers_.of<posted>(), {}))
      for (auto& p : people_)
        if (auto it = p.on_way.find(a.ticket); it != p.on_way.end()) {
          p.acknowledged.push_back(it->second.client_id);
          p.on_way.erase(it);
        }
  }

  // ---- the end

  void run_well() {
    do {
      run();
      take_answers();
      while (!http_->open.empty() && !holds_answers_)
        answer(0);
    } while (!sched.jobs.empty());
  }
  void pass_well(duration d) {
    pass(d);
    run_well();
  }
  /// The disk is well and everybody answers, until nothing waits any more.
  void settle() {
    store_->failing = false;
    die(); // what follows comes out of the rows alone
    run_well();
    for (int i = 0; i < 200; ++i) {
      for (auto& p : people_)
        if (!p.opened || !p.on_way.empty() || !waiting_for(p).empty())
          speak(p);
      run_well();
      pass_well(15s);
    }
    for (auto& p : people_)
      if (!p.on_way.empty() || !waiting_for(p).empty())
        broken_.push_back(p.id + " still waits for " + waiting_for(p));
  }

  std::size_t times(const person& p, const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(p.lines.begin(), p.lines.end(), [&](auto& l) { return l.text == text; }));
  }
  void hear(const person& p, const std::string& text, std::size_t from, std::size_t more) {
    if (auto n = times(p, text) - from; n != more)
      broken_.push_back(p.id + ": in peace \"" + text + "\" was said " + std::to_string(n) +
                        " times, not " + std::to_string(more));
  }
  void say_now(person& p, const std::string& verb) {
    incoming_activity a;
    a.client_id = p.id + "-" + std::to_string(++p.sent);
    a.from = "u-" + p.id;
    a.text = verb + a.client_id;
    a.rest = R"("type":"message","text":")" + a.text + "\"";
    p.on_way[++tickets_] = a;
    send(node_.router, post_activity{tickets_, p.id, a});
    run_well();
  }
  /// A question that nobody answers, and a service that takes its time.
  void listen_in_peace(person& p) {
    say_now(p, "plan ");
    auto nudges = times(p, "Still there?"), ends = times(p, "(end)");
    pass_well(nudge_after - 1s);
    hear(p, "Still there?", nudges, 0);
    if (chance(50))
      die_well();
    pass_well(1s);
    hear(p, "Still there?", nudges, 1);
    pass_well(end_after - nudge_after - 1s);
    hear(p, "Still there?", nudges, 1);
    hear(p, "(end)", ends, 0);
    if (chance(50))
      die_well();
    pass_well(1s);
    hear(p, "(end)", ends, 1);
    pass_well(2h);
    hear(p, "(end)", ends, 1);

    constexpr auto filler = "Still working on it, one moment please.";
    auto fillers = times(p, filler);
    auto sought = p.lines.size();
    holds_answers_ = true;
    say_now(p, "find ");
    while (!http_->open.empty() && !http_->open.begin()->second.text.empty()) {
      answer(http_->open.begin(), 0); // what it means
      run_well();
    }
    for (int i = 0; i < 16; ++i)
      pass_well(1s);
    hear(p, filler, fillers, 3);
    holds_answers_ = false;
    run_well();
    pass_well(1min);
    hear(p, filler, fillers, 3);
    if (p.lines.size() < sought + 3 || !p.lines.back().text.ends_with("found."))
      broken_.push_back(p.id + ": in peace nothing was found");
  }
  /// At the same instant.
  void die_well() {
    end();
    live();
    run_well();
  }

  // ---- what must hold

  void check(const person& p) {
    auto say = [&](const std::string& what) { broken_.push_back(p.id + ": " + what); };
    for (auto& client : p.acknowledged)
      if (auto n = std::count_if(p.lines.begin(), p.lines.end(),
                                 [&](auto& l) { return l.client == client; });
          n != 1)
        say("acknowledged post " + client + " was taken " + std::to_string(n) + " times");
    time_point heard{}, asked{}, spoke{};
    std::string token;
    int nudges = 0, ends = 0;
    bool asking = false, seeking = false;
    for (std::size_t i = 0; i < p.lines.size(); ++i) {
      auto& l = p.lines[i];
      if (std::getenv("INTERJECT_TALK"))
        std::fprintf(stderr, "%s %s %s %s\n", p.id.c_str(), format_time(l.at).c_str(),
                     l.is_users() ? "user>" : "bot>", l.text.c_str());
      if (l.is_users()) {
        heard = l.at;
        nudges = ends = 0;
        if (auto its = token_of(l.text); !its.empty()) {
          token = its;
          if (i + 1 == p.lines.size() || !p.lines[i + 1].text.starts_with("[" + token + "] "))
            say("\"" + l.text + "\" was taken for something else");
        }
      } else if (l.text == "Still there?") {
        if (++nudges > 1 || !asking || l.at < std::max(heard, asked) + nudge_after)
          say("it was nudged too " + std::string(nudges > 1 ? "often" : "early"));
        ++reached["nudges"];
      } else if (l.text == "(end)") {
        if (++ends > 1 || l.at < heard + end_after)
          say("it ended too " + std::string(ends > 1 ? "often" : "early"));
        ++reached["ends"];
        asking = seeking = false;
      } else if (l.text.starts_with("Still working")) {
        if (!seeking || l.at < spoke + longest_silence)
          say("it was said to be working " +
              std::string(seeking ? "too early" : "when it was not"));
        ++reached["fillers"];
      } else if (l.text.starts_with("[") && !l.text.starts_with("[" + token + "] "))
        say("\"" + l.text + "\" answers " + token);
      if (!l.is_users()) {
        spoke = l.at;
        asking = l.asks || (asking && l.text == "Still there?");
        seeking = l.text.ends_with("sought.") || (seeking && l.text.starts_with("Still working"));
        if (l.asks)
          asked = l.at;
      }
      reached["as they say"] += l.text.ends_with("as they say.");
      reached["by itself"] += l.text.ends_with("noted.");
      reached["found"] += l.text.ends_with("found.");
      reached["planned"] += l.text.ends_with("planned.");
    }
  }

  listening_plan how_;
  std::shared_ptr<outside> http_;
  std::vector<person> people_;
  std::vector<std::string> broken_;
  std::string meant_before_ = "nothing";
  ticket tickets_ = 0;
  bool holds_answers_ = false;
};

std::vector<std::string> run(const listening_plan& how, reached* into = nullptr) {
  spdlog::set_level(spdlog::level::off); // a failing store is the point here
  listening l(how);
  auto broken = l.go();
  if (into)
    for (auto& [name, times] : l.reached)
      (*into)[name] += times;
  return broken;
}

bool found(const std::function<void(journal::commit&)>& fault, std::string_view what) {
  listening_plan p;
  p.spoil_store = spoiled_by(changed(fault));
  return simulation::found(p, what, 60);
}

void change_talk(journal::commit& c, const std::function<void(dialog::conversation&)>& how) {
  conversation::state s;
  if (c.state.empty() || !decode_all(c.state, s))
    return;
  how(s.talk);
  c.state.clear();
  encode(c.state, s);
}

} // namespace

CAF_TEST(each message has its own meaning and each silence its own end) {
  look_at_seeds<listening_plan>(300);
}

CAF_TEST(the runs reach what they are about) {
  check_reached<listening_plan>(60, {"deaths", "meanings", "no meanings", "meanings cut off",
                                     "calls cut off", "answers", "as they say", "by itself",
                                     "found", "planned", "nudges", "ends", "fillers"});
}

CAF_TEST(a recogniser that answers with what the message before meant is found) {
  listening_plan p;
  p.mixes_up = true;
  CAF_CHECK(simulation::found(p, "was taken for something else", 60));
}

CAF_TEST(a store that forgets when to wake a conversation is found) {
  CAF_CHECK(found([](journal::commit& c) { c.wake_at.reset(); }, "in peace \"(end)\" was said 0"));
}

CAF_TEST(a store that has conversations woken too late is found) {
  CAF_CHECK(found(
      [](journal::commit& c) {
        if (c.wake_at)
          *c.wake_at += 1min;
      },
      "in peace \"Still there?\" was said 0"));
}

CAF_TEST(a store that forgets when somebody was heard is found) {
  CAF_CHECK(
      found([](journal::commit& c) { change_talk(c, [](auto& talk) { talk.heard -= 30min; }); },
            "it ended too early"));
}
