#define CAF_SUITE profile
#include "tests/support/caf_test.hpp"

#include "actors/person/profile.hpp"

using namespace interject;
using namespace interject::person;
using namespace std::chrono_literals;

namespace {

const time_point noon{std::chrono::sys_days{std::chrono::January / 5 / 2026} + 12h};

profile with(std::vector<person_change> changes) {
  profile p;
  for (auto& c : changes)
    CAF_REQUIRE(apply(p, c));
  return p;
}

} // namespace

CAF_TEST(nothing is said about somebody who said nothing) {
  profile p;
  CAF_CHECK(!contact(p));
  CAF_CHECK(!muted(p, "offers"));
  CAF_CHECK(!quiet(p));
  CAF_CHECK_EQUAL(said_since(p, "", noon), 0);
}

CAF_TEST(the last change of a key holds and null takes it away) {
  auto p = with({{"contact", value(true)},
                 {"topic.b", value("on")},
                 {"contact", value(false)},
                 {"topic.b", {}}});
  CAF_CHECK(contact(p) == false);
  CAF_CHECK(!find(p, "topic.b"));
  CAF_CHECK_EQUAL(p.values.size(), 1u);
}

CAF_TEST(a topic goes before all topics) {
  auto p = with({{"topic.*", value("muted")}, {"topic.bills", value("on")}});
  CAF_CHECK(muted(p, "offers"));
  CAF_CHECK(!muted(p, "bills"));
  CAF_CHECK(!muted(p, "")); // without a topic there is nothing to mute
}

CAF_TEST(settings are listed without their prefix) {
  auto p = with({{"attr.plan", value("gold")},
                 {"var.city", value("Rome")},
                 {"attr.age", value(40)},
                 {"attrs", value(1)}});
  auto attributes = under(p, "attr.");
  CAF_REQUIRE_EQUAL(attributes.size(), 2u);
  CAF_CHECK_EQUAL(attributes[0].first, "age");
  CAF_CHECK_EQUAL(attributes[1].first, "plan");
}

CAF_TEST(caps count what was said in any time of their length) {
  profile p;
  for (auto at : {noon, noon + 10min, noon + 20min})
    apply(p, said_now(p, "offers", at, 1h));
  CAF_CHECK_EQUAL(said_since(p, "offers", noon - 1ms), 3);
  CAF_CHECK_EQUAL(said_since(p, "offers", noon), 2); // the exact boundary is free again
  CAF_CHECK_EQUAL(said_since(p, "", noon - 1h), 0);
  apply(p, said_now(p, "offers", noon + 2h, 1h));
  CAF_CHECK_EQUAL(find(p, "said.offers")->as_list()->size(), 1u); // what is past is forgotten
}

CAF_TEST(a person has a bounded number of settings) {
  profile p;
  for (std::size_t i = 0; i < settings_limit; ++i)
    CAF_REQUIRE(apply(p, {"attr." + std::to_string(i), value(1)}));
  CAF_CHECK(!apply(p, {"attr.more", value(1)}));
  CAF_CHECK(apply(p, {"attr.1", value(2)}));
  CAF_CHECK(apply(p, {"attr.2", {}}));
  CAF_CHECK(apply(p, {"attr.more", value(1)}));
  CAF_CHECK(!apply(p, {"attr.1", value(std::string(setting_bytes_limit + 1, 'x'))}));
  CAF_CHECK(!apply(p, {std::string(key_limit + 1, 'k'), value(1)}));
}
