// The notices of one conversation that wait, as a value: it stands in the conversation's row. Pure
// functions; they decide nothing about delivery, `decide` does.
//
// How a turn uses it. A new notice: decide; when `reaches_replacement(code)`, `supersede` the
// pending notice of its collapse key (look with `pending` first: the new one inherits
// `queued_since`); when held or queued, `push`. At a release (an event, or the time of
// `next_look`): walk `in_order` (or `due`), decide each, and `remove` what goes or is dropped,
// `note` what stays.
#pragma once

#include "actors/delivery/decide.hpp"
#include "protocols/fields.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace interject::delivery {

struct queued {
  notification what;
  time_point arrived{};      ///< its place among equals; inherited on replacement
  time_point queued_since{}; ///< what the limits of `auto` count from; inherited on replacement
  duration typing_waited{0}; ///< before `typing_since`
  std::optional<time_point> typing_since; ///< waiting for the end of typing since then
  time_point
      look_at{}; ///< when time alone may change its lot: never after bound, half margin, expiry
  time_point latest{};                                ///< as its last decision said
  delivery_code code = delivery_code::await_boundary; ///< of its last decision
  INTERJECT_FIELDS(queued, what, arrived, queued_since, typing_waited, typing_since, look_at,
                   latest, code)
};

struct queue {
  std::vector<queued> items; ///< in no particular order; at most policy.queue_limit
  INTERJECT_FIELDS(queue, items)
};

/// A place for `n`, which `d` holds or queues; with `heir_of`, in the place of a superseded notice.
queued place_for(notification n, const decision& d, time_point look_at, time_point now,
                 const queued* heir_of = nullptr);

/// Adds it. When the queue is full, the lowest urgency and then the earliest expiry goes (among
/// equals the latest to arrive), which may be the new one itself: it is returned, to be recorded as
/// `queue_full`.
std::optional<queued> push(queue& q, const policy& p, queued item);

/// Records a later decision that keeps the notice waiting.
void note(queued& item, const decision& d, time_point look_at, time_point now);

/// How long it has waited for the end of typing, for `situation.typing_waited`.
duration typing_waited(const queued& item, time_point now);

const queued* find(const queue& q, std::string_view id);
queued* find(queue& q, std::string_view id);
/// The waiting notice of that collapse key; null when there is none or the key is empty.
const queued* pending(const queue& q, std::string_view collapse_key);
/// Takes it out, to be recorded as `superseded`.
std::optional<queued> supersede(queue& q, std::string_view collapse_key);
/// Takes one out by its id: said, dropped or withdrawn.
std::optional<queued> remove(queue& q, std::string_view id);
/// Takes out all that came from that watch, reminder or call: their condition has ended.
std::vector<queued> retract(queue& q, origin from, std::string_view source);

/// A waiting notice of higher urgency than `level` names this topic in `inhibits`.
bool inhibits(const queue& q, std::string_view topic, urgency level);

/// Ids in the order of release; `due` only those whose time has come.
std::vector<notification_id> in_order(const queue& q);
std::vector<notification_id> due(const queue& q, time_point now);
/// The earliest instant at which something in the queue needs looking at.
std::optional<time_point> next_look(const queue& q);

/// Of notices that could go now, in the order of release: those to be said as one message, as
/// indices into `ready`, three or more that share a digest key and need no answer. The first of a
/// group carries the message and its code, the others are `coalesced`.
std::vector<std::vector<std::size_t>> digests(std::span<const notification* const> ready);

} // namespace interject::delivery
