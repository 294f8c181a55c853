// A monitor's, a program's or a bot's news for somebody, and what was decided about it.
// Source of every field and code: the delivery rule (docs/reference/delivery.md).
#pragma once

#include "protocols/fields.hpp"
#include "protocols/ids.hpp"
#include "protocols/time.hpp"
#include "protocols/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace interject {

enum class delivery_mode : std::uint8_t { ad_hoc, deferred, interrupt, automatic };
enum class urgency : std::uint8_t { passive, normal, time_sensitive, critical };
enum class return_mode : std::uint8_t { resume, reset };

/// A text per locale, in the order of the source; one entry with an empty locale serves every
/// locale.
using localized_text = std::vector<std::pair<std::string, std::string>>;

/// Where a firing comes from, so that the conversation can acknowledge it in its own commit.
enum class origin : std::uint8_t { program, watch, reminder, call, dialog };

struct notification {
  notification_id id; ///< the idempotency key, kept for 7 days
  delivery_mode mode = delivery_mode::automatic;
  interject::urgency urgency = urgency::normal;
  return_mode returns = return_mode::resume;
  duration lifetime = std::chrono::hours(24); ///< `expires_in`
  time_point created{};                       ///< set by who takes it in, unless the sender did
  std::uint8_t priority = 50;                 ///< 1–100, 1 first
  bool needs_answer = false;                  ///< true when there is a dialog
  bool solicited = false;                     ///< set by the engine, never by the API
  std::string topic;
  std::string collapse_key;
  std::string digest_key;
  duration repeat_window{0};
  std::vector<std::string> inhibits; ///< topics held back while this is pending or active
  localized_text text;               ///< ICU MessageFormat over `params`
  std::string dialog;                ///< pushed by an interruption; may be empty
  /// For the dialog; a `{"=": "…"}` object is an expression over `params`, evaluated when it is
  /// taken.
  named_values dialog_params;
  named_values params;
  std::string template_id; ///< for closed session windows
  origin from = origin::program;
  std::string source;           ///< watch, reminder or call id; empty for a program
  std::uint64_t occurrence = 0; ///< which firing of the source
  bool late = false;            ///< came due while nobody was running
  bool more = false;            ///< its source may fire again: its row and its name stay
  notification_id
      first_id; ///< under which another conversation took it that handed it over; else empty
  INTERJECT_FIELDS(notification, id, mode, urgency, returns, lifetime, created, priority,
                   needs_answer, solicited, topic, collapse_key, digest_key, repeat_window,
                   inhibits, text, dialog, dialog_params, params, template_id, from, source,
                   occurrence, late, more, first_id)

  time_point expires() const { return created + lifetime; }
};

enum class delivery_action : std::uint8_t { sent, pushed, queued, held, merged, dropped, accepted };

/// One name per outcome; `action_of` tells its family. Order is stable: rows store the number.
enum class delivery_code : std::uint8_t {
  idle,
  boundary,
  adhoc,
  adhoc_critical,
  abandoned,
  depth_adhoc,
  escalated_expiry,
  opened,
  interrupted,
  flow_cancelled,
  user_typing,
  await_boundary,
  step_protected,
  interruption_active,
  depth_limit,
  uncancellable,
  inhibited,
  no_channel,
  window_closed,
  quiet,
  rate_limited,
  spaced,
  parked,
  coalesced,
  superseded,
  dup_id,
  expired,
  expired_unseen,
  expires_in_quiet,
  withdrawn,
  no_optin,
  muted,
  freq_cap,
  repeat_window,
  queue_full,
  failed,
};
inline constexpr int delivery_code_count = static_cast<int>(delivery_code::failed) + 1;

const char* to_string(delivery_code code);
const char* to_string(delivery_action action);
const char* to_string(delivery_mode mode); ///< "ad_hoc" "deferred" "interrupt" "auto"
const char* to_string(urgency level);
std::optional<delivery_code> parse_delivery_code(std::string_view text);
std::optional<delivery_mode> parse_delivery_mode(std::string_view text);
std::optional<urgency> parse_urgency(std::string_view text);

/// One line of a notification's trail.
struct decision {
  delivery_action action = delivery_action::accepted;
  delivery_code code = delivery_code::idle;
  time_point at{};
  std::string retry; ///< what it waits for: "dialog_end", "typing_end", …; empty when final
  std::optional<time_point> latest; ///< a held notice is tried again at this instant at the latest
  std::string rule;   ///< row of the rule that answered: "A4", "B7/ladder4", "C-bound"
  std::string inputs; ///< the inputs that it saw, as JSON text
  INTERJECT_FIELDS(decision, action, code, at, retry, latest, rule, inputs)
};

/// How a pushed notice ended, in the trail beside its decisions.
enum class interruption_end : std::uint8_t {
  resumed,
  resume_declined,
  interrupter_timeout,
  answered
};
const char* to_string(interruption_end end);

} // namespace interject
