#include "gateway/openapi.hpp"

#include "gateway/management.hpp"
#include "gateway/problem.hpp"
#include "protocols/monitoring.hpp"
#include "protocols/notification.hpp"

#include <nlohmann/json.hpp>

#include <sstream>
#include <stdexcept>

namespace interject::gateway {

namespace {

using json = nlohmann::ordered_json;

template <class Enum> json names(int count) {
  auto out = json::array();
  for (int i = 0; i < count; ++i)
    out.push_back(to_string(static_cast<Enum>(i)));
  return out;
}

json list_named(const std::string& name) {
  if (name == "delivery_code")
    return names<delivery_code>(delivery_code_count);
  if (name == "delivery_action")
    return names<delivery_action>(static_cast<int>(delivery_action::accepted) + 1);
  if (name == "watch_state")
    return names<watch_state>(static_cast<int>(watch_state::rearming) + 1);
  throw std::logic_error("there is no list named " + name);
}

json reference(const std::string& to) {
  return {{"$ref", "#/components/schemas/" + to}};
}

// The shorthands of api_schemas.json, written out: a list, the members of another shape, an enum's
// words.
void spell_out(json& node, const json& all) {
  if (node.is_array())
    for (auto& item : node)
      spell_out(item, all);
  if (!node.is_object())
    return;
  if (node.contains("x-list-of")) {
    auto items = reference(node["x-list-of"].get<std::string>());
    node = {{"type", "object"},
            {"properties",
             {{"items", {{"type", "array"}, {"items", items}}},
              {"next", {{"type", json::array({"string", "null"})}}}}},
            {"required", json::array({"items", "next"})},
            {"additionalProperties", false}};
    return;
  }
  if (node.contains("x-also")) {
    auto& other = all.at(node["x-also"].get<std::string>());
    node.erase("x-also");
    for (auto& [name, shape] : other["properties"].items())
      node["properties"][name] = shape;
    if (other.contains("required"))
      for (auto& name : other["required"])
        node["required"].push_back(name);
  }
  if (auto words = node.find("enum"); words != node.end() && words->is_string())
    *words = list_named(words->get<std::string>());
  for (auto& [name, child] : node.items())
    spell_out(child, all);
}

bool is_media_type(std::string_view shape) {
  return shape.find('/') != shape.npos;
}

json content(const std::string& shape, const json& schemas) {
  if (is_media_type(shape))
    return {{shape, {{"schema", {{"type", "string"}}}}}};
  if (!schemas.contains(shape))
    throw std::logic_error("api_schemas.json has no shape named " + shape);
  auto& named = schemas[shape];
  auto types = named.value("x-media", json::array({"application/json"}));
  json out = json::object();
  for (auto& type : types)
    out[type.get<std::string>()] = {{"schema", reference(shape)}};
  return out;
}

bool is_directline(const route& r) {
  return std::string_view(r.pattern).starts_with("/v3/directline");
}

/// The errors that a row can give besides what is answered to any request.
std::vector<unsigned> errors_of(const route& r) {
  std::vector<unsigned> out{400};
  if (r.needs != scope::open)
    out.insert(out.end(), {401, 403, 429, 503});
  if (std::string_view(r.pattern).find('{') != std::string_view::npos)
    out.push_back(404);
  if (*r.takes)
    out.insert(out.end(), {413, 415});
  if (takes_idempotency_key(r))
    out.push_back(409);
  if ((*r.takes && !is_directline(r)) || takes_idempotency_key(r))
    out.push_back(422);
  return out;
}

json responses(const route& r, const json& schemas) {
  json out = json::object();
  for (auto& gives : {r.gives, r.also}) {
    if (gives.status == 0)
      continue;
    json one{{"description", std::string(reason_phrase(gives.status))}};
    if (*gives.schema)
      one["content"] = content(gives.schema, schemas);
    out[std::to_string(gives.status)] = one;
  }
  auto wrong = json{{"$ref", is_directline(r) ? "#/components/responses/directline_error"
                                              : "#/components/responses/problem"}};
  for (auto status : errors_of(r))
    if (!out.contains(std::to_string(status)))
      out[std::to_string(status)] = wrong;
  out["default"] = wrong;
  return out;
}

json parameters(const route& r, const json& known) {
  auto out = json::array();
  std::string_view pattern = r.pattern;
  for (auto at = pattern.find('{'); at != pattern.npos; at = pattern.find('{', at + 1)) {
    auto name = std::string(pattern.substr(at + 1, pattern.find('}', at) - at - 1));
    out.push_back(
        {{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
  if (takes_idempotency_key(r))
    out.push_back({{"$ref", "#/components/parameters/Idempotency-Key"}});
  std::istringstream query(r.query);
  for (std::string name; query >> name;) {
    if (!known.contains(name))
      throw std::logic_error("api_schemas.json has no parameter named " + name);
    out.push_back({{"$ref", "#/components/parameters/" + name}});
  }
  return out;
}

json operation(const route& r, const json& shapes) {
  json out{{"summary", r.help},
           {"tags", json::array({is_directline(r) ? "Direct Line" : "Management"})}};
  auto given = parameters(r, shapes["parameters"]);
  if (!given.empty())
    out["parameters"] = given;
  if (*r.takes)
    out["requestBody"] = {{"required", std::string_view(r.takes) != "beginning"},
                          {"content", content(r.takes, shapes["schemas"])}};
  out["responses"] = responses(r, shapes["schemas"]);
  if (r.needs == scope::open)
    out["security"] = json::array();
  else if (r.needs == scope::directline)
    out["security"] = json::array({{{"directline", json::array()}}});
  else
    out["security"] = json::array({{{"api_key", json::array({to_string(r.needs)})}}});
  return out;
}

json components(json shapes) {
  json out{{"schemas", shapes["schemas"]}, {"parameters", json::object()}};
  for (auto& [name, shape] : out["schemas"].items())
    shape.erase("x-media"); // stands at the bodies by now
  for (auto& [name, it] : shapes["parameters"].items()) {
    it["name"] = name;
    if (!it.contains("in"))
      it["in"] = "query";
    out["parameters"][name] = it;
  }
  for (auto name : {"problem", "directline_error"})
    out["responses"][name] = {
        {"description", "an error"},
        {"content",
         {{name == std::string("problem") ? "application/problem+json" : "application/json",
           {{"schema", reference(name)}}}}}};
  out["securitySchemes"] = {
      {"api_key",
       {{"type", "http"}, {"scheme", "bearer"}, {"description", "an API key with the scope"}}},
      {"directline",
       {{"type", "http"},
        {"scheme", "bearer"},
        {"description", "the Direct Line secret, or a token for one conversation"}}}};
  return out;
}

} // namespace

std::string openapi_document(std::span<const route> rows) {
  auto shapes = json::parse(api_schemas());
  auto written = shapes["schemas"];
  for (auto& [name, schema] : shapes["schemas"].items())
    spell_out(schema, written);
  json out{{"openapi", "3.1.0"},
           {"info",
            {{"title", "interject"},
             {"version", "1"},
             {"description", "Direct Line 3.0 for clients, and the management API."}}},
           {"paths", json::object()}};
  for (auto& r : rows) {
    std::string method = r.method;
    for (auto& c : method)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    out["paths"][r.pattern][method] = operation(r, shapes);
  }
  out["components"] = components(std::move(shapes));
  return out.dump();
}

namespace management {

void openapi(exchange_ptr x) {
  static const std::string document = openapi_document(routes());
  x->answer(json_response(200, document));
}

} // namespace management

} // namespace interject::gateway
