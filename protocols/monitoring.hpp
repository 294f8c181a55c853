// What a conversation asks of the monitors: watches, reminders, calls. Rows of the journal, and messages.
#pragma once

#include "protocols/fields.hpp"
#include "protocols/notification.hpp"

namespace interject {

/// Which way a price must move. Edge-triggered: fires on becoming true, not while true.
enum class watch_kind : std::uint8_t { falls_to, rises_to, crosses, drops_by, gains_by };
const char* to_string(watch_kind kind);
std::optional<watch_kind> parse_watch_kind(std::string_view text);

struct watch_condition {
  watch_kind kind = watch_kind::falls_to;
  decimal level{}; ///< the price, or for drops_by and gains_by the percentage (20 is 20 %)
  INTERJECT_FIELDS(watch_condition, kind, level)
};

enum class watch_state : std::uint8_t {
  waiting, ///< no price is known yet: the first sample is the baseline
  armed,
  fired,   ///< fired; not yet taken by its conversation
  done,    ///< taken; kept until read or erased
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
  std::optional<decimal> previous; ///< the sample before the one that fired
  INTERJECT_FIELDS(watch_row, id, conversation, name, symbol, when, notify, created, state, baseline,
                   firings, fired_price, fired_at, previous)
};

struct reminder_row {
  std::string id; ///< `r-…`
  conversation_id conversation;
  std::string name;
  time_point due{};
  notification notify;
  time_point created{};
  std::uint64_t occurrence = 1;
  user_id user; ///< set, and `conversation` empty: for the conversation in which this person is best reached
  INTERJECT_FIELDS(reminder_row, id, conversation, name, due, notify, created, occurrence, user)
};

enum class call_mode : std::uint8_t { foreground, background };
enum class call_restart : std::uint8_t { repeat, fail };
enum class call_outcome : std::uint8_t { succeeded, failed, timed_out, unknown_outcome, cancelled };
const char* to_string(call_outcome outcome);

/// An outbound HTTP call. The row says what to do after a restart. Secrets stand in its URL, headers and body as
/// references only (protocols/secret_reference.hpp).
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
  notification notify; ///< background: how the result comes; unused in the foreground
  std::uint32_t redirects = 0; ///< followed at most
  INTERJECT_FIELDS(call_row, id, conversation, name, mode, restart, method, url, headers, body, read,
                   timeout, retries, created, generation, notify, redirects)
};

struct price_sample {
  std::string symbol;
  decimal price{};
  std::optional<time_point> at;    ///< the source's time; now when absent
  std::optional<std::uint64_t> seq; ///< the source's sequence number
  INTERJECT_FIELDS(price_sample, symbol, price, at, seq)
};

} // namespace interject
