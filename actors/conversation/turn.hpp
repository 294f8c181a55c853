// One turn of a conversation, pure: dialog and delivery put together. The actor only carries it
// out.
#pragma once

#include "actors/conversation/input.hpp"
#include "actors/conversation/state.hpp"
#include "actors/journal/store.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace interject::conversation {

/// One activity of the turn, in the order of its sequence number.
struct spoken {
  std::uint64_t seq = 0;
  std::variant<incoming_activity, utterance> what;
  std::uint64_t replies_to = 0; ///< seq of the user's activity that it answers; 0: none
};

/// A repeat of a notification id: answered with the first result, which the journal knows.
struct repeated {
  interject::ticket ticket = 0;
  notification_id id;
  notification_id taken_as; ///< under which its result stands
};
using answer = std::variant<opened, posted, decided, done, refused, repeated>;

/// What turns did besides moving the state on: all of it goes into one commit.
struct outcome {
  std::vector<spoken> said;
  std::vector<attached_file> files; ///< that came with it
  std::vector<journal::notification_row> trail;
  std::vector<watch_row> watches;
  std::vector<std::string> watches_gone;
  std::vector<reminder_row> reminders;
  std::vector<std::string> reminders_gone;
  std::vector<call_row> calls;
  std::vector<std::string> calls_gone;
  std::vector<journal::person_row> persons;
  std::vector<person_change> person; ///< settings of its person, one entry a key
  std::vector<dialog::dialog_failed> faults;
  bool changed = false; ///< false: nothing to commit
};

struct rules {
  const dialog::bot& bot;
  const delivery::policy& policy;
};

/// Takes one input and appends what it did to `out`, so that several inputs can share a commit.
/// `exists` is false until `open_conversation` was taken; `last_seq` is the newest activity so far,
/// those of the turn follow it. `meant`: what an external recogniser made of a message; null: the
/// bot's own intents decide.
answer take(const rules& by, state& s, bool& exists, std::uint64_t& last_seq, const input& in,
            time_point now, outcome& out, const recognition* meant = nullptr);

/// A turn has failed: counts it, and at the third in a row parks the conversation with the notices
/// that it holds, whose trails then say so. True: parked by this one.
bool count_failure(state& s, time_point now, outcome& out);

/// Takes over what is known of the conversation's person: when it is activated, and whenever
/// another has changed it.
void adopt(state& s, std::shared_ptr<const person::profile> who);

/// The earliest instant at which `wake` is of use.
std::optional<time_point> next_wake(const rules& by, const state& s);

/// The bot's `delivery` section over the defaults; what is malformed keeps its default (`interject
/// check` reports it).
delivery::policy policy_of(const dialog::bot& b);

} // namespace interject::conversation
