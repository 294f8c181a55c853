#include "tests/support/caf_test.hpp"

#include "tests/conversation/interleaving.hpp"

#include "actors/conversation/notices.hpp"
#include "actors/conversation/turn.hpp"
#include "tests/support/bots.hpp"

#include <algorithm>
#include <map>

namespace interject::conversation::interleaving {

namespace {

using namespace std::chrono_literals;

// A question is "NAME?", and what was taken as its answer "NAME=answer", so that the transcript
// tells what was bound to what.
constexpr const char* bot_text =
    R"json({ "id": "orders", "locales": ["en"], "hosts": ["h.test"], "dialogs": {
  "plain": { "intents": ["plain"], "resume": "Back.", "steps": [
    { "do": "ask", "type": "text", "into": "city", "text": "City?" }, { "do": "say", "text": "City={city}" },
    { "do": "ask", "type": "number", "into": "n", "text": "Number?", "tries": 9 }, { "do": "say", "text": "Number={n}" },
    { "do": "ask", "type": "choice", "choices": ["sell", "keep"], "into": "c", "text": "Colour?", "tries": 9 }, { "do": "say", "text": "Colour={c}" } ] },
  "guarded": { "intents": ["guarded"], "interruptible": "boundary", "resume": "Back.", "steps": [
    { "do": "ask", "type": "number", "into": "n", "text": "Number?", "tries": 9 }, { "do": "say", "text": "Number={n}" },
    { "do": "ask", "type": "choice", "choices": ["sell", "keep"], "into": "c", "text": "Colour?", "tries": 9 }, { "do": "say", "text": "Colour={c}" } ] },
  "closed": { "intents": ["closed"], "interruptible": "never", "resume": "Back.", "steps": [
    { "do": "ask", "type": "number", "into": "n", "text": "Number?", "tries": 9 }, { "do": "say", "text": "Number={n}" },
    { "do": "ask", "type": "choice", "choices": ["sell", "keep"], "into": "c", "text": "Colour?", "tries": 9 }, { "do": "say", "text": "Colour={c}" } ] },
  "calling": { "intents": ["calling"], "resume": "Back.", "steps": [
    { "do": "ask", "type": "number", "into": "n", "text": "Number?", "tries": 9 }, { "do": "say", "text": "Number={n}" },
    { "do": "request", "url": "http://h.test/", "read": { "a": "/a" }, "timeout": "1h" }, { "do": "say", "text": "Call={a}" },
    { "do": "ask", "type": "choice", "choices": ["sell", "keep"], "into": "c", "text": "Colour?", "tries": 9 }, { "do": "say", "text": "Colour={c}" } ] },
  "marked": { "intents": ["marked"], "resume": "Back.", "steps": [
    { "do": "ask", "type": "number", "into": "n", "text": "Number?", "tries": 9 }, { "do": "say", "text": "Number={n}", "boundary": true },
    { "do": "ask", "type": "choice", "choices": ["sell", "keep"], "into": "c", "text": "Colour?", "tries": 9, "boundary": true }, { "do": "say", "text": "Colour={c}" } ] },
  "nested": { "intents": ["nested"], "resume": "Back.", "steps": [
    { "do": "call", "dialog": "inner", "into": "n" },
    { "do": "ask", "type": "choice", "choices": ["sell", "keep"], "into": "c", "text": "Colour?", "tries": 9 }, { "do": "say", "text": "Colour={c}" } ] },
  "inner": { "result": "n", "steps": [
    { "do": "ask", "type": "number", "into": "n", "text": "Number?", "tries": 9 }, { "do": "say", "text": "Number={n}" } ] },
  "looping": { "intents": ["looping"], "resume": "Back.", "steps": [
    { "do": "set", "into": "i", "to": "0" },
    { "do": "repeat", "while": "i < 2", "steps": [
      { "do": "set", "into": "i", "to": "i + 1" },
      { "do": "ask", "type": "number", "into": "n", "text": "Number {i}?", "tries": 9 }, { "do": "say", "text": "Number {i}={n}" } ] } ] },
  "sell": { "params": { "of": "text" }, "steps": [
    { "do": "ask", "type": "choice", "choices": ["sell", "keep"], "into": "c", "text": "{of}?", "tries": 9 }, { "do": "say", "text": "{of}={c}" } ] }
  } })json";

const dialog::bot_ptr& the_bot() {
  static const auto bot = test::bot_of(bot_text);
  return bot;
}

/// What the user sees: the question that was asked last, and whether it has buttons.
struct screen {
  std::string name; ///< empty: none
  std::uint32_t prompt = 0;
  bool buttons = false;
  bool operator==(const screen&) const = default;
};

