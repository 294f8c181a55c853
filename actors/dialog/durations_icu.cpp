// Lengths of time as people write them: the names of units are ICU's.
#include "actors/dialog/fold.hpp"
#include "actors/dialog/recognise.hpp"
#include "actors/dialog/recognise_time.hpp"
#include "actors/dialog/shared_icu.hpp"
#include "actors/dialog/time_words.hpp"

#include <unicode/measfmt.h>
#include <unicode/measunit.h>
#include <unicode/measure.h>
#include <unicode/rbnf.h>

#include <algorithm>
#include <map>
#include <memory>

namespace interject::dialog {

namespace {

using namespace detail;

constexpr std::size_t longest_answer = 200;
constexpr std::size_t most_locales = 32; ///< per thread; then all are made anew
constexpr duration longest = std::chrono::hours(24) * 36'500;

struct units {
  std::map<std::string, std::int64_t, std::less<>> ms; ///< folded name → its length
  std::unique_ptr<icu::RuleBasedNumberFormat> spelled;
};

/// "2 hours" without its digits.
std::string name_in(const std::string& shown) {
  std::string out;
  for (char c : fold(shown))
    if (c < '0' || c > '9')
      out += c;
  return std::string(trim(out));
}

void add_names(units& into, const icu::Locale& locale, UMeasureFormatWidth width) {
  using made = icu::MeasureUnit* (*)(UErrorCode&);
  constexpr std::pair<made, std::int64_t> known[] = {{icu::MeasureUnit::createSecond, 1000},
                                                     {icu::MeasureUnit::createMinute, 60'000},
                                                     {icu::MeasureUnit::createHour, 3'600'000},
                                                     {icu::MeasureUnit::createDay, 86'400'000},
                                                     {icu::MeasureUnit::createWeek, 604'800'000}};
  UErrorCode status = U_ZERO_ERROR;
  icu::MeasureFormat format(locale, width, status);
  for (auto& [make, length] : known)
    for (int n : {1, 2, 5}) {
      icu::UnicodeString shown;
      icu::FieldPosition ignored;
      icu::Formattable what;
      what.adoptObject(new icu::Measure(icu::Formattable(n), make(status), status));
      format.format(what, shown, ignored, status);
      if (U_SUCCESS(status))
        into.ms.emplace(name_in(narrow(shown)), length);
    }
}

const units& units_of(std::string_view locale) {
  thread_local std::map<std::string, units, std::less<>> kept;
  if (auto it = kept.find(locale); it != kept.end())
    return it->second;
  if (kept.size() >= most_locales)
    kept.clear();
  std::string tag(locale);
  auto where = locale_of(tag);
  auto& made = kept[tag];
  for (auto width : {UMEASFMT_WIDTH_WIDE, UMEASFMT_WIDTH_SHORT, UMEASFMT_WIDTH_NARROW})
    add_names(made, where, width);
  for (auto& [letter, length] : {std::pair("s", 1000), std::pair("min", 60'000),
                                 std::pair("h", 3'600'000), std::pair("d", 86'400'000)})
    made.ms.emplace(letter, length);
  UErrorCode status = U_ZERO_ERROR;
  made.spelled = std::make_unique<icu::RuleBasedNumberFormat>(icu::URBNF_SPELLOUT, where, status);
  if (U_FAILURE(status))
    made.spelled.reset();
  return made;
}

template <class List> bool among(std::string_view word, const List& list) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

/// A token of the answer: digits, or letters.
struct token {
  std::string text; ///< as typed
  bool number = false;
};

std::vector<token> split(std::string_view text) {
  std::vector<token> out;
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t i = 0; i < text.size();) {
    auto start = i;
    if (digit(text[i])) {
      while (i < text.size() && (digit(text[i]) || ((text[i] == '.' || text[i] == ',') &&
                                                    i + 1 < text.size() && digit(text[i + 1]))))
        ++i;
      out.push_back({std::string(text.substr(start, i - start)), true});
      continue;
    }
    while (i < text.size() && !digit(text[i]) && text[i] != ' ' && text[i] != ',')
      ++i;
    if (i > start)
      out.push_back({std::string(text.substr(start, i - start)), false});
    else
      ++i;
  }
  return out;
}

std::optional<decimal> count_of(const token& t, std::string_view locale, const units& known) {
  if (t.number)
    return recognise_number({t.text, fold(t.text)}, locale);
  auto folded = fold(t.text);
  if (among(folded, one_words))
    return decimal::of(1);
  if (!known.spelled)
    return std::nullopt;
  auto source = wide(t.text).toLower();
  icu::Formattable read;
  icu::ParsePosition where(0);
  known.spelled->parse(source, read, where);
  UErrorCode status = U_ZERO_ERROR;
  auto n = read.getInt64(status);
  if (where.getIndex() != source.length() || U_FAILURE(status) || n < 1 || n > 1'000'000)
    return std::nullopt;
  return decimal::of(n);
}

/// "2 hours, 30 minutes": each count has its unit, but minutes after hours may go without.
std::optional<duration> spelled_out(const std::vector<token>& all, std::string_view locale,
                                    const units& known) {
  std::int64_t total = 0, last_unit = 0;
  bool any = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].number && any && among(fold(all[i].text), and_words))
      continue;
    auto count = count_of(all[i], locale, known);
    if (!count)
      return std::nullopt;
    std::int64_t unit = 0;
    if (i + 1 < all.size()) {
      auto found = known.ms.find(fold(all[i + 1].text));
      if (found == known.ms.end())
        return std::nullopt;
      unit = found->second;
      ++i;
    } else if (last_unit == 3'600'000 && all[i].number) {
      unit = 60'000;
    } else {
      return std::nullopt;
    }
    // Largest first, each once: "30 minutes 2 hours" and "1 hour 1 hour" are no answers.
    if (last_unit != 0 && unit >= last_unit)
      return std::nullopt;
    last_unit = unit;
    any = true;
    if (count->units > longest.count() / unit * decimal::of(1).units)
      return std::nullopt;
    auto whole = count->units / decimal::of(1).units, part = count->units % decimal::of(1).units;
    total += whole * unit + part * (unit / 1000) / (decimal::of(1).units / 1000);
  }
  if (!any || total > longest.count())
    return std::nullopt;
  return duration(total);
}

