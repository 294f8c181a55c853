#include "actors/dialog/progress.hpp"

#include <limits>

namespace interject::dialog {

std::optional<due_text> text_number(const progress_plan& plan, std::uint16_t said) {
  if (said == std::numeric_limits<std::uint16_t>::max())
    return std::nullopt;
  std::size_t listed = 0;
  std::uint32_t periodic = 0;
  auto next_periodic = plan.first;
  for (std::uint32_t i = 0;; ++i) {
    bool list_left = listed < plan.texts.size();
    if (!list_left && !next_periodic)
      return std::nullopt;
    bool from_list = list_left && (!next_periodic || plan.texts[listed].at <= *next_periodic);
    if (i == said)
      return from_list ? due_text{plan.texts[listed].at, &plan.texts[listed].what, 0}
                       : due_text{*next_periodic, &plan.periodic, periodic};
    if (from_list) {
      ++listed;
    } else {
      ++periodic;
      if (plan.then)
        *next_periodic += *plan.then;
      else
        next_periodic.reset();
    }
  }
}

} // namespace interject::dialog
