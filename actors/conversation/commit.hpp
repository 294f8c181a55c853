// Turns what a turn did into the rows of one commit: activities are serialised here, once.
#pragma once

#include "actors/conversation/conversation_actor.hpp"
#include "actors/conversation/turn.hpp"

#include <memory>

namespace interject::conversation {

journal::commit_ptr prepare_commit(const definitions& by, const state& s, std::uint64_t version,
                                   std::optional<time_point> wake_at, time_point now,
                                   outcome&& out);

/// The row as it stands, with its failure counted: nothing that the failed turn did.
journal::commit_ptr failure_commit(const state& kept, const journal::conversation_row& row,
                                   std::optional<time_point> wake_at, time_point now,
                                   outcome&& out);

} // namespace interject::conversation
