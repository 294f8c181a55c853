// Messages between the gateway or an embedding program, the conversations and the monitors. One
// struct a message, its fields listed once. A request carries a `ticket` chosen by its sender; the
// answer repeats it, so a sender with many requests under way needs no list of pending promises.
#pragma once

#include "protocols/activity.hpp"
#include "protocols/consent.hpp"
#include "protocols/monitoring.hpp"
#include "protocols/notification.hpp"
#include "protocols/result.hpp"

namespace interject {

using ticket = std::uint64_t;

// ---- asked of a conversation

/// Begins a conversation, or finds it begun. → opened | refused
struct open_conversation {
  interject::ticket ticket = 0;
  conversation_id conversation;
  user_id user; ///< may be empty: learned from the first activity
  std::string user_name;
  std::string locale;
  std::string channel = "directline";
  INTERJECT_FIELDS(open_conversation, ticket, conversation, user, user_name, locale, channel)
};

/// A user's activity. A repeated `client_id` is answered like the first time. → posted | refused
struct post_activity {
  interject::ticket ticket = 0;
  conversation_id conversation;
  incoming_activity activity;
  std::vector<attached_file> files = {}; ///< durable with it
  INTERJECT_FIELDS(post_activity, ticket, conversation, activity, files)
};

/// News, for `conversation`, or for the conversation in which `user` is best reached. → decided |
/// refused
struct notify {
  interject::ticket ticket = 0;
  conversation_id conversation;
  user_id user;
  notification what;
  INTERJECT_FIELDS(notify, ticket, conversation, user, what)
};

/// Takes back a notification that has not been said. → decided | refused
struct withdraw {
  interject::ticket ticket = 0;
  conversation_id conversation;
  notification_id id;
  INTERJECT_FIELDS(withdraw, ticket, conversation, id)
};

/// Clears the stack. → done | refused
struct reset_conversation {
  interject::ticket ticket = 0;
  conversation_id conversation;
  INTERJECT_FIELDS(reset_conversation, ticket, conversation)
};

/// A watch or reminder from outside; its id is made by the sender. → done | refused
struct create_watch {
  interject::ticket ticket = 0;
  watch_row row;
  INTERJECT_FIELDS(create_watch, ticket, row)
};
struct create_reminder {
  interject::ticket ticket = 0;
  reminder_row row;
  INTERJECT_FIELDS(create_reminder, ticket, row)
};
struct cancel_watch {
  interject::ticket ticket = 0;
  conversation_id conversation;
  std::string id;
  INTERJECT_FIELDS(cancel_watch, ticket, conversation, id)
};
struct cancel_reminder {
  interject::ticket ticket = 0;
  conversation_id conversation;
  std::string id;
  INTERJECT_FIELDS(cancel_reminder, ticket, conversation, id)
};

/// An integration's result; taken once per (call, generation). → done | refused
struct call_answered {
  interject::ticket ticket = 0;
  conversation_id conversation;
  std::string call;
  std::uint64_t generation = 1;
  call_outcome outcome = call_outcome::succeeded;
  int status = 0;      ///< HTTP status, 0 when there was no answer
  named_values values; ///< what `read` found; a pointer that finds nothing gives null
  std::string reason;  ///< why it failed, for logs and `{reason}`
  call_mode mode = call_mode::foreground;
  notification notify; ///< background: how the result comes, as in the call's row
  INTERJECT_FIELDS(call_answered, ticket, conversation, call, generation, outcome, status, values,
                   reason, mode, notify)
};

/// The conversation's `wake_at` has come. → done | refused
struct wake {
  interject::ticket ticket = 0;
  conversation_id conversation;
  INTERJECT_FIELDS(wake, ticket, conversation)
};

/// The condition behind what `source` fired has ended: what still waits of it is withdrawn. → done
/// | refused
struct retract {
  interject::ticket ticket = 0;
  conversation_id conversation;
  origin from = origin::watch;
  std::string source;
  INTERJECT_FIELDS(retract, ticket, conversation, from, source)
};

/// A channel gave up on an activity. A notice that it said ends as `failed`, and its token is given
/// back. → done | refused
struct delivery_failed {
  interject::ticket ticket = 0;
  conversation_id conversation;
  std::string activity; ///< its id
  std::string why;      ///< for the trail; never an address or a secret
  INTERJECT_FIELDS(delivery_failed, ticket, conversation, activity, why)
};

/// The conversation goes, with all that belongs to it. → done | refused
struct erase_conversation {
  interject::ticket ticket = 0;
  conversation_id conversation;
  INTERJECT_FIELDS(erase_conversation, ticket, conversation)
};

// ---- asked of a person

/// Consent, preferences, attributes. → done, when durable | refused
struct set_person {
  interject::ticket ticket = 0;
  user_id user;
  std::vector<person_change> changes;
  INTERJECT_FIELDS(set_person, ticket, user, changes)
};

/// All data of the person goes, their conversations first; what still comes for them is met by a
/// tombstone. → done | refused
struct erase_person {
  interject::ticket ticket = 0;
  user_id user;
  INTERJECT_FIELDS(erase_person, ticket, user)
};

// ---- answers

struct opened {
  interject::ticket ticket = 0;
  conversation_id conversation;
  bool created = false; ///< false: it existed
  INTERJECT_FIELDS(opened, ticket, conversation, created)
};
struct posted {
  interject::ticket ticket = 0;
  std::string activity; ///< its id
  INTERJECT_FIELDS(posted, ticket, activity)
};
struct decided {
  interject::ticket ticket = 0;
  notification_id id;
  conversation_id conversation; ///< empty when no conversation was found
  decision what;
  INTERJECT_FIELDS(decided, ticket, id, conversation, what)
};
struct done {
  interject::ticket ticket = 0;
  INTERJECT_FIELDS(done, ticket)
};
struct refused {
  interject::ticket ticket = 0;
  errc code = errc::internal;
  std::string what;
  INTERJECT_FIELDS(refused, ticket, code, what)
};

// ---- asked of the monitors

/// Durable already when sent: the conversation's commit holds the row. No answer.
struct arm_watch {
  watch_row row;
  INTERJECT_FIELDS(arm_watch, row)
};
struct disarm_watch {
  std::string id;
  INTERJECT_FIELDS(disarm_watch, id)
};
struct arm_reminder {
  reminder_row row;
  INTERJECT_FIELDS(arm_reminder, row)
};
struct disarm_reminder {
  std::string id;
  INTERJECT_FIELDS(disarm_reminder, id)
};
struct begin_call {
  call_row row;
  INTERJECT_FIELDS(begin_call, row)
};
struct cancel_call {
  std::string id;
  INTERJECT_FIELDS(cancel_call, id)
};
/// The conversation was erased: so is what is on its way to a webhook, and its dead letters.
struct cancel_deliveries {
  conversation_id conversation;
  INTERJECT_FIELDS(cancel_deliveries, conversation)
};

/// Sends a dead letter of a webhook again, behind what its conversation has under way. → done |
/// refused
struct resend_delivery {
  interject::ticket ticket = 0;
  std::string id;
  INTERJECT_FIELDS(resend_delivery, ticket, id)
};

/// Wakes `conversation` at this instant, in place of any earlier wish; none: never. No answer.
struct wake_at {
  conversation_id conversation;
  std::optional<time_point> at;
  INTERJECT_FIELDS(wake_at, conversation, at)
};

/// Prices from a feed or a program, in order. → prices_taken, when durable | refused
struct take_prices {
  interject::ticket ticket = 0;
  std::vector<price_sample> samples;
  INTERJECT_FIELDS(take_prices, ticket, samples)
};
struct prices_taken {
  interject::ticket ticket = 0;
  std::uint64_t accepted = 0;
  std::uint64_t ignored = 0; ///< older than the newest known
  std::uint64_t fired = 0;
  INTERJECT_FIELDS(prices_taken, ticket, accepted, ignored, fired)
};

/// Test clock only: moves time on, serving what comes due on the way in order. → done
struct advance_clock {
  interject::ticket ticket = 0;
  duration by{};
  INTERJECT_FIELDS(advance_clock, ticket, by)
};

} // namespace interject
