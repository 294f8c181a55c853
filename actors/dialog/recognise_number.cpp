// A number in what a person wrote.
#include "actors/dialog/fold.hpp"
#include "actors/dialog/recognise.hpp"

#include <algorithm>
#include <span>

namespace interject::dialog {

namespace {

struct number_word {
  std::string_view word;
  int number;
};
constexpr number_word number_words[] = {
    {"zero", 0},     {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},
    {"five", 5},     {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},
    {"ten", 10},     {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},
    {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19},
    {"twenty", 20},  {"thirty", 30},  {"forty", 40},     {"fifty", 50},    {"sixty", 60},
    {"seventy", 70}, {"eighty", 80},  {"ninety", 90}};

constexpr std::string_view minus_words[] = {"minus", "negative", "moins", "menos", "eksi"};

/// What may follow digits. Folded.
constexpr number_word scales[] = {
    {"hundred", 100},       {"thousand", 1000},    {"mille", 1000},      {"tausend", 1000},
    {"mil", 1000},          {"bin", 1000},         {"million", 1000000}, {"millions", 1000000},
    {"millionen", 1000000}, {"millones", 1000000}, {"milyon", 1000000}};

bool among(std::string_view word, std::span<const std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

const number_word* find(std::string_view word, std::span<const number_word> list) {
  auto it = std::find_if(list.begin(), list.end(), [&](auto& w) { return w.word == word; });
  return it == list.end() ? nullptr : &*it;
}

/// "two hundred and five", "a hundred", "twenty three" from `from` on.
std::optional<decimal> spelled(const std::vector<std::string_view>& all) {
  std::size_t from = 0;
  auto scale_word = [&](std::size_t i) {
    return i < all.size() && (all[i] == "hundred" || all[i] == "thousand");
  };
  while (from < all.size() && !find(all[from], number_words) && !scale_word(from) &&
         !((all[from] == "a" || all[from] == "one") && scale_word(from + 1)))
    ++from;
  if (from == all.size())
    return std::nullopt;
  int total = 0, current = 0;
  for (auto i = from; i < all.size(); ++i) {
    if (auto* w = find(all[i], number_words)) {
      if (current % 100 >= 20 ? w->number >= 10 : current % 100 > 0)
        break; // "two three" is two numbers
      current += w->number;
    } else if (all[i] == "hundred" && current < 100) {
      current = std::max(current, 1) * 100;
    } else if (all[i] == "thousand" && total == 0) {
      total = std::max(current, 1) * 1000;
      current = 0;
    } else if (all[i] != "a" && all[i] != "and") {
      break;
    }
  }
  auto number = decimal::of(total + current);
  return from > 0 && among(all[from - 1], minus_words) ? subtract(decimal{}, number) : number;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t digits_from(std::string_view text, std::size_t from) {
  auto end = from;
  while (end < text.size() && is_digit(text[end]))
    ++end;
  return end - from;
}

/// The digits at the start of `text`, separators resolved: in a locale with decimal comma "1.234,5"
/// and in the others "1,234.5" are the same number. A single separator that cannot group ("1,5" in
/// English) is decimal. Everywhere a space or an apostrophe before three digits groups: "1 234".
/// `used` becomes the number of bytes read.
std::string plain_digits(std::string_view text, bool comma_is_decimal, std::size_t& used) {
  auto decimal_mark = comma_is_decimal ? ',' : '.';
  std::string out;
  bool fraction = false, grouped = digits_from(text, 0) <= 3 && text.front() != '0';
  for (used = 0; used < text.size(); ++used) {
    auto c = text[used];
    if (is_digit(c)) {
      out += c;
      continue;
    }
    auto group = digits_from(text, used + 1);
    if ((c == ' ' || c == '\'') && grouped && !fraction && group == 3)
      continue;
    if ((c != ',' && c != '.') || group == 0 || fraction)
      break;
    if (c != decimal_mark && group == 3)
      continue;
    fraction = true;
    out += '.';
  }
  return out;
}

/// "B12" and "covid-19" are names, not numbers.
bool is_end_of_name(std::string_view before) {
  if (before.ends_with('-'))
    before.remove_suffix(1);
  auto last = before.empty() ? 0U : static_cast<unsigned char>(before.back()) | 0x20U;
  return last >= 'a' && last <= 'z';
}

/// Whether what stands before the digits makes them negative: "-4", "-$4", "minus 4"; not "a - 4".
bool is_negative(std::string_view before) {
  auto all = trim(before);
  bool apart = all.size() != before.size();
  for (std::string_view sign : {"$", "€", "£"})
    if (all.ends_with(sign))
      all = trim(all.substr(0, all.size() - sign.size()));
  if (all.ends_with('-'))
    return all.size() == 1 || (!apart && all[all.size() - 2] == ' ');
  auto folded = fold(all);
  auto said = words(folded);
  return !said.empty() && among(said.back(), minus_words);
}

/// "5 thousand", "2 millions", "5k"; nothing when what follows is no such word.
std::optional<std::int64_t> scale_of(std::string_view after) {
  if (!after.empty() && (after[0] == 'k' || after[0] == 'K') &&
      (after.size() == 1 || fold(after.substr(1, 1)).empty()))
    return 1000;
  auto folded = fold(after.substr(0, 64));
  auto said = words(folded);
  auto* w = said.empty() || after[0] != ' ' ? nullptr : find(said[0], scales);
  return w ? std::optional<std::int64_t>(w->number) : std::nullopt;
}

} // namespace

std::optional<decimal> recognise_number(const heard& h, std::string_view locale) {
  auto language = locale.substr(0, locale.find_first_of("-_"));
  bool comma = language == "fr" || language == "de" || language == "es" || language == "tr";
  auto text = plain_numerals(h.text);
  auto at = std::min(text.find_first_of("0123456789"), text.size());
  if (at == text.size())
    return spelled(words(h.folded));
  if (is_end_of_name(std::string_view(text).substr(0, at)))
    return std::nullopt;
  std::size_t used = 0;
  auto digits = plain_digits(std::string_view(text).substr(at), comma, used);
  auto before = std::string_view(text).substr(0, at);
  // ".5"; the end of a sentence has a space behind it.
  if (before.ends_with(comma ? ',' : '.') && digits.find('.') == std::string::npos) {
    digits.insert(0, "0.");
    before.remove_suffix(1);
  }
  auto number = decimal::parse(digits);
  if (number && is_negative(before))
    number = subtract(decimal{}, *number);
  if (auto scale = scale_of(std::string_view(text).substr(at + used)); number && scale)
    number = multiply(*number, decimal::of(*scale));
  return number;
}

} // namespace interject::dialog
