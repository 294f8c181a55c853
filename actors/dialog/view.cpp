// What the delivery rule, the timers and operators see of a conversation.
#include "actors/dialog/machine.hpp"
#include "actors/dialog/silence.hpp"

#include <algorithm>

namespace interject::dialog {

namespace {

const step* step_of(const bot& b, const frame& f) {
  if (f.dialog >= b.dialogs.size() || f.pc >= b.dialogs[f.dialog].program.size())
    return nullptr;
  return b.dialogs[f.dialog].program[f.pc].get();
}

std::string_view name_of(waiting w) {
  constexpr std::string_view names[] = {"", "answer", "call", "child"};
  return names[static_cast<std::size_t>(w)];
}

std::string_view name_of(began_as b) {
  constexpr std::string_view names[] = {"root", "intent", "child", "interrupter"};
  return names[static_cast<std::size_t>(b)];
}

} // namespace

standing look(const bot& b, const conversation& c) {
  standing s;
  s.empty = c.stack.empty();
  for (auto& f : c.stack)
    if (f.began == began_as::interrupter) {
      ++s.interrupters;
      s.interrupter_level =
          std::max(s.interrupters == 1 ? urgency::passive : s.interrupter_level, f.level);
    }
  if (s.empty)
    return s;
  auto& top = c.stack.back();
  s.top = top.waiting;
  if (auto* now = step_of(b, top)) {
    s.call_cancellable = top.waiting != waiting::call || now->cancellable();
    s.at_boundary = c.resume_pending || (top.waiting == waiting::nothing && now->boundary);
    // A marked step is where a dialog that is `boundary` may be interrupted.
    using mark = standing::interruptible;
    s.step = now->guard == interruptible::never                        ? mark::never
             : now->guard == interruptible::boundary && !now->boundary ? mark::boundary
                                                                       : mark::anywhere;
  }
  if (top.waiting == waiting::answer && !c.resume_pending)
    s.asked_at = top.since;
  return s;
}

namespace {

std::optional<time_point> next_step_wake(const bot& b, const conversation& c) {
  if (c.stack.empty() || c.resume_pending)
    return std::nullopt;
  auto& top = c.stack.back();
  auto base = flow_base(c);
  if (top.waiting == waiting::answer && c.stack[base].began == began_as::interrupter)
    return top.since + b.interrupter_timeout;
  if (top.waiting != waiting::call)
    return std::nullopt;
  auto at = top.deadline;
  for (auto i = base; i < c.stack.size(); ++i)
    for (auto& p : c.stack[i].phases)
      at = std::min(at, p.next);
  return at;
}

} // namespace

std::optional<time_point> next_wake(const bot& b, const conversation& c) {
  auto at = next_step_wake(b, c);
  if (auto silence = next_silence(b, c, {}).at;
      silence != time_point::max() && (!at || silence < *at))
    at = silence;
  return at;
}

std::vector<frame_view> view(const bot& b, const conversation& c) {
  std::vector<frame_view> out;
  for (auto& f : c.stack) {
    frame_view v;
    v.began = name_of(f.began);
    v.waiting = name_of(f.waiting);
    if (f.dialog < b.dialogs.size()) {
      auto& model = b.dialogs[f.dialog];
      v.dialog = model.id;
      for (std::size_t i = 0; i < std::min(f.locals.size(), model.locals.size()); ++i)
        if (!f.locals[i].is_null() && !model.locals[i].empty())
          v.variables.emplace_back(model.locals[i], f.locals[i]);
    }
    if (auto* at = step_of(b, f)) {
      v.step = at->id.empty() ? at->pointer : at->id;
      v.kind = at->kind();
      if (f.waiting == waiting::answer)
        v.question = at->ask(scene(b, c, &f, f.since)).text;
    }
    out.push_back(std::move(v));
  }
  return out;
}

} // namespace interject::dialog
