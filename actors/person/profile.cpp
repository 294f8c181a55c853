#include "actors/person/profile.hpp"

#include <algorithm>

namespace interject::person {

namespace {

auto place_of(const named_values& values, std::string_view key) {
  return std::lower_bound(values.begin(), values.end(), key,
                          [](const named_value& a, std::string_view k) { return a.first < k; });
}

std::string said_key(std::string_view topic) {
  return "said." + std::string(topic);
}

} // namespace

const std::shared_ptr<const profile>& nobody() {
  static const auto empty = std::make_shared<const profile>();
  return empty;
}

const value* find(const profile& p, std::string_view key) {
  auto it = place_of(p.values, key);
  return it != p.values.end() && it->first == key ? &it->second : nullptr;
}

bool apply(profile& p, const person_change& c) {
  auto it = p.values.begin() + (place_of(p.values, c.key) - p.values.cbegin());
  const bool there = it != p.values.end() && it->first == c.key;
  if (c.to.is_null()) {
    if (there)
      p.values.erase(it);
    return true;
  }
  if (c.key.size() > key_limit || display(c.to).size() > setting_bytes_limit)
    return false;
  if (there) {
    it->second = c.to;
    return true;
  }
  if (p.values.size() >= settings_limit)
    return false;
  p.values.insert(it, {c.key, c.to});
  return true;
}

std::optional<bool> contact(const profile& p) {
  auto* v = find(p, "contact");
  auto* yes = v ? v->as_bool() : nullptr;
  return yes ? std::optional(*yes) : std::nullopt;
}

bool muted(const profile& p, std::string_view topic) {
  if (topic.empty())
    return false;
  auto* own = find(p, "topic." + std::string(topic));
  if (!own)
    own = find(p, "topic.*");
  return own && own->as_text() && *own->as_text() == "muted";
}

std::optional<quiet_hours> quiet(const profile& p) {
  auto* v = find(p, "quiet");
  return v ? read_quiet(*v) : std::nullopt;
}

named_values under(const profile& p, std::string_view prefix) {
  named_values out;
  for (auto it = place_of(p.values, prefix); it != p.values.end() && it->first.starts_with(prefix);
       ++it)
    out.emplace_back(it->first.substr(prefix.size()), it->second);
  return out;
}

int said_since(const profile& p, std::string_view topic, time_point since) {
  auto* v = find(p, said_key(topic));
  auto* times = v ? v->as_list() : nullptr;
  if (!times)
    return 0;
  return static_cast<int>(std::count_if(times->begin(), times->end(), [&](const value& at) {
    return at.as_time() && *at.as_time() > since;
  }));
}

person_change said_now(const profile& p, std::string_view topic, time_point now, duration longest) {
  value::list kept;
  auto* v = find(p, said_key(topic));
  if (auto* times = v ? v->as_list() : nullptr)
    for (auto& at : *times)
      if (at.as_time() && *at.as_time() > now - longest)
        kept.push_back(at);
  if (kept.size() >= said_limit)
    kept.erase(kept.begin(),
               kept.begin() + static_cast<std::ptrdiff_t>(kept.size() - said_limit + 1));
  kept.emplace_back(now);
  return {said_key(topic), value(std::move(kept))};
}

} // namespace interject::person
