#include "tests/config/schemas.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <map>
#include <stdexcept>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#pragma GCC diagnostic pop

namespace interject::test {

namespace {

using nlohmann::json;
using adapter = valijson::adapters::NlohmannJsonAdapter;

const valijson::Schema& parsed(const std::string& name) {
  static std::map<std::string, std::unique_ptr<valijson::Schema>> all;
  auto& made = all[name];
  if (!made) {
    made = std::make_unique<valijson::Schema>();
    valijson::SchemaParser parser;
    auto fetch = [](const std::string& uri) { return new json(schema(uri)); };
    auto free = [](const json* document) { delete document; };
    parser.populateSchema(adapter(schema(name)), *made, fetch, free);
  }
  return *made;
}

} // namespace

std::filesystem::path source_path(const std::string& relative) {
  return std::filesystem::path(INTERJECT_SOURCE_DIR) / relative;
}

json read_json_file(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in)
    throw std::runtime_error("cannot read " + file.string());
  return json::parse(in);
}

const json& schema(const std::string& name) {
  static std::map<std::string, json> all;
  if (auto known = all.find(name); known != all.end())
    return known->second;
  return all[name] = read_json_file(source_path("config/schema/" + name));
}

const json& resolved(const json& node) {
  auto* at = &node;
  while (at->is_object() && at->contains("$ref")) {
    auto where = at->at("$ref").get<std::string>();
    at = &schema("bot.schema.json").at(json::json_pointer(where.substr(where.find('#') + 1)));
  }
  return *at;
}

const json& definition(const std::string& pointer) {
  auto* at = &schema("bot.schema.json");
  for (json::json_pointer left(pointer); !left.empty();) {
    auto text = left.to_string();
    auto end = text.find('/', 1);
    at = &resolved(*at).at(json::json_pointer(text.substr(0, end)));
    left = json::json_pointer(end == text.npos ? "" : text.substr(end));
  }
  return resolved(*at);
}

std::vector<std::string> refusals(const std::string& schema_name, const json& document) {
  valijson::Validator validator;
  valijson::ValidationResults found;
  std::vector<std::string> out;
  if (validator.validate(parsed(schema_name), adapter(document), &found))
    return out;
  valijson::ValidationResults::Error e;
  while (found.popError(e)) {
    std::string where;
    for (auto& part : e.context)
      where += part;
    out.push_back(where + ": " + e.description);
  }
  return out;
}

bool is_later(const json& property) {
  auto own = property.find("description");
  auto words = (own != property.end() ? *own : resolved(property).value("description", json("")))
                   .get<std::string>();
  return words.ends_with("Not in this version.");
}

} // namespace interject::test
