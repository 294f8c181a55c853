// Finds or activates the actor of a person, and forwards. Sixteen of them share the persons by
// shard behind one front, as with conversations.
#include "actors/person/person_actor.hpp"
#include "actors/runtime/messages.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/response_promise.hpp>
#include <caf/stateful_actor.hpp>

#include <array>
#include <functional>
#include <unordered_map>

namespace interject::person {

namespace {

namespace compat = interject::runtime;

constexpr std::size_t router_count = 16;
/// Messages kept for a person whose actor is ending; more are refused `busy`.
constexpr std::size_t max_kept = 64;
constexpr auto sweep_every = std::chrono::minutes(1);

struct entry {
  caf::actor actor;
  time_point used{};
  bool stopping = false;
  std::vector<std::function<void(const caf::actor&)>> kept;
};

struct router_state {
  static inline const char* name = "interject.people";
  people_ptr with;
  caf::actor conversations;
  std::unordered_map<user_id, entry> live;
  std::unordered_map<caf::actor_addr, user_id> by_address;
  bool sweeping = false;
};
using self_ptr = caf::stateful_actor<router_state>*;

void sweep_later(self_ptr self) {
  auto& st = compat::state(self);
  if (st.sweeping || st.live.empty())
    return;
  st.sweeping = true;
  compat::send(self, st.with->timers, monitors::set_alarm{0, st.with->clock->now() + sweep_every});
}

entry& find_or_activate(self_ptr self, const user_id& user) {
  auto& st = compat::state(self);
  auto [it, fresh] = st.live.try_emplace(user);
  if (fresh) {
    it->second.actor = spawn_person(self->system(), st.with, user,
                                    caf::actor_cast<caf::actor>(self), st.conversations);
    self->monitor(it->second.actor);
    st.by_address.emplace(it->second.actor.address(), user);
    sweep_later(self);
  }
  it->second.used = st.with->clock->now();
  return it->second;
}

template <class T> void refuse(const T& what, caf::response_promise& promise) {
  if constexpr (requires { what.ticket; })
    promise.deliver(refused{what.ticket, errc::busy, "too many messages wait for this person"});
}

/// What has a ticket is answered by the person's actor; the rest is delegated alike, and no answer
/// is expected.
template <class T> caf::response_promise forward(self_ptr self, const T& what) {
  auto promise = self->make_response_promise();
  auto& e = find_or_activate(self, what.user);
  if (!e.stopping)
    promise.delegate(e.actor, what);
  else if (e.kept.size() < max_kept)
    e.kept.emplace_back(
        [promise, what](const caf::actor& a) mutable { promise.delegate(a, what); });
  else
    refuse(what, promise);
  return promise;
}

void go_on(entry& e) {
  e.stopping = false;
  for (auto& message : std::exchange(e.kept, {}))
    message(e.actor);
}

void on_down(self_ptr self, const caf::actor_addr& who) {
  auto& st = compat::state(self);
  auto address = st.by_address.find(who);
  if (address == st.by_address.end())
    return;
  auto user = std::move(address->second);
  st.by_address.erase(address);
  auto it = st.live.find(user);
  if (it == st.live.end())
    return;
  auto kept = std::move(it->second.kept);
  st.live.erase(it);
  if (kept.empty())
    return;
  auto& successor = find_or_activate(self, user);
  for (auto& message : kept)
    message(successor.actor);
}

void sweep(self_ptr self) {
  auto& st = compat::state(self);
  st.sweeping = false;
  auto before = st.with->clock->now() - st.with->idle_after;
  for (auto& [user, e] : st.live)
    if (e.used <= before && !e.stopping) {
      e.stopping = true;
      compat::send(self, e.actor, passivate_person{});
    }
  sweep_later(self);
}

caf::behavior router_actor(self_ptr self, people_ptr with) {
  compat::state(self).with = std::move(with);
  self->set_down_handler([=](caf::down_msg& down) { on_down(self, down.source); });
  return {
      [=](const set_person& m) { return forward(self, m); },
      [=](const erase_person& m) { return forward(self, m); },
      [=](const join_person& m) { return forward(self, m); },
      [=](const person_committed& m) { return forward(self, m); },
      [=](const conversations_are& m) { compat::state(self).conversations = m.router; },
      [=](const person_needed& m) {
        auto& s = compat::state(self);
        if (auto it = s.live.find(m.user); it != s.live.end()) {
          it->second.used = s.with->clock->now();
          go_on(it->second);
        }
      },
      [=](const monitors::alarm_rang&) { sweep(self); },
  };
}

struct front_state {
  static inline const char* name = "interject.people_front";
  std::array<caf::actor, router_count> routers;
};
using front_ptr = caf::stateful_actor<front_state>*;

template <class T> auto hand_on(front_ptr self, const T& what) {
  return self->delegate(compat::state(self).routers[shard_of_user(what.user) % router_count], what);
}

caf::behavior front_actor(front_ptr self, people_ptr with) {
  for (auto& r : compat::state(self).routers) {
    r = self->system().spawn(router_actor, with);
    self->link_to(r);
  }
  return {
      [=](const set_person& m) { return hand_on(self, m); },
      [=](const erase_person& m) { return hand_on(self, m); },
      [=](const join_person& m) { return hand_on(self, m); },
      [=](const person_committed& m) { return hand_on(self, m); },
      [=](const conversations_are& m) {
        for (auto& r : compat::state(self).routers)
          compat::send(self, r, m);
      },
  };
}

} // namespace

caf::actor spawn_people(caf::actor_system& sys, people_ptr with) {
  return sys.spawn(front_actor, std::move(with));
}

} // namespace interject::person
