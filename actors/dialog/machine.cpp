// The stack's operations and the loop. Texts and times of phases: machine_progress.cpp.
#include "actors/dialog/machine.hpp"

#include "protocols/activity_text.hpp"

#include <algorithm>

namespace interject::dialog {

namespace {

void set(named_values& in, const std::string& name, value v) {
  for (auto& [key, old] : in)
    if (key == name) {
      old = std::move(v);
      return;
    }
  in.emplace_back(name, std::move(v));
}

/// A parameter as its dialog declared it: programs and templates pass numbers as text.
value converted(const value& given, param_type wanted) {
  auto* t = given.as_text();
  if (wanted == param_type::number && t) {
    if (auto number = decimal::parse(*t))
      return *number;
  } else if (wanted == param_type::time && t) {
    if (auto at = parse_time(*t))
      return *at;
  } else if (wanted == param_type::text && !t && !given.is_null()) {
    return display(given);
  }
  return given;
}

frame new_frame(const bot& b, std::uint16_t dialog, began_as as, const named_values& params) {
  auto& model = b.dialogs[dialog];
  frame f;
  f.dialog = dialog;
  f.began = as;
  f.locals.resize(model.locals.size());
  // From outside come parameters only; the named groups of an intent are variables of their own,
  // too.
  bool inside = as == began_as::root || as == began_as::intent;
  for (auto& [name, v] : params)
    for (std::size_t i = 0; i < model.locals.size(); ++i)
      if (model.locals[i] == name && (inside || i < model.params.size()))
        f.locals[i] = i < model.params.size() ? converted(v, model.params[i].type) : v;
  return f;
}

} // namespace

std::size_t flow_base(const conversation& c) {
  auto i = c.stack.size() - 1;
  while (i > 0 && c.stack[i].began == began_as::child)
    --i;
  return i;
}

std::size_t machine::base() const {
  return flow_base(c_);
}

void machine::assign(std::uint32_t slot, value v) {
  auto index = slot & slots::index_mask;
  switch (slot & slots::kind_mask) {
  case slots::local:
    top().locals[index] = std::move(v);
    break;
  case slots::user:
    emit(change_person{{"var." + b_.user_names[index], v}});
    set(c_.user_values, b_.user_names[index], std::move(v));
    break;
  case slots::conversation:
    set(c_.conversation_values, b_.conversation_names[index], std::move(v));
    break;
  default:
    break; // the compiler lets nothing else be a target
  }
}

void machine::say(std::string text, std::vector<card_action> suggested) {
  utterance u;
  u.text = std::move(text);
  u.suggested = std::move(suggested);
  say(std::move(u));
}

void machine::say(utterance u) {
  u.locale = c_.locale;
  u.proactive = proactive_;
  effects_.emplace_back(std::move(u));
}

void machine::say(engine_text which) {
  say(engine_words(b_, which, here()));
}

void machine::ask(question q, bool again) {
  auto& f = top();
  if (again)
    stand_still(base(), now_ - f.since);
  else
    f.prompt = ++c_.last_prompt;
  f.waiting = waiting::answer;
  f.since = now_;
  utterance u;
  u.text = std::move(q.text);
  u.locale = c_.locale;
  u.suggested = std::move(q.suggested);
  u.prompt = f.prompt;
  u.expects_input = true;
  u.proactive = proactive_;
  effects_.emplace_back(std::move(u));
}

void machine::stop_asking() {
  auto& f = top();
  stand_still(base(), now_ - f.since);
  f.waiting = waiting::nothing;
  f.tries = 0;
  f.prompt = 0;
}

std::string machine::new_id(std::string_view prefix) {
  std::string id(prefix);
  id += c_.id;
  id += '-';
  id += std::to_string(++c_.last_id);
  return id;
}

bool machine::subscribe(origin kind, const std::string& id, const std::string& name) {
  if (c_.subscriptions.size() >= subscriptions_limit) {
    fail("the conversation has " + std::to_string(subscriptions_limit) +
         " watches, reminders and calls already; cancel some first");
    return false;
  }
  c_.subscriptions.push_back({kind, id, name});
  return true;
}

void machine::unsubscribe(origin kind, const std::string& name) {
  auto meant = [&](const subscription& s) {
    return s.kind == kind && !name.empty() && (name == "*" || s.name == name || s.id == name);
  };
  for (auto& s : c_.subscriptions)
    if (meant(s))
      emit(stop_subscription{s});
  std::erase_if(c_.subscriptions, meant);
}

void machine::push(std::uint16_t dialog, began_as as, const named_values& params) {
  if (c_.stack.size() >= stack_limit)
    return fail("more than " + std::to_string(stack_limit) + " dialogs would lie on each other");
  c_.stack.push_back(new_frame(b_, dialog, as, params));
}

void machine::replace(std::uint16_t dialog, const named_values& params) {
  auto f = new_frame(b_, dialog, top().began, params);
  f.level = top().level;
  f.notice = std::move(top().notice);
  f.escalated = top().escalated;
  top() = std::move(f);
  popped_ = true;
}

void machine::end(value result) {
  auto f = std::move(top());
  c_.stack.pop_back();
  popped_ = true;
  if (f.began == began_as::interrupter)
    interrupter_ends(f.notice,
                     c_.stack.empty() ? interruption_end::answered : interruption_end::resumed);
  if (c_.stack.empty())
    return;
  if (f.began == began_as::child) {
    top().waiting = waiting::nothing;
    at(top()).returned(*this, std::move(result));
    return;
  }
  c_.resume_pending = true;
  c_.resumed_after = std::move(f.notice);
}

void machine::interrupter_ends(const notification_id& notice, interruption_end how) {
  emit(interruption_over{notice, how});
}

/// A frame that is taken away: nobody waits for its call any more.
void machine::leave(frame& f) {
  if (f.waiting == waiting::call && !f.call.empty())
    emit(stop_subscription{{origin::call, f.call, at(f).id}});
}

void machine::cancel_flow(interruption_end how) {
  if (c_.stack.empty())
    return;
  auto from = base();
  for (auto i = c_.stack.size(); i-- > from;)
    leave(c_.stack[i]);
  auto first = std::move(c_.stack[from]);
  c_.stack.resize(from);
  popped_ = true;
  if (first.began == began_as::interrupter)
    interrupter_ends(first.notice, from == 0 && how == interruption_end::resumed
                                       ? interruption_end::answered
                                       : how);
  c_.resume_pending = from > 0;
  c_.resumed_after = std::move(first.notice);
}

void machine::cancel_all() {
  for (auto i = c_.stack.size(); i-- > 0;) {
    leave(c_.stack[i]);
    if (c_.stack[i].began == began_as::interrupter)
      interrupter_ends(c_.stack[i].notice, interruption_end::resume_declined);
  }
  c_.stack.clear();
  c_.resume_pending = false;
  popped_ = true;
}

void machine::fail(std::string why) {
  auto& f = top();
  auto& model = b_.dialogs[f.dialog];
  dialog_failed line{model.id, {}, std::move(why)};
  if (f.pc < model.program.size())
    line.step = at(f).id.empty() ? at(f).pointer : at(f).id;
  else
    line.step = "result"; // all steps are done
  emit(std::move(line));
  say(engine_text::dialog_failed);
  cancel_flow();
}

void machine::deliver(const call_result& result) {
  auto& f = top();
  f.waiting = waiting::nothing;
  f.call.clear();
  at(f).answered(*this, result);
}

void machine::come_back() {
  c_.resume_pending = false;
  auto& f = top();
  if (f.waiting == waiting::answer) {
    // The dialog itself may have nothing to say; then who called it speaks for it.
    for (auto i = c_.stack.size(), from = base(); i-- > from;)
      if (auto& words = b_.dialogs[c_.stack[i].dialog].resume; !words.empty()) {
        scene in(b_, c_, &c_.stack[i], now_);
        say(words.format(c_.locale, c_.turns, in));
        break;
      }
    ask(at(f).ask(here()), true);
    c_.resumed_prompt = f.prompt;
    return;
  }
  if (f.waiting != waiting::call)
    return;
  skip_progress();
  if (!f.arrived.empty()) {
    auto result = std::move(f.arrived.front());
    f.arrived.clear();
    deliver(result);
  } else if (now_ >= f.deadline) {
    emit(stop_subscription{{origin::call, f.call, at(f).id}});
    deliver({call_outcome::timed_out, 0, {}, "it took too long"});
  }
}

stop machine::run() {
  for (;;) {
    if (c_.stack.empty()) {
      c_.resume_pending = false;
      return stop::idle;
    }
    if (popped_ && pause_)
      return stop::boundary;
    popped_ = false;
    if (c_.resume_pending) {
      come_back();
      continue;
    }
    auto& f = top();
    if (f.waiting != waiting::nothing)
      return stop::waiting;
    auto& model = b_.dialogs[f.dialog];
    if (f.pc >= model.program.size()) {
      value result;
      if (model.result) {
        auto got = model.result.evaluate(here());
        if (!got) {
          fail(got.error().what);
          continue;
        }
        result = std::move(*got);
      }
      end(std::move(result));
      continue;
    }
    auto& next_step = *model.program[f.pc];
    if (next_step.boundary && pause_ && !passed_)
      return stop::boundary;
    passed_ = false;
    if (--left_ < 0)
      fail("it ran more than " + std::to_string(steps_per_advance) + " steps in one turn");
    else
      next_step.run(*this);
  }
}

void machine::dress() {
  bool asks = !c_.stack.empty() && !c_.resume_pending && top().waiting == waiting::answer;
  auto prompt = asks ? top().prompt : 0;
  bool asked = std::any_of(effects_.begin(), effects_.end(), [&](auto& e) {
    auto* u = std::get_if<utterance>(&e);
    return u && prompt != 0 && u->prompt == prompt;
  });
  auto* channel = find_channel(b_.sections, c_.channel);
  for (auto& e : effects_) {
    auto* u = std::get_if<utterance>(&e);
    if (!u)
      continue;
    if (asked && u->prompt == 0 && !u->cards.empty())
      u->prompt = prompt;
    if (channel && !channel->cards)
      cards_as_text(*u);
    if (channel && !channel->buttons)
      buttons_as_text(*u);
  }
}

std::size_t machine::said() const {
  return static_cast<std::size_t>(std::count_if(effects_.begin(), effects_.end(), [](auto& e) {
    return std::holds_alternative<utterance>(e);
  }));
}

void machine::settle() {
  auto pause = std::exchange(pause_, false);
  run();
  pause_ = pause;
}

void machine::repeat_buttons() {
  if (c_.stack.empty() || c_.resume_pending || top().waiting != waiting::answer)
    return;
  auto last = std::find_if(effects_.rbegin(), effects_.rend(),
                           [](auto& e) { return std::holds_alternative<utterance>(e); });
  if (last == effects_.rend() || std::get<utterance>(*last).prompt != 0)
    return;
  auto q = at(top()).ask(here());
  if (q.suggested.empty())
    return;
  auto& u = std::get<utterance>(*last);
  u.suggested = std::move(q.suggested);
  u.prompt = top().prompt;
}

} // namespace interject::dialog
