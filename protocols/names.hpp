// Names of enumerators, as tables in their order.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace interject {

template <class Enum, std::size_t N>
const char* name_in(const std::array<const char*, N>& names, Enum which) {
  auto i = static_cast<std::size_t>(which);
  return i < N ? names[i] : "unknown";
}

template <class Enum, std::size_t N>
std::optional<Enum> find_in(const std::array<const char*, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i)
    if (text == names[i])
      return static_cast<Enum>(i);
  return std::nullopt;
}

} // namespace interject
