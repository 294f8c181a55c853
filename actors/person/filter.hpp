// Whom a broadcast is for: a filter over the attributes of a person. OR of AND groups; no group at
// all is everybody. A missing attribute makes a positive operator false and a negative one true.
// Pure.
#pragma once

#include "actors/person/profile.hpp"
#include "protocols/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace interject::person {

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

struct condition {
  std::string field; ///< an attribute's name, without "custom."
  filter_op op = filter_op::eq;
  value to;
  INTERJECT_FIELDS(condition, field, op, to)
};
struct condition_group {
  std::vector<condition> all;
  INTERJECT_FIELDS(condition_group, all)
};
using filter = std::vector<condition_group>;

/// [[{"field": "custom.plan", "op": "eq", "value": "gold"}, …], …]; a fault names its place by JSON
/// pointer.
struct filter_fault {
  std::string pointer;
  std::string why;
};
filter read_filter(const value& spec, std::vector<filter_fault>& faults);

bool matches(const filter& f, const profile& p);

} // namespace interject::person
