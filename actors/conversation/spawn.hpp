// How a router makes a conversation's actor, and the front its routers.
#pragma once

#include "actors/conversation/conversation_actor.hpp"
#include "actors/conversation/load.hpp"

namespace interject::conversation {

caf::actor spawn_conversation(caf::actor_system& sys, surroundings_ptr with, conversation_id id,
                              caf::actor router, load_ptr load);

/// The router of the conversations of some shards; `front` leads to all.
caf::actor spawn_shard_router(caf::actor_system& sys, surroundings_ptr with, caf::actor front);

} // namespace interject::conversation
