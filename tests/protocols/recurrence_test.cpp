#define CAF_SUITE recurrence
#include "tests/support/caf_test.hpp"

#include "protocols/recurrence.hpp"

using namespace interject;

namespace {

time_point t(const char* text) {
  return parse_time(text).value();
}

std::string occurrences(const char* rule, const char* zone, const char* start, int n) {
  auto r = recurrence::parse(rule, zone, t(start));
  if (!r)
    return r.error().what;
  std::string out;
  auto at = t(start) - duration(1);
  for (int i = 0; i < n; ++i) {
    auto next = r->after(at);
    if (!next)
      return out + " end";
    out += (out.empty() ? "" : " ") + format_time(*next).substr(5, 11);
    at = *next;
  }
  return out;
}

struct example {
  const char* name;
  const char* rule;
  const char* zone;
  const char* start;
  const char* expected; ///< month, day, hour and minute in UTC
};

} // namespace

CAF_TEST(occurrences in UTC) {
  for (auto& e : std::vector<example>{
           {"daily", "FREQ=DAILY;BYHOUR=9;BYMINUTE=0", "", "2026-01-01T08:00:00Z",
            "01-01T09:00 01-02T09:00 01-03T09:00"},
           {"its start counts when it matches", "FREQ=DAILY", "", "2026-01-01T08:00:00Z",
            "01-01T08:00 01-02T08:00 01-03T08:00"},
           {"a name in front", "RRULE:FREQ=DAILY", "", "2026-01-01T08:00:00Z",
            "01-01T08:00 01-02T08:00 01-03T08:00"},
           {"mondays", "FREQ=WEEKLY;BYDAY=MO", "", "2026-01-01T08:00:00Z",
            "01-05T08:00 01-12T08:00 01-19T08:00"},
           {"counted", "FREQ=DAILY;COUNT=2", "", "2026-01-01T08:00:00Z",
            "01-01T08:00 01-02T08:00 end"},
           {"until, inclusive", "FREQ=DAILY;UNTIL=20260102T080000Z", "", "2026-01-01T08:00:00Z",
            "01-01T08:00 01-02T08:00 end"},
           {"until just before", "FREQ=DAILY;UNTIL=20260102T075959Z", "", "2026-01-01T08:00:00Z",
            "01-01T08:00 end"},
           {"until a day, all of it", "FREQ=DAILY;UNTIL=20260102", "", "2026-01-01T08:00:00Z",
            "01-01T08:00 01-02T08:00 end"},
           {"the last day of each month", "FREQ=MONTHLY;BYMONTHDAY=-1", "", "2026-01-15T08:00:00Z",
            "01-31T08:00 02-28T08:00 03-31T08:00"},
           {"the 31st skips short months", "FREQ=MONTHLY;BYMONTHDAY=31", "", "2026-01-15T08:00:00Z",
            "01-31T08:00 03-31T08:00 05-31T08:00"},
           {"the 29th of February", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "",
            "2026-01-15T08:00:00Z", "02-29T08:00 02-29T08:00 02-29T08:00"},
           {"every other week", "FREQ=WEEKLY;INTERVAL=2", "", "2026-01-01T08:00:00Z",
            "01-01T08:00 01-15T08:00 01-29T08:00"},
           {"twice an hour on working days",
            "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9,10;BYMINUTE=0,30", "",
            "2026-01-02T09:45:00Z", "01-02T10:00 01-02T10:30 01-05T09:00"},
           {"three times each day but Sunday", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR,SA;BYHOUR=8,12,20",
            "", "2026-01-03T12:00:00Z", "01-03T12:00 01-03T20:00 01-05T08:00"},
           {"the last working day", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "",
            "2026-01-01T08:00:00Z", "01-30T08:00 02-27T08:00 03-31T08:00"},
       }) {
    CAF_MESSAGE(e.name);
    CAF_CHECK_EQUAL(occurrences(e.rule, e.zone, e.start, 3), e.expected);
  }
}

