// Days and instants as people write them. Formats are made once per thread and locale, and their
// number is bounded; a calendar of its own takes each answer.
#include "actors/dialog/fold.hpp"
#include "actors/dialog/recognise_time.hpp"
#include "actors/dialog/shared_icu.hpp"
#include "actors/dialog/time_words.hpp"

#include <unicode/dtfmtsym.h>
#include <unicode/dtptngen.h>
#include <unicode/gregocal.h>
#include <unicode/reldatefmt.h>
#include <unicode/smpdtfmt.h>

#include <charconv>
#include <chrono>
#include <map>
#include <memory>

namespace interject::dialog {

namespace {

using namespace detail;
using std::chrono::days;
using day = std::chrono::sys_days;

constexpr std::size_t longest_answer = 200; ///< bytes; a date is shorter
constexpr std::size_t most_locales = 32;    ///< per thread; then all are made anew
constexpr int year_least = 1, year_most = 9999;

/// ICU sets no-break spaces where people type plain ones.
icu::UnicodeString plain_spaces(icu::UnicodeString text) {
  for (UChar odd : {UChar(0x00A0), UChar(0x202F), UChar(0x2009)})
    text.findAndReplace(icu::UnicodeString(odd), icu::UnicodeString(UChar(' ')));
  return text;
}

struct named_day {
  std::string name;     ///< folded
  unsigned weekday = 0; ///< 0 is Sunday, as in C
  bool next_week = false;
};

struct forms {
  std::vector<std::unique_ptr<icu::SimpleDateFormat>> dates;    ///< with a year
  std::vector<std::unique_ptr<icu::SimpleDateFormat>> yearless; ///< "1 December"
  std::vector<std::unique_ptr<icu::SimpleDateFormat>> clocks;
  std::vector<std::pair<std::string, int>> relative; ///< folded "tomorrow" → days from today
  std::vector<named_day> weekdays;
  std::vector<std::pair<std::string, std::string>> months; ///< folded → as ICU writes it
  std::unique_ptr<icu::RelativeDateTimeFormatter> ago;
  std::string language;
  std::string now;
};

class form_maker {
public:
  form_maker(forms& into, const std::string& tag) : f_(into), locale_(locale_of(tag)) {
    f_.language = tag.substr(0, tag.find_first_of("-_"));
  }

  void make() {
    using style = icu::DateFormat;
    for (auto s : {style::kShort, style::kMedium, style::kLong, style::kFull})
      take(f_.dates, style::createDateInstance(s, locale_));
    for (auto skeleton : {"yMd", "yMMMd", "yMMMMd", "yMMMEd", "yMMMMEEEEd"})
      take_best(f_.dates, skeleton);
    for (auto skeleton : {"Md", "MMMd", "MMMMd", "MMMEd", "MMMMEEEEd"})
      take_best(f_.yearless, skeleton);
    // People write day and month in either order whatever the region's own is.
    for (auto pattern : {"d MMMM y", "MMMM d y", "MMMM d, y"})
      take_pattern(f_.dates, wide(pattern));
    for (auto pattern : {"d MMMM", "MMMM d"})
      take_pattern(f_.yearless, wide(pattern));
    for (auto s : {style::kShort, style::kMedium})
      take(f_.clocks, style::createTimeInstance(s, locale_));
    for (auto skeleton : {"Hm", "Hms", "hm", "hms", "H", "h"})
      take_best(f_.clocks, skeleton);
    for (auto pattern :
         {"H:mm", "H:mm:ss", "h:mm a", "h a", "H 'h'", "H 'h' mm", "H 'Uhr'", "H:mm 'Uhr'", "H"})
      take_pattern(f_.clocks, wide(pattern));
    names();
    relative();
  }

private:
  using formats = std::vector<std::unique_ptr<icu::SimpleDateFormat>>;

  void take(formats& into, icu::DateFormat* made) {
    std::unique_ptr<icu::DateFormat> owned(made);
    icu::UnicodeString pattern;
    if (auto* simple = dynamic_cast<icu::SimpleDateFormat*>(owned.get()))
      take_pattern(into, simple->toPattern(pattern));
  }

  void take_best(formats& into, const char* skeleton) {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::DateTimePatternGenerator> best(
        icu::DateTimePatternGenerator::createInstance(locale_, status));
    if (U_FAILURE(status))
      return;
    auto pattern = best->getBestPattern(wide(skeleton), status);
    if (U_SUCCESS(status))
      take_pattern(into, pattern);
  }

