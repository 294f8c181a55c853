// The kinds of steps: one line each in registry.cpp.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace interject {
class value;
}

namespace interject::dialog {

class dialog_compiler;

struct step_kind {
  std::string_view name;
  std::string_view help;
  std::vector<std::string_view> keys; ///< besides do, id, interruptible, boundary
  std::vector<std::string_view> required;
  std::vector<std::string_view> later; ///< in the format, but not in this version
  void (*parse)(dialog_compiler&, const value& spec);
};

std::span<const step_kind> step_kinds();
const step_kind* find_step(std::string_view name);
std::vector<std::string_view> step_names();

} // namespace interject::dialog
