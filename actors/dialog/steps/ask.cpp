// Asks and waits. What counts as an answer depends on the type; what does not fit is asked again,
// `tries` times.
#include "actors/dialog/fold.hpp"
#include "actors/dialog/steps/parse.hpp"
#include "actors/dialog/steps/phase_step.hpp"

#include <re2/re2.h>

namespace interject::dialog {

namespace {

enum class ask_type : std::uint8_t { text, number, yes_no, choice };

constexpr std::size_t choices_limit = 200;
/// Up to here clients show buttons: more, or longer titles, become a numbered list in the text.
constexpr std::size_t buttons_limit = 100, title_limit = 20;

struct choice {
  value what; ///< what the variable gets
  text title;
  std::vector<std::string> synonyms;
};

struct offered {
  value what;
  std::string title;
  std::vector<std::string> synonyms;
};

class ask_step final : public step {
public:
  const char* kind() const override { return "ask"; }
  void run(machine& m) const override { m.ask(ask(m.here())); }
  bool answer(machine& m, const heard& h) const override;
  void retry(machine& m) const override;
  question ask(const scene& in) const override;

  ask_type type = ask_type::text;
  text words, retry_words;
  std::uint32_t into = 0;
  int tries = 3;
  operand least, most;
  bool bounded_below = false, bounded_above = false;
  std::unique_ptr<RE2> pattern;
  expression check;
  std::vector<choice> choices;
  expression choices_from;
  bool optional = false;
  bool has_else = false;
  std::uint16_t else_target = 0;

private:
  std::vector<offered> offers(const scene& in) const;
  std::optional<value> recognise(const heard& h, const scene& in) const;
  bool within(const value& v, const scene& in) const;
  void dress(question& q, const scene& in) const;
};

offered offer_of(const value& item) {
  if (!item.find("value"))
    return {item, display(item), {}};
  offered o{*item.find("value"), {}, {}};
  auto* title = item.find("title");
  o.title = display(title ? *title : o.what);
  if (auto* synonyms = item.find("synonyms"); synonyms && synonyms->as_list())
    for (auto& s : *synonyms->as_list())
      o.synonyms.push_back(display(s));
  return o;
}

std::vector<offered> ask_step::offers(const scene& in) const {
  std::vector<offered> out;
  if (choices_from) {
    if (auto got = choices_from.evaluate(in); got && got->as_list())
      for (auto& item : *got->as_list())
        if (out.size() < choices_limit)
          out.push_back(offer_of(item));
    return out;
  }
  out.reserve(choices.size());
  for (auto& c : choices)
    out.push_back({c.what,
                   c.title.empty() ? display(c.what) : c.title.format(in.locale(), in.turn(), in),
                   c.synonyms});
  return out;
}

void ask_step::dress(question& q, const scene& in) const {
  if (type == ask_type::yes_no) {
    for (auto label : {yes_label(in.locale()), no_label(in.locale())})
      q.suggested.push_back({std::string(label), std::string(label)});
    return;
  }
  if (type != ask_type::choice)
    return;
  auto all = offers(in);
  bool buttons = all.size() <= buttons_limit;
  for (auto& o : all)
    buttons = buttons && length(o.title) <= title_limit;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (buttons)
      q.suggested.push_back({all[i].title, all[i].title});
    else
      q.text += "\n" + std::to_string(i + 1) + ". " + all[i].title;
}

question ask_step::ask(const scene& in) const {
  question q{words.format(in.locale(), in.turn(), in), {}};
  dress(q, in);
  return q;
}

std::optional<value> ask_step::recognise(const heard& h, const scene& in) const {
  switch (type) {
  case ask_type::text:
    if (h.text.empty())
      return std::nullopt;
    return value(h.text);
  case ask_type::number:
    if (auto number = recognise_number(h, in.locale()))
      return value(*number);
    return std::nullopt;
  case ask_type::yes_no:
    if (auto yes = recognise_yes_no(h))
      return value(*yes);
    return std::nullopt;
  case ask_type::choice:
    break;
  }
  auto all = offers(in);
  std::vector<choice_names> names;
  names.reserve(all.size());
  for (auto& o : all) {
    choice_names n{{fold(o.title)}};
    if (auto* t = o.what.as_text(); t && *t != o.title)
      n.names.push_back(fold(*t));
    for (auto& s : o.synonyms)
      n.names.push_back(fold(s));
    names.push_back(std::move(n));
  }
  if (auto index = recognise_choice(h, names))
    return all[*index].what;
  return std::nullopt;
}

bool ask_step::within(const value& v, const scene& in) const {
  if (!bounded_below && !bounded_above)
    return true;
  auto* number = v.as_number();
  auto size = number
                  ? *number
                  : decimal::of(static_cast<std::int64_t>(length(v.as_text() ? *v.as_text() : "")));
  auto limit = [&](const operand& o) {
    auto got = o.evaluate(in);
    return got && got->as_number() ? std::optional(*got->as_number()) : std::nullopt;
  };
  if (bounded_below)
    if (auto low = limit(least); low && size < *low)
      return false;
  if (bounded_above)
    if (auto high = limit(most); high && size > *high)
      return false;
  return true;
}

bool ask_step::answer(machine& m, const heard& h) const {
  auto in = m.here();
  std::optional<value> got;
  if (optional && recognise_skip(h))
    got = value();
  else if ((got = recognise(h, in))) {
    if (pattern && !RE2::FullMatch(re2::StringPiece(h.text.data(), h.text.size()), *pattern))
      return false;
    if (!within(*got, in))
      return false;
    in.checked = &*got;
    if (check && !check.holds(in))
      return false;
  }
  if (!got)
    return false;
  m.stop_asking();
  m.assign(into, std::move(*got));
  m.next();
  return true;
}

void ask_step::retry(machine& m) const {
  auto& f = m.top();
  if (++f.tries >= tries) {
    m.stop_asking();
    if (has_else)
      return m.jump(else_target);
    m.cancel_flow();
    return m.say(engine_text::cancelled);
  }
  auto in = m.here();
  auto q = ask(in);
  if (!retry_words.empty()) {
    q.text = retry_words.format(in.locale(), in.turn(), in);
    // A numbered list is part of the text: it must not get lost.
    if (q.suggested.empty())
      dress(q, in);
  } else {
    q.text = engine_words(m.of(), engine_text::retry, in) + " " + q.text;
  }
  m.ask(std::move(q), true);
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

void parse_limits(dialog_compiler& c, const value& spec, ask_step& s) {
  bool measured = s.type == ask_type::number || s.type == ask_type::text;
  for (auto key : {"min", "max"}) {
    auto* limit = spec.find(key);
    if (!limit)
      continue;
    if (!measured)
      c.faults.fault(c.pointer(key),
                     std::string("\"") + key + "\" fits numbers and the length of texts only");
    auto o = c.compile_operand(*limit, c.pointer(key));
    if (o.is_literal() && !o.literal().as_number())
      c.faults.fault(c.pointer(key), "expected a number, or {\"=\": \"…\"}");
    (*key == 'm' && key[1] == 'i' ? s.least : s.most) = std::move(o);
    (key[1] == 'i' ? s.bounded_below : s.bounded_above) = true;
  }
  if (auto* source = text_member(c.faults, spec, c.pointer(), "pattern")) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(false);
    options.set_max_mem(1 << 20);
    s.pattern = std::make_unique<RE2>(*source, options);
    if (!s.pattern->ok())
      c.faults.fault(c.pointer("pattern"), "RE2 refuses the pattern: " + s.pattern->error());
    if (s.type == ask_type::choice || s.type == ask_type::yes_no)
      c.faults.fault(c.pointer("pattern"), "\"pattern\" fits text and number only");
  }
  if (auto* source = spec.find("check"))
    s.check = c.compile_expression(*source, c.pointer("check"), false, true);
}

void parse_type(dialog_compiler& c, const value& spec, ask_step& s) {
  auto* name = text_member(c.faults, spec, c.pointer(), "type");
  if (!name)
    return;
  if (*name == "text")
    s.type = ask_type::text;
  else if (*name == "number")
    s.type = ask_type::number;
  else if (*name == "yes_no")
    s.type = ask_type::yes_no;
  else if (*name == "choice")
    s.type = ask_type::choice;
  else if (*name == "date" || *name == "datetime" || *name == "duration")
    c.faults.fault(c.pointer("type"), "\"" + *name + "\" is not supported yet",
                   "text, number, yes_no or choice");
  else
    c.faults.fault(c.pointer("type"), "\"" + *name + "\" is unknown",
                   "text, number, yes_no or choice");
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