CAF_TEST(changes of the clocks) {
  for (auto& e : std::vector<example>{
           // Paris leaves 02:00 for 03:00 on 29 March and comes back from 03:00 to 02:00 on 25
           // October 2026.
           {"02:30 that does not exist is 03:30", "FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "Europe/Paris",
            "2026-03-28T00:00:00Z", "03-28T01:30 03-29T01:30 03-30T00:30"},
           {"02:30 that comes twice is the first", "FREQ=DAILY;BYHOUR=2;BYMINUTE=30",
            "Europe/Paris", "2026-10-24T00:00:00Z", "10-24T00:30 10-25T00:30 10-26T01:30"},
           {"nine stays nine", "FREQ=DAILY;BYHOUR=9;BYMINUTE=0", "Europe/Paris",
            "2026-03-28T00:00:00Z", "03-28T08:00 03-29T07:00 03-30T07:00"},
           {"nine stays nine in autumn", "FREQ=DAILY;BYHOUR=9;BYMINUTE=0", "Europe/Paris",
            "2026-10-24T00:00:00Z", "10-24T07:00 10-25T08:00 10-26T08:00"},
           {"an hour is an hour in spring", "FREQ=HOURLY;BYMINUTE=15", "Europe/Paris",
            "2026-03-29T00:00:00Z", "03-29T00:15 03-29T01:15 03-29T02:15"},
           {"an hour is an hour in autumn", "FREQ=HOURLY;BYMINUTE=15", "Europe/Paris",
            "2026-10-25T00:00:00Z", "10-25T00:15 10-25T01:15 10-25T02:15"},
           {"New York", "FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "America/New_York",
            "2026-03-07T00:00:00Z", "03-07T07:30 03-08T07:30 03-09T06:30"},
           {"half an hour in Lord Howe", "FREQ=DAILY;BYHOUR=2;BYMINUTE=15", "Australia/Lord_Howe",
            "2026-10-02T00:00:00Z", "10-02T15:45 10-03T15:45 10-04T15:15"},
           {"two that fall on one instant come once", "FREQ=DAILY;BYHOUR=2,3;BYMINUTE=30",
            "Europe/Paris", "2026-03-28T12:00:00Z", "03-29T01:30 03-30T00:30 03-30T01:30"},
           {"midnight that does not exist", "FREQ=DAILY;BYHOUR=0;BYMINUTE=0", "America/Havana",
            "2026-03-06T12:00:00Z", "03-07T05:00 03-08T05:00 03-09T04:00"},
           {"a count counts the hour that does not exist",
            "FREQ=DAILY;BYHOUR=2;BYMINUTE=30;COUNT=2", "Europe/Paris", "2026-03-28T00:00:00Z",
            "03-28T01:30 03-29T01:30 end"},
           {"an end within the hour that comes twice",
            "FREQ=DAILY;BYHOUR=2;BYMINUTE=30;UNTIL=20261025T003000Z", "Europe/Paris",
            "2026-10-24T00:00:00Z", "10-24T00:30 10-25T00:30 end"},
           {"the day begins in the zone", "FREQ=WEEKLY;BYDAY=MO;BYHOUR=0;BYMINUTE=0", "Asia/Tokyo",
            "2026-01-01T00:00:00Z", "01-04T15:00 01-11T15:00 01-18T15:00"},
       }) {
    CAF_MESSAGE(e.name);
    CAF_CHECK_EQUAL(occurrences(e.rule, e.zone, e.start, 3), e.expected);
  }
}