struct line {
  bool user = false;
  std::string text;
  std::string meant; ///< the user's: the question that it was an answer to; empty: to none
};

/// One moment on the way of one order. Copied at each fork.
struct moment {
  state now_is;
  bool exists = false;
  std::uint64_t last_seq = 0;
  time_point now{std::chrono::sys_days{std::chrono::January / 5 / 2026} + 12h};
  screen shown;
  screen before_notice; ///< what the user may still have in mind
  bool notice_came_last = false;
  int said = 0, told = 0, paused = 0, turns = 0;
  std::vector<call_row> calls;
  std::size_t answered_calls = 0;
  std::vector<line> lines;
  std::map<std::string, std::uint32_t> prompts; ///< by question: its number
  std::vector<std::string> open;                ///< questions that wait, the topmost last
  std::string order;
};

class explorer {
public:
  explicit explorer(const plan& how) : how_(how), policy_(policy_of(*the_bot())) {}

  outcome go() {
    moment m;
    m.now_is.talk.id = "c";
    give(m, open_conversation{1, "c", "ann", "Ann", "en", "directline"});
    if (how_.flow != "nothing")
      post(m, how_.flow, {});
    pass(m, 4s); // the user's beginning is not the typing that this is about
    branch(m);
    return std::move(got_);
  }

private:
  // ---- the orders

  void branch(const moment& m) {
    if (got_.broken.size() >= 20)
      return;
    bool over = m.said == 3 && m.told == 2;
    if (over)
      finish(m);
    if (m.said < 3) {
      fork(m, "U", [&](moment& x) { speak(x, x.shown); });
      if (m.notice_came_last && m.shown != m.before_notice)
        fork(m, "L", [&](moment& x) { speak(x, x.before_notice); });
    }
    if (m.told < 2)
      fork(m, "N", [&](moment& x) { tell(x); });
    if (over)
      return; // what follows is the same for all
    if (m.answered_calls < m.calls.size())
      fork(m, "C", [&](moment& x) { answer_call(x); });
    if (m.paused < how_.pauses) {
      if (how_.flow != "calling") // there the answers of calls make orders enough
        fork(m, "t", [&](moment& x) { ++x.paused, pass(x, 4s); });
      fork(m, "T", [&](moment& x) { ++x.paused, pass(x, 3min); });
    }
  }

  template <class F> void fork(const moment& m, const char* name, F&& what) {
    auto x = m;
    x.order += name;
    what(x);
    branch(x);
  }

  /// Everything heals: the user answers what is asked, calls are answered, time passes.
  void finish(moment m) {
    ++got_.orders;
    m.order += "|";
    for (int i = 0; i < 40 && !(m.now_is.talk.stack.empty() && m.now_is.queue.items.empty()); ++i) {
      if (m.answered_calls < m.calls.size())
        answer_call(m);
      else if (!m.now_is.talk.stack.empty() && !m.shown.name.empty())
        speak(m, m.shown);
      pass(m, 10s);
    }
    pass(m, 25h);
    check_end(m);
  }

  // ---- what happens

  void speak(moment& m, const screen& seen) {
    ++m.said;
    incoming_activity a;
    auto number = std::to_string(m.said);
    if (seen.buttons) {
      a.text = m.said % 2 ? "sell" : "keep";
      a.tapped = std::to_string(seen.prompt);
    } else {
      a.text = seen.name.starts_with("Number") ? "10" + number
               : seen.name == "City"           ? "city-" + number
               : how_.flow == "nothing"        ? (m.said == 1 ? "plain" : "hm-" + number)
                                               : "hm-" + number;
    }
    if (how_.planted == fault::taps_lose_their_prompt)
      a.tapped.clear();
    post(m, a.text, seen.name, a.tapped);
  }
  void post(moment& m, const std::string& text, const std::string& meant,
            const std::string& tapped = {}) {
    incoming_activity a;
    a.text = text;
    a.tapped = tapped;
    a.from = "ann";
    m.lines.push_back({true, text, meant});
    m.notice_came_last = false;
    if (how_.planted == fault::flow_restarts && m.told == 1 && !m.now_is.talk.stack.empty()) {
      m.now_is.talk.stack.resize(1);
      m.now_is.talk.stack[0].pc = 0;
      m.now_is.talk.stack[0].waiting = dialog::waiting::nothing;
    }
    give(m, post_activity{1, "c", a});
  }

