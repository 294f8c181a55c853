// Reading the document's objects: unknown members, wrong types, and what would be right.
#include "actors/dialog/compiler.hpp"
#include "actors/dialog/nearest.hpp"

#include <algorithm>

namespace interject::dialog {

std::string below(const std::string& pointer, std::string_view key) {
  std::string out = pointer + "/";
  for (char c : key)
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  return out;
}

std::string below(const std::string& pointer, std::size_t index) {
  return pointer + "/" + std::to_string(index);
}

void check_keys(report& faults, const value& object, const std::string& pointer,
                std::span<const std::string_view> known, std::span<const std::string_view> later) {
  if (!object.as_object())
    return;
  for (auto& [key, member] : *object.as_object()) {
    if (std::find(known.begin(), known.end(), key) != known.end())
      continue;
    if (std::find(later.begin(), later.end(), key) != later.end()) {
      faults.fault(below(pointer, key), "\"" + key + "\" is not supported yet", "leave it out");
      continue;
    }
    std::string all;
    for (auto k : known)
      all += (all.empty() ? "known are " : ", ") + std::string(k);
    faults.fault(below(pointer, key), "unknown key \"" + key + "\"", suggest(key, known, all));
  }
}

namespace {

const value* typed(report& faults, const value& object, const std::string& pointer,
                   std::string_view key, value::kind wanted) {
  auto* member = object.find(key);
  if (!member || member->type() == wanted)
    return member;
  faults.fault(below(pointer, key), std::string("expected ") + to_string(wanted) + ", found " +
                                        to_string(member->type()));
  return nullptr;
}

} // namespace

const std::string* text_member(report& faults, const value& object, const std::string& pointer,
                               std::string_view key) {
  auto* member = typed(faults, object, pointer, key, value::kind::text);
  return member ? member->as_text() : nullptr;
}

const value::list* list_member(report& faults, const value& object, const std::string& pointer,
                               std::string_view key) {
  auto* member = typed(faults, object, pointer, key, value::kind::list);
  return member ? member->as_list() : nullptr;
}

const value* object_member(report& faults, const value& object, const std::string& pointer,
                           std::string_view key) {
  return typed(faults, object, pointer, key, value::kind::object);
}

std::optional<bool> bool_member(report& faults, const value& object, const std::string& pointer,
                                std::string_view key) {
  auto* member = typed(faults, object, pointer, key, value::kind::boolean);
  return member ? std::optional(*member->as_bool()) : std::nullopt;
}

std::optional<int> whole_member(report& faults, const value& object, const std::string& pointer,
                                std::string_view key, int least, int most) {
  auto* member = typed(faults, object, pointer, key, value::kind::number);
  if (!member)
    return std::nullopt;
  auto number = *member->as_number();
  if (number.is_whole() && number.whole() >= least && number.whole() <= most)
    return static_cast<int>(number.whole());
  faults.fault(below(pointer, key), display(*member) + " is out of range",
               "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::optional<duration> duration_member(report& faults, const value& object,
                                        const std::string& pointer, std::string_view key) {
  auto* member = text_member(faults, object, pointer, key);
  if (!member)
    return std::nullopt;
  auto length = parse_duration(*member);
  if (!length)
    faults.fault(below(pointer, key), "\"" + *member + "\" is no duration",
                 "such as \"250ms\", \"90s\", \"10m\", \"24h\" or \"PT1M30S\"");
  return length;
}

void check_budget(report& faults, const value& budget, const std::string& pointer) {
  constexpr std::string_view keys[] = {"per", "burst"};
  if (!budget.as_object())
    return faults.fault(pointer, "expected an object", R"({"per": "1m", "burst": 2})");
  check_keys(faults, budget, pointer, keys);
  duration_member(faults, budget, pointer, "per");
  whole_member(faults, budget, pointer, "burst", 1, 1000);
}

} // namespace interject::dialog
