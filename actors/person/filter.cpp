#include "actors/person/filter.hpp"

#include "protocols/names.hpp"

#include <algorithm>

namespace interject::person {

namespace {

constexpr auto names =
    std::to_array<const char*>({"eq", "ne", "gt", "ge", "lt", "le", "contains", "not_contains",
                                "in", "not_in", "exists", "not_exists"});
constexpr std::size_t most_groups = 50, most_conditions = 50;
constexpr std::string_view prefix = "custom.";

bool negative(filter_op op) {
  return op == filter_op::ne || op == filter_op::not_contains || op == filter_op::not_in ||
         op == filter_op::not_exists;
}

/// Below, equal, above; none when they cannot be compared. Dates are compared with texts that are
/// dates.
std::optional<int> order(const value& a, const value& b) {
  auto sign = [](auto& x, auto& y) { return x < y ? -1 : y < x ? 1 : 0; };
  if (auto* x = a.as_number(), *y = b.as_number(); x && y)
    return sign(*x, *y);
  if (auto* x = a.as_time()) {
    auto y = b.as_time() ? *b.as_time() : b.as_text() ? parse_time(*b.as_text()) : std::nullopt;
    return y ? std::optional(sign(*x, *y)) : std::nullopt;
  }
  if (auto* x = a.as_text(), *y = b.as_text(); x && y)
    return sign(*x, *y);
  if (a == b)
    return 0;
  return std::nullopt;
}

bool holds_text(const value& in, const value& what) {
  if (auto* items = in.as_list())
    return std::any_of(items->begin(), items->end(),
                       [&](auto& item) { return order(item, what) == 0; });
  auto *text = in.as_text(), *part = what.as_text();
  return text && part && text->find(*part) != std::string::npos;
}

bool one_of(const value& v, const value& choices) {
  auto* list = choices.as_list();
  return list &&
         std::any_of(list->begin(), list->end(), [&](auto& item) { return order(v, item) == 0; });
}

bool matches(const condition& c, const profile& p) {
  auto* v = find(p, "attr." + c.field);
  if (!v)
    return negative(c.op);
  auto o = order(*v, c.to);
  switch (c.op) {
  case filter_op::eq:
    return o == 0;
  case filter_op::ne:
    return o != 0;
  case filter_op::gt:
    return o && *o > 0;
  case filter_op::ge:
    return o && *o >= 0;
  case filter_op::lt:
    return o && *o < 0;
  case filter_op::le:
    return o && *o <= 0;
  case filter_op::contains:
    return holds_text(*v, c.to);
  case filter_op::not_contains:
    return !holds_text(*v, c.to);
  case filter_op::in:
    return one_of(*v, c.to);
  case filter_op::not_in:
    return !one_of(*v, c.to);
  case filter_op::exists:
    return true;
  case filter_op::not_exists:
    return false;
  }
  return false;
}

condition read_condition(const value& spec, const std::string& at,
                         std::vector<filter_fault>& faults) {
  condition c;
  if (!spec.as_object()) {
    faults.push_back({at, R"(expected {"field": "custom.NAME", "op": …, "value": …})"});
    return c;
  }
  for (auto& [name, v] : *spec.as_object())
    if (name != "field" && name != "op" && name != "value")
      faults.push_back({at + "/" + name, "is unknown: field, op and value are known"});
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

filter read_filter(const value& spec, std::vector<filter_fault>& faults) {
  filter out;
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

bool matches(const filter& f, const profile& p) {
  if (f.empty())
    return true;
  return std::any_of(f.begin(), f.end(), [&](auto& group) {
    return std::all_of(group.all.begin(), group.all.end(), [&](auto& c) { return matches(c, p); });
  });
}

} // namespace interject::person
