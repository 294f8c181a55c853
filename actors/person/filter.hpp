// Whom a filter names. A missing attribute makes a positive operator false and a negative one true.
// Pure.
#pragma once

#include "actors/person/profile.hpp"
#include "protocols/attribute_filter.hpp"

namespace interject::person {

using interject::filter_fault;
using interject::filter_op;
using condition = attribute_condition;
using filter = attribute_filter;

inline filter read_filter(const value& spec, std::vector<filter_fault>& faults) {
  return read_attribute_filter(spec, faults);
}

bool matches(const filter& f, const profile& p);

} // namespace interject::person
