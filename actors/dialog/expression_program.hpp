// What an expression is compiled to: nodes in one array, children before parents. Private to
// expression*.cpp.
#pragma once

#include "actors/dialog/expression.hpp"

#include <re2/re2.h>

namespace interject::dialog::detail {

enum class op : std::uint8_t {
  literal,  ///< a: constant
  variable, ///< a: slot
  member,   ///< a: of what, b: name
  index,    ///< a[b]
  list,     ///< a: first of its `operands`, b: how many
  negate,
  invert,
  add,
  subtract,
  multiply,
  divide,
  remainder,
  equal,
  unequal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  both,
  either, ///< right-nested, so that long chains need no recursion
  choose, ///< a ? b : c
  size,
  contains,
  starts_with,
  ends_with,
  matches,         ///< a: text, b: pattern
  matches_literal, ///< a: text, b: compiled pattern
  has,
};

struct node {
  op what = op::literal;
  std::uint16_t offset = 0; ///< in the source, for faults
  std::uint32_t a = 0, b = 0, c = 0;
};

inline constexpr std::size_t max_source_characters = 4096;
inline constexpr std::size_t max_pattern_bytes = 1024;
inline constexpr std::size_t max_text_bytes = 65'536; ///< of a text that `+` makes
inline constexpr std::size_t max_list_values =
    10'000; ///< of a list that an expression makes, nested ones counted
inline constexpr std::size_t max_list_bytes = 1 << 20; ///< of all texts in a list that it makes
inline constexpr int max_list_depth = 32;
inline constexpr int max_nesting = 64;
inline constexpr int max_chain = 256; ///< depth of the tree: "1 + 1 + …" nests to the left

struct program {
  std::string source;
  std::vector<node> nodes;
  std::vector<value> constants;
  std::vector<std::string> names;
  std::vector<std::uint32_t> operands;
  std::vector<std::unique_ptr<re2::RE2>> patterns;
  std::vector<std::uint32_t> reads;
  std::uint32_t root = 0;
};

/// A pattern within our bounds; check `ok()`.
std::unique_ptr<re2::RE2> compile_pattern(std::string_view pattern);

std::size_t column_of(std::string_view source, std::size_t offset);

bool parse(program& out, const name_resolver& names, expression_fault& fault);

/// Runs one expression once. `variables` may be null while nothing but constants is evaluated.
class evaluation {
public:
  evaluation(const program& p, const variables* in) : p_(p), in_(in) {}

  /// The value of node `at`, perhaps held in `room`; null after a fault.
  const value* run(std::uint32_t at, value& room);

  std::size_t offset = 0; ///< of the fault
  std::string what;

private:
  const value* fail(const node& n, std::string why);
  const value* misfit(const node& n, const char* needs, const value& got);
  const value* unary(const node& n, value& room);
  const value* binary(const node& n, value& room);
  const value* arithmetic(const node& n, const value& l, const value& r, value& room);
  const value* sum(const node& n, const value& l, const value& r, value& room);
  const value* order(const node& n, const value& l, const value& r, value& room);
  const value* text_test(const node& n, const value& l, const value& r, value& room);
  const value* make_list(const node& n, value& room);
  const value* keep_list(const node& n, value::list&& items, value& room);

  const program& p_;
  const variables* in_;
};

} // namespace interject::dialog::detail
