// Puts the sections together, and writes down what was looked at.
#include "actors/delivery/rows.hpp"
#include "protocols/codec/json_append.hpp"

#include <string_view>

namespace interject::delivery {

namespace {

/// One JSON object, appended by hand. All keys and texts are ours: nothing needs escaping.
class inputs_writer {
public:
  explicit inputs_writer(std::string& out) : out_(out) { out_ += '{'; }
  ~inputs_writer() { out_ += '}'; }
  inputs_writer(const inputs_writer&) = delete;
  inputs_writer& operator=(const inputs_writer&) = delete;

  void text(std::string_view name, std::string_view what) {
    key(name);
    out_ += '"';
    out_ += what;
    out_ += '"';
  }
  void number(std::string_view name, std::int64_t what) {
    key(name);
    append_json_number(out_, what);
  }
  void flag(std::string_view name, bool what, bool usual) {
    if (what == usual)
      return;
    key(name);
    out_ += what ? "true" : "false";
  }
  void length(std::string_view name, const std::optional<duration>& what) {
    if (what)
      number(name, what->count());
  }
  void instant(std::string_view name, const std::optional<time_point>& what) {
    if (!what)
      return;
    key(name);
    out_ += '"';
    append_time(out_, *what);
    out_ += '"';
  }

private:
  void key(std::string_view name) {
    if (!first_)
      out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }
  std::string& out_;
  bool first_ = true;
};

const char* name_of(stack_state stack) {
  static constexpr const char* names[] = {"empty", "awaiting_input", "awaiting_call", "boundary"};
  return names[static_cast<int>(stack)];
}

const char* name_of(interruptible step) {
  static constexpr const char* names[] = {"anywhere", "boundary", "never"};
  return names[static_cast<int>(step)];
}

void write_notice(inputs_writer& w, const situation& s, const notification& n, const effective& e) {
  w.text("delivery", to_string(n.mode));
  if (n.mode == delivery_mode::automatic)
    w.text("as", to_string(e.mode));
  w.text("urgency", to_string(n.urgency));
  if (n.returns == return_mode::reset)
    w.text("return", "reset");
  w.flag("needs_answer", n.needs_answer, false);
  w.flag("solicited", n.solicited, false);
  w.flag("progress", s.progress, false);
  w.flag("campaign", s.campaign, false);
  w.instant("expires", n.expires());
  w.instant("bound", e.bound);
  w.flag("seen", s.seen, false);
  w.flag("queued", s.queued, false);
  w.instant("queued_since", s.queued_since);
  if (s.typing_waited.count() > 0)
    w.number("typing_waited_ms", s.typing_waited.count());
  w.flag("retracted", s.retracted, false);
  w.flag("repeated", s.repeat_hit, false);
  w.flag("replaces", s.pending_same_key, false);
}

void write_conversation(inputs_writer& w, const situation& s) {
  w.text("stack", name_of(s.stack));
  if (s.stack != stack_state::empty)
    w.text("step", name_of(s.step));
  if (s.interrupters > 0) {
    w.number("interrupters", s.interrupters);
    w.text("interrupter", to_string(s.interrupter_level));
  }
  w.flag("call_cancellable", s.call_cancellable, true);
  w.length("since_wrote_ms", s.since_wrote);
  w.length("since_typed_ms", s.since_typed);
  w.length("since_question_ms", s.since_question);
  w.length("since_proactive_ms", s.since_proactive);
}

void write_person(inputs_writer& w, const situation& s, const notification& n) {
  w.flag("interacted", s.interacted, true);
  w.flag("consented", s.consented, false);
  w.flag("muted", s.muted, false);
  w.flag("cap_reached", s.cap_reached, false);
  w.flag("inhibited", s.inhibited, false);
  w.flag("quiet", s.quiet, false);
  w.flag("break_through", s.break_through, true);
  w.instant("quiet_until", s.quiet_until);
  w.flag("reachable", s.reachable, true);
  w.flag("window_open", s.window_open, true);
  w.flag("template", !n.template_id.empty() && s.template_known, false);
  w.flag("other_channel", s.other_channel, false);
  w.number("tokens", s.tokens);
  w.instant("token_at", s.token_at);
  w.flag("critical_token", s.critical_token, true);
}

decision finish(const policy& p, const situation& s, const notification& n, time_point now,
                const verdict& v) {
  const auto e = resolve(p, n, s.queued_since);
  decision d;
  d.action = v.action;
  d.code = v.code;
  d.at = now;
  d.retry = retry_of(v.code);
  if (v.action == delivery_action::held || v.action == delivery_action::queued)
    d.latest = latest_of(p, s, n, e, v.code, now);
  d.rule = rule_of(v);
  d.inputs.reserve(320);
  inputs_writer w(d.inputs);
  write_notice(w, s, n, e);
  write_conversation(w, s);
  write_person(w, s, n);
  return d;
}

} // namespace

std::string rule_of(const verdict& v) {
  if (v.section == 'C')
    return "C-spacing";
  std::string rule = v.at == stage::bound ? "C-bound/" : v.at == stage::last ? "C-last/" : "";
  rule += v.section;
  rule += std::to_string(v.row);
  if (v.ladder > 0)
    rule += "/ladder" + std::to_string(v.ladder);
  return rule;
}

decision decide(const policy& p, const situation& s, const notification& n, time_point now) {
  return finish(p, s, n, now, judge(p, s, n, now, false));
}

decision decide_at_bound(const policy& p, const situation& s, const notification& n,
                         time_point now) {
  return finish(p, s, n, now, judge(p, s, n, now, true));
}

} // namespace interject::delivery
