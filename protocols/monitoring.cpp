#include "protocols/monitoring.hpp"

#include "protocols/names.hpp"

namespace interject {

namespace {

constexpr auto kinds =
    std::to_array<const char*>({"falls_to", "rises_to", "crosses", "drops_by", "gains_by"});
constexpr auto states =
    std::to_array<const char*>({"waiting", "armed", "fired", "done", "pending", "rearming"});
constexpr auto froms = std::to_array<const char*>({"creation", "last_fired", "high", "low"});
constexpr auto policies = std::to_array<const char*>({"fire_once", "skip"});
constexpr auto outcomes = std::to_array<const char*>(
    {"succeeded", "failed", "timed_out", "unknown_outcome", "cancelled"});

} // namespace

const char* to_string(watch_kind kind) {
  return name_in(kinds, kind);
}
const char* to_string(watch_state state) {
  return name_in(states, state);
}
const char* to_string(call_outcome outcome) {
  return name_in(outcomes, outcome);
}

const char* to_string(watch_from from) {
  return name_in(froms, from);
}
const char* to_string(misfire_policy policy) {
  return name_in(policies, policy);
}

std::optional<watch_from> parse_watch_from(std::string_view text) {
  return find_in<watch_from>(froms, text);
}
std::optional<misfire_policy> parse_misfire_policy(std::string_view text) {
  return find_in<misfire_policy>(policies, text);
}

std::optional<watch_fault> check(const watch_condition& when) {
  using enum watch_kind;
  bool drop = when.kind == drops_by, gain = when.kind == gains_by;
  if ((drop || gain) && (when.level <= decimal{} || (drop && when.level > decimal::of(100))))
    return watch_fault{"level", "a percentage above 0 is expected, of a drop at most 100"};
  if (!drop && !gain && when.from != watch_from::creation)
    return watch_fault{"from", "belongs to drops_by and gains_by; the others name a price"};
  if (drop && when.from == watch_from::low)
    return watch_fault{"from", "a drop is measured from \"creation\", \"last_fired\" or \"high\""};
  if (gain && when.from == watch_from::high)
    return watch_fault{"from", "a gain is measured from \"creation\", \"last_fired\" or \"low\""};
  if (when.from == watch_from::last_fired && !when.repeat)
    return watch_fault{"from",
                       "\"last_fired\" needs \"repeat\": true, as nothing follows a single firing"};
  if (when.hold < duration::zero() || when.hold > std::chrono::hours(24 * 366))
    return watch_fault{"for", "between nothing and a year"};
  if (when.first_sample && when.kind != falls_to && when.kind != rises_to)
    return watch_fault{"first_sample", "belongs to falls_to and rises_to"};
  if (!when.rearm)
    return {};
  if (when.kind == crosses || when.from == watch_from::last_fired)
    return watch_fault{"rearm", "there is no level to come back to; leave it out"};
  if (!when.repeat)
    return watch_fault{"rearm", "needs \"repeat\": true, as a single firing is never armed again"};
  if (when.kind == falls_to && *when.rearm <= when.level)
    return watch_fault{"rearm", "a price above that of falls_to is expected"};
  if (when.kind == rises_to && *when.rearm >= when.level)
    return watch_fault{"rearm", "a price below that of rises_to is expected"};
  if ((drop || gain) && (*when.rearm < decimal{} || *when.rearm >= when.level))
    return watch_fault{"rearm",
                       "a percentage below that of the condition is expected, such as \"10%\""};
  return {};
}

std::optional<watch_kind> parse_watch_kind(std::string_view text) {
  return find_in<watch_kind>(kinds, text);
}

} // namespace interject
