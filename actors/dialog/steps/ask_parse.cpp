// How `ask` is read: what fits its type, and what would be right.
#include "actors/dialog/nearest.hpp"
#include "actors/dialog/recognise_time.hpp"
#include "actors/dialog/steps/ask_step.hpp"
#include "actors/dialog/steps/parse.hpp"
#include "actors/dialog/steps/phase_step.hpp"

namespace interject::dialog {

namespace {

bool fits(ask_type type, const value& limit) {
  switch (type) {
  case ask_type::date:
  case ask_type::datetime:
    return bound_time(limit, type == ask_type::date, "").has_value();
  case ask_type::duration:
    return limit.as_text() && parse_duration(*limit.as_text());
  default:
    return limit.as_number() != nullptr;
  }
}

const char* limit_help(ask_type type) {
  switch (type) {
  case ask_type::date:
    return "a day such as \"2026-12-01\", or {\"=\": \"now\"}";
  case ask_type::datetime:
    return "a time with its zone such as \"2026-12-01T09:00:00+01:00\", or {\"=\": \"now\"}";
  case ask_type::duration:
    return "such as \"90s\", \"10m\" or \"24h\"";
  default:
    return "a number, or {\"=\": \"…\"}";
  }
}

/// What people see of a choice, before it is rendered.
const value& label_of(const value& item) {
  auto* title = item.find("title");
  auto* what = item.find("value");
  return title ? *title : what ? *what : item;
}

void parse_choices(dialog_compiler& c, const value& spec, ask_step& s) {
  constexpr std::string_view keys[] = {"value", "title", "synonyms"};
  auto* all = spec.find("choices");
  auto at = c.pointer("choices");
  if (!all)
    return c.faults.fault(c.pointer(), "a choice needs \"choices\"");
  if (all->as_text() || (all->as_object() && all->find("="))) {
    s.choices_from = c.compile_expression(all->as_text() ? *all : *all->find("="), at);
    return;
  }
  if (!all->as_list() || all->as_list()->empty())
    return c.faults.fault(at, "expected a list of choices, or an expression that gives one");
  if (all->as_list()->size() > choices_limit)
    c.faults.fault(at, "more than " + std::to_string(choices_limit) + " choices");
  for (std::size_t i = 0; i < all->as_list()->size(); ++i) {
    auto& item = (*all->as_list())[i];
    auto here = below(at, i);
    for (std::size_t before = 0; before < i; ++before)
      if (label_of((*all->as_list())[before]) == label_of(item)) {
        c.faults.fault(here, "choice " + std::to_string(before + 1) + " is called the same",
                       "nobody could choose this one");
        break;
      }
    if (!item.as_object()) {
      s.choices.push_back({item, {}, {}});
      continue;
    }
    check_keys(c.faults, item, here, keys);
    auto* what = item.find("value");
    if (!what) {
      c.faults.fault(here, "a choice needs \"value\"");
      continue;
    }
    choice made{*what, {}, {}};
    if (auto* title = item.find("title"))
      made.title = c.compile_text(*title, below(here, "title"));
    if (auto* synonyms = list_member(c.faults, item, here, "synonyms"))
      for (auto& word : *synonyms)
        made.synonyms.push_back(display(word));
    s.choices.push_back(std::move(made));
  }
}

/// Both written out, and nothing between them.
bool crossed(ask_type type, const operand& least, const operand& most) {
  if (!least.is_literal() || !most.is_literal() || !fits(type, least.literal()) ||
      !fits(type, most.literal()))
    return false;
  auto &low = least.literal(), &high = most.literal();
  if (type == ask_type::duration)
    return *parse_duration(*low.as_text()) > *parse_duration(*high.as_text());
  if (type == ask_type::date || type == ask_type::datetime)
    return *bound_time(low, type == ask_type::date, "") >
           *bound_time(high, type == ask_type::date, "");
  return *low.as_number() > *high.as_number();
}

void parse_limits(dialog_compiler& c, const value& spec, ask_step& s) {
  bool measured = s.type != ask_type::choice && s.type != ask_type::yes_no;
  for (auto key : {"min", "max"}) {
    auto* limit = spec.find(key);
    if (!limit)
      continue;
    if (!measured)
      c.faults.fault(c.pointer(key), std::string("\"") + key +
                                         "\" fits numbers, times and the length of texts only");
    auto o = c.compile_operand(*limit, c.pointer(key));
    if (o.is_literal() && !fits(s.type, o.literal()))
      c.faults.fault(c.pointer(key), display(o.literal()) + " does not fit", limit_help(s.type));
    (*key == 'm' && key[1] == 'i' ? s.least : s.most) = std::move(o);
    (key[1] == 'i' ? s.bounded_below : s.bounded_above) = true;
  }
  if (s.bounded_below && s.bounded_above && crossed(s.type, s.least, s.most))
    c.faults.fault(c.pointer("min"), "no answer fits: \"min\" is above \"max\"");
  if (auto* source = text_member(c.faults, spec, c.pointer(), "pattern")) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(false);
    options.set_max_mem(1 << 20);
    s.pattern = std::make_unique<RE2>(*source, options);
    if (!s.pattern->ok())
      c.faults.fault(c.pointer("pattern"), "RE2 refuses the pattern: " + s.pattern->error());
    if (s.type != ask_type::text && s.type != ask_type::number)
      c.faults.fault(c.pointer("pattern"), "\"pattern\" fits text and number only");
  }
  if (auto* source = spec.find("check"))
    s.check = c.compile_expression(*source, c.pointer("check"), false, true);
}

void parse_type(dialog_compiler& c, const value& spec, ask_step& s) {
  auto* name = text_member(c.faults, spec, c.pointer(), "type");
  if (!name)
    return;
  constexpr std::pair<std::string_view, ask_type> known[] = {
      {"text", ask_type::text},         {"number", ask_type::number},
      {"yes_no", ask_type::yes_no},     {"choice", ask_type::choice},
      {"date", ask_type::date},         {"datetime", ask_type::datetime},
      {"duration", ask_type::duration},
  };
  std::vector<std::string_view> names;
  for (auto& [word, type] : known) {
    if (word == *name) {
      s.type = type;
      return;
    }
    names.push_back(word);
  }
  c.faults.fault(c.pointer("type"), "\"" + *name + "\" is unknown",
                 suggest(*name, names, "text, number, yes_no, choice, date, datetime or duration"));
}

void parse_zone(dialog_compiler& c, const value& spec, ask_step& s) {
  auto* zone = spec.find("zone");
  if (!zone)
    return;
  if (s.type != ask_type::date && s.type != ask_type::datetime)
    c.faults.fault(c.pointer("zone"), "\"zone\" fits date and datetime only");
  s.zone = c.compile_operand(*zone, c.pointer("zone"));
  if (s.zone.is_literal() && (!zone->as_text() || !known_zone(*zone->as_text())))
    c.faults.fault(c.pointer("zone"), display(*zone) + " is no time zone",
                   "such as \"Europe/Paris\", or {\"=\": \"user.zone\"}");
}

} // namespace

void parse_ask(dialog_compiler& c, const value& spec) {
  if (c.before_actions(spec))
    c.emit(std::make_unique<end_phase_step>());
  auto s = std::make_unique<ask_step>();
  parse_type(c, spec, *s);
  s->words = c.text_of(spec, "text");
  s->retry_words = c.text_of(spec, "retry");
  s->into = c.target_of(spec, "into").value_or(0);
  s->tries = whole_member(c.faults, spec, c.pointer(), "tries", 1, 100).value_or(3);
  s->optional = bool_member(c.faults, spec, c.pointer(), "optional").value_or(false);
  if (s->type == ask_type::choice)
    parse_choices(c, spec, *s);
  else if (spec.find("choices"))
    c.faults.fault(c.pointer("choices"), "\"choices\" needs \"type\": \"choice\"");
  parse_limits(c, spec, *s);
  parse_zone(c, spec, *s);
  s->has_else = spec.find("else") != nullptr;
  auto& asking = c.emit(std::move(s));
  c.after_actions(spec);
  if (!asking.has_else)
    return;
  auto& over = c.emit(std::make_unique<jump_step>());
  asking.else_target = c.here();
  c.block(spec, "else");
  over.target = c.here();
}

} // namespace interject::dialog
