// What a conversation asks of the monitors: watches, reminders, calls. Rows of the journal, and
// messages.
#pragma once

#include "protocols/fields.hpp"
#include "protocols/notification.hpp"

namespace interject {

/// Which way a price must move. Edge-triggered: fires on becoming true, not while true.
enum class watch_kind : std::uint8_t { falls_to, rises_to, crosses, drops_by, gains_by };
const char* to_string(watch_kind kind);
std::optional<watch_kind> parse_watch_kind(std::string_view text);

/// What drops_by and gains_by measure from: the price at creation, at the last firing, or the
/// highest or lowest price since creation, the sample itself included.
enum class watch_from : std::uint8_t { creation, last_fired, high, low };
const char* to_string(watch_from from);
std::optional<watch_from> parse_watch_from(std::string_view text);

struct watch_condition {
  watch_kind kind = watch_kind::falls_to;
  decimal level{}; ///< the price, or for drops_by and gains_by the percentage (20 is 20 %)
  watch_from from = watch_from::creation;
  duration hold{0}; ///< `for`: fires only when it has held this long, the exact end included
  std::optional<decimal>
      rearm{}; ///< armed again only there: a price, or a percentage where `level` is one
  bool repeat = false;
  bool first_sample = false; ///< falls_to and rises_to: fires at once when it holds already
  INTERJECT_FIELDS(watch_condition, kind, level, from, hold, rearm, repeat, first_sample)
};

/// Why these terms make no sense together, with the key at fault; nothing when they do.
struct watch_fault {
  const char* key;
  const char* what;
};
std::optional<watch_fault> check(const watch_condition& when);

enum class watch_state : std::uint8_t {
  waiting, ///< no price is known yet: the first sample is the baseline
  armed,
  fired,    ///< fired; not yet taken by its conversation
  done,     ///< taken; kept until read or erased
  pending,  ///< its condition holds, but not yet for long enough
  rearming, ///< its condition holds already, or has fired and may fire again: armed once that has
            ///< ended
};
const char* to_string(watch_state state);

struct watch_row {
  std::string id; ///< `w-…`
  conversation_id conversation;
  std::string name;
  std::string symbol;
  watch_condition when;
  notification notify; ///< id, created, source and facts are filled in when it fires
  time_point created{};
  watch_state state = watch_state::waiting;
  std::optional<decimal> baseline; ///< price at creation
  std::uint64_t firings = 0;
  std::optional<decimal> fired_price;
  std::optional<time_point> fired_at;
  std::optional<decimal> previous;   ///< the sample before the one that fired
  std::optional<time_point> expires; ///< removed then
  localized_text no_longer; ///< said when the condition ends after the alert was; empty: nothing is
  std::uint64_t order = 0;  ///< among all watches; 0 until its monitor has armed it
  std::optional<time_point> holding_since; ///< pending: since when
  bool rising = false;                     ///< a pending crossing: from below
  std::uint64_t taken = 0;                 ///< the last firing that its conversation took
  std::uint64_t ended = 0;                 ///< the last firing whose condition has ended
  std::uint64_t retracted = 0; ///< the last ended firing of which the conversation knows that
  INTERJECT_FIELDS(watch_row, id, conversation, name, symbol, when, notify, created, state,
                   baseline, firings, fired_price, fired_at, previous, expires, no_longer, order,
                   holding_since, rising, taken, ended, retracted)
};

/// What becomes of occurrences that came due while nobody ran: one firing, marked late, or none.
enum class misfire_policy : std::uint8_t { fire_once, skip };
const char* to_string(misfire_policy policy);
std::optional<misfire_policy> parse_misfire_policy(std::string_view text);

struct reminder_row {
  std::string id; ///< `r-…`
  conversation_id conversation;
  std::string name;
  time_point due{};
  notification notify;
  time_point created{};
  std::uint64_t occurrence = 1;
  user_id user; ///< set, and `conversation` empty: for the conversation in which this person is
                ///< best reached
  std::string rrule;  ///< empty: once
  std::string zone;   ///< of the rule, as in the IANA database
  time_point start{}; ///< of the rule
  misfire_policy misfire = misfire_policy::fire_once;
  INTERJECT_FIELDS(reminder_row, id, conversation, name, due, notify, created, occurrence, user,
                   rrule, zone, start, misfire)
};

enum class call_mode : std::uint8_t { foreground, background };
enum class call_restart : std::uint8_t { repeat, fail };
enum class call_outcome : std::uint8_t { succeeded, failed, timed_out, unknown_outcome, cancelled };
const char* to_string(call_outcome outcome);

/// What an external recogniser made of a message.
struct recognition {
  std::vector<std::string> intents; ///< likeliest first
  named_values entities;
};

/// An outbound HTTP call: of a step, or, with a `channel`, an activity on its way to a webhook. The
/// row says what to do after a restart. Secrets stand in its URL, headers and body as references
/// only (protocols/secret_reference.hpp).
struct call_row {
  std::string id; ///< `c-…`; with `generation` its Idempotency-Key
  conversation_id conversation;
  std::string name;
  call_mode mode = call_mode::foreground;
  call_restart restart = call_restart::repeat;
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::vector<std::pair<std::string, std::string>> read; ///< variable name → JSON pointer
  duration timeout = std::chrono::seconds(30);           ///< over all tries
  std::uint32_t retries = 0;
  time_point created{};
  std::uint64_t generation = 1;
  notification notify;         ///< background: how the result comes; unused in the foreground
  std::uint32_t redirects = 0; ///< followed at most
  std::string channel; ///< whose address and secret are used; `body` is the activity, `generation`
                       ///< its number
  std::uint32_t tries = 0;           ///< of a dead letter, as are the rest
  std::optional<time_point> dead_at; ///< given up then; kept until it is sent again
  std::string why;
  INTERJECT_FIELDS(call_row, id, conversation, name, mode, restart, method, url, headers, body,
                   read, timeout, retries, created, generation, notify, redirects, channel, tries,
                   dead_at, why)
};

struct price_sample {
  std::string symbol;
  decimal price{};
  std::optional<time_point> at;     ///< the source's time; now when absent
  std::optional<std::uint64_t> seq; ///< the source's sequence number
  INTERJECT_FIELDS(price_sample, symbol, price, at, seq)
};

} // namespace interject
