#define CAF_SUITE decide
#include "tests/support/caf_test.hpp"

#include "actors/delivery/rows.hpp"
#include "tests/delivery/inputs.hpp"

using namespace interject;
using namespace interject::delivery;
using namespace interject::delivery::inputs;

CAF_TEST(the trail shows the inputs that the rule saw) {
  auto s = inside(urgency::passive);
  s.since_typed = 1500ms;
  s.repeat_hit = true;
  auto n = news(delivery_mode::automatic);
  const auto d = decide({}, s, n, start);
  CAF_CHECK_EQUAL(d.at, start);
  CAF_CHECK_EQUAL(
      d.inputs,
      R"({"delivery":"auto","as":"deferred","urgency":"normal","expires":"2024-10-04T00:16:40.000Z",)"
      R"("bound":"2024-10-04T00:10:00.000Z","repeated":true,"stack":"awaiting_input","step":"anywhere",)"
      R"("interrupters":1,"interrupter":"passive","since_wrote_ms":60000,"since_typed_ms":1500,)"
      R"("since_question_ms":60000,"tokens":1})");
}

CAF_TEST(every input that departs from its default stands in the trail) {
  situation s;
  s.seen = s.queued = s.retracted = s.repeat_hit = s.pending_same_key = s.consented = s.muted =
      true;
  s.cap_reached = s.inhibited = s.quiet = s.other_channel = s.progress = s.campaign = true;
  s.break_through = s.reachable = s.window_open = s.critical_token = s.call_cancellable = false;
  s.queued_since = s.quiet_until = s.token_at = start;
  s.typing_waited = 1s;
  s.since_wrote = s.since_typed = s.since_question = s.since_proactive = 1s;
  auto n = news(delivery_mode::interrupt);
  n.returns = return_mode::reset;
  n.needs_answer = n.solicited = true;
  n.template_id = "price_alert";
  const auto inputs = decide({}, s, n, start).inputs;
  for (auto name : {"return",
                    "needs_answer",
                    "solicited",
                    "progress",
                    "campaign",
                    "seen",
                    "queued",
                    "queued_since",
                    "typing_waited_ms",
                    "retracted",
                    "repeated",
                    "replaces",
                    "call_cancellable",
                    "since_wrote_ms",
                    "since_typed_ms",
                    "since_question_ms",
                    "since_proactive_ms",
                    "interacted",
                    "consented",
                    "muted",
                    "cap_reached",
                    "inhibited",
                    "quiet",
                    "break_through",
                    "quiet_until",
                    "reachable",
                    "window_open",
                    "template",
                    "other_channel",
                    "tokens",
                    "token_at",
                    "critical_token"}) {
    CAF_MESSAGE(name);
    std::string key = name;
    key += "\":";
    CAF_CHECK(inputs.find(key) != std::string::npos);
  }
}

CAF_TEST(the same values give the same decision) {
  const auto s = inside(urgency::normal);
  const auto n = news(delivery_mode::interrupt);
  const auto a = decide({}, s, n, start), b = decide({}, s, n, start);
  CAF_CHECK_EQUAL(a.inputs, b.inputs);
  CAF_CHECK_EQUAL(a.rule, b.rule);
  CAF_CHECK(a.latest == b.latest);
}

CAF_TEST(each code has its family and what it waits for) {
  struct {
    delivery_action family;
    std::vector<delivery_code> codes;
  } table[] = {
      {delivery_action::sent,
       {delivery_code::idle, delivery_code::boundary, delivery_code::adhoc,
        delivery_code::adhoc_critical, delivery_code::abandoned, delivery_code::depth_adhoc,
        delivery_code::escalated_expiry}},
      {delivery_action::pushed,
       {delivery_code::opened, delivery_code::interrupted, delivery_code::flow_cancelled}},
      {delivery_action::queued,
       {delivery_code::user_typing, delivery_code::await_boundary, delivery_code::step_protected,
        delivery_code::interruption_active, delivery_code::depth_limit,
        delivery_code::uncancellable}},
      {delivery_action::held,
       {delivery_code::inhibited, delivery_code::no_channel, delivery_code::window_closed,
        delivery_code::quiet, delivery_code::rate_limited, delivery_code::spaced,
        delivery_code::parked}},
      {delivery_action::merged, {delivery_code::coalesced, delivery_code::superseded}},
      {delivery_action::dropped,
       {delivery_code::dup_id, delivery_code::expired, delivery_code::expired_unseen,
        delivery_code::expires_in_quiet, delivery_code::withdrawn, delivery_code::no_optin,
        delivery_code::muted, delivery_code::freq_cap, delivery_code::repeat_window,
        delivery_code::queue_full, delivery_code::failed}},
  };
  int count = 0;
  for (auto& row : table) {
    const bool waits = row.family == delivery_action::queued || row.family == delivery_action::held;
    for (auto code : row.codes) {
      ++count;
      CAF_CHECK_EQUAL(std::string(to_string(action_of(code))), to_string(row.family));
      CAF_CHECK_EQUAL(std::string(retry_of(code)).empty(), !waits);
    }
  }
  CAF_CHECK_EQUAL(count, delivery_code_count);
}

CAF_TEST(only what passes the first seven rows replaces a pending notice) {
  std::string kept;
  for (int i = 0; i < delivery_code_count; ++i) {
    if (!reaches_replacement(static_cast<delivery_code>(i)))
      kept += std::string(to_string(static_cast<delivery_code>(i))) + " ";
  }
  CAF_CHECK_EQUAL(kept,
                  "dup_id expired expired_unseen withdrawn no_optin muted freq_cap repeat_window ");
}

CAF_TEST(a decision made outside the rows carries its family and its rule) {
  const auto d = outcome(delivery_code::superseded, start, "A8");
  CAF_CHECK_EQUAL(to_string(d.action), std::string("merged"));
  CAF_CHECK_EQUAL(d.rule, "A8");
  CAF_CHECK_EQUAL(d.at, start);
  CAF_CHECK(!d.latest);
}
