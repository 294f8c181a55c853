// Plays a transcript against the pure engine and writes down what really happens, in the same form:
// a test compares the two. Lines:
//   user> text            the user writes          tap 3> text   … taps an action of prompt 3
//   bot> text [A | B]     the bot answers; bot* when nobody asked
//        … {Card: A | B}#2 {image/png url}     cards, bound to prompt 2, and attachments
//   --- open              the conversation begins
//   --- 3s                time passes; what comes due is served on the way
//   --- push [critical] dialog name=value …    a notice pushes a dialog (n1, n2, …); reset instead
//   of push clears
//   --- text words        a notice without a dialog interrupts
//   --- tell words        something is said beside the flow
//   --- answer name=value …, --- fail why      the oldest call that runs is answered
//   --- price SYMBOL number                    watches look at it, and push what they hold
//   --- clear, --- pause (stop at boundaries), --- go, --- locale fr, --- channel phone
//   ... an effect other than words
#pragma once

#include "actors/dialog/conversation.hpp"

#include <string>
#include <string_view>

namespace interject::test {

std::string play(const dialog::bot& b, std::string_view transcript);

/// What a transcript should be, line by line; the left margin does not count.
std::string lines(std::string_view text);

#define CHECK_TALK(bot, transcript)                                                                \
  CAF_CHECK_EQUAL(interject::test::play(*(bot), transcript), interject::test::lines(transcript))

} // namespace interject::test
