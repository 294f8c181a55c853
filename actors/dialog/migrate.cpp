#include "actors/dialog/migrate.hpp"

#include "actors/dialog/bot_model.hpp"

#include <algorithm>

namespace interject::dialog {

namespace {

/// The first rule for that dialog whose `from` begins the older bot's version.
const migration* rule_for(const bot& from, const bot& to, std::uint16_t dialog) {
  auto& rules = to.sections.migrations;
  auto it = std::find_if(rules.begin(), rules.end(), [&](auto& r) {
    return r.dialog == dialog && from.version.starts_with(r.from);
  });
  return it == rules.end() ? nullptr : &*it;
}

const value* source_of(const bot& b, const std::string& dialog) {
  auto* all = b.document.find("dialogs");
  return all ? all->find(dialog) : nullptr;
}

bool is_called(const step& s, const std::string& name) {
  return s.id == name || s.pointer == name;
}

/// One dialog of the old bot, followed into the new one.
class follower {
public:
  follower(const dialog_model& was, const dialog_model& now, const migration* rule)
      : was_(was), now_(now), rule_(rule) {}

  std::optional<std::uint16_t> place_of(std::uint16_t pc) const {
    if (pc >= was_.program.size())
      return std::nullopt;
    auto& old = *was_.program[pc];
    std::string by_rule;
    if (rule_)
      for (auto& [before, after] : rule_->steps)
        if (is_called(old, before))
          by_rule = after;
    auto nth = nth_of_its_step(pc);
    for (std::size_t i = 0; i < now_.program.size(); ++i) {
      auto& candidate = *now_.program[i];
      auto meant = !by_rule.empty()  ? is_called(candidate, by_rule)
                   : !old.id.empty() ? candidate.id == old.id
                                     : candidate.id.empty() && candidate.pointer == old.pointer;
      if (meant && std::string_view(candidate.kind()) == old.kind() && nth-- == 0)
        return static_cast<std::uint16_t>(i);
    }
    return std::nullopt;
  }

  /// None: a loop may be under way, and its counter has no place.
  std::optional<std::vector<value>> locals(const std::vector<value>& old) const {
    std::vector<value> out(now_.locals.size());
    auto hidden = hidden_slots(now_);
    auto alike = hidden.size() == hidden_slots(was_).size();
    std::size_t nth = 0;
    for (std::size_t i = 0; i < std::min(old.size(), was_.locals.size()); ++i) {
      if (was_.locals[i].empty()) {
        if (alike)
          out[hidden[nth++]] = old[i];
        else if (!old[i].is_null())
          return std::nullopt;
        continue;
      }
      auto it = std::find(now_.locals.begin(), now_.locals.end(), was_.locals[i]);
      if (it != now_.locals.end())
        out[static_cast<std::size_t>(it - now_.locals.begin())] = old[i];
    }
    return out;
  }

private:
  static std::vector<std::size_t> hidden_slots(const dialog_model& d) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < d.locals.size(); ++i)
      if (d.locals[i].empty())
        out.push_back(i);
    return out;
  }

  /// A step may be several operations of one kind, which share its name and place.
  int nth_of_its_step(std::uint16_t pc) const {
    auto& s = *was_.program[pc];
    int n = 0;
    for (std::size_t i = 0; i < pc; ++i)
      if (was_.program[i]->pointer == s.pointer &&
          std::string_view(was_.program[i]->kind()) == s.kind())
        ++n;
    return n;
  }

  const dialog_model& was_;
  const dialog_model& now_;
  const migration* rule_;
};

std::optional<frame> moved(const bot& from, const bot& to, const frame& f, bool& ruled) {
  if (f.dialog >= from.dialogs.size())
    return std::nullopt;
  auto& was = from.dialogs[f.dialog];
  auto there = find_dialog(to, was.id);
  if (!there)
    return std::nullopt;
  auto* rule = rule_for(from, to, *there);
  if (!rule) {
    auto *before = source_of(from, was.id), *after = source_of(to, was.id);
    if (!before || !after || !(*before == *after))
      return std::nullopt;
  }
  ruled = ruled || rule;
  follower follow(was, to.dialogs[*there], rule);
  auto out = f;
  out.dialog = *there;
  auto pc = follow.place_of(f.pc);
  if (!pc)
    return std::nullopt;
  out.pc = *pc;
  for (auto& p : out.phases) {
    auto step = follow.place_of(p.step);
    if (!step)
      return std::nullopt;
    p.step = *step;
  }
  auto locals = follow.locals(f.locals);
  if (!locals)
    return std::nullopt;
  out.locals = std::move(*locals);
  return out;
}

} // namespace

std::optional<conversation> migrated(const bot& from, const bot& to, const conversation& c) {
  if (to.sections.migrations.empty())
    return std::nullopt;
  auto out = c;
  bool ruled = false;
  for (auto& f : out.stack) {
    auto there = moved(from, to, f, ruled);
    if (!there)
      return std::nullopt;
    f = std::move(*there);
  }
  if (!ruled)
    return std::nullopt;
  out.locale = match_locale(to, c.locale);
  return out;
}

} // namespace interject::dialog
