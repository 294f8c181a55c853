#include "actors/dialog/notice.hpp"
#include "actors/dialog/steps/parse.hpp"
#include "protocols/recurrence.hpp"

namespace interject::dialog {

namespace {

class remind_step final : public step {
public:
  const char* kind() const override { return "remind"; }
  void run(machine& m) const override;

  operand at, in, rrule, zone, name;
  enum class kind : std::uint8_t { at, in, rrule } by = kind::at;
  misfire_policy misfire = misfire_policy::fire_once;
  notice_template notice;
  std::optional<std::uint32_t> into;
  std::vector<std::string> local_names;
};

std::optional<time_point> instant(const value& v) {
  if (auto* t = v.as_time())
    return *t;
  return v.as_text() ? parse_time(*v.as_text()) : std::nullopt;
}

/// When a rule that is given in words comes first. It begins with the minute in which the step
/// runs.
result<void> recur(reminder_row& row, const value& rule, const value& zone, time_point now) {
  row.rrule = display(rule);
  row.zone = zone.is_null() ? std::string() : display(zone);
  row.start = std::chrono::floor<std::chrono::minutes>(now);
  auto parsed = recurrence::parse(row.rrule, row.zone, row.start);
  if (!parsed)
    return parsed.error();
  auto first = parsed->after(now);
  if (!first)
    return error{errc::bad_input,
                 "\"" + row.rrule +
                     "\" comes no more: it begins with this minute, which COUNT counts"};
  row.due = *first;
  return {};
}

/// Nothing for what is none, or longer than ten years.
std::optional<duration> length_of(const value& v) {
  auto length = v.as_text() ? parse_duration(*v.as_text()) : std::nullopt;
  return length && *length <= std::chrono::hours(24 * 366 * 10) ? length : std::nullopt;
}

result<void> remind_step_due(reminder_row& row, bool relative, const value& when, time_point now) {
  if (!relative) {
    auto due = instant(when);
    if (!due)
      return error{errc::bad_input,
                   "\"" + display(when) + "\" is no time such as 2026-12-01T09:00:00+01:00"};
    row.due = *due;
    return {};
  }
  auto length = length_of(when);
  if (!length)
    return error{errc::bad_input,
                 "\"" + display(when) + "\" is no duration such as 10m, at most ten years"};
  row.due = now + *length;
  return {};
}

void remind_step::run(machine& m) const {
  auto view = m.here();
  auto when = (by == kind::in ? in : by == kind::at ? at : rrule).evaluate(view);
  auto where = zone.evaluate(view);
  auto called = name.evaluate(view);
  auto filled = fill(notice, local_names, view);
  if (!when || !where || !called || !filled)
    return m.fail(!when     ? when.error().what
                  : !where  ? where.error().what
                  : !called ? called.error().what
                            : filled.error().what);
  reminder_row row;
  auto due = by == kind::rrule ? recur(row, *when, *where, m.now())
                               : remind_step_due(row, by == kind::in, *when, m.now());
  if (!due)
    return m.fail(due.error().what);
  row.misfire = misfire;
  row.id = m.new_id("r-");
  row.conversation = m.talk().id;
  row.name = called->is_null() ? std::string() : display(*called);
  row.created = m.now();
  row.notify = std::move(*filled);
  row.notify.from = origin::reminder;
  row.notify.solicited = true;
  if (!m.subscribe(origin::reminder, row.id, row.name))
    return;
  if (into)
    m.assign(*into, value(row.id));
  m.emit(std::move(row));
  m.next();
}

/// A rule or a zone in plain words is tried at load.
void check_rule(dialog_compiler& c, const remind_step& s) {
  auto* zone = s.zone.literal().as_text();
  if (s.zone.is_literal() && zone)
    if (auto tried = recurrence::parse("FREQ=DAILY", *zone, time_point{}); !tried)
      return c.faults.fault(c.pointer("zone"), tried.error().what);
  auto* rule = s.rrule.literal().as_text();
  if (s.rrule.is_literal() && rule)
    if (auto tried = recurrence::parse(*rule, zone ? *zone : std::string(), time_point{}); !tried)
      c.faults.fault(c.pointer("rrule"), tried.error().what);
}

void parse_kind(dialog_compiler& c, const value& spec, remind_step& s) {
  auto *at = spec.find("at"), *in = spec.find("in"), *rrule = spec.find("rrule");
  if ((at != nullptr) + (in != nullptr) + (rrule != nullptr) != 1)
    c.faults.fault(c.pointer(), "\"remind\" needs one of \"at\", \"in\" and \"rrule\"",
                   "such as \"in\": \"10m\"");
  if (spec.find("zone") && !rrule)
    c.faults.fault(c.pointer("zone"), "belongs to \"rrule\"",
                   "an instant in \"at\" carries its own zone");
  if (rrule) {
    s.by = remind_step::kind::rrule;
    s.rrule = c.compile_operand(*rrule, c.pointer("rrule"));
    if (auto* zone = spec.find("zone"))
      s.zone = c.compile_operand(*zone, c.pointer("zone"));
    check_rule(c, s);
  } else if (in) {
    s.by = remind_step::kind::in;
    s.in = c.compile_operand(*in, c.pointer("in"));
    if (s.in.is_literal() && !length_of(s.in.literal()))
      c.faults.fault(c.pointer("in"), display(s.in.literal()) + " is no duration",
                     "such as \"10m\" or \"24h\", at most ten years");
  } else if (at) {
    s.at = c.compile_operand(*at, c.pointer("at"));
    if (s.at.is_literal() && !instant(s.at.literal()))
      c.faults.fault(c.pointer("at"), display(s.at.literal()) + " is no time",
                     "RFC 3339 with a zone: \"2026-12-01T09:00:00+01:00\"");
  }
}

} // namespace

void parse_remind(dialog_compiler& c, const value& spec) {
  auto s = std::make_unique<remind_step>();
  parse_kind(c, spec, *s);
  if (auto* policy = text_member(c.faults, spec, c.pointer(), "misfire")) {
    if (auto known = parse_misfire_policy(*policy))
      s->misfire = *known;
    else
      c.faults.fault(c.pointer("misfire"), "\"" + *policy + "\" is unknown",
                     "\"fire_once\" or \"skip\"");
  }
  if (auto* name = spec.find("name"))
    s->name = c.compile_operand(*name, c.pointer("name"));
  s->into = c.target_of(spec, "into");
  if (auto* notify = spec.find("notify"))
    s->notice = compile_notice(c, *notify, c.pointer("notify"));
  s->local_names = c.model().locals;
  c.emit(std::move(s));
}

} // namespace interject::dialog
