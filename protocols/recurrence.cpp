#include "protocols/recurrence.hpp"

#include <libical/ical.h>
#include <unicode/calendar.h>
#include <unicode/timezone.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string>

namespace interject {
namespace {

constexpr std::size_t max_bytes = 512;
constexpr int max_interval = 1000;
constexpr int max_count = 10'000;

error wrong(std::string what) {
  return {errc::bad_input, std::move(what)};
}

/// One whole number, or a list of them where the part has one.
std::optional<int> whole(std::string_view text) {
  int n = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (code != std::errc() || end != text.data() + text.size())
    return {};
  return n;
}

std::optional<error> check_number(std::string_view name, std::string_view text, int most) {
  auto n = whole(text);
  if (n && *n >= 1 && *n <= most)
    return {};
  return wrong(std::string(name) + "=" + std::string(text) + ": a number from 1 to " +
               std::to_string(most) + " is expected");
}

std::optional<error> check_part(std::string_view name, std::string_view text, bool by_the_clock) {
  constexpr std::string_view frequencies[] = {"MINUTELY", "HOURLY",  "DAILY",
                                              "WEEKLY",   "MONTHLY", "YEARLY"};
  constexpr std::string_view days[] = {"BYDAY",   "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO",
                                       "BYMONTH", "BYSETPOS",   "BYHOUR"};
  auto one_of = [](std::string_view what, const auto& list) {
    return std::find(std::begin(list), std::end(list), what) != std::end(list);
  };
  if (name == "FREQ") {
    if (text == "SECONDLY")
      return wrong(
          "FREQ=SECONDLY is too often: a reminder comes once a minute at most, by FREQ=MINUTELY");
    if (!one_of(text, frequencies))
      return wrong("FREQ=" + std::string(text) +
                   ": one of MINUTELY, HOURLY, DAILY, WEEKLY, MONTHLY and YEARLY is expected");
  } else if (name == "INTERVAL") {
    return check_number(name, text, max_interval);
  } else if (name == "COUNT") {
    return check_number(name, text, max_count);
  } else if (name == "BYSECOND") {
    if (auto n = whole(text); !n || *n < 0 || *n > 59)
      return wrong("BYSECOND: one number from 0 to 59 is expected, as a reminder comes once a "
                   "minute at most");
  } else if (one_of(name, days) || name == "BYMINUTE") {
    // Such a rule might look at every minute of centuries before it finds one, or none.
    if (by_the_clock && name != "BYMINUTE")
      return wrong(
          std::string(name) +
          " does not go with FREQ=HOURLY or MINUTELY: use FREQ=DAILY with BYHOUR and BYMINUTE");
    if (text.empty())
      return wrong(std::string(name) + " is empty");
  } else if (name != "UNTIL" && name != "WKST") {
    return wrong(
        "\"" + std::string(name) +
        "\" is no part of a recurrence rule; \"FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0\" is one");
  }
  return {};
}

std::size_t length(std::string_view list) {
  return static_cast<std::size_t>(1 + std::count(list.begin(), list.end(), ','));
}

/// libical tries the times of each day one after the other, also on days that do not count: with
/// many times such a rule might cost minutes before it finds an occurrence, or none.
std::optional<error> check_times(const std::map<std::string_view, std::string_view>& parts) {
  auto has = [&](std::string_view name) { return parts.count(name) > 0; };
  auto found = parts.find("FREQ");
  if (found == parts.end())
    return wrong("FREQ is missing");
  auto freq = found->second;
  if (freq == "MINUTELY" && has("BYMINUTE"))
    return wrong("BYMINUTE does not go with FREQ=MINUTELY: use FREQ=HOURLY with BYMINUTE");
  auto of = [&](std::string_view name) { return has(name) ? length(parts.at(name)) : 1; };
  if (of("BYHOUR") * of("BYMINUTE") == 1 || freq == "HOURLY")
    return {};
  constexpr std::string_view several = " does not go with several times a day";
  if (has("BYSETPOS"))
    return wrong("BYSETPOS" + std::string(several) + ": give it one hour and one minute");
  if (freq != "DAILY" && freq != "WEEKLY")
    return {};
  for (auto name : {"BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"})
    if (has(name))
      return wrong(name + std::string(several) + " by FREQ=" + std::string(freq) +
                   ": use FREQ=YEARLY or MONTHLY");
  if (freq == "DAILY" && has("BYDAY") && has("INTERVAL") && parts.at("INTERVAL") != "1")
    return wrong("BYDAY" + std::string(several) + " by FREQ=DAILY with INTERVAL: use FREQ=WEEKLY");
  return {};
}

/// The parts one by one, as libical passes over some that it does not know.
std::optional<error> check_parts(std::string_view rule) {
  if (rule.size() > max_bytes)
    return wrong("the rule is longer than 512 bytes");
  auto freq = rule.find("FREQ=");
  if (freq == rule.npos)
    return wrong("FREQ is missing; \"FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0\" is a rule");
  bool by_the_clock = rule.substr(freq).starts_with("FREQ=HOURLY") ||
                      rule.substr(freq).starts_with("FREQ=MINUTELY");
  std::map<std::string_view, std::string_view> seen;
  while (!rule.empty()) {
    auto end = std::min(rule.find(';'), rule.size());
    auto part = rule.substr(0, end);
    rule.remove_prefix(std::min(end + 1, rule.size()));
    auto equals = part.find('=');
    if (equals == part.npos)
      return wrong("\"" + std::string(part) + "\" lacks its =");
    if (!seen.emplace(part.substr(0, equals), part.substr(equals + 1)).second)
      return wrong(std::string(part.substr(0, equals)) + " stands twice");
    if (auto fault = check_part(part.substr(0, equals), part.substr(equals + 1), by_the_clock))
      return fault;
  }
  if (seen.count("COUNT") && seen.count("UNTIL"))
    return wrong("COUNT and UNTIL do not go together");
  return check_times(seen);
}

double millis(time_point t) {
  return static_cast<double>(
      std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count());
}

struct iterator_freer {
  void operator()(icalrecur_iterator* it) const { icalrecur_iterator_free(it); }
};

} // namespace

struct recurrence::parts {
  icalrecurrencetype rule{};
  std::unique_ptr<icu::TimeZone> zone;
  std::optional<duration> offset; ///< of the whole rule, where it counts elapsed time
  time_point start{};
  std::optional<time_point> until;

