// A notice's text, rendered when it is said: its pattern came from outside, after the bot was
// loaded.
#include "actors/dialog/bot.hpp"

#include "actors/dialog/text_pattern.hpp"

#include <algorithm>
#include <list>
#include <unordered_map>

namespace interject::dialog {

namespace {

constexpr std::size_t most_patterns = 256; ///< kept per thread; the one used longest ago goes

struct kept_pattern {
  std::string key;
  bool good = false;
  detail::pattern pattern;
};

/// Least recently used last.
class pattern_cache {
public:
  const kept_pattern& get(const std::string& source, const std::string& locale) {
    auto key = locale + '\n' + source;
    if (auto it = by_key_.find(key); it != by_key_.end()) {
      order_.splice(order_.begin(), order_, it->second);
      return order_.front();
    }
    if (order_.size() >= most_patterns) {
      by_key_.erase(order_.back().key);
      order_.pop_back();
    }
    std::vector<detail::pattern_fault> faults;
    auto& made = order_.emplace_front();
    made.key = key;
    made.good = detail::compile(made.pattern, source, locale, faults);
    by_key_.emplace(made.key, order_.begin());
    return made;
  }

private:
  std::list<kept_pattern> order_;
  std::unordered_map<std::string_view, std::list<kept_pattern>::iterator>
      by_key_; ///< views into `order_`
};

const value* find(const named_values& params, std::string_view name) {
  for (auto& [key, v] : params)
    if (key == name)
      return &v;
  return nullptr;
}

/// `offer.name` is the parameter of that name, else the member `name` of `offer`.
const value* look_up(const named_values& params, std::string_view name) {
  auto length = name.size();
  auto* found = find(params, name);
  while (!found && (length = name.rfind('.', length - 1)) != std::string_view::npos)
    found = find(params, name.substr(0, length));
  while (found && length < name.size()) {
    auto start = length + 1;
    length = std::min(name.find('.', start), name.size());
    found = found->find(name.substr(start, length - start));
  }
  return found;
}

class parameters final : public detail::pattern_values {
public:
  parameters(const detail::pattern& p, const named_values& params) : p_(p), params_(params) {}
  const value* get(std::uint32_t name) const override { return look_up(params_, p_.names[name]); }

private:
  const detail::pattern& p_;
  const named_values& params_;
};

std::string_view language(std::string_view locale) {
  return locale.substr(0, locale.find_first_of("-_"));
}

/// The same locale, then the same language, then a text for all, then the first.
const std::pair<std::string, std::string>* pick(const localized_text& text,
                                                std::string_view locale) {
  for (auto& entry : text)
    if (entry.first == locale)
      return &entry;
  for (auto& entry : text)
    if (!entry.first.empty() && language(entry.first) == language(locale))
      return &entry;
  for (auto& entry : text)
    if (entry.first.empty())
      return &entry;
  return text.empty() ? nullptr : &text.front();
}

} // namespace

std::string render(const localized_text& text, const named_values& params,
                   std::string_view locale) {
  auto* chosen = pick(text, locale);
  if (!chosen)
    return {};
  auto& [own_locale, source] = *chosen;
  if (source.find_first_of("{'") == std::string::npos)
    return source;
  // A text of the conversation's language is formatted as its region has it, any other by its own
  // locale.
  bool same = own_locale.empty() || language(own_locale) == language(locale);
  thread_local pattern_cache cache;
  auto& kept = cache.get(source, same ? std::string(locale) : own_locale);
  if (!kept.good)
    return source;
  std::string out;
  detail::append(out, kept.pattern, parameters(kept.pattern, params),
                 detail::when_missing::keep_source);
  return out;
}

} // namespace interject::dialog
