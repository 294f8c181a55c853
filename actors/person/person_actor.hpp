// The actors that keep the persons: one front, and sixteen keepers that share the persons by shard.
#pragma once

#include "actors/journal/journal_actor.hpp"
#include "actors/person/local_messages.hpp"
#include "actors/runtime/clock.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <memory>

namespace interject::person {

struct people_surroundings {
  runtime::clock_ptr clock;
  caf::actor journal;
  caf::actor reader;
  caf::actor timers;
  std::size_t max_waiting = 256; ///< requests of one person; more are refused `busy`
  duration idle_after = std::chrono::minutes(5);
  std::shared_ptr<forgettings> forgotten = std::make_shared<forgettings>();
};
using people_ptr = std::shared_ptr<const people_surroundings>;

/// Takes set_person, erase_person, join_person and person_committed, and forwards them to the
/// person's keeper. To be told `conversations_are` before anything is erased.
caf::actor spawn_people(caf::actor_system& sys, people_ptr with);

/// For the front: keeps all persons of a shard that somebody needs.
caf::actor spawn_keeper(caf::actor_system& sys, people_ptr with);

} // namespace interject::person
