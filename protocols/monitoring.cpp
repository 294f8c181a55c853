#include "protocols/monitoring.hpp"

#include "protocols/names.hpp"

namespace interject {

namespace {

constexpr auto kinds =
    std::to_array<const char*>({"falls_to", "rises_to", "crosses", "drops_by", "gains_by"});
constexpr auto states = std::to_array<const char*>({"waiting", "armed", "fired", "done"});
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

std::optional<watch_kind> parse_watch_kind(std::string_view text) {
  return find_in<watch_kind>(kinds, text);
}

} // namespace interject
