#include "actors/person/quiet.hpp"

#include <unicode/gregocal.h>
#include <unicode/timezone.h>

#include <memory>

namespace interject::person {

namespace {

std::unique_ptr<icu::TimeZone> zone_of(const std::string& name) {
  std::unique_ptr<icu::TimeZone> zone(
      icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(name)));
  return zone && *zone != icu::TimeZone::getUnknown() ? std::move(zone) : nullptr;
}

struct day {
  int year = 0, month = 0, date = 0;
};

class wall_clock {
public:
  explicit wall_clock(const std::string& zone) {
    auto known = zone_of(zone);
    UErrorCode status = U_ZERO_ERROR;
    calendar_ = std::make_unique<icu::GregorianCalendar>(
        known ? known.release() : icu::TimeZone::getGMT()->clone(), status);
    calendar_->setSkippedWallTimeOption(UCAL_WALLTIME_NEXT_VALID);
  }

  day today(time_point now, int offset) {
    UErrorCode status = U_ZERO_ERROR;
    calendar_->setTime(static_cast<UDate>(now.time_since_epoch().count()), status);
    calendar_->add(UCAL_DATE, offset, status);
    return {calendar_->get(UCAL_EXTENDED_YEAR, status), calendar_->get(UCAL_MONTH, status),
            calendar_->get(UCAL_DATE, status)};
  }

  /// Days beyond the end of a month roll over.
  time_point at(const day& d, int days_on, int minutes, UCalendarWallTimeOption repeated) {
    UErrorCode status = U_ZERO_ERROR;
    calendar_->clear();
    calendar_->setRepeatedWallTimeOption(repeated);
    calendar_->set(d.year, d.month, d.date + days_on, minutes / 60, minutes % 60, 0);
    return time_point(duration(static_cast<std::int64_t>(calendar_->getTime(status))));
  }

private:
  std::unique_ptr<icu::GregorianCalendar> calendar_;
};

} // namespace

bool is_zone(const std::string& zone) {
  return zone_of(zone) != nullptr;
}

std::optional<time_point> quiet_until(const quiet_hours& q, time_point now) {
  wall_clock clock(q.zone);
  const auto nights = q.to <= q.from ? 1 : 0;
  std::optional<time_point> end;
  for (int offset : {-1, 0}) {
    auto d = clock.today(now, offset);
    auto from = clock.at(d, 0, q.from, UCAL_WALLTIME_FIRST);
    auto to = clock.at(d, nights, q.to, UCAL_WALLTIME_LAST);
    if (from <= now && now < to)
      end = end ? std::max(*end, to) : to;
  }
  return end;
}

} // namespace interject::person
