// The address of all conversations: hands each request on to the router of its shard, as one kind
// of message.
#include "actors/conversation/local_messages.hpp"
#include "actors/conversation/spawn.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/messages.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/stateful_actor.hpp>

#include <array>

namespace interject::conversation {

namespace {

namespace compat = interject::runtime;

constexpr auto sweep_rows_every = std::chrono::hours(1);

struct front_state {
  static inline const char* name = "interject.front";
  std::array<caf::actor, router_count> routers;
  std::size_t running = router_count;
  surroundings_ptr with;
};
using front_ptr = caf::stateful_actor<front_state>*;

const caf::actor& router_of(front_ptr self, const conversation_id& id) {
  return compat::state(self).routers[shard_of(id) % router_count];
}

template <class T> auto hand_on(front_ptr self, T& what) {
  auto& to = router_of(self, conversation_of(what));
  return compat::delegate(self, to, routed{std::make_shared<const input>(std::move(what))});
}

/// Once an hour the journal drops what is past its promise.
void sweep_rows_later(front_ptr self) {
  auto& with = *compat::state(self).with;
  compat::send(self, with.timers, monitors::set_alarm{0, with.clock->now() + sweep_rows_every});
}

caf::behavior front_actor(front_ptr self, surroundings_ptr with) {
  compat::state(self).with = with;
  sweep_rows_later(self);
  for (auto& r : compat::state(self).routers) {
    r = spawn_shard_router(self->system(), with, caf::actor_cast<caf::actor>(self));
    self->monitor(r);
    self->link_to(
        r); // a normal end passes; a failure of one ends all, and with them their conversations
  }
  self->monitor(with->journal);
  self->set_down_handler([=](caf::down_msg& down) {
    if (down.source == compat::state(self).with->journal.address()) {
      runtime::log_error("journal.ended", "no conversation can go on");
      self->quit(caf::exit_reason::unreachable);
    } else if (--compat::state(self).running == 0) {
      self->quit();
    }
  });
  return {
      [=](open_conversation& m) { return hand_on(self, m); },
      [=](post_activity& m) { return hand_on(self, m); },
      [=](notify& m) {
        auto& routers = compat::state(self).routers;
        return m.conversation.empty()
                   ? compat::delegate(self, routers[shard_of_user(m.user) % router_count],
                                      std::move(m))
                   : hand_on(self, m);
      },
      [=](withdraw& m) { return hand_on(self, m); },
      [=](reset_conversation& m) { return hand_on(self, m); },
      [=](create_watch& m) { return hand_on(self, m); },
      [=](create_reminder& m) { return hand_on(self, m); },
      [=](cancel_watch& m) { return hand_on(self, m); },
      [=](cancel_reminder& m) { return hand_on(self, m); },
      [=](call_answered& m) { return hand_on(self, m); },
      [=](wake& m) { return hand_on(self, m); },
      [=](retract& m) { return hand_on(self, m); },
      [=](delivery_failed& m) { return hand_on(self, m); },
      [=](const erase_conversation& m) {
        return compat::delegate(self, router_of(self, m.conversation), m);
      },
      [=](const monitors::alarm_rang&) {
        auto& s = *compat::state(self).with;
        compat::send(self, s.journal, journal::sweep_rows{s.clock->now(), [bots = s.bots] {
                                                            return bots->in_use();
                                                          }});
        sweep_rows_later(self);
      },
      [=](drain) {
        for (auto& r : compat::state(self).routers)
          compat::send(self, r, drain{});
      },
  };
}

} // namespace

caf::actor spawn_router(caf::actor_system& sys, surroundings_ptr with) {
  return sys.spawn(front_actor, std::move(with));
}

} // namespace interject::conversation
