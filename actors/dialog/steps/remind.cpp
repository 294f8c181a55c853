#include "actors/dialog/notice.hpp"
#include "actors/dialog/steps/parse.hpp"

namespace interject::dialog {

namespace {

class remind_step final : public step {
public:
  const char* kind() const override { return "remind"; }
  void run(machine& m) const override;

  operand at, in, name;
  bool relative = false;
  notice_template notice;
  std::optional<std::uint32_t> into;
  std::vector<std::string> local_names;
};

std::optional<time_point> instant(const value& v) {
  if (auto* t = v.as_time())
    return *t;
  return v.as_text() ? parse_time(*v.as_text()) : std::nullopt;
}

void remind_step::run(machine& m) const {
  auto view = m.here();
  auto when = (relative ? in : at).evaluate(view);
  auto called = name.evaluate(view);
  auto filled = fill(notice, local_names, view);
  if (!when || !called || !filled)
    return m.fail(!when ? when.error().what : !called ? called.error().what : filled.error().what);
  reminder_row row;
  if (relative) {
    auto length = when->as_text() ? parse_duration(*when->as_text()) : std::nullopt;
    if (!length || *length > std::chrono::hours(24 * 366 * 10))
      return m.fail("\"" + display(*when) + "\" is no duration such as 10m, at most ten years");
    row.due = m.now() + *length;
  } else {
    auto due = instant(*when);
    if (!due)
      return m.fail("\"" + display(*when) + "\" is no time such as 2026-12-01T09:00:00+01:00");
    row.due = *due;
  }
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

} // namespace

void parse_remind(dialog_compiler& c, const value& spec) {
  auto s = std::make_unique<remind_step>();
  auto *at = spec.find("at"), *in = spec.find("in");
  if ((at != nullptr) == (in != nullptr))
    c.faults.fault(c.pointer(), "\"remind\" needs either \"at\" or \"in\"",
                   "such as \"in\": \"10m\"");
  if (in) {
    s->relative = true;
    s->in = c.compile_operand(*in, c.pointer("in"));
    if (auto* words = s->in.literal().as_text();
        s->in.is_literal() && (!words || !parse_duration(*words)))
      c.faults.fault(c.pointer("in"), display(s->in.literal()) + " is no duration",
                     "such as \"10m\" or \"24h\"");
  } else if (at) {
    s->at = c.compile_operand(*at, c.pointer("at"));
    if (s->at.is_literal() && !instant(s->at.literal()))
      c.faults.fault(c.pointer("at"), display(s->at.literal()) + " is no time",
                     "RFC 3339 with a zone: \"2026-12-01T09:00:00+01:00\"");
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
