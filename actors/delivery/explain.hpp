// The rule in plain words: one sentence for each code, and one for each row, beside the rows.
#pragma once

#include "protocols/notification.hpp"

#include <span>
#include <string>
#include <string_view>

namespace interject::delivery {

/// "the person has quiet hours"
const char* words_of(delivery_code code);

struct row_words {
  std::string_view rule; ///< "A11", "B7", "ladder3"; the rows of docs/reference/delivery.md
  std::string_view asks; ///< what the row asks
};
std::span<const row_words> rows_in_words();

/// What the rows of a rule such as "C-bound/B7/ladder3" ask, in that order; empty for a rule that
/// is unknown.
std::string rule_in_words(std::string_view rule);

} // namespace interject::delivery
