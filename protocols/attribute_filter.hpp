// Whom a broadcast is for: a filter over the attributes of a person, as it is written. OR of AND
// groups; no group at all is everybody. What it means: actors/person/filter.hpp.
#pragma once

#include "protocols/fields.hpp"
#include "protocols/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace interject {

enum class filter_op : std::uint8_t {
  eq,
  ne,
  gt,
  ge,
  lt,
  le,
  contains,
  not_contains,
  in,
  not_in,
  exists,
  not_exists
};
std::optional<filter_op> parse_filter_op(std::string_view text); ///< "eq" "not_contains" …
std::string filter_op_names();                                   ///< for messages

struct attribute_condition {
  std::string field; ///< an attribute's name, without "custom."
  filter_op op = filter_op::eq;
  value to;
  INTERJECT_FIELDS(attribute_condition, field, op, to)
};
struct condition_group {
  std::vector<attribute_condition> all;
  INTERJECT_FIELDS(condition_group, all)
};
using attribute_filter = std::vector<condition_group>;

/// [[{"field": "custom.plan", "op": "eq", "value": "gold"}, …], …]; a fault names its place by JSON
/// pointer.
struct filter_fault {
  std::string pointer;
  std::string why;
  std::string remedy = {}; ///< what would be right, where `why` does not say it
};
attribute_filter read_attribute_filter(const value& spec, std::vector<filter_fault>& faults);

} // namespace interject
