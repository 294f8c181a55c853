// Phases: progress texts while a call runs. Time in which the user is asked something does not
// count.
#include "actors/dialog/machine.hpp"
#include "actors/dialog/steps/phase_step.hpp"

namespace interject::dialog {

namespace {

time_point due(const phase& p, const std::optional<due_text>& text) {
  return text ? p.since + text->at : time_point::max();
}

void pass_one(phase& p, const progress_plan& plan) {
  ++p.said;
  p.next = due(p, text_number(plan, p.said));
}

} // namespace

const progress_plan& plan_of(const bot& b, const frame& f, const phase& p) {
  return static_cast<const begin_phase_step&>(*b.dialogs[f.dialog].program[p.step]).plan;
}

void machine::begin_phase(std::uint16_t step, const progress_plan& plan) {
  phase p;
  p.step = step;
  p.since = now_;
  p.next = due(p, text_number(plan, 0));
  top().phases.push_back(p);
}

void machine::end_phase() {
  if (!top().phases.empty())
    top().phases.pop_back();
}

/// Asking took `by`: the flow's phases go on as if it had not been.
void machine::stand_still(std::size_t from, duration by) {
  for (auto i = from; i < c_.stack.size(); ++i)
    for (auto& p : c_.stack[i].phases) {
      p.since += by;
      if (p.next != time_point::max())
        p.next += by;
    }
}

void machine::skip_progress() {
  for (auto i = base(); i < c_.stack.size(); ++i)
    for (auto& p : c_.stack[i].phases)
      while (p.next <= now_)
        pass_one(p, plan_of(b_, c_.stack[i], p));
}

void machine::say_progress() {
  if (c_.stack.empty() || c_.resume_pending || top().waiting != waiting::call)
    return;
  for (;;) {
    frame* owner = nullptr;
    phase* first = nullptr;
    for (auto i = base(); i < c_.stack.size(); ++i)
      for (auto& p : c_.stack[i].phases)
        if (p.next <= now_ && (!first || p.next < first->next)) {
          first = &p;
          owner = &c_.stack[i];
        }
    if (!first)
      return;
    auto& plan = plan_of(b_, *owner, *first);
    auto text = text_number(plan, first->said);
    if (text) {
      scene in(b_, c_, owner, now_);
      say(text->what->format(c_.locale, text->variant, in));
    }
    pass_one(*first, plan);
    // After a long sleep a periodic text is said once, not once for each time that it was missed.
    while (text && text->what == &plan.periodic && first->next <= now_) {
      auto following = text_number(plan, first->said);
      if (!following || following->what != &plan.periodic)
        break;
      pass_one(*first, plan);
    }
  }
}

} // namespace interject::dialog
