// Days, instants and lengths of time as people write them. It is Sunday, 22 November 2026, 18:00
// UTC.
#define CAF_SUITE recognise_time
#include "tests/support/caf_test.hpp"

#include "actors/dialog/recognise_time.hpp"

using namespace interject;
using namespace interject::dialog;

namespace {

const auto now = *parse_time("2026-11-22T18:00:00Z");

std::string day(const char* said, const char* locale, const char* zone = "") {
  auto found = recognise_date(said, {locale, zone, now});
  return found ? format_time(*found).substr(0, 10) : "none";
}

std::string instant(const char* said, const char* locale, const char* zone = "") {
  auto found = recognise_datetime(said, {locale, zone, now});
  return found ? format_time(*found).substr(0, 16) : "none";
}

std::string length(const char* said, const char* locale) {
  auto found = recognise_duration(said, locale);
  return found ? format_duration(*found) : "none";
}

} // namespace

CAF_TEST(a day is understood in the forms of its language) {
  struct {
    const char *said, *locale, *day;
  } table[] = {
      // ISO 8601, always
      {"2026-12-01", "en", "2026-12-01"},
      {"2026-12-01", "de", "2026-12-01"},
      {"2026-02-30", "en", "none"},
      // the locale's own forms
      {"12/1/26", "en", "2026-12-01"},
      {"12/1/2026", "en", "2026-12-01"},
      {"1/12/2026", "en-GB", "2026-12-01"},
      {"Dec 1, 2026", "en", "2026-12-01"},
      {"December 1, 2026", "en", "2026-12-01"},
      {"Tuesday, December 1, 2026", "en", "2026-12-01"},
      {"december 1 2026", "en", "2026-12-01"},
      {"1 December 2026", "en", "2026-12-01"},
      {"Dec. 1st, 2026", "en", "2026-12-01"},
      {"the 1st of December 2026", "en", "2026-12-01"},
      {"on December 1", "en", "2026-12-01"},
      {"1 Dec", "en", "2026-12-01"},
      {"Feb 1", "en", "2027-02-01"},
      {"Feb 29", "en", "2028-02-29"},
      {"sept 3", "en", "2027-09-03"},
      {"13/13/2026", "en", "none"},
      {"February 30", "en", "none"},
      {"01/12/2026", "fr", "2026-12-01"},
      {"1/12/26", "fr", "2026-12-01"},
      {"1 déc. 2026", "fr", "2026-12-01"},
      {"1 decembre 2026", "fr", "2026-12-01"},
      {"le 1er décembre", "fr", "2026-12-01"},
      {"mardi 1 décembre 2026", "fr", "2026-12-01"},
      {"01.12.26", "de", "2026-12-01"},
      {"1.12.2026", "de", "2026-12-01"},
      {"1.12.", "de", "2026-12-01"},
      {"1. Dezember 2026", "de", "2026-12-01"},
      {"am 1. dezember", "de", "2026-12-01"},
      {"1. März 2027", "de", "2027-03-01"},
      {"1 de diciembre de 2026", "es", "2026-12-01"},
      {"1 Aralık 2026", "tr", "2026-12-01"},
      // everyday words
      {"today", "en", "2026-11-22"},
      {"Tomorrow!", "en", "2026-11-23"},
      {"yesterday", "en", "2026-11-21"},
      {"the day after tomorrow", "en", "2026-11-24"},
      {"aujourd’hui", "fr", "2026-11-22"},
      {"aujourd'hui", "fr", "2026-11-22"},
      {"demain", "fr", "2026-11-23"},
      {"après-demain", "fr", "2026-11-24"},
      {"heute", "de", "2026-11-22"},
      {"morgen", "de", "2026-11-23"},
      {"übermorgen", "de", "2026-11-24"},
      {"mañana", "es", "2026-11-23"},
      {"yarın", "tr", "2026-11-23"},
      // weekdays: the next one after today
      {"Friday", "en", "2026-11-27"},
      {"on fri", "en", "2026-11-27"},
      {"sunday", "en", "2026-11-29"},
      {"next Friday", "en", "2026-11-27"},
      {"next sunday", "en", "2026-11-29"},
      {"vendredi", "fr", "2026-11-27"},
      {"Freitag", "de", "2026-11-27"},
      {"am Freitag", "de", "2026-11-27"},
      // so many days from now
      {"in 3 days", "en", "2026-11-25"},
      {"in 2 weeks", "en", "2026-12-06"},
      {"dans 3 jours", "fr", "2026-11-25"},
      {"in 3 Tagen", "de", "2026-11-25"},
      {"in 1 month", "en", "2026-12-22"},
      // no days
      {"", "en", "none"},
      {"soon", "en", "none"},
      {"12", "en", "none"},
      {"tomorrow or friday", "en", "none"},
      {"9:30", "en", "none"},
  };
  for (auto& row : table) {
    CAF_MESSAGE(row.locale << ": " << row.said);
    CAF_CHECK_EQUAL(day(row.said, row.locale), std::string(row.day));
  }
}

