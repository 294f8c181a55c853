#define CAF_SUITE names
#include "tests/support/caf_test.hpp"

#include "protocols/monitoring.hpp"
#include "protocols/notification.hpp"
#include "protocols/result.hpp"

#include <set>

using namespace interject;

CAF_TEST(every delivery code has a name of its own that reads back) {
  std::set<std::string> names;
  for (int i = 0; i < delivery_code_count; ++i) {
    auto code = static_cast<delivery_code>(i);
    CAF_CHECK(parse_delivery_code(to_string(code)) == code);
    names.insert(to_string(code));
  }
  CAF_CHECK_EQUAL(names.size(), static_cast<std::size_t>(delivery_code_count));
  CAF_CHECK(!parse_delivery_code("sent"));
  CAF_CHECK_EQUAL(to_string(static_cast<delivery_code>(200)), std::string("unknown"));
}

CAF_TEST(names of codes stand beside their enumerators) {
  struct row {
    delivery_code code;
    const char* name;
  };
  for (auto& [code, name] : std::vector<row>{{delivery_code::idle, "idle"},
                                             {delivery_code::escalated_expiry, "escalated_expiry"},
                                             {delivery_code::flow_cancelled, "flow_cancelled"},
                                             {delivery_code::uncancellable, "uncancellable"},
                                             {delivery_code::parked, "parked"},
                                             {delivery_code::superseded, "superseded"},
                                             {delivery_code::dup_id, "dup_id"},
                                             {delivery_code::no_optin, "no_optin"},
                                             {delivery_code::failed, "failed"}})
    CAF_CHECK_EQUAL(to_string(code), std::string(name));
}

CAF_TEST(modes urgencies and kinds are spelled as in the API) {
  CAF_CHECK(parse_delivery_mode("auto") == delivery_mode::automatic);
  CAF_CHECK(parse_delivery_mode("ad_hoc") == delivery_mode::ad_hoc);
  CAF_CHECK(!parse_delivery_mode("automatic"));
  CAF_CHECK(parse_urgency("time_sensitive") == urgency::time_sensitive);
  CAF_CHECK(parse_watch_kind("gains_by") == watch_kind::gains_by);
  CAF_CHECK_EQUAL(to_string(delivery_action::accepted), std::string("accepted"));
  CAF_CHECK_EQUAL(to_string(interruption_end::answered), std::string("answered"));
  CAF_CHECK_EQUAL(to_string(watch_state::done), std::string("done"));
  CAF_CHECK_EQUAL(to_string(call_outcome::unknown_outcome), std::string("unknown_outcome"));
}

CAF_TEST(every error has a name and a sentence) {
  CAF_CHECK_EQUAL(to_string(errc::bad_input), std::string("bad_input"));
  CAF_CHECK_EQUAL(to_string(errc::stale_version), std::string("stale_version"));
  CAF_CHECK_EQUAL(to_string(errc::internal), std::string("internal"));
  for (int i = 0; i <= static_cast<int>(errc::internal); ++i)
    CAF_CHECK(std::string(describe(static_cast<errc>(i))).ends_with("."));
}
