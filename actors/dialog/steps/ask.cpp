// Asks and waits. What counts as an answer depends on the type; what does not fit is asked again,
// `tries` times.
#include "actors/dialog/steps/ask_step.hpp"

#include "actors/dialog/fold.hpp"
#include "actors/dialog/recognise_time.hpp"

namespace interject::dialog {

std::optional<time_point> bound_time(const value& v, bool of_day, const std::string& zone) {
  if (auto* at = v.as_time())
    return of_day ? day_of(*at, zone) : *at;
  if (!v.as_text())
    return std::nullopt;
  if (auto day = parse_time(*v.as_text() + "T00:00:00Z"))
    return day;
  auto at = parse_time(*v.as_text());
  return at && of_day ? day_of(*at, zone) : at;
}

namespace {

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

} // namespace

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

/// A question without choices has no answer: it is not asked.
void ask_step::run(machine& m) const {
  if (choices_from) {
    auto got = choices_from.evaluate(m.here());
    if (!got)
      return m.fail(got.error().what);
    if (!got->as_list())
      return m.fail(std::string("\"choices\": expected a list, found ") + to_string(got->type()));
    if (got->as_list()->empty())
      return has_else ? m.jump(else_target) : m.fail("\"choices\": the list is empty");
  }
  m.ask(ask(m.here()));
}

question ask_step::ask(const scene& in) const {
  question q{words.format(in.locale(), in.turn(), in), {}};
  dress(q, in);
  return q;
}

std::string ask_step::zone_name(const scene& in) const {
  auto got = zone.evaluate(in);
  return got && got->as_text() ? *got->as_text() : std::string();
}

/// A length of time is kept as the format writes it everywhere: "90s".
std::optional<value> recognise_length(const heard& h, const scene& in) {
  auto length = recognise_duration(h.text, in.locale());
  return length ? std::optional(value(format_duration(*length))) : std::nullopt;
}

std::optional<value> ask_step::recognise(const heard& h, const scene& in, time_point now) const {
  auto as_value = [](std::optional<time_point> at) {
    return at ? std::optional(value(*at)) : std::nullopt;
  };
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
  case ask_type::date:
    return as_value(recognise_date(h.text, {in.locale(), zone_name(in), now}));
  case ask_type::datetime:
    return as_value(recognise_datetime(h.text, {in.locale(), zone_name(in), now}));
  case ask_type::duration:
    return recognise_length(h, in);
  case ask_type::choice:
    break;
  }
  auto all = offers(in);
  std::vector<choice_names> names;
  names.reserve(all.size());
  for (auto& o : all) {
    choice_names n;
    n.written = o.synonyms;
    n.written.insert(n.written.begin(), std::string(trim(o.title)));
    if (auto* t = o.what.as_text(); t && *t != o.title)
      n.written.insert(n.written.begin() + 1, *t);
    for (auto& one : n.written)
      n.names.push_back(fold(one));
    names.push_back(std::move(n));
  }
  if (auto index = recognise_choice(h, names))
    return all[*index].what;
  return std::nullopt;
}

bool ask_step::within(const value& v, const scene& in) const {
  if (!bounded_below && !bounded_above)
    return true;
  if (type == ask_type::date || type == ask_type::datetime || type == ask_type::duration)
    return within_times(v, in);
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

/// Bounds of days, instants and lengths are inclusive; a day is compared with the day of its bound.
bool ask_step::within_times(const value& v, const scene& in) const {
  auto number = [&](const value& of) -> std::optional<std::int64_t> {
    if (type == ask_type::duration) {
      auto length = of.as_text() ? parse_duration(*of.as_text()) : std::nullopt;
      return length ? std::optional(length->count()) : std::nullopt;
    }
    auto at = bound_time(of, type == ask_type::date, zone_name(in));
    return at ? std::optional(at->time_since_epoch().count()) : std::nullopt;
  };
  auto limit = [&](const operand& o) {
    auto got = o.evaluate(in);
    return got ? number(*got) : std::nullopt;
  };
  // The answer itself is a day already: its midnight is that of UTC.
  auto given = type == ask_type::duration ? number(v) : v.as_time()->time_since_epoch().count();
  if (bounded_below)
    if (auto low = limit(least); low && given < *low)
      return false;
  if (bounded_above)
    if (auto high = limit(most); high && given > *high)
      return false;
  return true;
}

bool ask_step::answer(machine& m, const heard& h) const {
  auto in = m.here();
  std::optional<value> got;
  if (optional && recognise_skip(h))
    got = value();
  else if ((got = recognise(h, in, m.now()))) {
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

} // namespace interject::dialog
