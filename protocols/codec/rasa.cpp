#include "protocols/codec/rasa.hpp"

#include "protocols/codec/json_answer.hpp"
#include "protocols/codec/json_append.hpp"

#include <algorithm>
#include <charconv>

namespace interject {
namespace {

constexpr std::size_t most_candidates = 32, most_entities = 64;

/// A confidence has more digits than a decimal holds; such a number is read as its text. Below 0:
/// none.
double confidence_of(const value* v) {
  if (!v || (!v->as_number() && !v->as_text()))
    return -1;
  auto text = display(*v);
  double out = -1;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failed == std::errc() && end == text.data() + text.size() ? out : -1;
}

const std::string* name_of(const value& v, std::string_view member) {
  auto* found = v.find(member);
  auto* text = found ? found->as_text() : nullptr;
  return text && !text->empty() ? text : nullptr;
}

void add_candidate(recognition& to, const value& intent, double least) {
  auto* name = name_of(intent, "name");
  if (!name || confidence_of(intent.find("confidence")) < least ||
      to.intents.size() >= most_candidates)
    return;
  if (std::find(to.intents.begin(), to.intents.end(), *name) == to.intents.end())
    to.intents.push_back(*name);
}

void add_entity(recognition& to, const value& entity) {
  auto* name = name_of(entity, "role");
  if (!name)
    name = name_of(entity, "entity");
  auto* found = entity.find("value");
  if (!name || !found || to.entities.size() >= most_entities)
    return;
  auto known = [&](auto& each) { return each.first == *name; };
  if (std::none_of(to.entities.begin(), to.entities.end(), known))
    to.entities.emplace_back(*name, *found);
}

} // namespace

std::string write_rasa_question(std::string_view text, std::string_view message_id) {
  std::string out = "{\"text\":";
  append_json_string(out, text);
  out += ",\"message_id\":";
  append_json_string(out, message_id);
  return out + "}";
}

result<recognition> read_rasa_answer(std::string_view json, double least) {
  auto root = read_json_answer(json);
  auto* intent = root ? root->find("intent") : nullptr;
  if (!intent || (!intent->is_null() && !intent->as_object()))
    return error{errc::bad_input, "the recogniser's answer has no intent"};
  recognition out;
  add_candidate(out, *intent, least);
  auto* ranking = root->find("intent_ranking");
  if (auto* all = ranking ? ranking->as_list() : nullptr)
    for (auto& each : *all)
      add_candidate(out, each, least);
  auto* entities = root->find("entities");
  if (auto* all = entities ? entities->as_list() : nullptr)
    for (auto& each : *all)
      add_entity(out, each);
  return out;
}

} // namespace interject
