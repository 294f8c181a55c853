// A conversation as a value: its dialog stack, its variables, and `advance`, the only function that
// moves it on.
#pragma once

#include "actors/dialog/bot.hpp"
#include "protocols/activity.hpp"
#include "protocols/consent.hpp"
#include "protocols/fields.hpp"
#include "protocols/monitoring.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace interject::dialog {

/// What the step at a frame's `pc` waits for. Only the top frame acts; those beneath wait for it.
enum class waiting : std::uint8_t { nothing, answer, call, child };

/// How a frame came to be: decides what happens beneath when it ends.
enum class began_as : std::uint8_t {
  root,        ///< on an empty stack
  intent,      ///< the user changed the subject: beneath resumes and is asked again
  child,       ///< by a `call` step: its result goes to the caller
  interrupter, ///< by a notification: beneath resumes and is asked again
};

/// Progress texts of a step, counted from `since`. A frame nests as many as its steps do.
struct phase {
  std::uint16_t step = 0; ///< of the operation that began it
  time_point since{};
  std::uint16_t said = 0; ///< how many of its texts are past
  time_point next{};      ///< when the next is due; time_point::max() when none is left
  INTERJECT_FIELDS(phase, step, since, said, next)
};

/// The result of a call that arrived while its frame lay under an interrupter.
struct call_result {
  call_outcome outcome = call_outcome::succeeded;
  int status = 0;
  named_values values;
  std::string reason;
  INTERJECT_FIELDS(call_result, outcome, status, values, reason)
};

struct frame {
  std::uint16_t dialog = 0; ///< index in the bot
  std::uint16_t pc = 0;     ///< operation to run next, or that waits
  dialog::waiting waiting = waiting::nothing;
  dialog::began_as began = began_as::root;
  urgency level = urgency::normal; ///< of an interrupter
  std::uint8_t tries = 0;
  std::uint32_t prompt = 0;  ///< id of the waiting question
  time_point since{};        ///< when it was asked, or the call began
  std::vector<value> locals; ///< by slot of the dialog
  std::string call;          ///< id of the call it waits for
  std::uint64_t generation = 0;
  time_point deadline{}; ///< of the call
  std::vector<phase> phases;
  std::vector<call_result> arrived; ///< none or one
  notification_id notice;           ///< what pushed this interrupter
  bool escalated = false;
  INTERJECT_FIELDS(frame, dialog, pc, waiting, began, level, tries, prompt, since, locals, call,
                   generation, deadline, phases, arrived, notice, escalated)
};

/// A watch, reminder or background call that this conversation began, so that `cancel` finds it.
struct subscription {
  origin kind = origin::watch;
  std::string id;
  std::string name;
  INTERJECT_FIELDS(subscription, kind, id, name)
};

struct conversation {
  conversation_id id;
  user_id user;
  std::string user_name;
  std::string locale; ///< one of the bot's
  std::vector<frame> stack;
  named_values old_user_values;     ///< of rows from before persons had rows of their own
  named_values conversation_values; ///< `conversation.…`
  std::vector<subscription> subscriptions;
  std::uint32_t last_prompt = 0; ///< prompts are numbered within the conversation
  std::uint32_t last_id = 0;     ///< so are watches, reminders and calls
  std::uint32_t turns = 0;       ///< picks text variants
  /// The question that a resumption has just asked again, until the next input
  std::uint32_t resumed_prompt = 0;
  notification_id resumed_after; ///< and the notice whose end brought it back
  std::string channel;           ///< by which the person comes
  time_point heard{}; ///< when the person last said something, or opened the conversation
  time_point spoke{}; ///< when the bot last did
  /// What lay under a finished flow has not come back yet: stopped at the boundary
  bool resume_pending = false;
  bool nudged = false; ///< in this silence of the person
  bool ended = false;  ///< by this silence
  INTERJECT_FIELDS(conversation, id, user, user_name, locale, stack, old_user_values,
                   conversation_values, subscriptions, last_prompt, last_id, turns, resumed_prompt,
                   resumed_after, resume_pending, channel, heard, spoke, nudged, ended)

  named_values user_values; ///< `user.…`: a copy of the person's, not stored with the conversation
};

