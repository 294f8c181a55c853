// Moves a conversation in the middle of a dialog to another version of its bot. Pure.
#pragma once

#include "actors/dialog/conversation.hpp"

#include <optional>

namespace interject::dialog {

/// `c`, whose stack refers to `from`, as it stands in `to`; none: it finishes on `from`. It moves
/// when `to` has a `migrate` rule for this version of `from` and every dialog of the stack can be
/// followed: one with a rule goes from step to step as the rule says, a step that it does not name
/// by its id, else by its place, always to one of the same kind; one without a rule must be written
/// alike in both. Variables go by name, the counters of loops by their order. What waits still
/// waits: the prompt keeps its id, so that a tap on it is still its answer.
std::optional<conversation> migrated(const bot& from, const bot& to, const conversation& c);

} // namespace interject::dialog
