#define CAF_SUITE check
#include "tests/support/caf_test.hpp"

#include "tests/delivery/inputs.hpp"

using namespace interject;
using namespace interject::delivery;
using namespace interject::delivery::inputs;

namespace {

using mode = delivery_mode;

std::string pointers(const notification& n) {
  std::string out;
  for (auto& fault : check(n)) {
    out += (out.empty() ? "" : " ") + fault.pointer;
    CAF_CHECK(!fault.why.empty());
  }
  return out;
}

notification with(mode how, bool text, bool dialog, bool needs_answer,
                  return_mode returns = return_mode::resume) {
  auto n = news(how);
  if (!text)
    n.text.clear();
  if (dialog)
    n.dialog = "offer";
  n.needs_answer = needs_answer;
  n.returns = returns;
  return n;
}

} // namespace

CAF_TEST(a text needs words in each of its locales) {
  auto n = news(mode::automatic);
  n.text = {{"", ""}};
  CAF_CHECK_EQUAL(pointers(n), "/text");
  n.text = {{"en", "Yes."}, {"fr", " \n"}};
  CAF_CHECK_EQUAL(pointers(n), "/text");
  n.text = {{"en", "Yes."}, {"fr", "Oui."}};
  CAF_CHECK_EQUAL(pointers(n), "");
}

CAF_TEST(what the modes can carry is accepted and the rest is refused by field) {
  const auto reset = return_mode::reset;
  struct {
    notification n;
    const char* faults;
  } table[] = {
      {with(mode::ad_hoc, true, false, false), ""},
      {with(mode::ad_hoc, true, true, false), ""},
      {with(mode::ad_hoc, true, false, true), "/needs_answer"},
      {with(mode::ad_hoc, true, true, true), "/dialog"},
      {with(mode::ad_hoc, false, false, false), "/text"},
      {with(mode::ad_hoc, false, true, true), "/dialog /text"},
      {with(mode::deferred, true, true, true), ""},
      {with(mode::deferred, false, true, true), ""},
      {with(mode::deferred, false, false, false), "/text"},
      {with(mode::interrupt, false, true, true), ""},
      {with(mode::interrupt, true, false, false), ""},
      {with(mode::interrupt, false, false, false), "/text"},
      {with(mode::automatic, false, true, true), ""},
      {with(mode::automatic, false, false, false), "/text"},
      {with(mode::interrupt, true, false, false, reset), ""},
      {with(mode::ad_hoc, true, false, false, reset), "/return"},
      {with(mode::deferred, true, false, false, reset), "/return"},
      {with(mode::automatic, true, false, false, reset), "/return"},
      {with(mode::ad_hoc, false, false, true, reset), "/needs_answer /return /text"},
  };
  for (auto& row : table)
    CAF_CHECK_EQUAL(pointers(row.n), row.faults);
}

CAF_TEST(values out of their range are refused at their very limits) {
  struct {
    void (*change)(notification&);
    const char* faults;
  } table[] = {
      {[](notification& n) { n.id = "a/b"; }, "/id"},
      {[](notification& n) { n.id = std::string(128, 'a'); }, ""},
      {[](notification& n) { n.id = std::string(129, 'a'); }, "/id"},
      {[](notification& n) { n.id.clear(); }, ""}, // one is made
      {[](notification& n) { n.lifetime = 0ms; }, "/expires_in"},
      {[](notification& n) { n.lifetime = 1ms; }, ""},
      {[](notification& n) { n.lifetime = 366 * 24h; }, ""},
      {[](notification& n) { n.lifetime = 366 * 24h + 1ms; }, "/expires_in"},
      {[](notification& n) { n.repeat_window = -1ms; }, "/repeat_window"},
      {[](notification& n) { n.priority = 0; }, "/priority"},
      {[](notification& n) { n.priority = 100; }, ""},
      {[](notification& n) { n.priority = 101; }, "/priority"},
      {[](notification& n) { n.topic = std::string(128, 't'); }, ""},
      {[](notification& n) { n.topic = std::string(129, 't'); }, "/topic"},
      {[](notification& n) { n.collapse_key = std::string(129, 't'); }, "/collapse_key"},
      {[](notification& n) { n.digest_key = std::string(129, 't'); }, "/digest_key"},
      {[](notification& n) { n.template_id = std::string(129, 't'); }, "/template"},
      {[](notification& n) { n.inhibits.assign(32, "t"); }, ""},
      {[](notification& n) { n.inhibits.assign(33, "t"); }, "/inhibits"},
      {[](notification& n) {
         n.inhibits = {"t", std::string(129, 't')};
       },
       "/inhibits/1"},
  };
  for (auto& row : table) {
    auto n = news();
    row.change(n);
    CAF_CHECK_EQUAL(pointers(n), row.faults);
  }
}