  void take_pattern(formats& into, const icu::UnicodeString& pattern) {
    UErrorCode status = U_ZERO_ERROR;
    auto made = std::make_unique<icu::SimpleDateFormat>(plain_spaces(pattern), locale_, status);
    if (U_FAILURE(status))
      return;
    made->setLenient(true); // of spaces and dots; the calendar that takes the answer is not
    into.push_back(std::move(made));
  }

  void names() {
    UErrorCode status = U_ZERO_ERROR;
    icu::DateFormatSymbols symbols(locale_, status);
    if (U_FAILURE(status))
      return;
    using s = icu::DateFormatSymbols;
    for (auto context : {s::FORMAT, s::STANDALONE})
      for (auto width : {s::WIDE, s::ABBREVIATED}) {
        std::int32_t count = 0;
        auto* all = symbols.getWeekdays(count, context, width);
        for (std::int32_t i = 1; i < count; ++i) // from 1, which is Sunday
          f_.weekdays.push_back({fold(narrow(all[i])), static_cast<unsigned>(i - 1), false});
        auto* wide_names = symbols.getMonths(count, s::FORMAT, s::WIDE);
        std::int32_t same = 0;
        auto* months = symbols.getMonths(same, context, width);
        for (std::int32_t i = 0; i < std::min(count, same); ++i)
          f_.months.emplace_back(fold(narrow(months[i])), narrow(wide_names[i]));
      }
  }

  void relative() {
    UErrorCode status = U_ZERO_ERROR;
    f_.ago = std::make_unique<icu::RelativeDateTimeFormatter>(locale_, status);
    if (U_FAILURE(status)) {
      f_.ago.reset();
      return;
    }
    constexpr std::pair<UDateDirection, int> directions[] = {{UDAT_DIRECTION_LAST_2, -2},
                                                             {UDAT_DIRECTION_LAST, -1},
                                                             {UDAT_DIRECTION_THIS, 0},
                                                             {UDAT_DIRECTION_NEXT, 1},
                                                             {UDAT_DIRECTION_NEXT_2, 2}};
    for (auto [direction, offset] : directions)
      if (auto word = said(direction, UDAT_ABSOLUTE_DAY); !word.empty())
        f_.relative.emplace_back(word, offset);
    for (auto& w : day_words)
      if (w.language == f_.language)
        f_.relative.emplace_back(w.word, w.days);
    for (int i = 0; i < 7; ++i) {
      auto unit = static_cast<UDateAbsoluteUnit>(UDAT_ABSOLUTE_SUNDAY + i);
      auto number = static_cast<unsigned>(i);
      if (auto word = said(UDAT_DIRECTION_THIS, unit); !word.empty())
        f_.weekdays.push_back({word, number, false});
      if (auto word = said(UDAT_DIRECTION_NEXT, unit); !word.empty())
        f_.weekdays.push_back({word, number, true});
    }
    f_.now = said(UDAT_DIRECTION_PLAIN, UDAT_ABSOLUTE_NOW);
  }

  std::string said(UDateDirection direction, UDateAbsoluteUnit unit) {
    UErrorCode status = U_ZERO_ERROR;
    icu::UnicodeString out;
    f_.ago->format(direction, unit, out, status);
    return U_SUCCESS(status) ? fold(narrow(out)) : std::string();
  }

