// The OpenAPI document, the table of routes and what the handlers really read say the same.
#define CAF_SUITE openapi
#include "tests/gateway/fixture.hpp"

#include "gateway/openapi.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <sstream>

using namespace interject;
using namespace interject::gateway;
using nlohmann::json;

namespace {

struct openapi_fixture : test::gateway_fixture {
  json document = json::parse(openapi_document(routes()));

  const json& schema(const std::string& name) { return document["components"]["schemas"][name]; }
};

void find_references(const json& node, std::set<std::string>& out) {
  if (node.is_object() && node.contains("$ref"))
    out.insert(node["$ref"].get<std::string>());
  if (node.is_structured())
    for (auto& child : node)
      find_references(child, out);
}

bool is_refused(std::span<const route> rows) {
  try {
    openapi_document(rows);
    return false;
  } catch (const std::logic_error&) {
    return true;
  }
}

std::set<std::string> words(std::string text) {
  std::set<std::string> out;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');)
    out.insert(word.substr(word.find_first_not_of(' ')));
  return out;
}

/// What the handler of a route says that it knows, when it is asked for something that it does not.
std::set<std::string> known_fields(const response& refused) {
  auto problem = json::parse(refused.body);
  for (auto& e : problem["errors"])
    if (e["pointer"] == "/no_such_field") {
      auto detail = e["detail"].get<std::string>();
      return words(detail.substr(detail.find("known are: ") + 11));
    }
  return {};
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(openapi_tests, openapi_fixture)

CAF_TEST(the served document is of the whole table and of nothing else) {
  auto served = json::parse(ask({.path = "/api/v1/openapi.json", .key = ""}).body);
  CAF_CHECK(served == document);
  std::size_t operations = 0;
  for (auto& path : document["paths"])
    operations += path.size();
  CAF_CHECK_EQUAL(operations, routes().size());
  for (auto& r : routes()) {
    std::string method = r.method;
    for (auto& c : method)
      c = static_cast<char>(c | 0x20);
    CAF_REQUIRE(document["paths"].contains(r.pattern));
    CAF_CHECK_EQUAL(document["paths"][r.pattern][method]["summary"].get<std::string>(), r.help);
  }
}

CAF_TEST(each row says what it gives and a row that names no known shape is refused) {
  for (auto& r : routes())
    CAF_CHECK(r.gives.status != 0);
  const route wrong[] = {{"GET", "/x", scope::open, nullptr, "x", "", {200, "no_such_shape"}}};
  CAF_CHECK(is_refused(wrong));
  const route unknown[] = {{"GET", "/x", scope::open, nullptr, "x", "", {204, ""}, "colour"}};
  CAF_CHECK(is_refused(unknown));
}

CAF_TEST(every reference leads somewhere and every shape is used) {
  std::set<std::string> used;
  find_references(document, used);
  for (auto& name : used)
    CAF_CHECK(document.contains(json::json_pointer(name.substr(1))));
  for (auto& [name, it] : document["components"]["schemas"].items())
    CAF_CHECK_EQUAL(used.count("#/components/schemas/" + name) ? "used" : name, "used");
  for (auto& [name, it] : document["components"]["parameters"].items())
    CAF_CHECK_EQUAL(used.count("#/components/parameters/" + name) ? "used" : name, "used");
  CAF_CHECK(document.dump().find("\"x-") == std::string::npos);
}

CAF_TEST(a shape has the fields that its handler reads) {
  int compared = 0;
  for (auto& r : routes()) {
    std::string name = r.takes;
    if (name.empty() || r.needs == scope::directline || name.find('/') != name.npos)
      continue;
    auto shape = schema(name);
    if (shape.contains("anyOf")) // one, or many: the first is the one
      shape = document[json::json_pointer(shape["anyOf"][0]["$ref"].get<std::string>().substr(1))];
    if (shape.value("additionalProperties", true))
      continue; // takes what it does not know, too
    std::set<std::string> described;
    for (auto& [field, it] : shape["properties"].items())
      described.insert(field);
    std::string path = r.pattern;
    if (!path.starts_with("/api/"))
      continue; // a webhook refuses what is not signed before it reads
    if (auto at = path.find("{id}"); at != path.npos)
      path.replace(at, 4, "x-1");
    auto refused = ask({.method = r.method, .path = path, .body = R"({"no_such_field": 1})"});
    CAF_CHECK_EQUAL(refused.status, 422u);
    CAF_CHECK_EQUAL(known_fields(refused), described);
    ++compared;
  }
  CAF_CHECK(compared >= 5);
}

CAF_TEST(what is said inside of a notification is described as it is read) {
  auto refused = ask({.method = "POST",
                      .path = "/api/v1/reminders",
                      .body = R"({"conversation": "0a1-x", "in": "1m", "notify": {"zzz": 1}})"});
  auto problem = json::parse(refused.body);
  std::set<std::string> known;
  for (auto& e : problem["errors"])
    if (e["pointer"] == "/notify/zzz") {
      auto detail = e["detail"].get<std::string>();
      known = words(detail.substr(detail.find("known are: ") + 11));
    }
  std::set<std::string> described;
  for (auto& [field, it] : schema("new_notice")["properties"].items())
    described.insert(field);
  CAF_CHECK_EQUAL(known, described);
}

CAF_TEST_FIXTURE_SCOPE_END()
