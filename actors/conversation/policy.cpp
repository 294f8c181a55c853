// The bot's `delivery` section over the defaults.
#include "actors/conversation/turn.hpp"

#include <optional>

namespace interject::conversation {

namespace {

void read(duration& into, const value& section, const char* key) {
  if (auto* v = section.find(key))
    if (auto* text = v->as_text())
      if (auto parsed = parse_duration(*text); parsed && parsed->count() > 0)
        into = *parsed;
}

void read(int& into, const value& section, const char* key, int least, int most) {
  if (auto* v = section.find(key))
    if (auto* n = v->as_number(); n && n->is_whole() && n->whole() >= least && n->whole() <= most)
      into = static_cast<int>(n->whole());
}

std::optional<delivery::rate> rate_of(const value* spec, delivery::rate otherwise) {
  if (!spec || !spec->as_object())
    return std::nullopt;
  read(otherwise.per, *spec, "per");
  read(otherwise.burst, *spec, "burst", 1, 1000);
  return otherwise;
}

localized_text words_of(const value& spec) {
  localized_text out;
  if (auto* one = spec.as_text())
    out = {{"", *one}};
  else if (auto* by_locale = spec.as_object())
    for (auto& [name, text] : *by_locale)
      if (auto* t = text.as_text())
        out.emplace_back(name, *t);
  return out;
}

void read_topics(delivery::policy& p, const value& section) {
  if (auto* budgets = section.find("topic_budgets"); budgets && budgets->as_object())
    for (auto& [topic, spec] : *budgets->as_object())
      if (auto how = rate_of(&spec, delivery::budget_of(p)))
        p.topics.push_back({topic, *how});
  auto* caps = section.find("caps");
  if (!caps || !caps->as_list())
    return;
  for (auto& spec : *caps->as_list()) {
    delivery::cap c;
    if (auto* topic = spec.find("topic"); topic && topic->as_text())
      c.topic = *topic->as_text();
    read(c.per, spec, "per");
    read(c.at_most, spec, "at_most", 1, static_cast<int>(person::said_limit));
    if (c.per.count() > 0 && c.at_most > 0)
      p.caps.push_back(std::move(c));
  }
}

delivery::channel channel_of(const std::string& name, const value& spec,
                             const delivery::policy& p) {
  delivery::channel c;
  c.name = name;
  c.budget = rate_of(spec.find("budget"), delivery::budget_of(p));
  duration window{0};
  read(window, spec, "session_window");
  if (window.count() > 0)
    c.session_window = window;
  auto* reach = spec.find("reach");
  c.only_connected = reach && reach->as_text() && *reach->as_text() == "connected";
  if (auto* other = spec.find("otherwise"); other && other->as_text())
    c.otherwise = *other->as_text();
  if (auto* templates = spec.find("templates"); templates && templates->as_object())
    for (auto& [id, text] : *templates->as_object())
      c.templates.emplace_back(id, words_of(text));
  return c;
}

} // namespace

delivery::policy policy_of(const dialog::bot& b) {
  delivery::policy p;
  auto& section = dialog::section(b, "delivery");
  if (auto* budget = section.find("budget")) {
    read(p.budget_per, *budget, "per");
    read(p.budget_burst, *budget, "burst", 1, 1000);
  }
  read(p.max_depth, section, "max_depth", 0, 8);
  read(p.interrupter_timeout, section, "interrupter_timeout");
  read(p.spacing, section, "spacing");
  read(p.typing_window, section, "typing_window");
  read(p.typing_limit, section, "typing_limit");
  read(p.abandoned_after, section, "abandoned_after");
  read(p.auto_time_sensitive, section, "auto_time_sensitive");
  read(p.auto_normal, section, "auto_normal");
  auto limit = static_cast<int>(p.queue_limit);
  read(limit, section, "queue_limit", 1, 10'000);
  p.queue_limit = static_cast<std::size_t>(limit);
  read_topics(p, section);
  if (auto* channels = dialog::section(b, "channels").as_object())
    for (auto& [name, spec] : *channels)
      p.channels.push_back(channel_of(name, spec, p));
  return p;
}

} // namespace interject::conversation