  forms& f_;
  icu::Locale locale_;
};

const forms& forms_of(std::string_view locale) {
  thread_local std::map<std::string, forms, std::less<>> kept;
  if (auto it = kept.find(locale); it != kept.end())
    return it->second;
  if (kept.size() >= most_locales)
    kept.clear();
  std::string tag(locale);
  auto& made = kept[tag];
  form_maker(made, tag).make();
  return made;
}

// ---- zones

std::unique_ptr<icu::TimeZone> zone_of(std::string_view name) {
  if (!known_zone(name))
    return std::unique_ptr<icu::TimeZone>(icu::TimeZone::getGMT()->clone());
  return std::unique_ptr<icu::TimeZone>(icu::TimeZone::createTimeZone(wide(name)));
}

struct clock_time {
  int hour = 0, minute = 0, second = 0;
};

std::optional<time_point> instant_at(day on, clock_time at, std::string_view zone) {
  std::chrono::year_month_day date(on);
  UErrorCode status = U_ZERO_ERROR;
  icu::GregorianCalendar calendar(zone_of(zone).release(), status);
  if (U_FAILURE(status))
    return std::nullopt;
  calendar.clear();
  calendar.setRepeatedWallTimeOption(UCAL_WALLTIME_FIRST);
  calendar.set(static_cast<int>(date.year()), static_cast<int>(unsigned(date.month())) - 1,
               static_cast<int>(unsigned(date.day())), at.hour, at.minute, at.second);
  auto ms = calendar.getTime(status);
  if (U_FAILURE(status))
    return std::nullopt;
  return time_point(duration(static_cast<std::int64_t>(ms)));
}

// ---- reading

struct fields_read {
  int year = 0, month = 0, day = 0;
  clock_time at;
};

/// The whole text in that form; a day or hour that does not exist is none.
std::optional<fields_read> read(const icu::SimpleDateFormat& form, const icu::UnicodeString& text,
                                int default_year) {
  UErrorCode status = U_ZERO_ERROR;
  icu::GregorianCalendar calendar(*icu::TimeZone::getGMT(), status);
  if (U_FAILURE(status))
    return std::nullopt;
  calendar.setLenient(false);
  calendar.clear();
  calendar.set(UCAL_YEAR, default_year);
  icu::ParsePosition where(0);
  form.parse(text, calendar, where);
  if (where.getErrorIndex() >= 0 || where.getIndex() != text.length())
    return std::nullopt;
  calendar.getTime(status);
  fields_read out{calendar.get(UCAL_YEAR, status),
                  calendar.get(UCAL_MONTH, status) + 1,
                  calendar.get(UCAL_DATE, status),
                  {calendar.get(UCAL_HOUR_OF_DAY, status), calendar.get(UCAL_MINUTE, status),
                   calendar.get(UCAL_SECOND, status)}};
  if (U_FAILURE(status))
    return std::nullopt;
  return out;
}

std::optional<day> civil(int year, int month, int number) {
  std::chrono::year_month_day date(std::chrono::year(year),
                                   std::chrono::month(static_cast<unsigned>(month)),
                                   std::chrono::day(static_cast<unsigned>(number)));
  if (!date.ok() || year < year_least || year > year_most)
    return std::nullopt;
  return day(date);
}

using tokens = std::vector<std::string>;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Words between spaces; "1st" and "1er" are 1, as forms know no ordinals.
tokens split(std::string_view text) {
  tokens out;
  for (std::size_t i = 0; i < text.size();) {
    auto end = std::min(text.find_first_of(" \t\r\n", i), text.size());
    std::string word(text.substr(i, end - i));
    auto digits = word.find_first_not_of("0123456789");
    if (digits != 0 && digits != word.npos) {
      auto rest = fold(std::string_view(word).substr(digits));
      for (auto suffix : {"st", "nd", "rd", "th", "er", "re"})
        if (rest == suffix)
          word.resize(digits);
    }
    if (!word.empty())
      out.push_back(std::move(word));
    i = end + 1;
  }
  return out;
}

std::string joined(const tokens& all, std::size_t from, std::size_t to) {
  std::string out;
  for (auto i = from; i < to; ++i)
    out += (out.empty() ? "" : " ") + all[i];
  while (!out.empty() && (out.back() == ',' || out.back() == '!' || out.back() == '?'))
    out.pop_back();
  return out;
}

/// How many words of a lead-in stand at `from`: "on", "a las". None: 0.
std::size_t led(const forms& f, std::span<const lead_in> leads, const tokens& all, std::size_t from,
                std::size_t to) {
  for (auto& lead : leads) {
    if (lead.language != f.language)
      continue;
    std::size_t count =
        1 + static_cast<std::size_t>(std::count(lead.word.begin(), lead.word.end(), ' '));
    if (from + count < to && fold(joined(all, from, from + count)) == lead.word)
      return count;
  }
  return 0;
}

/// Months as ICU writes them: "dec", "Dec.", "decembre" are understood by their beginning.
std::string with_months(const forms& f, const tokens& all, std::size_t from, std::size_t to) {
  std::string out;
  for (auto i = from; i < to; ++i) {
    auto word = fold(all[i]);
    const std::string* month = nullptr;
    bool several = false;
    bool weekday =
        std::any_of(f.weekdays.begin(), f.weekdays.end(), [&](auto& d) { return d.name == word; });
    if (word.size() >= 3 && !weekday && !is_digit(word[0]))
      for (auto& [folded, name] : f.months)
        if (folded.starts_with(word) && (!month || *month != name)) {
          several = month != nullptr;
          month = &name;
        }
    out += out.empty() ? "" : " ";
    if (f.language == "en" && word == "of")
      continue;
    out += month && !several ? *month + (all[i].back() == ',' ? "," : "") : all[i];
  }
  while (!out.empty() && (out.back() == ',' || out.back() == ' '))
    out.pop_back();
  return out;
}

std::optional<day> iso_day(std::string_view text) {
  auto at = parse_time(std::string(text) + "T00:00:00Z");
  return at ? std::optional(std::chrono::floor<days>(*at)) : std::nullopt;
}

std::optional<int> only_number(std::string_view folded) {
  std::optional<int> found;
  for (auto word : words(folded)) {
    int n = 0;
    auto [end, ec] = std::from_chars(word.data(), word.data() + word.size(), n);
    if (ec != std::errc() || end != word.data() + word.size())
      continue;
    if (found)
      return std::nullopt;
    found = n;
  }
  return found;
}

/// "in 3 weeks" in the locale's words.
bool is_in(const forms& f, const std::string& folded, int n, URelativeDateTimeUnit unit) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString out;
  f.ago->formatNumeric(n, unit, out, status);
  return U_SUCCESS(status) && fold(narrow(out)) == folded;
}

std::optional<day> in_some_days(const forms& f, const std::string& folded, day today) {
  auto n = only_number(folded);
  if (!n || *n > 36'500 || !f.ago)
    return std::nullopt;
  if (is_in(f, folded, *n, UDAT_REL_UNIT_DAY))
    return today + days(*n);
  if (*n <= 5'000 && is_in(f, folded, *n, UDAT_REL_UNIT_WEEK))
    return today + days(*n * 7);
  if (*n > 1'200 || !is_in(f, folded, *n, UDAT_REL_UNIT_MONTH))
    return std::nullopt;
  auto date = std::chrono::year_month_day(today) + std::chrono::months(*n);
  // A month without that day has its last.
  return day(date.ok() ? date : date.year() / date.month() / std::chrono::last);
}

std::optional<day> named_day_of(const forms& f, const std::string& folded, day today) {
  for (auto& [word, offset] : f.relative)
    if (word == folded)
      return today + days(offset);
  for (auto& d : f.weekdays) {
    if (d.name != folded)
      continue;
    auto now = std::chrono::weekday(today).c_encoding();
    auto ahead = (d.weekday + 7 - now) % 7;
    if (!d.next_week)
      return today + days(ahead == 0 ? 7 : ahead);
    auto monday = today - days((now + 6) % 7);
    return monday + days(7 + (d.weekday + 6) % 7);
  }
  return std::nullopt;
}

std::optional<day> formed_day(const forms& f, const icu::UnicodeString& text, day today) {
  auto this_year = static_cast<int>(std::chrono::year_month_day(today).year());
  for (auto& form : f.dates)
    if (auto got = read(*form, text, this_year))
      if (auto found = civil(got->year < 100 ? got->year + 2000 : got->year, got->month, got->day))
        return found;
  // Without a year it is the next such day; 29 February may be years ahead.
  for (auto& form : f.yearless)
    for (int year = this_year; year <= this_year + 8; ++year)
      if (auto got = read(*form, text, year))
        if (auto found = civil(year, got->month, got->day); found && *found >= today)
          return found;
  return std::nullopt;
}

std::optional<day> day_in(const forms& f, const tokens& all, std::size_t from, std::size_t to,
                          day today) {
  if (from >= to)
    return std::nullopt;
  auto text = joined(all, from, to);
  if (auto iso = iso_day(text))
    return iso;
  if (auto found = named_day_of(f, fold(text), today))
    return found;
  if (auto found = in_some_days(f, fold(text), today))
    return found;
  if (auto skip = led(f, day_leads, all, from, to))
    if (auto found = day_in(f, all, from + skip, to, today))
      return found;
  return formed_day(f, wide(with_months(f, all, from, to)), today);
}

/// "9am" and "9h30" as forms have them: a space between digits and letters.
std::string spaced(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
    if (i > 0 &&
        ((is_digit(text[i - 1]) && letter(text[i])) || (letter(text[i - 1]) && is_digit(text[i]))))
      out += ' ';
    out += text[i];
  }
  return out;
}

std::optional<clock_time> clock_in(const forms& f, const tokens& all, std::size_t from,
                                   std::size_t to) {
  if (from >= to)
    return std::nullopt;
  auto skip = led(f, clock_leads, all, from, to);
  auto text = joined(all, from + skip, to);
  auto folded = fold(text);
  for (auto& w : clock_words)
    if (w.language == f.language && w.word == folded)
      return clock_time{w.hour, 0, 0};
  // A bare number is an hour only when it is introduced as one: "at 9".
  if (skip == 0 && std::all_of(text.begin(), text.end(), is_digit))
    return std::nullopt;
  for (auto& variant : {text, spaced(text)}) {
    auto source = wide(variant);
    for (auto& form : f.clocks)
      if (auto got = read(*form, source, 1970))
        return got->at;
  }
  return std::nullopt;
}

std::optional<time_point> iso_instant(std::string text, std::string_view zone) {
  if (auto at = parse_time(text))
    return at;
  if (text.size() < 16 || (text[10] != 'T' && text[10] != ' '))
    return std::nullopt;
  text[10] = 'T';
  auto local = parse_time(text + "Z");
  if (!local)
    local = parse_time(text + ":00Z");
  if (!local)
    return std::nullopt;
  auto on = std::chrono::floor<days>(*local);
  std::chrono::hh_mm_ss at(*local - on);
  return instant_at(on,
                    {static_cast<int>(at.hours().count()), static_cast<int>(at.minutes().count()),
                     static_cast<int>(at.seconds().count())},
                    zone);
}

std::optional<time_point> in_a_while(const forms& f, const std::string& folded, time_point now) {
  if (!f.now.empty() && folded == f.now)
    return now;
  auto n = only_number(folded);
  if (!n || *n > 100'000 || !f.ago)
    return std::nullopt;
  if (is_in(f, folded, *n, UDAT_REL_UNIT_HOUR))
    return now + std::chrono::hours(*n);
  if (is_in(f, folded, *n, UDAT_REL_UNIT_MINUTE))
    return now + std::chrono::minutes(*n);
  return std::nullopt;
}

} // namespace

bool known_zone(std::string_view name) {
  if (name.empty() || name.size() > 64)
    return false;
  UErrorCode status = U_ZERO_ERROR;
  UBool system = false;
  icu::UnicodeString canonical;
  icu::TimeZone::getCanonicalID(wide(name), canonical, system, status);
  return U_SUCCESS(status) && system;
}

time_point day_of(time_point at, std::string_view zone) {
  UErrorCode status = U_ZERO_ERROR;
  std::int32_t raw = 0, saving = 0;
  zone_of(zone)->getOffset(static_cast<double>(at.time_since_epoch().count()), false, raw, saving,
                           status);
  auto local = U_SUCCESS(status) ? at + duration(raw + saving) : at;
  return time_point(std::chrono::floor<days>(local));
}

std::optional<time_point> recognise_date(std::string_view text, const time_frame& in) {
  if (text.empty() || text.size() > longest_answer)
    return std::nullopt;
  auto all = split(text);
  auto today = std::chrono::floor<days>(day_of(in.now, in.zone));
  auto found = day_in(forms_of(in.locale), all, 0, all.size(), today);
  return found ? std::optional<time_point>(*found) : std::nullopt;
}

std::optional<time_point> recognise_datetime(std::string_view text, const time_frame& in) {
  if (text.empty() || text.size() > longest_answer)
    return std::nullopt;
  auto& f = forms_of(in.locale);
  auto all = split(text);
  if (auto at = iso_instant(joined(all, 0, all.size()), in.zone))
    return at;
  if (auto at = in_a_while(f, fold(text), in.now))
    return at;
  auto today = std::chrono::floor<days>(day_of(in.now, in.zone));
  if (auto at = clock_in(f, all, 0, all.size())) {
    auto found = instant_at(today, *at, in.zone);
    return found && *found <= in.now ? instant_at(today + days(1), *at, in.zone) : found;
  }
  for (auto cut = all.size(); cut-- > 1;) {
    auto at = clock_in(f, all, cut, all.size());
    auto on = at ? day_in(f, all, 0, cut, today) : std::nullopt;
    if (!on && (at = clock_in(f, all, 0, cut)))
      on = day_in(f, all, cut, all.size(), today);
    if (on && at)
      return instant_at(*on, *at, in.zone);
  }
  return std::nullopt;
}

} // namespace interject::dialog