CAF_TEST(long after its start a rule goes on as if it had been followed all along) {
  for (auto* rule :
       {"FREQ=DAILY;INTERVAL=3;BYHOUR=9;BYMINUTE=0", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
        "FREQ=MONTHLY;INTERVAL=5", "FREQ=YEARLY", "FREQ=HOURLY;INTERVAL=7",
        "FREQ=MINUTELY;INTERVAL=55", "FREQ=DAILY;COUNT=400"}) {
    auto start = t("2026-01-05T08:00:00Z");
    auto r = recurrence::parse(rule, "Europe/Paris", start);
    CAF_REQUIRE(r.has_value());
    auto at = start - duration(1);
    for (int i = 0; i < 300; ++i) {
      auto next = r->after(at);
      CAF_REQUIRE(next.has_value());
      CAF_REQUIRE(*next > at);
      // From just before and from well before it, the same.
      CAF_REQUIRE(r->after(*next - duration(1)) == next);
      CAF_REQUIRE(i == 0 || r->after(at + (*next - at) / 2) == next);
      at = *next;
    }
  }
}

CAF_TEST(hostile and mistaken rules are refused in words) {
  auto up_to = [](int n) {
    std::string list = "0";
    for (int i = 1; i <= n; ++i)
      list += "," + std::to_string(i);
    return list;
  };
  const auto at_all_times = "BYHOUR=" + up_to(23) + ";BYMINUTE=" + up_to(59);
  for (auto& [rule, zone, says] : std::vector<std::tuple<std::string, const char*, const char*>>{
           {"", "", "FREQ is missing"},
           {"often", "", "FREQ is missing"},
           {"FREQ=SECONDLY", "", "too often"},
           {"FREQ=SOMETIMES", "", "one of MINUTELY"},
           {"FREQ=DAILY;BYSECOND=0,1,2", "", "BYSECOND: one number"},
           {"FREQ=DAILY;COUNT=1000000", "", "1 to 10000"},
           {"FREQ=DAILY;COUNT=0", "", "1 to 10000"},
           {"FREQ=DAILY;INTERVAL=-1", "", "1 to 1000"},
           {"FREQ=DAILY;INTERVAL=99999999999", "", "1 to 1000"},
           {"FREQ=DAILY;COUNT=1;UNTIL=20300101", "", "do not go together"},
           {"FREQ=DAILY;COUNT=1;COUNT=2", "", "stands twice"},
           {"FREQ=DAILY;EVERY=2", "", "no part of"},
           {"FREQ=DAILY;BYDAY", "", "lacks its ="},
           {"FREQ=DAILY;BYDAY=", "", "is empty"},
           {"FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30", "", "does not go with"},
           {"FREQ=HOURLY;INTERVAL=24;BYHOUR=3", "", "does not go with"},
           {"BYDAY=FREQ=DAILY", "", "FREQ is missing"},
           {"FREQ=MINUTELY;INTERVAL=2;BYMINUTE=1", "", "use FREQ=HOURLY with BYMINUTE"},
           {"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;" + at_all_times, "",
            "BYMONTH does not go with several times a day"},
           {"FREQ=WEEKLY;BYMONTH=2;" + at_all_times, "", "use FREQ=YEARLY or MONTHLY"},
           {"FREQ=DAILY;INTERVAL=7;BYDAY=TU;" + at_all_times, "", "use FREQ=WEEKLY"},
           {"FREQ=MONTHLY;BYSETPOS=366;" + at_all_times, "", "BYSETPOS does not go with several"},
           {"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;" + at_all_times, "", "never comes"},
           {"FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;" + at_all_times, "", "never comes"},
           {"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "", "never comes"},
           {"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31", "", "never comes"},
           {"FREQ=DAILY;UNTIL=20200101T000000Z", "", "never comes"},
           {"FREQ=DAILY;BYHOUR=25", "", ""},
           {"FREQ=DAILY", "Europe/Nowhere", "is no time zone"},
           {"FREQ=DAILY;BYHOUR=" + std::string(600, '1'), "", "longer than 512"},
       }) {
    CAF_MESSAGE(rule.substr(0, 60));
    auto r = recurrence::parse(rule, zone, t("2026-01-01T08:00:00Z"));
    CAF_REQUIRE(!r);
    CAF_MESSAGE(r.error().what);
    CAF_CHECK(r.error().what.find(says) != std::string::npos);
  }
}
