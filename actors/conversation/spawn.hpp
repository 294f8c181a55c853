// The router's way to make a conversation's actor.
#pragma once

#include "actors/conversation/conversation_actor.hpp"
#include "actors/conversation/load.hpp"

namespace interject::conversation {

caf::actor spawn_conversation(caf::actor_system& sys, surroundings_ptr with, conversation_id id,
                              caf::actor router, load_ptr load);

} // namespace interject::conversation
