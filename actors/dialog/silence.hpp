// What becomes of silence: the person's (a nudge, then the end of the conversation), and the bot's
// own while it works, which a channel may bound.
#pragma once

#include "actors/dialog/bot_model.hpp"
#include "actors/dialog/conversation.hpp"

namespace interject::dialog {

enum class silence_act : std::uint8_t {
  none,
  nudge, ///< a question has waited for `inactivity.nudge.after`: said once, until the person speaks
  end,   ///< the person has said nothing for `inactivity.end`
  fill,  ///< a call runs, and the channel's `max_silence` is over
};

struct silence_due {
  silence_act what = silence_act::none;
  time_point at = time_point::max();
};

/// What silence leads to next, and when. The person's silence counts from their last message, or
/// from the opening; a nudge also waits for `after` since the question was last asked. Once `now`
/// has come to the end, the rest is not made up for: nobody is asked whether they are still there.
silence_due next_silence(const bot& b, const conversation& c, time_point now);

} // namespace interject::dialog
