// What an answer means: yes or no, a number, one of several choices. In the languages that the
// engine ships with (en, fr, de, es, tr), whatever the conversation's own is, as people mix them.
#pragma once

#include "protocols/decimal.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace interject::dialog {

/// A message, folded once.
struct heard {
  std::string_view text; ///< trimmed, as typed
  std::string folded;
};

/// "yes please", "nein", "1", "2". Nothing when neither or both.
std::optional<bool> recognise_yes_no(const heard& h);

/// The first number in the text: digits of any script with the locale's separators, or English
/// words ("a hundred"), and a sign before or a "thousand" behind them.
std::optional<decimal> recognise_number(const heard& h, std::string_view locale);

/// An answer that leaves an optional question open: "skip", "passer", …
bool recognise_skip(const heard& h);

/// What one choice may be called: value, title, synonyms.
struct choice_names {
  std::vector<std::string> names;     ///< folded
  std::vector<std::string> written{}; ///< as they stand
};

/// The index of the choice meant. First of these that yields: the whole message is a name, as it
/// stands and then folded; all
/// words of a name occur in order with gaps of at most two words (best score, then earliest in the
/// message); an ordinal; a number from 1. Words are matched whole: "lim" is not "limit".
std::optional<std::size_t> recognise_choice(const heard& h,
                                            const std::vector<choice_names>& choices);

/// Button labels in the locale's language, English when it is none of ours.
std::string_view yes_label(std::string_view locale);
std::string_view no_label(std::string_view locale);

} // namespace interject::dialog
