// What a person typed, made comparable: case, diacritics, punctuation and extra spaces do not
// matter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace interject::dialog {

/// Case-folded, without combining accents; apostrophes vanish, everything else that is neither
/// letter nor digit separates words; single spaces between words. "Évidemment,  M. O'Neil!" →
/// "evidemment m oneil". Plain ASCII never touches ICU. Bytes that are no UTF-8 separate words.
std::string fold(std::string_view text);

/// Digits of any script as ASCII, the minus sign as a hyphen, no-break spaces as spaces, the other
/// apostrophe as "'".
std::string plain_numerals(std::string_view text);

/// The words of a folded text; they point into it.
std::vector<std::string_view> words(std::string_view folded);

/// Without leading and trailing ASCII white space.
std::string_view trim(std::string_view text);

/// Code points, for lengths that people count.
std::size_t length(std::string_view utf8);

} // namespace interject::dialog
