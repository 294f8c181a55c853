// What others ask of a bot.
#include "actors/dialog/bot_model.hpp"

#include <algorithm>

namespace interject::dialog {

std::string_view id(const bot& b) {
  return b.id;
}
std::string_view name(const bot& b) {
  return b.name;
}
std::string_view version(const bot& b) {
  return b.version;
}
const std::vector<std::string>& locales(const bot& b) {
  return b.locales;
}
const std::vector<std::string>& hosts(const bot& b) {
  return b.hosts;
}

const value& section(const bot& b, std::string_view key) {
  static const value none;
  auto* found = b.document.find(key);
  return found ? *found : none;
}

const bot_sections& sections(const bot& b) {
  return b.sections;
}

std::vector<dialog_info> dialogs(const bot& b) {
  std::vector<dialog_info> out;
  for (auto& d : b.dialogs) {
    dialog_info info{d.id, {}, d.intents, d.steps};
    for (auto& p : d.params)
      info.params.push_back(p.name);
    out.push_back(std::move(info));
  }
  return out;
}

std::optional<std::uint16_t> find_dialog(const bot& b, std::string_view id) {
  auto it = b.by_id.find(id);
  return it == b.by_id.end() ? std::nullopt : std::optional(it->second);
}

bool has_dialog(const bot& b, std::string_view id) {
  return find_dialog(b, id).has_value();
}

std::string match_locale(const bot& b, std::string_view wanted) {
  auto same = [](std::string_view a, std::string_view c) {
    return a.size() == c.size() && std::equal(a.begin(), a.end(), c.begin(), [](char x, char y) {
             auto lower = [](char l) {
               return l == '_' ? '-' : l >= 'A' && l <= 'Z' ? static_cast<char>(l + 32) : l;
             };
             return lower(x) == lower(y);
           });
  };
  // "zh-Hant-TW", then "zh-Hant", then "zh".
  for (auto tag = wanted; !tag.empty();) {
    for (auto& have : b.locales)
      if (same(have, tag))
        return have;
    auto cut = tag.find_last_of("-_");
    tag = cut == std::string_view::npos ? std::string_view{} : tag.substr(0, cut);
  }
  // Another region's is better than another language.
  auto language = wanted.substr(0, wanted.find_first_of("-_"));
  for (auto& have : b.locales)
    if (!language.empty() &&
        same(std::string_view(have).substr(0, have.find_first_of("-_")), language))
      return have;
  return b.locales.front();
}

std::string engine_words(const bot& b, engine_text which, const scene& in) {
  auto& own = b.texts[static_cast<std::size_t>(which)];
  if (!own.empty())
    return own.format(in.locale(), in.turn(), in);
  return std::string(engine_sentence(which, in.locale()));
}

} // namespace interject::dialog