// ---- inputs

struct started {}; ///< the conversation begins: runs the bot's `start`

struct said {
  std::string text;
  std::string tapped; ///< prompt id of a tapped action, else empty
  /// By the external recogniser; none: the bot's own intents decide
  std::optional<recognition> meant = {};
};

struct answered {
  std::string call;
  std::uint64_t generation = 1;
  call_result result;
};

/// Push a dialog: for a notification that opens or interrupts. An empty `dialog` pushes one frame
/// that says `text` and ends.
struct begun {
  std::string dialog;
  named_values params;
  std::string text;
  dialog::began_as as = began_as::interrupter;
  urgency level = urgency::normal;
  notification_id notice;
  bool clear_first = false; ///< `return: reset`: cancel everything beneath
  bool abandoned = false;
};

/// Say something beside the flow: the stack stays untouched, the waiting question's buttons are
/// repeated.
struct announced {
  std::string text;
};

struct woken {};   ///< time has come: progress texts, call deadlines, the interrupter's time-out
struct cleared {}; ///< cancel all
struct proceed {}; ///< after a stop at a boundary: go on

using input = std::variant<started, said, answered, begun, announced, woken, cleared, proceed>;

// ---- effects

struct stop_subscription {
  subscription what;
};
struct send_notice {
  conversation_id conversation; ///< empty with `user` empty: this one
  user_id user;
  notification what;
};
struct interruption_over {
  notification_id notice;
  interruption_end how = interruption_end::resumed;
};
/// A variable of the person, or what they asked for by a `prefer` step.
struct change_person {
  person_change what;
};
/// A dialog failed: the user was told so, and this line is for the log.
struct dialog_failed {
  std::string dialog;
  std::string step;
  std::string why;
};

using effect = std::variant<utterance, call_row, watch_row, reminder_row, stop_subscription,
                            send_notice, interruption_over, change_person, dialog_failed>;

/// Where `advance` stopped.
enum class stop : std::uint8_t {
  idle,     ///< the stack is empty
  waiting,  ///< for an answer or a call
  boundary, ///< a dialog has just ended, or the next step is marked, and it was asked to stop there
};

struct transition {
  conversation after;
  std::vector<effect> effects; ///< in the order in which they were asked for
  stop at = stop::idle;
};

/// Moves a conversation on until it waits. With `pause_at_boundaries` it also stops before what
/// follows a boundary, so that waiting news can be said there; `proceed` goes on. Runs at most 500
/// steps, then the dialog fails with a message. Never throws on what users, bots or integrations
/// give it.
transition advance(const bot& b, conversation before, const input& in, time_point now,
                   bool pause_at_boundaries = false);

/// Whether the intent of what is said would be asked for, so that an external recogniser is of use.
/// False for a bot that names none.
bool wants_intent(const bot& b, const conversation& before, const said& in, time_point now);

// ---- what the delivery rule and the views look at

struct standing {
  bool empty = true;
  dialog::waiting top = waiting::nothing; ///< of the top frame
  bool at_boundary = false;               ///< the top frame's next step is marked
  enum class interruptible : std::uint8_t {
    anywhere,
    boundary,
    never
  } step = interruptible::anywhere;
  int interrupters = 0; ///< how deep
  urgency interrupter_level = urgency::normal;
  bool call_cancellable = true;
  std::optional<time_point> asked_at; ///< since when the question waits
};
standing look(const bot& b, const conversation& c);

/// When `woken` is next of use, if ever.
std::optional<time_point> next_wake(const bot& b, const conversation& c);

/// Parameters of a notice's dialog, those written as `{"=": "…"}` evaluated over its facts. What
/// cannot be evaluated is null.
named_values evaluate_params(const named_values& deferred, const named_values& facts);

struct frame_view {
  std::string dialog;
  std::string step;    ///< the step's id, else its pointer within the dialog: "steps/2/then/0"
  std::string kind;    ///< "ask", "request", …
  std::string waiting; ///< "answer" "call" "child" ""
  std::string began;
  std::string question; ///< the waiting question's text as last asked, for operators
  named_values variables;
};
std::vector<frame_view> view(const bot& b, const conversation& c);

} // namespace interject::dialog
