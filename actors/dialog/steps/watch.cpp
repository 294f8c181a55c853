#include "actors/dialog/notice.hpp"
#include "actors/dialog/steps/parse.hpp"
#include "protocols/samples.hpp"

#include <algorithm>

namespace interject::dialog {

namespace {

class watch_step final : public step {
public:
  const char* kind() const override { return "watch"; }
  void run(machine& m) const override;

  operand symbol, level, rearm, name;
  watch_condition when; ///< but for its levels
  std::optional<duration> expires_in;
  notice_template notice;
  localized_text no_longer;
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
  auto back = rearm.evaluate(in);
  auto called = name.evaluate(in);
  auto filled = fill(notice, local_names, in);
  if (!what || !at || !back || !called || !filled)
    return m.fail(!what     ? what.error().what
                  : !at     ? at.error().what
                  : !back   ? back.error().what
                  : !called ? called.error().what
                            : filled.error().what);
  auto number = number_of(*at);
  row.symbol = display(*what);
  if (what->is_null() || row.symbol.empty() || row.symbol.size() > symbol_limit)
    return m.fail("\"symbol\" of the watch: a text of 1 to 64 bytes is expected, not \"" +
                  row.symbol + "\"");
  if (!number)
    return m.fail("\"" + std::string(to_string(when.kind)) +
                  "\" of the watch: a number is expected, not \"" + display(*at) + "\"");
  row.id = m.new_id("w-");
  row.conversation = m.talk().id;
  row.name = called->is_null() ? std::string() : display(*called);
  row.when = when;
  row.when.level = *number;
  if (!back->is_null()) {
    row.when.rearm = number_of(*back);
    if (!row.when.rearm)
      return m.fail("\"rearm\" needs a number, not \"" + display(*back) + "\"");
  }
  if (auto wrong = check(row.when))
    return m.fail("\"" + std::string(wrong->key) + "\" of the watch: " + wrong->what);
  row.notify = std::move(*filled);
  row.notify.from = origin::watch;
  row.created = m.now();
  row.no_longer = no_longer;
  if (expires_in)
    row.expires = m.now() + *expires_in;
  if (!m.subscribe(origin::watch, row.id, row.name))
    return;
  if (into)
    m.assign(*into, value(row.id));
  m.emit(std::move(row));
  m.next();
}

/// A price, or a percentage where the condition is one.
operand level_of(dialog_compiler& c, const value& spec, const std::string& at, bool percent) {
  auto out = c.compile_operand(spec, at);
  if (!out.is_literal())
    return out;
  auto* words = out.literal().as_text();
  if (!number_of(out.literal()) || (percent != (words && words->ends_with('%'))))
    c.faults.fault(at, display(out.literal()) + " does not fit",
                   percent ? "a percentage, such as \"20%\"" : "a price, such as 100");
  return out;
}

void parse_terms(dialog_compiler& c, const value& when, const std::string& at, watch_step& s) {
  if (auto* from = text_member(c.faults, when, at, "from")) {
    if (auto found = parse_watch_from(*from))
      s.when.from = *found;
    else
      c.faults.fault(below(at, "from"), "\"" + *from + "\" is unknown",
                     "\"creation\", \"last_fired\", \"high\" or \"low\"");
  }
  if (auto length = duration_member(c.faults, when, at, "for"))
    s.when.hold = *length;
  if (auto repeat = bool_member(c.faults, when, at, "repeat"))
    s.when.repeat = *repeat;
  if (auto first = bool_member(c.faults, when, at, "first_sample"))
    s.when.first_sample = *first;
  s.expires_in = duration_member(c.faults, when, at, "expires_in");
  if (s.expires_in &&
      (*s.expires_in <= duration::zero() || *s.expires_in > std::chrono::hours(24 * 3660)))
    c.faults.fault(below(at, "expires_in"), "more than nothing and at most ten years",
                   "such as \"30d\"");
}

/// What can be told at load: levels that are computed are checked when the step runs.
void check_terms(dialog_compiler& c, const std::string& at, const watch_step& s) {
  auto when = s.when;
  bool percent = when.kind == watch_kind::drops_by || when.kind == watch_kind::gains_by;
  bool known = s.level.is_literal();
  when.level = (known ? number_of(s.level.literal()) : std::nullopt)
                   .value_or(decimal::of(percent ? 50 : 100));
  if (!s.rearm.is_literal() || !s.rearm.literal().is_null()) {
    auto back = s.rearm.is_literal() && known ? number_of(s.rearm.literal()) : std::nullopt;
    // Where one of the two is not known yet, one that fits stands in for it.
    when.rearm = back.value_or(
        decimal{when.kind == watch_kind::falls_to ? when.level.units + 1 : when.level.units - 1});
  }
  auto wrong = check(when);
  if (!wrong)
    return;
  auto key = std::string(wrong->key) == "level" ? std::string(to_string(when.kind)) : wrong->key;
  c.faults.fault(below(at, key), "does not fit", wrong->what);
}

void parse_condition(dialog_compiler& c, const value& spec, watch_step& s) {
  constexpr std::string_view kinds[] = {"falls_to", "rises_to", "crosses", "drops_by", "gains_by"};
  constexpr std::string_view known[] = {"falls_to", "rises_to",     "crosses",   "drops_by",
                                        "gains_by", "from",         "for",       "rearm",
                                        "repeat",   "first_sample", "expires_in"};
  auto at = c.pointer("when");
  auto* when = spec.find("when");
  if (!when)
    return;
  if (!when->as_object())
    return c.faults.fault(at, "expected an object",
                          "such as {\"falls_to\": 100} or {\"drops_by\": \"20%\"}");
  check_keys(c.faults, *when, at, known);
  int found = 0;
  bool percent = false;
  for (auto kind : kinds) {
    auto* level = when->find(kind);
    if (!level)
      continue;
    ++found;
    s.when.kind = *parse_watch_kind(kind);
    percent = s.when.kind == watch_kind::drops_by || s.when.kind == watch_kind::gains_by;
    s.level = level_of(c, *level, below(at, kind), percent);
  }
  if (found != 1)
    return c.faults.fault(at, "exactly one condition is needed",
                          "falls_to, rises_to, crosses, drops_by or gains_by");
  if (auto* rearm = when->find("rearm"))
    s.rearm = level_of(c, *rearm, below(at, "rearm"), percent);
  parse_terms(c, *when, at, s);
  check_terms(c, at, s);
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
    if (auto* words = spec.find("no_longer")) {
      auto compiled = c.compile_text(*words, c.pointer("no_longer"), true);
      s->no_longer = compiled.patterns();
      for (auto slot : compiled.reads())
        if ((slot & slots::kind_mask) != slots::fact &&
            std::find(s->notice.captured.begin(), s->notice.captured.end(), slot) ==
                s->notice.captured.end())
          s->notice.captured.push_back(slot);
    }
    c.facts.clear();
  }
  s->local_names = c.model().locals;
  c.emit(std::move(s));
}

} // namespace interject::dialog
