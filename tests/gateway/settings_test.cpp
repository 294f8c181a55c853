#define CAF_SUITE settings
#include "tests/support/caf_test.hpp"

#include "config/settings.hpp"

#include <algorithm>
#include <set>
#include <thread>

using namespace interject;
using namespace interject::config;

CAF_TEST(each setting has a name of its own a help text and a default within its range) {
  std::set<std::string> names;
  settings defaults;
  for (auto& s : all_settings()) {
    CAF_CHECK(names.insert(s.name).second);
    CAF_CHECK(std::string(s.help).size() > 10);
    if (auto number = std::get_if<std::int64_t settings::*>(&s.where))
      CAF_CHECK(defaults.**number >= s.least && defaults.**number <= s.most);
    if (auto length = std::get_if<duration settings::*>(&s.where))
      CAF_CHECK((defaults.**length).count() >= s.least && (defaults.**length).count() <= s.most);
  }
}

CAF_TEST(threads are as many as are wished or half of the cores) {
  CAF_CHECK_EQUAL(threads_of(7), 7);
  CAF_CHECK(threads_of(0) >= 1);
  CAF_CHECK(threads_of(0) <= std::max(1U, std::thread::hardware_concurrency() / 2));
}

CAF_TEST(the name of the environment follows from the setting) {
  for (auto& s : all_settings())
    if (std::string(s.name) == "max-body") {
      CAF_CHECK_EQUAL(environment_name(s), "INTERJECT_MAX_BODY");
      CAF_CHECK_EQUAL(default_text(s), "1048576");
      return;
    }
  CAF_FAIL("no setting max-body");
}
