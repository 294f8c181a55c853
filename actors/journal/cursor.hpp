// Cursors of pages: a position as text.
#pragma once

#include "protocols/result.hpp"

#include <charconv>
#include <cstdint>
#include <string>

namespace interject::journal {

/// 0 for the beginning (an empty cursor), `bad_input` for a text that no page gave out.
inline result<std::uint64_t> parse_cursor(const std::string& text) {
  std::uint64_t n = 0;
  if (text.empty())
    return n;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (code != std::errc() || end != text.data() + text.size() || n == 0 || n > INT64_MAX)
    return error{errc::bad_input, "cursor: not one that was given out"};
  return n;
}

} // namespace interject::journal