  /// What a rule may be moved on by without changing it; 0: nothing.
  std::int64_t period() const {
    switch (rule.freq) {
    case ICAL_MINUTELY_RECURRENCE:
      return 60 * rule.interval;
    case ICAL_HOURLY_RECURRENCE:
      return 3600 * rule.interval;
    case ICAL_DAILY_RECURRENCE:
      return 86'400 * rule.interval;
    case ICAL_WEEKLY_RECURRENCE:
      return 7 * 86'400 * rule.interval;
    default:
      return 0;
    }
  }

  /// The rule from its start, or from a later point that it would come by. One that counts is
  /// counted from its start.
  icalrecur_iterator* begin(time_point t) const {
    auto first = local(start);
    if (rule.count != 0 || t - start < std::chrono::hours(96))
      return icalrecur_iterator_new(rule, first);
    auto near = local(t - std::chrono::hours(48));
    if (auto by = period()) {
      auto from = icaltime_as_timet(first);
      auto on = (icaltime_as_timet(near) - from) / by * by;
      return icalrecur_iterator_new(rule, icaltime_from_timet_with_zone(from + on, 0, nullptr));
    }
    auto* it = icalrecur_iterator_new(rule, first);
    if (it && rule.interval == 1)
      icalrecur_iterator_set_start(it, near);
    return it;
  }

