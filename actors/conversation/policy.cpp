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
  read(p.max_depth, section, "max_depth", 1, 8);
  read(p.interrupter_timeout, section, "interrupter_timeout");
  read(p.spacing, section, "spacing");
  read(p.abandoned_after, section, "abandoned_after");
  return p;
}

} // namespace interject::conversation
