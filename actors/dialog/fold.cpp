// The only file of the engine that asks ICU about characters.
#include "actors/dialog/fold.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

namespace interject::dialog {

namespace {

void separate(std::string& out) {
  if (!out.empty() && out.back() != ' ')
    out += ' ';
}

std::string finish(std::string out) {
  if (!out.empty() && out.back() == ' ')
    out.pop_back();
  return out;
}

bool is_apostrophe(UChar32 c) {
  return c == '\'' || c == 0x2019 || c == 0x02BC || c == '`';
}

std::string fold_unicode(std::string_view text) {
  auto source = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  UErrorCode status = U_ZERO_ERROR;
  auto* decompose = icu::Normalizer2::getNFKDInstance(status);
  if (U_FAILURE(status))
    return {};
  source.foldCase();
  auto plain = decompose->normalize(source, status);
  if (U_FAILURE(status))
    return {};
  icu::UnicodeString kept;
  for (std::int32_t i = 0; i < plain.length();) {
    UChar32 c = plain.char32At(i);
    i += U16_LENGTH(c);
    if (c == 0x0131) // the Turkish dotless i: many keyboards cannot type it
      c = 'i';
    if (u_isalnum(c)) // NOLINT(bugprone-branch-clone): the order tells the marks apart
      kept.append(c);
    else if (is_apostrophe(c) || (c >= 0x0300 && c <= 0x036F))
      continue;
    else if (auto kind = u_charType(c);
             kind == U_NON_SPACING_MARK || kind == U_COMBINING_SPACING_MARK)
      kept.append(c); // vowel signs of Indic scripts are letters to their readers
    else if (kept.length() > 0 && kept.charAt(kept.length() - 1) != ' ')
      kept.append(static_cast<UChar32>(' '));
  }
  std::string out;
  kept.toUTF8String(out);
  return finish(std::move(out));
}

} // namespace

std::string fold(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80)
      return fold_unicode(text);
    if (c >= 'A' && c <= 'Z')
      out += static_cast<char>(c - 'A' + 'a');
    else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      out += c;
    else if (!is_apostrophe(c))
      separate(out);
  }
  return finish(std::move(out));
}

std::string plain_numerals(std::string_view text) {
  if (std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; }))
    return std::string(text);
  auto source = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  icu::UnicodeString out;
  for (std::int32_t i = 0; i < source.length();) {
    UChar32 c = source.char32At(i);
    i += U16_LENGTH(c);
    if (auto digit = u_charDigitValue(c); digit >= 0 && u_charType(c) == U_DECIMAL_DIGIT_NUMBER)
      c = '0' + digit;
    else if (c == 0x2212)
      c = '-';
    else if (c == 0x00A0 || c == 0x202F || c == 0x2009)
      c = ' ';
    else if (c == 0x2019)
      c = '\'';
    else if (c == 0x066B)
      c = '.';
    else if (c == 0x066C)
      c = ',';
    out.append(c);
  }
  std::string utf8;
  return out.toUTF8String(utf8);
}

std::vector<std::string_view> words(std::string_view folded) {
  std::vector<std::string_view> out;
  while (!folded.empty()) {
    auto end = std::min(folded.find(' '), folded.size());
    if (end > 0)
      out.push_back(folded.substr(0, end));
    folded.remove_prefix(std::min(end + 1, folded.size()));
  }
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n\f\v";
  auto begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

std::size_t length(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

} // namespace interject::dialog
