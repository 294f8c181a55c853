// Progress texts of a step: when which is due. Each is counted from the start of its phase and said
// once.
#pragma once

#include "actors/dialog/text.hpp"
#include "protocols/time.hpp"

#include <optional>
#include <vector>

namespace interject::dialog {

struct progress_text {
  duration at{};
  text what;
};

struct progress_plan {
  std::vector<progress_text> texts;    ///< by time; equal times in the order of the source
  std::optional<duration> first, then; ///< `every`: from the start, and between two
  text periodic;

  bool empty() const { return texts.empty() && !first; }
};

/// The text number `said` of a phase, those before it being past.
struct due_text {
  duration at{};
  const text* what = nullptr;
  std::uint32_t variant = 0; ///< of a periodic text: how many of them came before
};
/// Nothing when none is left. The list goes before `every` at equal times.
std::optional<due_text> text_number(const progress_plan& plan, std::uint16_t said);

} // namespace interject::dialog