CAF_TEST(a weekday of next week is told from the next one) {
  auto monday = *parse_time("2026-11-23T09:00:00Z");
  auto said = [&](const char* text) {
    return format_time(*recognise_date(text, {"en", "", monday})).substr(0, 10);
  };
  CAF_CHECK_EQUAL(said("Friday"), "2026-11-27");
  CAF_CHECK_EQUAL(said("next Friday"), "2026-12-04");
  CAF_CHECK_EQUAL(said("this Friday"), "2026-11-27");
}

CAF_TEST(an instant is a day and a time of day) {
  struct {
    const char *said, *locale, *at;
  } table[] = {
      {"2026-12-01T09:30:00Z", "en", "2026-12-01T09:30"},
      {"2026-12-01T09:30:00+01:00", "fr", "2026-12-01T08:30"},
      {"2026-12-01 09:30", "de", "2026-12-01T09:30"},
      {"12/1/26, 9:30 AM", "en", "2026-12-01T09:30"},
      {"December 1 at 9:30 pm", "en", "2026-12-01T21:30"},
      {"tomorrow at 9", "en", "2026-11-23T09:00"},
      {"tomorrow 9am", "en", "2026-11-23T09:00"},
      {"at 9:30 tomorrow", "en", "2026-11-23T09:30"},
      {"Friday at noon", "en", "2026-11-27T12:00"},
      {"9 pm", "en", "2026-11-22T21:00"},
      {"9:30", "en", "2026-11-23T09:30"},
      {"in 2 hours", "en", "2026-11-22T20:00"},
      {"in 30 minutes", "en", "2026-11-22T18:30"},
      {"now", "en", "2026-11-22T18:00"},
      {"01/12/2026 09:30", "fr", "2026-12-01T09:30"},
      {"demain à 9h30", "fr", "2026-11-23T09:30"},
      {"demain à 9h", "fr", "2026-11-23T09:00"},
      {"vendredi à midi", "fr", "2026-11-27T12:00"},
      {"dans 2 heures", "fr", "2026-11-22T20:00"},
      {"01.12.26, 09:30", "de", "2026-12-01T09:30"},
      {"morgen um 9 Uhr", "de", "2026-11-23T09:00"},
      {"morgen um 9", "de", "2026-11-23T09:00"},
      {"am Freitag um 9:30 Uhr", "de", "2026-11-27T09:30"},
      {"in 2 Stunden", "de", "2026-11-22T20:00"},
      {"mañana a las 9", "es", "2026-11-23T09:00"},
      // a day alone has no time, and hours end at 24
      {"tomorrow", "en", "none"},
      {"tomorrow at 25:00", "en", "none"},
      {"tomorrow 9", "en", "none"},
      {"soon", "en", "none"},
  };
  for (auto& row : table) {
    CAF_MESSAGE(row.locale << ": " << row.said);
    CAF_CHECK_EQUAL(instant(row.said, row.locale), std::string(row.at));
  }
}

