#define CAF_SUITE filter
#include "tests/support/caf_test.hpp"

#include "actors/person/filter.hpp"

using namespace interject;
using namespace interject::person;

namespace {

value field(const char* name, const char* op, value to) {
  return value::object{{"field", value(name)}, {"op", value(op)}, {"value", std::move(to)}};
}
value both(value a, value b) {
  return value::list{value(value::list{std::move(a), std::move(b)})};
}
value only(value a) {
  return value::list{value(value::list{std::move(a)})};
}

bool says(const value& spec, const profile& p) {
  std::vector<filter_fault> faults;
  auto f = read_filter(spec, faults);
  for (auto& fault : faults)
    CAF_ERROR(fault.pointer << " " << fault.why);
  return matches(f, p);
}

profile ann() {
  profile p;
  apply(p, {"attr.plan", value("gold")});
  apply(p, {"attr.age", value(40)});
  apply(p, {"attr.since", value("2026-01-05T00:00:00Z")});
  apply(p, {"attr.tags", value(value::list{value("a"), value("b")})});
  return p;
}

struct row {
  const char* field;
  const char* op;
  value to;
  bool there;   ///< for Ann
  bool missing; ///< for somebody without the attribute
};

} // namespace

CAF_TEST(each operator on a value and on none) {
  const std::vector<row> rows{
      {"custom.plan", "eq", value("gold"), true, false},
      {"custom.plan", "ne", value("gold"), false, true},
      {"custom.plan", "ne", value("iron"), true, true},
      {"custom.age", "eq", value(40), true, false},
      {"custom.age", "gt", value(40), false, false},
      {"custom.age", "ge", value(40), true, false},
      {"custom.age", "lt", value(41), true, false},
      {"custom.age", "le", value(39), false, false},
      {"custom.age", "gt", value("39"), false, false}, // a text is no number
      {"custom.since", "lt", value("2026-02-01T00:00:00Z"), true, false},
      {"custom.plan", "contains", value("ol"), true, false},
      {"custom.plan", "not_contains", value("ol"), false, true},
      {"custom.tags", "contains", value("b"), true, false},
      {"custom.tags", "contains", value("c"), false, false},
      {"custom.plan", "in", value(value::list{value("iron"), value("gold")}), true, false},
      {"custom.plan", "not_in", value(value::list{value("iron")}), true, true},
      {"custom.plan", "exists", value(true), true, false},
      {"custom.plan", "not_exists", value(true), false, true},
  };
  for (auto& r : rows) {
    CAF_MESSAGE(r.field << " " << r.op << " " << display(r.to));
    CAF_CHECK_EQUAL(says(only(field(r.field, r.op, r.to)), ann()), r.there);
    CAF_CHECK_EQUAL(says(only(field(r.field, r.op, r.to)), profile{}), r.missing);
  }
}

CAF_TEST(groups are alternatives of conditions that all hold) {
  CAF_CHECK(says(value(value::list{}), profile{}));
  auto gold = field("custom.plan", "eq", value("gold"));
  auto young = field("custom.age", "lt", value(30));
  auto old = field("custom.age", "ge", value(30));
  CAF_CHECK(!says(both(gold, young), ann()));
  CAF_CHECK(says(both(gold, old), ann()));
  CAF_CHECK(says(value(value::list{value(value::list{young}), value(value::list{gold})}), ann()));
}

CAF_TEST(what is wrong with a filter is said with its place) {
  std::vector<filter_fault> faults;
  read_filter(both(field("plan", "eq", value(1)), field("custom.x", "like", value(1))), faults);
  read_filter(value("all"), faults);
  read_filter(value(value::list{value(1)}), faults);
  read_filter(
      only(value::object{{"field", value("custom.x")}, {"op", value("eq")}, {"valu", value(1)}}),
      faults);
  read_filter(only(field("custom.x", "in", value(1))), faults);
  std::vector<std::string> places;
  for (auto& f : faults)
    places.push_back(f.pointer);
  CAF_CHECK_EQUAL(places, (std::vector<std::string>{"/0/0/field", "/0/1/op", "", "/0", "/0/0/valu",
                                                    "/0/0/value", "/0/0/value"}));
}
