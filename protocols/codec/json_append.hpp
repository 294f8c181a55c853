// Writes JSON by appending to a string or a sink. Strings are UTF-8 already: only quotes,
// backslashes and control characters change.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace interject {

/// Whether one of eight bytes is to be escaped. Each term marks the bytes for which it holds in
/// their top bits; a borrow can mark a byte too many, above one that is marked rightly ("Bit
/// Twiddling Hacks", hasless and haszero).
inline bool has_escape(const char* eight) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  std::uint64_t x = 0;
  std::memcpy(&x, eight, sizeof x);
  auto zero = [&](std::uint64_t y) { return (y - ones) & ~y; };
  return (((x - ones * 0x20) & ~x) | zero(x ^ (ones * '"')) | zero(x ^ (ones * '\\'))) &
         (ones * 0x80);
}

/// `text` escaped, without the quotes around it.
template <class Out> void append_json_escaped(Out& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  std::size_t clean = 0; // where the bytes begin that are still to be copied as they are
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (i + 8 <= text.size() && !has_escape(text.data() + i))
      i += 8;
    if (i == text.size())
      break;
    auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\')
      continue;
    out.append(text.data() + clean, i - clean);
    clean = i + 1;
    switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += "\\u00";
      out += hex[c >> 4];
      out += hex[c & 15];
    }
  }
  out.append(text.data() + clean, text.size() - clean);
}

template <class Out> void append_json_string(Out& out, std::string_view text) {
  out += '"';
  append_json_escaped(out, text);
  out += '"';
}

template <class Out> void append_json_number(Out& out, std::integral auto number) {
  char digits[24];
  auto* end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

} // namespace interject
