// Forwards what concerns a person to the person's keeper, and replaces a keeper that has failed.
#include "actors/person/person_actor.hpp"
#include "actors/runtime/messages.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <array>

namespace interject::person {

namespace {

namespace compat = interject::runtime;

constexpr std::size_t keeper_count = 16;

struct front_state {
  static inline const char* name = "interject.people";
  people_ptr with;
  caf::actor conversations;
  std::array<caf::actor, keeper_count> keepers;

  ~front_state() {
    for (auto& k : keepers)
      caf::anon_send_exit(k, caf::exit_reason::user_shutdown);
  }
};
using front_ptr = caf::stateful_actor<front_state>*;

void set_up(front_ptr self, caf::actor& keeper) {
  auto& s = compat::state(self);
  keeper = spawn_keeper(self->system(), s.with);
  self->monitor(keeper);
  if (s.conversations)
    compat::send(self, keeper, conversations_are{s.conversations});
}

template <class T> auto hand_on(front_ptr self, T& what) {
  auto& keepers = compat::state(self).keepers;
  return compat::delegate(self, keepers[shard_of_user(what.user) % keeper_count], std::move(what));
}

caf::behavior front_actor(front_ptr self, people_ptr with) {
  compat::state(self).with = std::move(with);
  for (auto& k : compat::state(self).keepers)
    set_up(self, k);
  // It has told its conversations, which join again.
  self->set_down_handler([=](const caf::down_msg& down) {
    for (auto& k : compat::state(self).keepers)
      if (k.address() == down.source)
        set_up(self, k);
  });
  return {
      [=](set_person& m) { return hand_on(self, m); },
      [=](erase_person& m) { return hand_on(self, m); },
      [=](join_person& m) { return hand_on(self, m); },
      [=](person_committed& m) { return hand_on(self, m); },
      [=](const conversations_are& m) {
        auto& s = compat::state(self);
        s.conversations = m.router;
        for (auto& k : s.keepers)
          compat::send(self, k, m);
      },
  };
}

} // namespace

caf::actor spawn_people(caf::actor_system& sys, people_ptr with) {
  return sys.spawn(front_actor, std::move(with));
}

} // namespace interject::person
