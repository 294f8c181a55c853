#include "protocols/notification.hpp"

#include "protocols/names.hpp"

namespace interject {

namespace {

constexpr auto codes = std::to_array<const char*>({
    "idle",
    "boundary",
    "adhoc",
    "adhoc_critical",
    "abandoned",
    "depth_adhoc",
    "escalated_expiry",
    "opened",
    "interrupted",
    "flow_cancelled",
    "user_typing",
    "await_boundary",
    "step_protected",
    "interruption_active",
    "depth_limit",
    "uncancellable",
    "inhibited",
    "no_channel",
    "window_closed",
    "quiet",
    "rate_limited",
    "spaced",
    "parked",
    "coalesced",
    "superseded",
    "dup_id",
    "expired",
    "expired_unseen",
    "expires_in_quiet",
    "withdrawn",
    "no_optin",
    "muted",
    "freq_cap",
    "repeat_window",
    "queue_full",
    "failed",
});
static_assert(codes.size() == delivery_code_count);

constexpr auto actions = std::to_array<const char*>(
    {"sent", "pushed", "queued", "held", "merged", "dropped", "accepted"});
constexpr auto modes = std::to_array<const char*>({"ad_hoc", "deferred", "interrupt", "auto"});
constexpr auto levels =
    std::to_array<const char*>({"passive", "normal", "time_sensitive", "critical"});
constexpr auto ends =
    std::to_array<const char*>({"resumed", "resume_declined", "interrupter_timeout", "answered"});

} // namespace

const char* to_string(delivery_code code) {
  return name_in(codes, code);
}
const char* to_string(delivery_action action) {
  return name_in(actions, action);
}
const char* to_string(delivery_mode mode) {
  return name_in(modes, mode);
}
const char* to_string(urgency level) {
  return name_in(levels, level);
}
const char* to_string(interruption_end end) {
  return name_in(ends, end);
}

std::optional<delivery_code> parse_delivery_code(std::string_view text) {
  return find_in<delivery_code>(codes, text);
}
std::optional<delivery_mode> parse_delivery_mode(std::string_view text) {
  return find_in<delivery_mode>(modes, text);
}
std::optional<urgency> parse_urgency(std::string_view text) {
  return find_in<urgency>(levels, text);
}

} // namespace interject
