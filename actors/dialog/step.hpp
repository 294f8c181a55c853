// One operation of a dialog's flat program. Shared by all conversations, so immutable: what a
// running dialog remembers is in its frame.
#pragma once

#include "actors/dialog/conversation.hpp"
#include "actors/dialog/recognise.hpp"
#include "actors/dialog/scene.hpp"

#include <string>
#include <vector>

namespace interject::dialog {

class machine;

/// A question as it is shown.
struct question {
  std::string text;
  std::vector<card_action> suggested;
};

class step {
public:
  virtual ~step() = default;

  /// "ask", "request", …
  virtual const char* kind() const = 0;
  /// Moves the top frame on, lets it wait, pushes, ends. Calls nothing on the machine after a push,
  /// end or failure.
  virtual void run(machine& m) const = 0;

  // A step that waits for an answer.
  /// True: the answer was taken, and the frame has moved on. False: it does not fit.
  virtual bool answer(machine&, const heard&) const { return false; }
  /// An answer did not fit, and nothing else did either.
  virtual void retry(machine&) const {}
  /// The question as it is asked now, in the scene's locale.
  virtual question ask(const scene&) const { return {}; }

  // A step that waits for a call.
  /// False: what it asked for cannot be taken back, so nothing may cut its dialog off meanwhile.
  virtual bool cancellable() const { return true; }
  virtual void answered(machine&, const call_result&) const {}
  // A step that waits for a child dialog.
  virtual void returned(machine&, value) const {}

  std::string id;      ///< given by the builder; may be empty
  std::string pointer; ///< within the dialog: "steps/2/then/0"
  interruptible guard = interruptible::anywhere;
  bool boundary = false;
};

} // namespace interject::dialog
