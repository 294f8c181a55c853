#include "actors/dialog/notice.hpp"
#include "actors/dialog/steps/parse.hpp"

#include <algorithm>

namespace interject::dialog {

namespace {

class watch_step final : public step {
public:
  const char* kind() const override { return "watch"; }
  void run(machine& m) const override;

  operand symbol, level, name;
  watch_kind when = watch_kind::falls_to;
  notice_template notice;
  std::optional<std::uint32_t> into;
  std::vector<std::string> local_names;
};

std::optional<decimal> number_of(const value& v) {
  if (auto* n = v.as_number())
    return *n;
  auto* words = v.as_text();
  if (!words)
    return std::nullopt;
  std::string_view digits = *words;
  if (digits.ends_with('%'))
    digits.remove_suffix(1);
  while (digits.ends_with(' '))
    digits.remove_suffix(1);
  return decimal::parse(digits);
}

void watch_step::run(machine& m) const {
  auto in = m.here();
  watch_row row;
  auto what = symbol.evaluate(in);
  auto at = level.evaluate(in);
  auto called = name.evaluate(in);
  auto filled = fill(notice, local_names, in);
  if (!what || !at || !called || !filled)
    return m.fail(!what     ? what.error().what
                  : !at     ? at.error().what
                  : !called ? called.error().what
                            : filled.error().what);
  auto number = number_of(*at);
  row.symbol = display(*what);
  if (!number || *number < decimal{} || row.symbol.empty() || what->is_null())
    return m.fail("a watch needs a symbol and a level that is a number, not \"" + display(*at) +
                  "\"");
  row.id = m.new_id("w-");
  row.conversation = m.talk().id;
  row.name = called->is_null() ? std::string() : display(*called);
  row.when = {when, *number};
  row.notify = std::move(*filled);
  row.notify.from = origin::watch;
  row.created = m.now();
  if (!m.subscribe(origin::watch, row.id, row.name))
    return;
  if (into)
    m.assign(*into, value(row.id));
  m.emit(std::move(row));
  m.next();
}

void parse_condition(dialog_compiler& c, const value& spec, watch_step& s) {
  constexpr std::string_view kinds[] = {"falls_to", "rises_to", "crosses", "drops_by", "gains_by"};
  constexpr std::string_view known[] = {"falls_to", "rises_to", "crosses",
                                        "drops_by", "gains_by", "from"};
  constexpr std::string_view later[] = {"for", "rearm", "repeat", "first_sample", "expires_in"};
  auto at = c.pointer("when");
  auto* when = spec.find("when");
  if (!when)
    return;
  if (!when->as_object())
    return c.faults.fault(at, "expected an object",
                          "such as {\"falls_to\": 100} or {\"drops_by\": \"20%\"}");
  check_keys(c.faults, *when, at, known, later);
  int found = 0;
  for (auto kind : kinds) {
    auto* level = when->find(kind);
    if (!level)
      continue;
    ++found;
    s.when = *parse_watch_kind(kind);
    s.level = c.compile_operand(*level, below(at, kind));
    bool percent = s.when == watch_kind::drops_by || s.when == watch_kind::gains_by;
    if (!s.level.is_literal())
      continue;
    auto* words = s.level.literal().as_text();
    if (!number_of(s.level.literal()) || (percent != (words && words->ends_with('%'))))
      c.faults.fault(below(at, kind), display(s.level.literal()) + " does not fit",
                     percent ? "a percentage, such as \"20%\"" : "a price, such as 100");
  }
  if (found != 1)
    c.faults.fault(at, "exactly one condition is needed",
                   "falls_to, rises_to, crosses, drops_by or gains_by");
  if (auto* from = text_member(c.faults, *when, at, "from"); from && *from != "creation")
    c.faults.fault(below(at, "from"), "\"" + *from + "\" is not supported yet", "\"creation\"");
}

} // namespace

void parse_watch(dialog_compiler& c, const value& spec) {
  auto s = std::make_unique<watch_step>();
  if (auto* symbol = spec.find("symbol"))
    s->symbol = c.compile_operand(*symbol, c.pointer("symbol"));
  if (auto* name = spec.find("name"))
    s->name = c.compile_operand(*name, c.pointer("name"));
  s->into = c.target_of(spec, "into");
  parse_condition(c, spec, *s);
  if (auto* notify = spec.find("notify")) {
    c.facts = {"symbol", "price", "baseline", "previous", "at"};
    s->notice = compile_notice(c, *notify, c.pointer("notify"));
    c.facts.clear();
  }
  s->local_names = c.model().locals;
  c.emit(std::move(s));
}

} // namespace interject::dialog