CAF_TEST(days and times are those of the zone) {
  // In Auckland it is Monday already, 07:00.
  CAF_CHECK_EQUAL(day("today", "en", "Pacific/Auckland"), "2026-11-23");
  CAF_CHECK_EQUAL(day("today", "en", "no/zone"), "2026-11-22");
  CAF_CHECK_EQUAL(instant("tomorrow at 9", "en", "Pacific/Auckland"), "2026-11-23T20:00");
  CAF_CHECK_EQUAL(instant("2026-12-01 09:30", "en", "Europe/Paris"), "2026-12-01T08:30");
  CAF_CHECK(day_of(now, "Pacific/Auckland") == *parse_time("2026-11-23T00:00:00Z"));
  CAF_CHECK(known_zone("Europe/Paris"));
  CAF_CHECK(!known_zone("Europe/Pairs"));
  CAF_CHECK(!known_zone(""));
}

CAF_TEST(a wall time that is left out is later and one that comes twice is the first) {
  CAF_CHECK_EQUAL(instant("2027-03-28 02:30", "en", "Europe/Paris"), "2027-03-28T01:30");
  CAF_CHECK_EQUAL(instant("2027-10-31 02:30", "en", "Europe/Paris"), "2027-10-31T00:30");
}

CAF_TEST(a length is understood with the units of its language) {
  struct {
    const char *said, *locale, *length;
  } table[] = {
      {"90s", "en", "90s"},
      {"PT1H30M", "fr", "90m"},
      {"2 hours 30 minutes", "en", "150m"},
      {"2 hours and 30 minutes", "en", "150m"},
      {"1 hour", "en", "1h"},
      {"1.5 hours", "en", "90m"},
      {"an hour", "en", "1h"},
      {"two days", "en", "2d"},
      {"half an hour", "en", "30m"},
      {"2h 30min", "en", "150m"},
      {"1h30", "fr", "90m"},
      {"3 weeks", "en", "21d"},
      {"45 sec", "en", "45s"},
      {"2 heures et 30 minutes", "fr", "150m"},
      {"1,5 heure", "fr", "90m"},
      {"deux jours", "fr", "2d"},
      {"une semaine", "fr", "7d"},
      {"une demi-heure", "fr", "30m"},
      {"2 Stunden 30 Minuten", "de", "150m"},
      {"1,5 Stunden", "de", "90m"},
      {"zwei Tage", "de", "2d"},
      {"eine halbe Stunde", "de", "30m"},
      {"2 horas y 30 minutos", "es", "150m"},
      {"2 saat 30 dakika", "tr", "150m"},
      {"", "en", "none"},
      {"30", "en", "none"},
      {"hours", "en", "none"},
      {"2 hours 3 hours", "en", "none"},
      {"30 minutes 2 hours", "en", "none"},
      {"2 parsecs", "en", "none"},
      {"99999999999 weeks", "en", "none"},
      {"-5 minutes", "en", "none"},
  };
  for (auto& row : table) {
    CAF_MESSAGE(row.locale << ": " << row.said);
    CAF_CHECK_EQUAL(length(row.said, row.locale), std::string(row.length));
  }
}

CAF_TEST(a length is shown in words) {
  using namespace std::chrono_literals;
  CAF_CHECK_EQUAL(length_in_words(150min, "en"), "2 hours, 30 minutes");
  CAF_CHECK_EQUAL(length_in_words(150min, "fr"), "2 heures et 30 minutes");
  CAF_CHECK_EQUAL(length_in_words(26h, "de"), "1 Tag, 2 Stunden");
  CAF_CHECK_EQUAL(length_in_words(1500ms, "en"), "1.5 seconds");
  CAF_CHECK_EQUAL(length_in_words(0ms, "en"), "0 seconds");
}
