// A value of a bot: what a variable holds, an expression yields and an integration reads.
#pragma once

#include "protocols/decimal.hpp"
#include "protocols/time.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace interject {

/// Null, boolean, decimal, instant, text, list or object. Lists and objects are shared and
/// immutable, so a copy is cheap and a value never aliases a change.
class value {
public:
  using list = std::vector<value>;
  using object = std::vector<std::pair<std::string, value>>; ///< in the order of the source
  enum class kind : std::uint8_t { null, boolean, number, time, text, list, object };

  value() = default;
  value(bool b) : it_(b) {}
  value(decimal n) : it_(n) {}
  value(int whole) : it_(decimal::of(whole)) {}
  value(time_point at) : it_(at) {}
  value(std::string text) : it_(std::move(text)) {}
  value(std::string_view text) : it_(std::string(text)) {}
  value(const char* text) : it_(std::string(text)) {}
  value(list items) : it_(std::make_shared<const list>(std::move(items))) {}
  value(object members) : it_(std::make_shared<const object>(std::move(members))) {}

  kind type() const { return static_cast<kind>(it_.index()); }
  bool is_null() const { return type() == kind::null; }

  /// Null unless the value is of that kind.
  const bool* as_bool() const { return std::get_if<bool>(&it_); }
  const decimal* as_number() const { return std::get_if<decimal>(&it_); }
  const time_point* as_time() const { return std::get_if<time_point>(&it_); }
  const std::string* as_text() const { return std::get_if<std::string>(&it_); }
  const list* as_list() const;
  const object* as_object() const;

  /// The member of that name, or null when there is none or this is no object.
  const value* find(std::string_view name) const;

  friend bool operator==(const value& a, const value& b);

private:
  std::variant<std::monostate, bool, decimal, time_point, std::string, std::shared_ptr<const list>,
               std::shared_ptr<const object>>
      it_;
};

using named_value = std::pair<std::string, value>;
using named_values = std::vector<named_value>;

/// "null" "boolean" "number" "time" "text" "list" "object"
const char* to_string(value::kind kind);
/// What a person reads: "158", "true", the text itself, RFC 3339; JSON for lists and objects.
std::string display(const value& v);
/// As JSON; numbers in their shortest form, instants as RFC 3339 strings.
void append_json(std::string& out, const value& v);

} // namespace interject
