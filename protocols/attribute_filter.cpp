#include "protocols/attribute_filter.hpp"

#include "protocols/names.hpp"

namespace interject {

namespace {

constexpr auto names =
    std::to_array<const char*>({"eq", "ne", "gt", "ge", "lt", "le", "contains", "not_contains",
                                "in", "not_in", "exists", "not_exists"});
constexpr std::size_t most_groups = 50, most_conditions = 50;
constexpr std::string_view prefix = "custom.";

attribute_condition read_condition(const value& spec, const std::string& at,
                                   std::vector<filter_fault>& faults) {
  attribute_condition c;
  if (!spec.as_object()) {
    faults.push_back({at, R"(expected {"field": "custom.NAME", "op": …, "value": …})"});
    return c;
  }
  for (auto& [name, v] : *spec.as_object())
    if (name != "field" && name != "op" && name != "value")
      faults.push_back(
          {at + "/" + name, "unknown key \"" + name + "\"", "known are field, op, value"});
  auto* field = spec.find("field");
  if (!field || !field->as_text() || !field->as_text()->starts_with(prefix) ||
      field->as_text()->size() == prefix.size())
    faults.push_back({at + "/field", "expected \"custom.\" and the name of an attribute"});
  else
    c.field = field->as_text()->substr(prefix.size());
  auto* op = spec.find("op");
  auto known = op && op->as_text() ? parse_filter_op(*op->as_text()) : std::nullopt;
  if (!known)
    faults.push_back({at + "/op", "expected one of " + filter_op_names()});
  c.op = known.value_or(filter_op::eq);
  auto* to = spec.find("value");
  const bool none = c.op == filter_op::exists || c.op == filter_op::not_exists;
  if (to)
    c.to = *to;
  if (known && !none && !to)
    faults.push_back({at + "/value", "is missing"});
  if ((c.op == filter_op::in || c.op == filter_op::not_in) && to && !to->as_list())
    faults.push_back({at + "/value", "expected a list"});
  return c;
}

} // namespace

std::optional<filter_op> parse_filter_op(std::string_view text) {
  return find_in<filter_op>(names, text);
}

std::string filter_op_names() {
  std::string out;
  for (auto* name : names)
    out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

attribute_filter read_attribute_filter(const value& spec, std::vector<filter_fault>& faults) {
  attribute_filter out;
  auto* groups = spec.as_list();
  if (!groups || groups->size() > most_groups) {
    faults.push_back({"", groups ? "has more than 50 groups"
                                 : "expected a list of groups, each a list of conditions"});
    return out;
  }
  for (std::size_t i = 0; i < groups->size(); ++i) {
    auto at = "/" + std::to_string(i);
    auto* all = (*groups)[i].as_list();
    if (!all || all->empty() || all->size() > most_conditions) {
      faults.push_back({at, "expected a list of 1 to 50 conditions"});
      continue;
    }
    auto& group = out.emplace_back();
    for (std::size_t k = 0; k < all->size(); ++k)
      group.all.push_back(read_condition((*all)[k], at + "/" + std::to_string(k), faults));
  }
  return out;
}

} // namespace interject
