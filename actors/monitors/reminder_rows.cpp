#include "actors/monitors/reminder_rows.hpp"

#include "actors/monitors/firing.hpp"
#include "protocols/recurrence.hpp"

#include <algorithm>

namespace interject::monitors {
namespace {

/// The last occurrence until `now`, looked for backwards in steps that double.
time_point last_until(const recurrence& rule, time_point first, time_point now) {
  auto at = first;
  for (duration back = std::chrono::minutes(1); now - back > first; back *= 2)
    if (auto found = rule.after(now - back); found && *found <= now) {
      at = *found;
      break;
    }
  for (int looked_at = 0; looked_at < 10'000; ++looked_at) {
    auto next = rule.after(at);
    if (!next || *next > now)
      break;
    at = *next;
  }
  return at;
}

} // namespace

std::optional<time_point> occurrence_after(const reminder_row& row, time_point t) {
  if (row.rrule.empty())
    return {};
  auto rule = recurrence::parse(row.rrule, row.zone, row.start);
  return rule ? rule->after(t) : std::nullopt;
}

std::string instant_id(const std::string& reminder, time_point at) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  return reminder + "." + std::to_string(seconds);
}

reminder_firing fire(const reminder_row& row, bool late, time_point now) {
  auto at = row.due;
  reminder_firing out;
  if (!row.rrule.empty()) {
    if (auto rule = recurrence::parse(row.rrule, row.zone, row.start)) {
      at = last_until(*rule, row.due, std::max(now, row.due));
      out.next = rule->after(std::max(now, row.due));
    }
  }
  out.what = firing_of(row.notify, origin::reminder, row.id, row.occurrence, at);
  // A recurring one is named by its instant: where the row does not know how far it had come, its
  // conversation knows each instant that it has taken.
  if (!row.rrule.empty())
    out.what.id = instant_id(row.id, at);
  out.what.late = late;
  out.what.more = out.next.has_value();
  if (late && row.misfire == misfire_policy::skip)
    out.what.lifetime = duration::zero();
  return out;
}

} // namespace interject::monitors
