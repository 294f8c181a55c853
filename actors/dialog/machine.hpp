// What runs a conversation: the operations on its stack, and the loop over the steps of the top
// frame.
#pragma once

#include "actors/dialog/bot_model.hpp"

namespace interject::dialog {

inline constexpr int steps_per_advance = 500;
inline constexpr std::size_t stack_limit = 32;
inline constexpr std::size_t subscriptions_limit = 256;

class machine {
public:
  machine(const bot& b, conversation& c, std::vector<effect>& effects, time_point now, bool pause,
          bool proactive)
      : b_(b), c_(c), effects_(effects), now_(now), pause_(pause), proactive_(proactive) {}

  // ---- for steps: about the top frame
  const bot& of() const { return b_; }
  conversation& talk() { return c_; }
  frame& top() { return c_.stack.back(); }
  time_point now() const { return now_; }
  scene here() const { return {b_, c_, c_.stack.empty() ? nullptr : &c_.stack.back(), now_}; }
  const step& at(const frame& f) const { return *b_.dialogs[f.dialog].program[f.pc]; }

  void next() { ++top().pc; }
  void jump(std::size_t to) { top().pc = static_cast<std::uint16_t>(to); }
  void assign(std::uint32_t slot, value v);
  void emit(effect e) { effects_.push_back(std::move(e)); }
  void say(std::string text, std::vector<card_action> suggested = {});
  void say(engine_text which);
  void say(utterance u);

  /// Asks, and lets the frame wait. `again`: the same question, under the same prompt id.
  void ask(question q, bool again = false);
  /// The waiting question got its answer: phases that stood still go on.
  void stop_asking();
  /// "c-{conversation}-7"
  std::string new_id(std::string_view prefix);
  /// By name, id, or "*" for all of the kind.
  void unsubscribe(origin kind, const std::string& name);
  /// False: the bound is reached, and the dialog has failed.
  bool subscribe(origin kind, const std::string& id, const std::string& name);

  void push(std::uint16_t dialog, began_as as, const named_values& params);
  void replace(std::uint16_t dialog, const named_values& params);
  void end(value result);
  void fail(std::string why);

  // ---- for `advance`
  void begin_phase(std::uint16_t step, const progress_plan& plan);
  void end_phase();
  /// Takes away the top flow: the top frame down to its root, intent or interrupter.
  void cancel_flow(interruption_end how = interruption_end::resumed);
  void cancel_all();
  /// What lies beneath comes back: its texts, its question, its result.
  void come_back();
  void deliver(const call_result& result);
  /// `how`: the interrupter `notice` is over.
  void interrupter_ends(const notification_id& notice, interruption_end how);
  /// Progress texts that are due, of the flow on top.
  void say_progress();
  /// The first frame of the flow on top.
  std::size_t base() const;
  void pass_boundary() { passed_ = true; }
  void dialog_ended() { popped_ = true; }
  /// `run` without stopping at boundaries.
  void settle();
  stop run();
  /// Buttons vanish in clients when a later message has none: the last thing said repeats them.
  void repeat_buttons();
  /// Cards that were said on the way to the question that now waits belong to it; then what the
  /// channel cannot draw becomes text.
  void dress();
  /// How many activities this input has led to so far.
  std::size_t said() const;

private:
  void leave(frame& f);
  void skip_progress();
  void stand_still(std::size_t from, duration by);

  const bot& b_;
  conversation& c_;
  std::vector<effect>& effects_;
  time_point now_;
  bool pause_;
  bool proactive_;
  bool passed_ = false;
  bool popped_ = false;
  int left_ = steps_per_advance;
};

/// The flow on top: frames that called each other, from the one that began it.
std::size_t flow_base(const conversation& c);
/// The plan of a phase's texts.
const progress_plan& plan_of(const bot& b, const frame& f, const phase& p);

} // namespace interject::dialog