  void tell(moment& m) {
    auto& k = m.told++ == 0 ? how_.first : how_.second;
    notification n;
    n.id = "n" + std::to_string(m.told);
    n.mode = k.mode;
    n.urgency = k.level;
    n.returns = k.returns;
    n.created = m.now;
    n.needs_answer = k.asks;
    if (k.asks) {
      n.dialog = "sell";
      n.dialog_params = {{"of", value(n.id)}};
    } else {
      n.text = {{"", n.id + "!"}};
    }
    if (!m.notice_came_last)
      m.before_notice = m.shown;
    give(m, notify{1, "c", "", n});
    m.notice_came_last = true;
    if (how_.planted == fault::notice_doubled && m.told == 2) {
      n.id = "again";
      give(m, notify{1, "c", "", n});
    }
    if (how_.planted == fault::queue_loses)
      m.now_is.queue.items.clear();
  }

  void answer_call(moment& m) {
    auto& call = m.calls[m.answered_calls++];
    call_answered in;
    in.conversation = "c";
    in.call = call.id;
    in.generation = call.generation;
    in.values = {{"a", value("done")}};
    give(m, in);
  }

  void pass(moment& m, duration d) {
    for (auto end = m.now + d;;) {
      auto next = next_wake({*the_bot(), policy_}, m.now_is);
      if (!next || *next > end) {
        m.now = end;
        return;
      }
      if (*next <= m.now)
        return broken(m, "it asks to be woken at a time that is past");
      m.now = *next;
      if (how_.planted != fault::held_on)
        give(m, wake{1, "c"});
      else {
        for (auto& item : m.now_is.queue.items)
          item.look_at = end + 1s;
        check_held(m);
        m.now = end;
        return;
      }
    }
  }

  // ---- a turn, and what must hold after it

  void give(moment& m, const input& in) {
    conversation::outcome out;
    ++m.turns;
    auto a = take({*the_bot(), policy_}, m.now_is, m.exists, m.last_seq, in, m.now, out);
    if (std::holds_alternative<refused>(a))
      broken(m, "refused: " + std::get<refused>(a).what);
    if (!out.faults.empty())
      broken(m, "a dialog failed: " + out.faults.front().why);
    for (auto& call : out.calls)
      m.calls.push_back(call);
    for (auto& row : out.trail) {
      for (auto& d : row.decisions)
        if (d.code == delivery_code::flow_cancelled)
          m.open.clear();
      if (row.ended == interruption_end::interrupter_timeout)
        std::erase(m.open, row.id);
    }
    for (auto& s : out.said)
      if (auto* u = std::get_if<utterance>(&s.what))
        hear(m, *u);
    auto rows = out.trail.size();
    for (std::size_t i = 0; i < rows; ++i)
      if (out.trail[i].decisions.empty() && !out.trail[i].ended)
        broken(m, "a trail of " + out.trail[i].id + " says nothing");
    check_held(m);
  }

  void hear(moment& m, const utterance& u) {
    if (u.expects_input)
      asked(m, u.text.substr(0, u.text.rfind('?')), u);
    else if (auto eq = u.text.find('='); eq != std::string::npos && !u.text.starts_with("Call="))
      bound(m, u.text.substr(0, eq), u.text.substr(eq + 1));
    m.lines.push_back({false, u.text, {}});
  }

  void asked(moment& m, const std::string& whole, const utterance& u) {
    // A retry stands before the question itself.
    auto from = whole.find_last_of(".!? ");
    auto name =
        whole.starts_with("Number ") || from == std::string::npos ? whole : whole.substr(from + 1);
    auto& prompt = m.prompts[name];
    if (prompt != 0 && prompt != u.prompt)
      broken(m, name + " was asked anew");
    prompt = u.prompt;
    if (std::find(m.open.begin(), m.open.end(), name) == m.open.end())
      m.open.push_back(name);
    else if (m.open.back() != name)
      broken(m, "it came back to " + name + " while " + m.open.back() + " was open");
    m.shown = {name, u.prompt, !u.suggested.empty()};
  }

  /// The bot says what it took as the answer to `question`: what the user meant for it. A notice
  /// that comes at a boundary may stand between the two.
  void bound(moment& m, const std::string& question, const std::string& answer) {
    auto meant = std::find_if(m.lines.rbegin(), m.lines.rend(),
                              [&](auto& l) { return l.user && l.meant == question; });
    if (meant == m.lines.rend() || meant->text != answer)
      broken(m, "\"" + answer + "\" was bound to " + question + ", for which it was not meant");
    if (!m.open.empty() && m.open.back() != question)
      broken(m, question + " was answered while " + m.open.back() + " was on top");
    std::erase(m.open, question);
    if (m.shown.name == question)
      m.shown = {};
  }

