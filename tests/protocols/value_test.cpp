#define CAF_SUITE value
#include "tests/support/caf_test.hpp"

#include "protocols/value.hpp"

using namespace interject;

namespace {
std::string json(const value& v) {
  std::string out;
  append_json(out, v);
  return out;
}
const value offer(value::object{{"name", "Zoë's \"inn\""},
                                {"price", *decimal::parse("158.50")},
                                {"nights", value::list{1, 2}},
                                {"open", true},
                                {"note", value()}});
} // namespace

CAF_TEST(values are shown to people and written as JSON) {
  CAF_CHECK_EQUAL(display(value()), "null");
  CAF_CHECK_EQUAL(display(true), "true");
  CAF_CHECK_EQUAL(display(158), "158");
  CAF_CHECK_EQUAL(display("a \"b\""), "a \"b\"");
  CAF_CHECK_EQUAL(display(time_point(duration(0))), "1970-01-01T00:00:00.000Z");
  CAF_CHECK_EQUAL(json(time_point(duration(0))), "\"1970-01-01T00:00:00.000Z\"");
  CAF_CHECK_EQUAL(json("a\"\\\n\t\r\x01\x1f é"), "\"a\\\"\\\\\\n\\t\\r\\u0001\\u001f é\"");
  CAF_CHECK_EQUAL(display(offer),
                  "{\"name\":\"Zoë's "
                  "\\\"inn\\\"\",\"price\":158.5,\"nights\":[1,2],\"open\":true,\"note\":null}");
  CAF_CHECK_EQUAL(json(value::list{}), "[]");
  CAF_CHECK_EQUAL(json(value::object{}), "{}");
}

CAF_TEST(members are found by name) {
  CAF_REQUIRE(offer.find("open"));
  CAF_CHECK(offer.find("open")->as_bool());
  CAF_CHECK(!offer.find("Open"));
  CAF_CHECK(!value("text").find("open"));
}

CAF_TEST(equality compares contents and kinds) {
  CAF_CHECK(value(1) == value(*decimal::parse("1.0")));
  CAF_CHECK(!(value(1) == value("1")));
  CAF_CHECK(!(value(false) == value()));
  CAF_CHECK((value(value::list{1, value::list{"a"}}) == value(value::list{1, value::list{"a"}})));
  CAF_CHECK((!(value(value::list{1}) == value(value::list{2}))));
  CAF_CHECK((!(value(value::object{{"a", 1}}) == value(value::object{{"b", 1}}))));
}

CAF_TEST(a copy shares its list) {
  value a(value::list{1, 2, 3});
  value b = a;
  CAF_CHECK_EQUAL(a.as_list(), b.as_list());
}

CAF_TEST(kinds have names) {
  CAF_CHECK_EQUAL(to_string(value::kind::null), std::string("null"));
  CAF_CHECK_EQUAL(to_string(offer.type()), std::string("object"));
}
