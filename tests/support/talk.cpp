#include "tests/support/talk.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace interject::test {

namespace {

using namespace dialog;

constexpr time_point start{std::chrono::milliseconds{1'800'000'000'000}};

value parse_word(const std::string& word) {
  if (auto number = decimal::parse(word))
    return *number;
  if (word == "true" || word == "false")
    return value(word == "true");
  return value(word);
}

class player {
public:
  explicit player(const bot& b) : b_(b) {
    talk_.id = "talk";
    talk_.user = "ann";
    talk_.user_name = "Ann";
    talk_.locale = match_locale(b, "");
  }

  std::string play(std::string_view transcript);

private:
  void line(const std::string& l);
  void directive(const std::string& l);
  void pass(duration length);
  void push(std::istringstream& words, bool clear);
  void answer(call_result result);
  void price(const std::string& symbol, decimal at);
  void take(const input& in);
  void show(const effect& e);
  named_values values(std::istringstream& words);
  void out(const std::string& l) { out_ += l + "\n"; }

  const bot& b_;
  conversation talk_;
  time_point now_ = start;
  bool pause_ = false;
  int notices_ = 0;
  std::vector<call_row> calls_;
  std::vector<watch_row> watches_;
  std::vector<reminder_row> reminders_;
  std::vector<price_sample> prices_;
  std::string out_;
};

std::string player::play(std::string_view transcript) {
  std::istringstream in{std::string(transcript)};
  for (std::string l; std::getline(in, l);) {
    l.erase(0, l.find_first_not_of(' ') == std::string::npos ? l.size() : l.find_first_not_of(' '));
    if (l.empty() || l[0] == '#' || l.starts_with("bot> ") || l.starts_with("bot* ") ||
        l.starts_with("... "))
      continue;
    out(l);
    line(l);
  }
  return out_;
}

void player::line(const std::string& l) {
  if (l.starts_with("user> ")) {
    take(said{l.substr(6), {}});
  } else if (l.starts_with("tap ")) {
    auto end = l.find("> ");
    take(said{l.substr(end + 2), l.substr(4, end - 4)});
  } else if (l.starts_with("--- ")) {
    directive(l.substr(4));
  } else {
    throw std::runtime_error("not a line of a transcript: " + l);
  }
}

void player::directive(const std::string& l) {
  std::istringstream words(l);
  std::string what;
  words >> what;
  auto rest = [&] { return l.size() > what.size() ? l.substr(what.size() + 1) : std::string(); };
  if (what == "open")
    take(started{});
  else if (what == "push" || what == "reset")
    push(words, what == "reset");
  else if (what == "text")
    take(begun{{},
               {},
               rest(),
               began_as::interrupter,
               urgency::normal,
               "n" + std::to_string(++notices_),
               false,
               false});
  else if (what == "tell")
    take(announced{rest()});
  else if (what == "answer")
    answer({call_outcome::succeeded, 200, values(words), {}});
  else if (what == "fail")
    answer({call_outcome::failed, 500, {}, rest()});
  else if (what == "clear")
    take(cleared{});
  else if (what == "go")
    take(proceed{});
  else if (what == "pause")
    pause_ = !pause_;
  else if (what == "channel")
    talk_.channel = rest();
  else if (what == "locale")
    talk_.locale = match_locale(b_, rest());
  else if (what == "price") {
    std::string symbol, number;
    words >> symbol >> number;
    price(symbol, decimal::parse(number).value());
  } else if (auto length = parse_duration(what))
    pass(*length);
  else
    throw std::runtime_error("unknown: " + l);
}

void player::pass(duration length) {
  auto until = now_ + length;
  for (;;) {
    auto wake = next_wake(b_, talk_);
    auto reminder = std::min_element(reminders_.begin(), reminders_.end(),
                                     [](auto& a, auto& b) { return a.due < b.due; });
    if (reminder != reminders_.end() && reminder->due <= until &&
        (!wake || reminder->due <= *wake)) {
      now_ = std::max(now_, reminder->due);
      auto due = std::move(*reminder);
      reminders_.erase(reminder);
      take(announced{render(due.notify.text, due.notify.params, talk_.locale)});
    } else if (wake && *wake <= until) {
      now_ = std::max(now_, *wake);
      take(woken{});
      if (auto again = next_wake(b_, talk_); again && *again <= now_)
        throw std::runtime_error("it wants to be woken again and again");
    } else {
      break;
    }
  }
  now_ = until;
}

named_values player::values(std::istringstream& words) {
  named_values out;
  for (std::string w; words >> w;)
    if (auto eq = w.find('='); eq != std::string::npos)
      out.emplace_back(w.substr(0, eq), parse_word(w.substr(eq + 1)));
  return out;
}

void player::push(std::istringstream& words, bool clear) {
  begun in;
  words >> in.dialog;
  if (in.dialog == "critical") {
    in.level = urgency::critical;
    words >> in.dialog;
  }
  in.params = values(words);
  in.clear_first = clear;
  in.notice = "n" + std::to_string(++notices_);
  take(in);
}

void player::answer(call_result result) {
  if (calls_.empty())
    throw std::runtime_error("no call runs");
  auto call = std::move(calls_.front());
  calls_.erase(calls_.begin());
  if (call.mode == call_mode::foreground)
    return take(answered{call.id, call.generation, std::move(result)});
  auto params = call.notify.params;
  params.insert(params.end(), result.values.begin(), result.values.end());
  take(announced{render(call.notify.text, params, talk_.locale)});
}

bool fires(const watch_row& w, decimal before, decimal at) {
  switch (w.when.kind) {
  case watch_kind::falls_to:
    return at <= w.when.level;
  case watch_kind::rises_to:
    return at >= w.when.level;
  case watch_kind::crosses:
    return (before < w.when.level && at >= w.when.level) ||
           (before > w.when.level && at <= w.when.level);
  case watch_kind::drops_by:
    return dropped_by(at, *w.baseline, w.when.level);
  case watch_kind::gains_by:
    return gained_by(at, *w.baseline, w.when.level);
  }
  return false;
}

void player::price(const std::string& symbol, decimal at) {
  auto known =
      std::find_if(prices_.begin(), prices_.end(), [&](auto& p) { return p.symbol == symbol; });
  auto before = known == prices_.end() ? at : known->price;
  if (known == prices_.end())
    prices_.push_back({symbol, at, {}, {}});
  else
    known->price = at;
  for (std::size_t i = 0; i < watches_.size();) {
    auto& w = watches_[i];
    if (w.symbol != symbol || !w.baseline || !fires(w, before, at)) {
      if (w.symbol == symbol && !w.baseline)
        w.baseline = at;
      ++i;
      continue;
    }
    auto fired = std::move(w);
    watches_.erase(watches_.begin() + static_cast<std::ptrdiff_t>(i));
    auto facts = fired.notify.params;
    facts.emplace_back("symbol", value(symbol));
    facts.emplace_back("price", value(at));
    facts.emplace_back("baseline", value(*fired.baseline));
    auto params = evaluate_params(fired.notify.dialog_params, facts);
    params.insert(params.end(), facts.begin(), facts.end());
    begun in{fired.notify.dialog,
             params,
             {},
             began_as::interrupter,
             fired.notify.urgency,
             "n" + std::to_string(++notices_),
             false,
             false};
    if (in.dialog.empty())
      in.text = render(fired.notify.text, facts, talk_.locale);
    take(in);
  }
}

void player::take(const input& in) {
  auto moved = advance(b_, std::move(talk_), in, now_, pause_);
  talk_ = std::move(moved.after);
  for (auto& e : moved.effects)
    show(e);
  if (moved.at == stop::boundary)
    out("... boundary");
}

void player::show(const effect& e) {
  if (auto* u = std::get_if<utterance>(&e)) {
    if (u->type == activity_type::end_of_conversation)
      return out("... the conversation ends");
    auto l = std::string(u->proactive ? "bot* " : "bot> ") + u->text;
    for (auto at = l.find('\n'); at != std::string::npos; at = l.find('\n'))
      l.replace(at, 1, " / ");
    for (auto& a : u->suggested)
      l += (&a == &u->suggested.front() ? " [" : " | ") + a.title;
    l += u->suggested.empty() ? "" : "]";
    for (auto& card : u->cards) {
      l += " {" + card.title;
      for (auto& b : card.buttons)
        l += (&b == &card.buttons.front() ? ": " : " | ") + b.title;
      l += u->prompt == 0 ? "}" : "}#" + std::to_string(u->prompt);
    }
    for (auto& a : u->attachments)
      l += " {" + a.content_type + " " + a.url + "}";
    out(l.substr(0, l.find_last_not_of(' ') + 1));
  } else if (auto* call = std::get_if<call_row>(&e)) {
    out("... call " + call->method + " " + call->url +
        (call->body.empty() ? "" : " " + call->body));
    calls_.push_back(*call);
  } else if (auto* watch = std::get_if<watch_row>(&e)) {
    out("... watch " + watch->id + " " + watch->symbol + " " + to_string(watch->when.kind) + " " +
        to_string(watch->when.level));
    auto known = std::find_if(prices_.begin(), prices_.end(),
                              [&](auto& p) { return p.symbol == watch->symbol; });
    watches_.push_back(*watch);
    if (known != prices_.end())
      watches_.back().baseline = known->price;
  } else if (auto* reminder = std::get_if<reminder_row>(&e)) {
    out("... remind " + reminder->id + " in " + format_duration(reminder->due - now_));
    reminders_.push_back(*reminder);
  } else if (auto* gone = std::get_if<stop_subscription>(&e)) {
    out("... stop " + gone->what.id);
    std::erase_if(calls_, [&](auto& c) { return c.id == gone->what.id; });
    std::erase_if(watches_, [&](auto& w) { return w.id == gone->what.id; });
    std::erase_if(reminders_, [&](auto& r) { return r.id == gone->what.id; });
  } else if (auto* notice = std::get_if<send_notice>(&e)) {
    out("... notice to " + (notice->user + notice->conversation) + ": " +
        render(notice->what.text, notice->what.params, talk_.locale));
  } else if (auto* over = std::get_if<interruption_over>(&e)) {
    out("... over " + over->notice + " " + to_string(over->how));
  } else if (auto* changed = std::get_if<change_person>(&e)) {
    if (!changed->what.key.starts_with("var."))
      out("... prefer " + changed->what.key + " " + display(changed->what.to));
  } else {
    auto& failed = std::get<dialog_failed>(e);
    out("... failed " + failed.dialog + " at " + failed.step + ": " + failed.why);
  }
}

} // namespace

std::string play(const bot& b, std::string_view transcript) {
  return player(b).play(transcript);
}

std::string lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (!line.empty() && line[0] != '#')
      out += std::string(line) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

} // namespace interject::test
