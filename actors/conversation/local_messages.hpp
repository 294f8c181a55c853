// Messages between a router, its conversations and the reader. They never leave the process.
#pragma once

#include "actors/conversation/input.hpp"
#include "actors/journal/store.hpp"
#include "actors/person/profile.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace interject::conversation {

/// Front to router to conversation: an input, in a place that the router has reserved. One type for
/// all of them, as each that a behaviour lists costs every conversation memory.
struct routed {
  std::shared_ptr<const input> what;
};

/// What the reader found of a conversation, for its actor.
struct activation {
  std::optional<journal::conversation_row> row;
  std::vector<std::pair<std::string, std::uint64_t>> clients; ///< client ids and seqs, newest first
  std::shared_ptr<const person::profile> who; ///< of the row's user; null: it was not read
  std::uint64_t forgotten = 0;                ///< see person::forgettings
  std::optional<error> failed;
};
struct activated {
  std::shared_ptr<const activation> it;
};

/// Router to conversation: end when nothing is under way. Nothing follows this message.
struct passivate {};

/// Conversation to router: end me; keep what comes for me and give it to my successor.
struct retiring {
  conversation_id conversation;
};

/// To the router: finish every turn, refuse what is new, end.
struct drain {};

/// Reader to router: where the person of the notice numbered `number` is reached; empty: never
/// seen.
struct person_found {
  std::uint64_t number = 0;
  conversation_id conversation;
  std::optional<error> failed;
  bool erased = false;                ///< they were known once
  std::optional<decision> first;      ///< the id came before, when nobody knew them
  std::vector<conversation_id> among; ///< it was chosen from these
};

/// Reader to conversation: the first result of a notification id that came again.
struct first_result {
  std::uint64_t number = 0;
  std::optional<decided> was;
  std::optional<error> failed; ///< it could not be read
};

} // namespace interject::conversation
