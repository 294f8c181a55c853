// What an input means to a conversation. The order for a user's message:
// docs/reference/delivery.md.
#include "actors/dialog/fold.hpp"
#include "actors/dialog/machine.hpp"
#include "actors/dialog/silence.hpp"

#include <algorithm>

namespace interject::dialog {

namespace {

class turn {
public:
  turn(const bot& b, conversation& c, machine& m, time_point now)
      : b_(b), c_(c), m_(m), now_(now) {}

  void operator()(const started&) {
    c_.heard = now_;
    if (c_.stack.empty() && b_.start)
      m_.push(*b_.start, began_as::root, {});
  }
  void operator()(const said& in);
  bool asked_for_intent() const { return asked_; }
  void operator()(const answered& in);
  void operator()(const begun& in);
  void operator()(const announced& in) { m_.say(in.text); }
  void operator()(const woken&);
  void operator()(const cleared&) { m_.cancel_all(); }
  void operator()(const proceed&) { m_.pass_boundary(); }

private:
  bool silence();
  void tapped(const said& in, const heard& h);
  bool beneath(const std::string& prompt) const;
  void act(global what, const heard& h, std::uint32_t resumed);
  void help(const heard& h);
  void answer(const heard& h);
  void begin_something(const heard& h);
  bool push_intent(const heard& h);
  std::optional<intent_match> intent_of(const heard& h);
  bool may_change_subject() const;

