// The actor that carries broadcasts out, one after another.
#pragma once

#include "actors/person/broadcast.hpp"
#include "actors/person/person_actor.hpp"

namespace interject::person {

struct broadcast_options {
  std::int64_t per_second = 100;  ///< notifications, unless a broadcast asks for fewer
  std::size_t most_waiting = 100; ///< broadcasts that have not ended; more are refused `busy`
};

/// Takes begin_broadcast and cancel_broadcast. On `begin_monitoring`, goes on with what was cut
/// off.
caf::actor spawn_broadcaster(caf::actor_system& sys, people_ptr with, broadcast_options how);

} // namespace interject::person
