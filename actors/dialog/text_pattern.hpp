// One text in one locale, taken apart once. Private to text*.cpp and render.cpp; ICU stays in
// *_icu.cpp. Literal parts and plain `{name}` of texts never touch ICU; `{price, number, …}`
// goes to a formatter of its own, and only what holds a plural or a select goes to MessageFormat,
// its inner formats filled in beforehand. So instants are always shown in UTC, and a value that is
// not there empties its own place and no more.
#pragma once

#include "protocols/value.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace interject::dialog::detail {

inline constexpr std::size_t max_pattern_text = 16'384; ///< bytes of one text
inline constexpr int max_pattern_nesting = 16;          ///< of plurals and selects
inline constexpr std::size_t max_arguments = 64;        ///< of one plural or select, in all

enum class leaf_format : std::uint8_t { plain, number, date, time, spellout, ordinal, duration };

/// A value and how it is shown.
struct leaf {
  std::uint32_t name = 0; ///< index in `pattern::names`
  leaf_format format = leaf_format::plain;
  std::string style; ///< as written: "::currency/USD", "long"
  std::string key;   ///< of its formatter: locale, format, style
};

struct block_argument {
  enum class role : std::uint8_t { count, choice, shown };
  role as = role::shown; ///< count: plural and selectordinal; choice: select
  leaf what;
};

struct piece {
  enum class kind : std::uint8_t { literal, leaf, block };
  kind what = kind::literal;
  std::string text; ///< literal: what is said; else its source
  detail::leaf leaf;
  std::string icu; ///< block: pattern over a0, a1, …, `arguments` by number
  std::vector<block_argument> arguments;
  std::uint64_t id = 0;   ///< block: never used twice
  std::size_t column = 0; ///< in the source, from 1
};

struct pattern {
  std::string source;
  std::string locale;
  std::vector<std::string> names; ///< dotted, each once
  std::vector<piece> pieces;
  bool latin_digits = true;
};

struct pattern_fault {
  std::size_t column = 0; ///< from 1, in characters; 0: unknown
  std::string what;
  std::string remedy;
  bool warning = false;
};

/// Takes `source` apart. False when any fault is no warning.
bool scan(pattern& out, std::string_view source, std::string_view locale,
          std::vector<pattern_fault>& faults);

/// `scan`, then what only ICU knows: styles, skeletons, keywords.
bool compile(pattern& out, std::string_view source, std::string_view locale,
             std::vector<pattern_fault>& faults);

/// Values by index in `pattern::names`; null where there is none.
class pattern_values {
public:
  virtual const value* get(std::uint32_t name) const = 0;

protected:
  ~pattern_values() = default;
};

enum class when_missing : std::uint8_t { leave_out, keep_source };

/// Never throws; formatters are kept per thread, a bounded number of them.
void append(std::string& out, const pattern& p, const pattern_values& in, when_missing missing);

} // namespace interject::dialog::detail
