#include "benchmarks/filter_work.hpp"

#include "benchmarks/orders.hpp"

#include <array>

namespace interject::bench {

namespace {

constexpr std::array plans{"free", "silver", "gold"};
constexpr std::array cities{"London", "Paris", "Berlin", "Madrid", "Rome", "Vienna", "Oslo"};
constexpr std::array tags{"spa", "family", "ski", "beach", "business"};

std::size_t next_city(std::size_t city) {
  return (city + 1) % cities.size();
}

value condition(const char* field, const char* op, value to) {
  return value::object{{"field", std::string("custom.") + field}, {"op", op}, {"value", to}};
}

} // namespace

person_facts make_person(std::uint64_t seed, std::uint64_t number) {
  auto r = mix(~seed ^ mix(number));
  return {.city = r % cities.size(),
          .plan = (r >> 8) % plans.size(),
          .first_tag = (r >> 16) % tags.size(),
          .second_tag = (r >> 24) % tags.size(),
          .age = static_cast<int>(18 + (r >> 32) % 60),
          .visits = static_cast<int>((r >> 40) % 50)};
}

filter_facts make_filter(std::uint64_t seed, std::uint64_t number) {
  auto r = mix(seed ^ mix(number));
  return {.asks = static_cast<filter_facts::third>((r >> 48) % 3),
          .city = r % cities.size(),
          .plan = (r >> 8) % plans.size(),
          .tag = (r >> 16) % tags.size(),
          .age = static_cast<int>(18 + (r >> 24) % 50),
          .visits = static_cast<int>((r >> 32) % 40)};
}

bool should_match(const filter_facts& f, const person_facts& p) {
  using enum filter_facts::third;
  if (p.age < f.age)
    return false;
  switch (f.asks) {
  case city_is_one_of:
    return p.plan == f.plan && (p.city == f.city || p.city == next_city(f.city));
  case fewer_visits:
    return p.plan == f.plan && p.visits < f.visits;
  case tagged_elsewhere:
    return (p.first_tag == f.tag || p.second_tag == f.tag) && p.city != f.city;
  }
  return false;
}

value as_spec(const filter_facts& f) {
  using enum filter_facts::third;
  auto plan = condition("plan", "eq", plans[f.plan]), age = condition("age", "ge", f.age);
  value::list all;
  switch (f.asks) {
  case city_is_one_of:
    all = {plan, age,
           condition("city", "in", value::list{cities[f.city], cities[next_city(f.city)]})};
    break;
  case fewer_visits:
    all = {age, condition("visits", "lt", f.visits), plan};
    break;
  case tagged_elsewhere:
    all = {condition("tags", "contains", tags[f.tag]), age,
           condition("city", "ne", cities[f.city])};
    break;
  }
  return value::list{value(all)};
}

value::object as_attributes(const person_facts& p) {
  return {{"age", p.age},
          {"city", cities[p.city]},
          {"plan", plans[p.plan]},
          {"tags", value::list{tags[p.first_tag], tags[p.second_tag]}},
          {"visits", p.visits}};
}

filter_work make_filter_work(std::uint64_t seed, std::size_t filters, std::size_t people) {
  filter_work w;
  for (std::size_t i = 0; i < filters; ++i)
    w.filters.push_back(make_filter(seed, i));
  for (std::size_t i = 0; i < people; ++i)
    w.people.push_back(make_person(seed, i));
  for (std::size_t i = 0; i < filters; ++i)
    for (auto& p : w.people)
      w.expected += should_match(w.filters[i], p) ? i + 1 : 0;
  return w;
}

} // namespace interject::bench
