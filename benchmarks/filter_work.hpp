// Filters over what is known of people, and the people: what decides whom a broadcast is for. Both
// depend on the seed alone.
#pragma once

#include "protocols/value.hpp"

#include <cstddef>
#include <cstdint>

namespace interject::bench {

/// What a person is, and what a filter asks for; lists by their places in the benchmark's own.
struct person_facts {
  std::size_t city, plan, first_tag, second_tag;
  int age, visits;
};
struct filter_facts {
  enum class third { city_is_one_of, fewer_visits, tagged_elsewhere } asks;
  std::size_t city, plan, tag;
  int age, visits;
};
person_facts make_person(std::uint64_t seed, std::uint64_t number);
filter_facts make_filter(std::uint64_t seed, std::uint64_t number);
/// The answer that every program must give.
bool should_match(const filter_facts& f, const person_facts& p);

/// `[[{field, op, value}, …]]`, as the API takes it: one group of three conditions.
value as_spec(const filter_facts& f);
/// Attributes by name: age, city, plan, tags, visits.
value::object as_attributes(const person_facts& p);

struct filter_work {
  std::vector<filter_facts> filters;
  std::vector<person_facts> people;
  /// How many people each filter finds, times its number from 1; all added up
  std::uint64_t expected = 0;
};
filter_work make_filter_work(std::uint64_t seed, std::size_t filters, std::size_t people);

} // namespace interject::bench
