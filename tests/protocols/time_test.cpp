#define CAF_SUITE time
#include "tests/support/caf_test.hpp"

#include "protocols/time.hpp"

using namespace interject;

namespace {
std::string shown(std::optional<time_point> at) {
  return at ? format_time(*at) : "none";
}
std::string length(std::optional<duration> d) {
  return d ? std::to_string(d->count()) : "none";
}
} // namespace

CAF_TEST(instants are read as RFC 3339 and written in UTC) {
  struct row {
    const char* text;
    const char* shown;
  };
  for (auto& [text, want] : std::vector<row>{
           {"2026-12-01T00:00:00+01:00", "2026-11-30T23:00:00.000Z"},
           {"2026-11-30T23:00:00Z", "2026-11-30T23:00:00.000Z"},
           {"2026-11-30t23:00:00.5z", "2026-11-30T23:00:00.500Z"},
           {"2026-11-30T23:00:00.1239-00:30", "2026-11-30T23:30:00.123Z"},
           {"2024-02-29T12:00:00Z", "2024-02-29T12:00:00.000Z"},
           {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
           {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},
           {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"},
           {"0000-01-01T00:00:00+01:00", "0000-01-01T00:00:00.000Z"}, // clamped when written
           {"2025-02-29T12:00:00Z", "none"},
           {"2026-13-01T00:00:00Z", "none"},
           {"2026-00-01T00:00:00Z", "none"},
           {"2026-11-31T00:00:00Z", "none"},
           {"2026-11-30T24:00:00Z", "none"},
           {"2026-11-30T23:60:00Z", "none"},
           {"2026-11-30T23:00:61Z", "none"},
           {"2026-11-30T23:00:00", "none"},
           {"2026-11-30", "none"},
           {"2026-11-30 23:00:00Z", "none"},
           {"2026-11-30T23:00:00.Z", "none"},
           {"2026-11-30T23:00:00+24:00", "none"},
           {"2026-11-30T23:00:00+0100", "none"},
           {"2026-11-30T23:00:00Zx", "none"},
           {"", "none"},
           {"+026-11-30T23:00:00Z", "none"}}) {
    CAF_MESSAGE(text);
    CAF_CHECK_EQUAL(shown(parse_time(text)), want);
  }
  CAF_CHECK_EQUAL(format_time(time_point::max()), "9999-12-31T23:59:59.999Z");
  CAF_CHECK_EQUAL(format_time(time_point::min()), "0000-01-01T00:00:00.000Z");
}

CAF_TEST(durations are read in both spellings) {
  struct row {
    const char* text;
    const char* ms;
  };
  for (auto& [text, want] : std::vector<row>{{"250ms", "250"},
                                             {"90s", "90000"},
                                             {"10m", "600000"},
                                             {"24h", "86400000"},
                                             {"7d", "604800000"},
                                             {"1.5s", "1500"},
                                             {"0.25h", "900000"},
                                             {"0s", "0"},
                                             {"PT1M30S", "90000"},
                                             {"P7D", "604800000"},
                                             {"P1DT2H", "93600000"},
                                             {"P2W", "1209600000"},
                                             {"PT0.5S", "500"},
                                             {"PT24H", "86400000"},
                                             {"36500d", "3153600000000"},
                                             {"1500d", "129600000000"},
                                             {"36500.0000001d", "none"},
                                             {"36501d", "none"},
                                             {"P36500DT1S", "none"},
                                             {"99999999999999999999h", "none"},
                                             {"", "none"},
                                             {"s", "none"},
                                             {"90", "none"},
                                             {"-1s", "none"},
                                             {"+1s", "none"},
                                             {"1 s", "none"},
                                             {"1e3s", "none"},
                                             {"1s ", "none"},
                                             {"1.s", "none"},
                                             {"0.0001s", "none"},
                                             {"5x", "none"},
                                             {"1m30s", "none"},
                                             {"P", "none"},
                                             {"PT", "none"},
                                             {"P1Y", "none"},
                                             {"P1M", "none"},
                                             {"PT1S1M", "none"},
                                             {"P1H", "none"},
                                             {"P1DT", "none"},
                                             {"PT1M1M", "none"},
                                             {"PTT1S", "none"},
                                             {"P-1D", "none"},
                                             {"PTS", "none"}}) {
    CAF_MESSAGE(text);
    CAF_CHECK_EQUAL(length(parse_duration(text)), want);
  }
}

CAF_TEST(durations are written in their largest exact unit and read back) {
  using std::chrono::days, std::chrono::hours, std::chrono::minutes, std::chrono::seconds,
      std::chrono::milliseconds;
  struct row {
    interject::duration length;
    const char* shown;
  };
  for (auto& [d, want] : std::vector<row>{{milliseconds(250), "250ms"},
                                          {seconds(90), "90s"},
                                          {minutes(10), "10m"},
                                          {hours(24), "24h"},
                                          {hours(48), "2d"},
                                          {days(7), "7d"},
                                          {duration(0), "0s"},
                                          {milliseconds(1500), "1500ms"}}) {
    CAF_CHECK_EQUAL(format_duration(d), want);
    CAF_CHECK(parse_duration(want) == d);
  }
}
