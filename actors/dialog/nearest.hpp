// "Did you mean …?" for keys, dialogs and variables.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace interject::dialog {

/// The candidate that takes the fewest changed letters, empty when none is near (over a third of
/// the word).
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

/// "did you mean \"text\"?", else `otherwise`.
std::string suggest(std::string_view word, std::span<const std::string_view> candidates,
                    std::string otherwise = {});

} // namespace interject::dialog