  /// Nothing stays held after its cause of release, and whatever is held says when it will be
  /// looked at.
  void check_held(moment& m) {
    rules by{*the_bot(), policy_};
    auto at = dialog::look(*the_bot(), m.now_is.talk);
    for (auto& item : m.now_is.queue.items) {
      auto d = delivery::decide(policy_, situate(by, m.now_is, item.what, &item, false, m.now),
                                item.what, m.now);
      using c = delivery_code;
      bool untrue =
          (item.code == c::await_boundary && at.empty) ||
          (item.code == c::depth_limit && at.interrupters == 0) ||
          (item.code == c::interruption_active && at.interrupters == 0) ||
          (item.code == c::step_protected && at.step != dialog::standing::interruptible::never) ||
          (item.code == c::user_typing && m.now_is.wrote &&
           m.now >= *m.now_is.wrote + policy_.typing_window);
      if (untrue || (d.action != delivery_action::queued && d.action != delivery_action::held))
        broken(m, item.what.id + " is still held as " + to_string(item.code) +
                      ", though it could be " + to_string(d.code));
      if (item.look_at <= m.now)
        broken(m, item.what.id + " is still held and will not be looked at again");
    }
  }

  void check_end(moment& m) {
    if (!m.now_is.talk.stack.empty())
      broken(m, "the flow did not end");
    if (!m.now_is.queue.items.empty())
      broken(m, "something still waits: " + m.now_is.queue.items[0].what.id);
    auto times = [&](const std::string& text) {
      return std::count_if(m.lines.begin(), m.lines.end(),
                           [&](auto& l) { return !l.user && l.text == text; });
    };
    for (int i = 1; i <= 2; ++i) {
      auto name = "n" + std::to_string(i);
      auto& k = i == 1 ? how_.first : how_.second;
      auto prompt = m.prompts.find(name);
      auto said = k.asks ? prompt != m.prompts.end() ? 1 : times(name + "?") : times(name + "!");
      if (said != 1)
        broken(m, name + " was said " + std::to_string(said) + " times");
      if (k.asks && prompt != m.prompts.end() && times(name + "=sell") + times(name + "=keep") > 1)
        broken(m, name + " was answered twice");
    }
    check_flow(m);
  }

  /// A flow that nothing cancelled has asked each of its questions and taken one answer to each.
  void check_flow(moment& m) {
    bool reset =
        how_.first.returns == return_mode::reset || how_.second.returns == return_mode::reset;
    auto is_bot = [](auto& l) { return !l.user; };
    std::map<std::string, int> answers;
    for (auto& l : m.lines)
      if (auto eq = l.text.find('='); is_bot(l) && eq != std::string::npos)
        ++answers[l.text.substr(0, eq)];
    for (auto& [name, n] : answers)
      if (n != 1)
        broken(m, name + " was taken " + std::to_string(n) + " times");
    if (m.calls.size() > 1)
      broken(m, "the call was made " + std::to_string(m.calls.size()) + " times");
    static const std::map<std::string, std::vector<std::string>> all{
        {"nothing", {}},
        {"plain", {"City", "Number", "Colour"}},
        {"guarded", {"Number", "Colour"}},
        {"closed", {"Number", "Colour"}},
        {"calling", {"Number", "Call", "Colour"}},
        {"marked", {"Number", "Colour"}},
        {"nested", {"Number", "Colour"}},
        {"looping", {"Number 1", "Number 2"}}};
    for (auto& name : all.at(how_.flow))
      if (!reset && answers[name] != 1)
        broken(m, name + " was lost");
  }

  void broken(const moment& m, const std::string& what) {
    if (got_.broken.size() >= 20)
      return;
    auto line = how_.flow + ", " + how_.first.name + " and " + how_.second.name + ", order " +
                m.order + ": " + what;
    for (auto& l : m.lines)
      line += (l.user ? "\n    > " : "\n    ") + l.text;
    got_.broken.push_back(std::move(line));
  }

  const plan& how_;
  delivery::policy policy_;
  outcome got_;
};

} // namespace

const std::vector<kind>& kinds() {
  using m = delivery_mode;
  using u = urgency;
  static const std::vector<kind> all{
      {"ad hoc", m::ad_hoc, false},
      {"critical ad hoc", m::ad_hoc, false, u::critical},
      {"deferred", m::deferred, false},
      {"deferred question", m::deferred, true},
      {"interrupting text", m::interrupt, false},
      {"interrupting question", m::interrupt, true},
      {"urgent interrupting question", m::interrupt, true, u::time_sensitive},
      {"resetting question", m::interrupt, true, u::normal, return_mode::reset},
      {"auto", m::automatic, false},
      {"auto question", m::automatic, true, u::time_sensitive},
      {"critical auto question", m::automatic, true, u::critical},
  };
  return all;
}

outcome explore(const plan& how) {
  return explorer(how).go();
}

} // namespace interject::conversation::interleaving
