#include "actors/dialog/intents.hpp"

#include "actors/dialog/fold.hpp"

#include <re2/re2.h>

#include <array>

namespace interject::dialog {

intent_table::intent_table() = default;
intent_table::~intent_table() = default;
intent_table::intent_table(intent_table&&) noexcept = default;
intent_table& intent_table::operator=(intent_table&&) noexcept = default;

std::optional<std::uint16_t> intent_table::add_phrase(std::string_view phrase,
                                                      std::uint16_t dialog) {
  auto [it, added] = phrases_.emplace(fold(phrase), dialog);
  if (added || it->second == dialog)
    return std::nullopt;
  return it->second;
}

std::string intent_table::add_pattern(const std::string& source, std::uint16_t dialog,
                                      std::vector<std::string>& groups) {
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  pattern p{std::make_unique<RE2>(source, options), dialog, {}};
  if (!p.it->ok())
    return p.it->error();
  p.groups.resize(static_cast<std::size_t>(p.it->NumberOfCapturingGroups()));
  for (auto& [number, name] : p.it->CapturingGroupNames()) {
    p.groups[static_cast<std::size_t>(number) - 1] = name;
    groups.push_back(name);
  }
  patterns_.push_back(std::move(p));
  return {};
}

std::optional<intent_match> intent_table::match(const heard& h) const {
  if (auto it = phrases_.find(h.folded); it != phrases_.end())
    return intent_match{it->second, {}};
  re2::StringPiece text(h.text.data(), h.text.size());
  for (auto& p : patterns_) {
    std::vector<re2::StringPiece> found(p.groups.size() + 1);
    if (!p.it->Match(text, 0, text.size(), RE2::UNANCHORED, found.data(),
                     static_cast<int>(found.size())))
      continue;
    intent_match m{p.dialog, {}};
    for (std::size_t i = 0; i < p.groups.size(); ++i)
      if (!p.groups[i].empty() && found[i + 1].data() != nullptr)
        m.found.emplace_back(p.groups[i],
                             value(std::string(trim({found[i + 1].data(), found[i + 1].size()}))));
    return m;
  }
  return std::nullopt;
}

void global_table::add(std::string_view phrase, global meaning) {
  phrases_.emplace(fold(phrase), meaning);
}

std::optional<global> global_table::match(const heard& h) const {
  auto it = phrases_.find(h.folded);
  return it == phrases_.end() ? std::nullopt : std::optional(it->second);
}

std::vector<std::string_view> default_phrases(global meaning, std::string_view language) {
  struct entry {
    std::string_view language;
    std::vector<std::string_view> cancel, help, start_over;
  };
  static const std::array<entry, 5> table{{
      {"en",
       {"cancel", "never mind", "nevermind", "forget it"},
       {"help"},
       {"start over", "restart"}},
      {"fr", {"annuler", "annule", "laisse tomber"}, {"aide"}, {"recommencer", "recommence"}},
      {"de", {"abbrechen", "abbruch"}, {"hilfe"}, {"von vorne", "neu anfangen"}},
      {"es", {"cancelar", "cancela"}, {"ayuda"}, {"empezar de nuevo"}},
      {"tr", {"iptal", "vazgeç"}, {"yardım"}, {"baştan başla"}},
  }};
  for (auto& e : table)
    if (e.language == language)
      return meaning == global::cancel ? e.cancel : meaning == global::help ? e.help : e.start_over;
  return {};
}

} // namespace interject::dialog
