// Expressions: a subset of CEL, parsed once at load, evaluated without side effects, loops or
// binary floats.
#pragma once

#include "protocols/result.hpp"
#include "protocols/value.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace interject::dialog {

/// A name as resolved at load: `slot` is a number whose meaning the caller chose, `used` how many
/// parts of the dotted path it covers (`user.name` may be one variable of two parts; what is left
/// reaches into its value).
struct resolved_name {
  std::uint32_t slot = 0;
  std::size_t used = 1;
};
/// Nothing: the name is unknown. The message of the fault then spells the whole path in backquotes.
using name_resolver =
    std::function<std::optional<resolved_name>(std::span<const std::string_view> path)>;

/// The values at evaluation, by slot; null where none is set.
class variables {
public:
  virtual const value* get(std::uint32_t slot) const = 0;

protected:
  ~variables() = default;
};

struct expression_fault {
  std::size_t column = 0; ///< from 1, in characters of the source
  std::string what;
};

/// Immutable once parsed; may be evaluated on any thread. A missing member of an object, and a
/// member of null, are null. Texts that it makes stay below 64 KiB, lists below 10,000 values, 1
/// MiB of text and 32 levels.
class expression {
public:
  expression() = default;

  /// At most 4,096 characters, nested 64 deep. Regular expressions (`matches`) given as literals
  /// are compiled here and reported when wrong.
  static std::optional<expression> parse(std::string_view source, const name_resolver& names,
                                         expression_fault& fault);

  /// The value, or why there is none (a type that does not fit, a division by zero, an overflow, an
  /// unset variable used as a number). Never throws.
  result<value> evaluate(const variables& in) const;

  /// `evaluate`, and true only for the boolean true.
  bool holds(const variables& in) const;

  const std::string& source() const;
  /// Slots that it reads, each once.
  const std::vector<std::uint32_t>& reads() const;
  explicit operator bool() const { return it_ != nullptr; }

private:
  struct compiled;
  std::shared_ptr<const compiled> it_;
};

/// CEL's names for functions, for `interject check` and the reference: "size", "contains", …
std::span<const std::string_view> expression_functions();

} // namespace interject::dialog
