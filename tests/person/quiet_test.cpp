// Quiet hours on days that have 23, 24 and 25 hours.
#define CAF_SUITE quiet
#include "tests/support/caf_test.hpp"

#include "actors/person/quiet.hpp"

using namespace interject;
using namespace interject::person;

namespace {

quiet_hours hours(const char* from, const char* to, std::string zone = "Europe/Paris") {
  return {*parse_day_minutes(from), *parse_day_minutes(to), std::move(zone), true};
}

struct row {
  const char* what;
  quiet_hours q;
  const char* now;
  const char* until; ///< empty: not quiet
};

const row rows[] = {
    {"before the evening", hours("22:00", "08:00"), "2026-01-05T21:59:59+01:00", ""},
    {"the first instant", hours("22:00", "08:00"), "2026-01-05T22:00:00+01:00",
     "2026-01-06T08:00:00+01:00"},
    {"after midnight", hours("22:00", "08:00"), "2026-01-06T00:30:00+01:00",
     "2026-01-06T08:00:00+01:00"},
    {"the last millisecond", hours("22:00", "08:00"), "2026-01-06T07:59:59.999+01:00",
     "2026-01-06T08:00:00+01:00"},
    {"the end itself", hours("22:00", "08:00"), "2026-01-06T08:00:00+01:00", ""},
    {"within a day", hours("13:00", "14:00"), "2026-01-06T13:30:00+01:00",
     "2026-01-06T14:00:00+01:00"},
    {"the night is an hour shorter in spring", hours("22:00", "08:00"), "2026-03-28T23:00:00+01:00",
     "2026-03-29T08:00:00+02:00"},
    {"and an hour longer in autumn", hours("22:00", "08:00"), "2026-10-24T23:00:00+02:00",
     "2026-10-25T08:00:00+01:00"},
    {"an end that the clock skips", hours("22:00", "02:30"), "2026-03-29T01:30:00+01:00",
     "2026-03-29T03:00:00+02:00"},
    {"an end that comes twice is the second", hours("22:00", "02:30"), "2026-10-25T02:40:00+02:00",
     "2026-10-25T02:30:00+01:00"},
    {"a beginning that comes twice is the first", hours("02:30", "06:00"),
     "2026-10-25T02:35:00+02:00", "2026-10-25T06:00:00+01:00"},
    {"a beginning that the clock skips", hours("02:30", "06:00"), "2026-03-29T03:10:00+02:00",
     "2026-03-29T06:00:00+02:00"},
    {"the last day of a month", hours("22:00", "08:00"), "2026-01-31T23:00:00+01:00",
     "2026-02-01T08:00:00+01:00"},
    {"the last day of a year", hours("22:00", "08:00"), "2026-12-31T23:30:00+01:00",
     "2027-01-01T08:00:00+01:00"},
    {"half an hour off", hours("22:00", "08:00", "Asia/Kolkata"), "2026-06-01T22:00:00+05:30",
     "2026-06-02T08:00:00+05:30"},
    {"the other side of the date line", hours("22:00", "08:00", "Pacific/Auckland"),
     "2026-06-02T00:00:00+12:00", "2026-06-02T08:00:00+12:00"},
    {"a zone that nobody knows counts as UTC", hours("22:00", "08:00", "Mars/Olympus"),
     "2026-06-02T00:00:00Z", "2026-06-02T08:00:00Z"},
};

} // namespace

CAF_TEST(quiet hours follow the clock on the wall) {
  for (auto& r : rows) {
    CAF_MESSAGE(r.what);
    auto until = quiet_until(r.q, *parse_time(r.now));
    CAF_CHECK_EQUAL(until ? format_time(*until) : "",
                    *r.until ? format_time(*parse_time(r.until)) : "");
  }
}

CAF_TEST(the end of quiet hours is not quiet on any day of a year) {
  for (auto zone : {"Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC"})
    for (auto q : {hours("22:00", "08:00", zone), hours("02:15", "02:45", zone),
                   hours("23:30", "01:30", zone)})
      for (auto now = *parse_time("2026-01-01T00:00:00Z");
           now < *parse_time("2027-01-01T00:00:00Z"); now += std::chrono::minutes(47))
        if (auto until = quiet_until(q, now)) {
          CAF_REQUIRE(*until > now);
          CAF_REQUIRE(*until <= now + std::chrono::hours(24));
          if (quiet_until(q, *until))
            CAF_FAIL("still quiet at " << format_time(*until) << " in " << zone);
        }
}

CAF_TEST(zones are known by their names) {
  CAF_CHECK(is_zone("Europe/Paris"));
  CAF_CHECK(is_zone("UTC"));
  CAF_CHECK(!is_zone("Europe/Atlantis"));
  CAF_CHECK(!is_zone(""));
}

CAF_TEST(times of day are read as people write them) {
  for (auto [text, minutes] : {std::pair("9", 540),
                               {"09", 540},
                               {"9:05", 545},
                               {"00:00", 0},
                               {"24:00", 0},
                               {"23:59", 1439}})
    CAF_CHECK_EQUAL(parse_day_minutes(text).value_or(-1), minutes);
  for (auto text : {"", "25", "24:01", "9:5", "9:60", "9:005", "nine", "-1", "9:", ":30", " 9"})
    CAF_CHECK_EQUAL(parse_day_minutes(text).value_or(-1), -1);
}

CAF_TEST(quiet hours are written as they are read) {
  auto q = hours("22:30", "07:15");
  q.break_through = false;
  auto again = read_quiet(to_value(q));
  CAF_REQUIRE(again.has_value());
  CAF_CHECK_EQUAL(again->from, q.from);
  CAF_CHECK_EQUAL(again->to, q.to);
  CAF_CHECK_EQUAL(again->zone, q.zone);
  CAF_CHECK(!again->break_through);
  CAF_CHECK(!read_quiet(value::object{{"from", value("8")}, {"to", value("8:00")}}));
  CAF_CHECK(!read_quiet(value::object{{"from", value("late")}}));
  CAF_CHECK(!read_quiet(value("22:00")));
}
