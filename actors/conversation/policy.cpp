// The bot's `delivery` section over the defaults.
#include "actors/conversation/turn.hpp"

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
  return p;
}

} // namespace interject::conversation