  const bot& b_;
  conversation& c_;
  machine& m_;
  time_point now_;
  const recognition* meant_ = nullptr;
  bool asked_ = false;
};

void turn::operator()(const said& in) {
  meant_ = in.meant ? &*in.meant : nullptr;
  ++c_.turns;
  c_.heard = now_;
  c_.nudged = c_.ended = false;
  auto resumed = std::exchange(c_.resumed_prompt, 0);
  heard h{trim(in.text), {}};
  h.folded = fold(h.text);
  if (!in.tapped.empty())
    return tapped(in, h);
  if (auto what = b_.globals.match(h))
    return act(*what, h, resumed);
  if (c_.stack.empty())
    return begin_something(h);
  if (m_.top().waiting == waiting::call)
    return m_.say(engine_text::still_working);
  answer(h);
}

/// The question waits under another one, and comes again.
bool turn::beneath(const std::string& prompt) const {
  return std::any_of(c_.stack.begin(), c_.stack.end(), [&](auto& f) {
    return f.waiting == waiting::answer && std::to_string(f.prompt) == prompt;
  });
}

/// A tap answers the question that it belongs to, or is clarified: never another one.
void turn::tapped(const said& in, const heard& h) {
  bool open = !c_.stack.empty() && m_.top().waiting == waiting::answer &&
              std::to_string(m_.top().prompt) == in.tapped;
  if (!open)
    return m_.say(beneath(in.tapped) ? engine_text::prompt_waits : engine_text::old_prompt);
  auto& asking = m_.at(m_.top());
  if (!asking.answer(m_, h))
    asking.retry(m_);
}

void turn::act(global what, const heard& h, std::uint32_t resumed) {
  if (what == global::help)
    return help(h);
  if (what == global::start_over) {
    m_.cancel_all();
    m_.say(engine_text::started_over);
    if (b_.start)
      m_.push(*b_.start, began_as::root, {});
    return;
  }
  if (c_.stack.empty())
    return m_.say(engine_text::nothing_to_cancel);
  if (resumed != 0 && resumed == m_.top().prompt && !c_.resumed_after.empty())
    m_.interrupter_ends(c_.resumed_after, interruption_end::resume_declined);
  m_.cancel_flow();
  m_.say(engine_text::cancelled);
}

void turn::help(const heard& h) {
  if (may_change_subject()) {
    if (push_intent(h))
      return;
    // The help that is talking already says itself what it needs to know.
    bool helping = b_.help && std::any_of(c_.stack.begin(), c_.stack.end(),
                                          [&](auto& f) { return f.dialog == *b_.help; });
    if (b_.help && !helping) {
      auto as = c_.stack.empty() ? began_as::root : began_as::intent;
      return m_.push(*b_.help, as, {});
    }
  }
  m_.say(engine_text::help);
}

bool turn::may_change_subject() const {
  if (c_.stack.empty())
    return true;
  if (c_.stack.size() >= stack_limit)
    return false;
  auto& asking = m_.at(c_.stack.back());
  return asking.guard == interruptible::anywhere;
}

/// The likeliest that the recogniser found and the bot has; else what the bot's own phrases say.
std::optional<intent_match> turn::intent_of(const heard& h) {
  asked_ = true;
  if (meant_)
    for (auto& name : meant_->intents)
      if (auto dialog = find_dialog(b_, name))
        return intent_match{*dialog, meant_->entities};
  return b_.intents.match(h);
}

bool turn::push_intent(const heard& h) {
  auto intent = intent_of(h);
  if (!intent)
    return false;
  if (c_.stack.empty()) {
    m_.push(intent->dialog, began_as::root, intent->found);
    return true;
  }
  // Another dialog's: what names the dialog that is talking changes no subject.
  for (auto i = flow_base(c_); i < c_.stack.size(); ++i)
    if (c_.stack[i].dialog == intent->dialog)
      return false;
  m_.push(intent->dialog, began_as::intent, intent->found);
  return true;
}

void turn::answer(const heard& h) {
  auto& asking = m_.at(m_.top());
  if (asking.answer(m_, h))
    return;
  if (may_change_subject() && push_intent(h))
    return;
  asking.retry(m_);
}

void turn::begin_something(const heard& h) {
  if (push_intent(h))
    return;
  if (b_.fallback)
    m_.push(*b_.fallback, began_as::root, {{"text", value(h.text)}});
  else
    m_.say(engine_text::not_understood);
}

void turn::operator()(const answered& in) {
  for (auto& f : c_.stack) {
    if (f.waiting != waiting::call || f.call != in.call || f.generation != in.generation)
      continue;
    if (&f == &c_.stack.back() && !c_.resume_pending)
      m_.deliver(in.result);
    else if (f.arrived.empty())
      f.arrived.push_back(in.result);
    return;
  }
}

void turn::operator()(const begun& in) {
  if (in.clear_first)
    m_.cancel_all();
  auto dialog = find_dialog(b_, in.dialog);
  if (dialog && c_.stack.size() < stack_limit) {
    auto as = c_.stack.empty() && in.as == began_as::intent ? began_as::root : in.as;
    m_.push(*dialog, as, in.params);
    m_.top().level = in.level;
    m_.top().notice = in.notice;
    return;
  }
  if (!in.dialog.empty())
    m_.emit(dialog_failed{
        in.dialog, {}, dialog ? "too many dialogs lie on each other" : "there is no such dialog"});
  if (!in.text.empty())
    m_.say(in.text);
  if (in.as == began_as::interrupter)
    m_.interrupter_ends(in.notice,
                        c_.stack.empty() ? interruption_end::answered : interruption_end::resumed);
  if (!c_.stack.empty()) {
    c_.resume_pending = true;
    c_.resumed_after = in.notice;
    m_.dialog_ended();
  }
}

/// True: nothing else is to be done.
bool turn::silence() {
  auto due = next_silence(b_, c_, now_);
  if (due.at > now_)
    return false;
  if (due.what == silence_act::end) {
    m_.cancel_all();
    utterance over;
    over.type = activity_type::end_of_conversation;
    over.proactive = true;
    m_.emit(std::move(over));
    c_.ended = true;
    return true;
  }
  if (due.what == silence_act::nudge) {
    m_.say(b_.sections.inactivity.nudge.format(c_.locale, c_.turns, m_.here()));
    c_.nudged = true;
    return true;
  }
  return false;
}

void turn::operator()(const woken&) {
  if (silence())
    return;
  if (c_.stack.empty() || c_.resume_pending)
    return;
  auto& f = m_.top();
  if (f.waiting == waiting::call && now_ >= f.deadline) {
    m_.emit(stop_subscription{{origin::call, f.call, m_.at(f).id}});
    return m_.deliver({call_outcome::timed_out, 0, {}, "it took too long"});
  }
  auto& first = c_.stack[m_.base()];
  if (f.waiting == waiting::answer && first.began == began_as::interrupter &&
      now_ - f.since >= b_.interrupter_timeout)
    return m_.cancel_flow(interruption_end::interrupter_timeout);
  auto said = m_.said();
  m_.say_progress();
  if (auto due = next_silence(b_, c_, now_);
      due.what == silence_act::fill && due.at <= now_ && m_.said() == said)
    m_.say(engine_text::still_working);
}

} // namespace

bool wants_intent(const bot& b, const conversation& before, const said& in, time_point now) {
  if (!b.sections.recognizer)
    return false;
  auto c = before;
  std::vector<effect> unused;
  machine m(b, c, unused, now, false, false);
  if (!c.stack.empty() && (c.resume_pending || m.top().waiting == waiting::nothing))
    m.settle();
  turn dry(b, c, m, now);
  dry(in);
  return dry.asked_for_intent();
}

transition advance(const bot& b, conversation before, const input& in, time_point now,
                   bool pause_at_boundaries) {
  transition out;
  out.after = std::move(before);
  bool nobody_asked = std::holds_alternative<begun>(in) || std::holds_alternative<announced>(in);
  machine m(b, out.after, out.effects, now, pause_at_boundaries, nobody_asked);
  auto& c = out.after;
  // A turn that was cut off at a boundary goes on before the user's next word is heard.
  if (std::holds_alternative<said>(in) && !c.stack.empty() &&
      (c.resume_pending || m.top().waiting == waiting::nothing))
    m.settle();
  std::visit(turn(b, c, m, now), in);
  if (std::holds_alternative<announced>(in))
    out.at = c.stack.empty()                                           ? stop::idle
             : c.resume_pending || m.top().waiting == waiting::nothing ? stop::boundary
                                                                       : stop::waiting;
  else
    out.at = m.run();
  m.repeat_buttons();
  m.dress();
  if (m.said() > 0)
    c.spoke = now;
  return out;
}

} // namespace interject::dialog
