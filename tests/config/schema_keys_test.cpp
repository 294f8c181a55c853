// The schema and the engine know the same keys: both directions, so that neither can drift.
#define CAF_SUITE schema_keys
#include "tests/support/caf_test.hpp"

#include "actors/dialog/registry.hpp"
#include "tests/config/places.hpp"
#include "tests/config/schemas.hpp"

#include <nlohmann/json.hpp>

#include <map>

using namespace interject;
using namespace interject::test;
using nlohmann::json;
using namespace nlohmann::literals;

namespace {

/// What the schema has and the engine is not asked about, each with its reason.
const std::map<std::string, std::set<std::string>> exceptions{
    // The loader takes them out before the engine sees the bot.
    {"", {"$schema", "include"}},
};

/// Values in place of keys: the format has them, and the engine refuses them until it can do them.
struct later_value {
  const char* definition;
  const char* bot; ///< "@" is the value
};
const std::vector<later_value> enumerations{
    {"/definitions/ask/properties/type",
     R"({"id": "b", "dialogs": {"d": {"steps": [{"do": "ask", "type": "@", "text": "x", "into": "y", "choices": ["z"]}]}}})"},
    {"/definitions/condition/properties/from",
     R"({"id": "b", "dialogs": {"d": {"steps": [{"do": "watch", "symbol": "A", "when": {"falls_to": 1, "from": "@"}, "notify": {"text": "x"}}]}}})"},
};

std::set<std::string> names_of(const json& object) {
  std::set<std::string> out;
  for (auto& [name, member] : object.items())
    out.insert(name);
  return out;
}

void must_agree(const std::string& at, const std::string& bot) {
  auto& properties = definition(at).at("properties");
  auto known = listed(bot);
  CAF_MESSAGE((at.empty() ? "the bot" : at));
  CAF_REQUIRE(!known.empty());
  for (auto& key : known)
    if (!properties.contains(key))
      CAF_ERROR("the engine knows " << key << " at " << at << ", the schema does not");
  for (auto& [key, property] : properties.items()) {
    auto except = exceptions.find(at);
    if (except != exceptions.end() && except->second.count(key))
      continue;
    auto stands = ask(bot, key);
    if (stands == standing::unknown)
      CAF_ERROR("the schema has " << key << " at " << at << ", the engine does not");
    if ((stands == standing::later) != is_later(property))
      CAF_ERROR(key << " at " << at
                    << ": the description ends with \"Not in this version.\" if and only if the "
                    << "engine says that it is not supported yet");
  }
}

} // namespace

CAF_TEST(the kinds of steps are those of the engine) {
  std::set<std::string> engine;
  for (auto name : dialog::step_names())
    engine.emplace(name);
  auto& kinds = definition("/definitions/step/properties/do").at("enum");
  CAF_CHECK_EQUAL(engine, kinds.get<std::set<std::string>>());
  // And each has its own definition, where its keys are.
  std::set<std::string> branches;
  for (auto& branch : definition("/definitions/step").at("allOf")) {
    auto kind = branch.at("/if/properties/do/const"_json_pointer).get<std::string>();
    branches.insert(kind);
    CAF_CHECK_EQUAL(branch.at("/then/$ref"_json_pointer).get<std::string>(),
                    "#/definitions/" + kind);
    CAF_CHECK_EQUAL(definition("/definitions/" + kind)
                        .at("/properties/do/const"_json_pointer)
                        .get<std::string>(),
                    kind);
  }
  CAF_CHECK_EQUAL(engine, branches);
}

CAF_TEST(the keys of a step are those of the engine) {
  for (auto name : dialog::step_names())
    must_agree("/definitions/" + std::string(name), bot_with_step(std::string(name)));
}

CAF_TEST(what a step needs is what the engine needs) {
  for (auto& kind : dialog::step_kinds()) {
    std::set<std::string> engine{"do"};
    for (auto key : kind.required)
      engine.emplace(key);
    auto& wanted = definition("/definitions/" + std::string(kind.name)).at("required");
    CAF_MESSAGE(std::string(kind.name));
    CAF_CHECK_EQUAL(engine, wanted.get<std::set<std::string>>());
  }
}

CAF_TEST(the keys of every other object are those of the engine) {
  for (auto& p : places)
    must_agree(p.definition, p.bot);
}

CAF_TEST(a value that is not in this version is one that the engine refuses) {
  for (auto& e : enumerations) {
    auto& property = definition(e.definition);
    auto words = property.at("description").get<std::string>();
    for (auto& entry : property.at("enum")) {
      auto name = entry.get<std::string>();
      auto later =
          words.substr(words.find_last_of(".;:", words.size() - 2) + 1).find('`' + name + '`') !=
              words.npos &&
          words.find("not in this version.") != words.npos;
      auto supported = !refused_as_later(e.bot, name);
      if (supported == later)
        CAF_ERROR(e.definition << ": " << name << " is " << (supported ? "" : "not ")
                               << "supported, and its "
                               << "description says otherwise");
    }
  }
}

CAF_TEST(the notify step has the keys of a notification) {
  auto step = names_of(definition("/definitions/notify").at("properties"));
  for (auto& key : names_of(definition("/definitions/notification").at("properties")))
    if (!step.count(key))
      CAF_ERROR("notify lacks " << key);
}