constexpr std::pair<icu::MeasureUnit* (*)(UErrorCode&), std::int64_t> parts[] = {
    {icu::MeasureUnit::createDay, 86'400'000},
    {icu::MeasureUnit::createHour, 3'600'000},
    {icu::MeasureUnit::createMinute, 60'000},
    {icu::MeasureUnit::createSecond, 1000}};

} // namespace

std::string length_in_words(duration length, const std::string& locale) {
  UErrorCode status = U_ZERO_ERROR;
  icu::MeasureFormat format(locale_of(locale), UMEASFMT_WIDTH_WIDE, status);
  std::vector<icu::Measure> all;
  auto left = length.count();
  for (auto& [make, ms] : parts) {
    auto last = ms == 1000;
    auto count = left / ms;
    left -= count * ms;
    if (count > 0 || (last && (left > 0 || all.empty())))
      all.emplace_back(last && left > 0 ? icu::Formattable(static_cast<double>(count) +
                                                           static_cast<double>(left) / 1000.0)
                                        : icu::Formattable(count),
                       make(status), status);
  }
  icu::UnicodeString shown;
  icu::FieldPosition ignored;
  if (U_SUCCESS(status))
    format.formatMeasures(all.data(), static_cast<std::int32_t>(all.size()), shown, ignored,
                          status);
  return U_SUCCESS(status) ? narrow(shown) : format_duration(length);
}

std::optional<duration> recognise_duration(std::string_view text, std::string_view locale) {
  text = trim(text);
  if (text.empty() || text.size() > longest_answer)
    return std::nullopt;
  if (auto iso = parse_duration(text))
    return iso;
  auto folded = fold(text);
  for (auto& p : length_phrases)
    if (folded == p.phrase)
      return std::chrono::minutes(p.minutes);
  return spelled_out(split(text), locale, units_of(locale));
}

} // namespace interject::dialog
