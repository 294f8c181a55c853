// What the person says in the chat about being told things: "stop offers", "not before nine".
#include "actors/dialog/recognise_time.hpp"
#include "actors/dialog/steps/parse.hpp"
#include "protocols/consent.hpp"

namespace interject::dialog {

namespace {

/// Why it will not do; empty when it will.
std::string wrong_topic(const value& v) {
  auto* word = v.as_text();
  return word && (*word == "on" || *word == "muted")
             ? ""
             : "\"" + display(v) + "\" is neither on nor muted";
}

std::string wrong_hours(std::string_view key, const value& v) {
  if (key == "break_through")
    return v.as_bool() ? "" : "\"" + display(v) + "\" is neither true nor false";
  if (key == "zone")
    return v.as_text() && known_zone(*v.as_text()) ? "" : "\"" + display(v) + "\" is no time zone";
  return parse_day_minutes(display(v)) ? "" : "\"" + display(v) + "\" is no time of day";
}

class prefer_step final : public step {
public:
  const char* kind() const override { return "prefer"; }
  void run(machine& m) const override;

  std::optional<operand> contact;
  std::vector<std::pair<std::string, operand>> topics, hours;
  bool no_hours = false;

private:
  std::string fill_hours(const scene& in, value::object& into) const;
};

std::string prefer_step::fill_hours(const scene& in, value::object& into) const {
  for (auto& [key, what] : hours) {
    auto got = what.evaluate(in);
    if (!got)
      return got.error().what;
    if (auto why = wrong_hours(key, *got); !why.empty())
      return why;
    into.emplace_back(key, *got);
  }
  const value all(into);
  auto *from = all.find("from"), *to = all.find("to");
  if (from && to && parse_day_minutes(display(*from)) == parse_day_minutes(display(*to)))
    return "quiet hours begin and end at the same time";
  return {};
}

void prefer_step::run(machine& m) const {
  std::vector<person_change> changes;
  auto in = m.here();
  if (contact) {
    auto got = contact->evaluate(in);
    if (!got || !got->as_bool())
      return m.fail(got ? "contact is neither true nor false" : got.error().what);
    changes.push_back({"contact", *got});
  }
  for (auto& [topic, what] : topics) {
    auto got = what.evaluate(in);
    if (auto why = got ? wrong_topic(*got) : got.error().what; !why.empty())
      return m.fail(why);
    changes.push_back({"topic." + topic, *got});
  }
  if (no_hours)
    changes.push_back({"quiet", {}});
  if (!hours.empty()) {
    value::object wanted;
    if (auto why = fill_hours(in, wanted); !why.empty())
      return m.fail(why);
    changes.push_back({"quiet", value(std::move(wanted))});
  }
  for (auto& c : changes)
    m.emit(change_person{std::move(c)});
  m.next();
}

void check_literal(dialog_compiler& c, const operand& what, const std::string& at,
                   const std::string& why) {
  if (what.is_literal() && !why.empty())
    c.faults.fault(at, why);
}

void parse_topics(dialog_compiler& c, const value& spec, prefer_step& s) {
  auto* topics = object_member(c.faults, spec, c.pointer(), "topics");
  if (!topics)
    return;
  for (auto& [name, what] : *topics->as_object()) {
    auto at = below(c.pointer("topics"), name);
    s.topics.emplace_back(name, c.compile_operand(what, at));
    if (s.topics.back().second.is_literal())
      check_literal(c, s.topics.back().second, at, wrong_topic(s.topics.back().second.literal()));
  }
}

void parse_hours(dialog_compiler& c, const value& spec, prefer_step& s) {
  constexpr std::string_view keys[] = {"from", "to", "zone", "break_through"};
  auto* hours = spec.find("quiet_hours");
  s.no_hours = hours && hours->is_null();
  if (!hours || hours->is_null())
    return;
  auto at = c.pointer("quiet_hours");
  if (!hours->as_object())
    return c.faults.fault(at, "expected an object, or null for none",
                          "{\"from\": \"22:00\", \"to\": \"08:00\"}");
  check_keys(c.faults, *hours, at, keys);
  if (hours->as_object()->empty())
    c.faults.fault(at, "says nothing", "null takes the quiet hours away");
  for (auto& [name, what] : *hours->as_object()) {
    s.hours.emplace_back(name, c.compile_operand(what, below(at, name)));
    if (s.hours.back().second.is_literal())
      check_literal(c, s.hours.back().second, below(at, name),
                    wrong_hours(name, s.hours.back().second.literal()));
  }
}

} // namespace

void parse_prefer(dialog_compiler& c, const value& spec) {
  auto s = std::make_unique<prefer_step>();
  if (auto* contact = spec.find("contact")) {
    s->contact = c.compile_operand(*contact, c.pointer("contact"));
    if (s->contact->is_literal() && !s->contact->literal().as_bool())
      c.faults.fault(c.pointer("contact"), "expected true or false");
  }
  parse_topics(c, spec, *s);
  parse_hours(c, spec, *s);
  if (!s->contact && s->topics.empty() && s->hours.empty() && !s->no_hours)
    c.faults.fault(c.pointer(), "\"prefer\" changes nothing",
                   "add \"contact\", \"topics\" or \"quiet_hours\"");
  c.emit(std::move(s));
}

} // namespace interject::dialog
