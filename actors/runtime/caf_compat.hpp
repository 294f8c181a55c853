// The few places where CAF 0.17.6 (what Debian ships) and CAF 1.x differ, so that one source builds
// on both. Only actor files include this.
#pragma once

#if __has_include(<caf/anon_mail.hpp>)
#define INTERJECT_CAF1 1
#include <caf/anon_mail.hpp>
#include <caf/init_global_meta_objects.hpp>
#include <caf/send.hpp>
#include <caf/type_id.hpp>
#else
#define INTERJECT_CAF1 0
#include <caf/atom.hpp>
#include <caf/send.hpp>
#endif
#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/behavior.hpp>
#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/response_promise.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/timespan.hpp>

#include <chrono>
#include <string>
#include <utility>

// A block of message types, far enough from `first_custom_type_id` that an embedding program's own
// block does not collide with it. None of them ever leaves the process as CAF serialization, so
// none needs an inspect overload. CAF 0.17 matches such types by their typeid and needs no ids.
#if INTERJECT_CAF1
#define INTERJECT_BEGIN_MESSAGES(block) CAF_BEGIN_TYPE_ID_BLOCK(block, first_custom_type_id + 600)
#define INTERJECT_ADD_MESSAGE(block, type) CAF_ADD_TYPE_ID(block, (type))
#define INTERJECT_END_MESSAGES(block) CAF_END_TYPE_ID_BLOCK(block)
#else
#define INTERJECT_BEGIN_MESSAGES(block) static_assert(true)
#define INTERJECT_ADD_MESSAGE(block, type)
#define INTERJECT_END_MESSAGES(block)
#endif

namespace interject::runtime {

template <class Self> auto& state(Self* self) {
#if INTERJECT_CAF1
  return self->state();
#else
  return self->state;
#endif
}

template <class Self, class To, class... Ts> void send(Self* self, const To& to, Ts&&... xs) {
#if INTERJECT_CAF1
  self->mail(std::forward<Ts>(xs)...).send(to);
#else
  self->send(to, std::forward<Ts>(xs)...);
#endif
}

template <class To, class... Ts> void anon_send(const To& to, Ts&&... xs) {
#if INTERJECT_CAF1
  caf::anon_mail(std::forward<Ts>(xs)...).send(to);
#else
  caf::anon_send(to, std::forward<Ts>(xs)...);
#endif
}

/// From a thread that is no actor, in the name of `from`: the answer goes to its mailbox.
template <class... Ts> void send_as(const caf::actor& from, const caf::actor& to, Ts&&... xs) {
#if INTERJECT_CAF1
  caf::detail::send_as(from, to, std::forward<Ts>(xs)...);
#else
  caf::send_as(from, to, std::forward<Ts>(xs)...);
#endif
}

/// Cannot be cancelled in 0.17 and keeps its target alive until it is due: send a token, ignore an
/// old one.
template <class Self, class To, class Rep, class Period, class... Ts>
void delayed_send(Self* self, const To& to, std::chrono::duration<Rep, Period> after, Ts&&... xs) {
#if INTERJECT_CAF1
  self->mail(std::forward<Ts>(xs)...).delay(after).send(to);
#else
  self->delayed_send(to, std::chrono::duration_cast<std::chrono::microseconds>(after),
                     std::forward<Ts>(xs)...);
#endif
}

template <class Self, class To, class Rep, class Period, class... Ts>
auto request(Self* self, const To& to, std::chrono::duration<Rep, Period> timeout, Ts&&... xs) {
#if INTERJECT_CAF1
  return self->mail(std::forward<Ts>(xs)...).request(to, timeout);
#else
  return self->request(to, std::chrono::duration_cast<std::chrono::microseconds>(timeout),
                       std::forward<Ts>(xs)...);
#endif
}

/// Of one that always answers. A time-out costs a timer in CAF's clock for as long as it lasts, the
/// answer there or not.
template <class Self, class To, class... Ts>
auto request(Self* self, const To& to, caf::infinite_t, Ts&&... xs) {
#if INTERJECT_CAF1
  return self->mail(std::forward<Ts>(xs)...).request(to, caf::infinite);
#else
  return self->request(to, caf::infinite, std::forward<Ts>(xs)...);
#endif
}

/// `return delegate(…)` from a handler: `to` answers in our place.
template <class Self, class To, class... Ts> auto delegate(Self* self, const To& to, Ts&&... xs) {
#if INTERJECT_CAF1
  return self->mail(std::forward<Ts>(xs)...).delegate(to);
#else
  return self->delegate(to, std::forward<Ts>(xs)...);
#endif
}

inline std::string show(caf::actor_system& sys, const caf::error& e) {
#if INTERJECT_CAF1
  (void)sys;
  return to_string(e);
#else
  return sys.render(e);
#endif
}

/// The name of a setting of CAF: "scheduler.policy" here, "caf.scheduler.policy" there.
inline std::string config_key(const std::string& name) {
#if INTERJECT_CAF1
  return "caf." + name;
#else
  return name;
#endif
}

/// `stealing` collapses under a backlog of many actors and polls while idle; `sharing` does
/// neither.
inline void use_sharing_scheduler(caf::actor_system_config& config) {
#if INTERJECT_CAF1
  config.set(config_key("scheduler.policy"), std::string("sharing"));
#else
  config.set(config_key("scheduler.policy"), caf::atom("sharing"));
#endif
}

} // namespace interject::runtime