  icaltimetype local(time_point t) const {
    UErrorCode code = U_ZERO_ERROR;
    std::int32_t raw = 0, saving = 0;
    zone->getOffset(millis(t), false, raw, saving, code);
    auto by = offset.value_or(std::chrono::milliseconds(raw + saving));
    auto seconds = std::chrono::floor<std::chrono::seconds>(t + by).time_since_epoch().count();
    return icaltime_from_timet_with_zone(static_cast<time_t>(seconds), 0, nullptr);
  }

  time_point instant(const icaltimetype& at) const {
    if (offset)
      return time_point(std::chrono::seconds(icaltime_as_timet(at))) - *offset;
    UErrorCode code = U_ZERO_ERROR;
    std::unique_ptr<icu::Calendar> calendar(
        icu::Calendar::createInstance(*zone, icu::Locale::getRoot(), code));
    if (U_FAILURE(code))
      return time_point::max();
    calendar->setRepeatedWallTimeOption(UCAL_WALLTIME_FIRST);
    calendar->setSkippedWallTimeOption(UCAL_WALLTIME_LAST);
    calendar->clear();
    calendar->set(at.year, at.month - 1, at.day, at.hour, at.minute, at.second);
    auto ms = calendar->getTime(code);
    return U_FAILURE(code) ? time_point::max()
                           : time_point(std::chrono::milliseconds(static_cast<std::int64_t>(ms)));
  }
};

result<recurrence> recurrence::parse(std::string_view rule, std::string_view zone,
                                     time_point start) {
  if (rule.starts_with("RRULE:"))
    rule.remove_prefix(6);
  if (auto fault = check_parts(rule))
    return *fault;
  auto p = std::make_shared<parts>();
  p->start = start;
  std::unique_ptr<icu::TimeZone> found(icu::TimeZone::createTimeZone(
      icu::UnicodeString::fromUTF8(zone.empty() ? "Etc/UTC" : std::string(zone))));
  if (!found || *found == icu::TimeZone::getUnknown())
    return wrong("\"" + std::string(zone) + "\" is no time zone; \"Europe/Paris\" is one");
  p->zone = std::move(found);
  icalerror_set_errors_are_fatal(0);
  p->rule = icalrecurrencetype_from_string(std::string(rule).c_str());
  if (p->rule.freq == ICAL_NO_RECURRENCE)
    return wrong("\"" + std::string(rule) +
                 "\" is no recurrence rule of iCalendar, or a number in it is out of range");
  if (p->rule.freq == ICAL_HOURLY_RECURRENCE || p->rule.freq == ICAL_MINUTELY_RECURRENCE) {
    UErrorCode code = U_ZERO_ERROR;
    std::int32_t raw = 0, saving = 0;
    p->zone->getOffset(millis(start), false, raw, saving, code);
    p->offset = std::chrono::milliseconds(raw + saving);
  }
  if (auto& until = p->rule.until; !icaltime_is_null_time(until)) {
    if (until.is_date)
      until.hour = 23, until.minute = 59, until.second = 59, until.is_date = 0;
    p->until = icaltime_is_utc(until) ? time_point(std::chrono::seconds(icaltime_as_timet(until)))
                                      : p->instant(until);
    until = icaltime_null_time();
  }
  recurrence made;
  made.it_ = std::move(p);
  if (!made.after(start - duration(1)))
    return wrong("\"" + std::string(rule) + "\" never comes");
  return made;
}

std::optional<time_point> recurrence::after(time_point t) const {
  auto& p = *it_;
  std::unique_ptr<icalrecur_iterator, iterator_freer> it(p.begin(t));
  if (!it)
    return {};
  for (auto at = icalrecur_iterator_next(it.get()); !icaltime_is_null_time(at);
       at = icalrecur_iterator_next(it.get())) {
    auto due = p.instant(at);
    if (p.until && due > *p.until)
      return {};
    if (due > t && due >= p.start)
      return due;
  }
  return {};
}

} // namespace interject
