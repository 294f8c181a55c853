#include "actors/person/filter.hpp"

#include <algorithm>

namespace interject::person {

namespace {

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

} // namespace

bool matches(const filter& f, const profile& p) {
  if (f.empty())
    return true;
  return std::any_of(f.begin(), f.end(), [&](auto& group) {
    return std::all_of(group.all.begin(), group.all.end(), [&](auto& c) { return matches(c, p); });
  });
}

} // namespace interject::person
