// Cursors of pages: a position as text.
#pragma once

#include "protocols/result.hpp"
#include "protocols/time.hpp"

#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

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

/// A reminder's place among all: when it is due, and its row.
using due_place = std::pair<time_point, std::uint64_t>;

inline std::string due_cursor(const due_place& at) {
  return std::to_string(at.first.time_since_epoch().count()) + "." + std::to_string(at.second);
}

/// Before all others for an empty cursor.
inline result<due_place> parse_due_cursor(const std::string& text) {
  due_place at{time_point::min(), 0};
  if (text.empty())
    return at;
  std::int64_t due = 0;
  auto dot = text.find('.');
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), due);
  auto pos = parse_cursor(dot == text.npos ? "?" : text.substr(dot + 1));
  if (code != std::errc() || dot == text.npos || end != text.data() + dot || !pos)
    return error{errc::bad_input, "cursor: not one that was given out"};
  return due_place{time_point(duration(due)), *pos};
}

} // namespace interject::journal
