// The schemas take the bots that we have, refuse what people get wrong, and explain every key.
#define CAF_SUITE schema
#include "tests/support/caf_test.hpp"

#include "tests/config/schemas.hpp"

#include <nlohmann/json.hpp>

using namespace interject::test;
using nlohmann::json;

namespace fs = std::filesystem;

namespace {

std::string schema_for(const fs::path& file) {
  return file.filename() == "bot.json" ? "bot.schema.json" : "included.schema.json";
}

std::vector<fs::path> bot_files(const std::string& folder) {
  std::vector<fs::path> files;
  for (auto& entry : fs::recursive_directory_iterator(source_path(folder)))
    if (entry.path().extension() == ".json" &&
        entry.path().string().find("/faulty/") == std::string::npos)
      files.push_back(entry.path());
  return files;
}

/// A bot with one dialog of one step.
json with_step(const std::string& step) {
  return {{"id", "b"}, {"dialogs", {{"d", {{"steps", json::array({json::parse(step)})}}}}}};
}

void must_refuse(const std::string& what, const json& document) {
  CAF_MESSAGE(what);
  CAF_CHECK(!refusals("bot.schema.json", document).empty());
}

void must_take(const std::string& what, const json& document) {
  CAF_MESSAGE(what);
  for (auto& why : refusals("bot.schema.json", document))
    CAF_ERROR(what << ": " << why);
}

/// Every property, wherever it stands, says what it is for.
void must_be_described(const json& node, const std::string& at, int& counted) {
  if (!node.is_structured())
    return;
  auto properties = node.find("properties");
  if (node.is_object() && properties != node.end())
    for (auto& [name, property] : properties->items()) {
      // Within a condition, a property is no key that somebody writes.
      if (at.ends_with("/if"))
        break;
      auto& target = resolved(property);
      ++counted;
      if (!property.contains("description") && !target.contains("description"))
        CAF_ERROR(at << "/properties/" << name << " has no description");
    }
  for (auto& [name, child] : node.items())
    must_be_described(child, at + "/" + name, counted);
}

} // namespace

CAF_TEST(the bots of this repository fit their schemas) {
  int seen = 0;
  for (auto folder : {"config/bots", "tests/e2e/bots", "tests/embed/bot", "tests/chaos/bot"})
    for (auto& file : bot_files(folder)) {
      ++seen;
      for (auto& why : refusals(schema_for(file), read_json_file(file)))
        CAF_ERROR(file << ": " << why);
    }
  CAF_CHECK(seen > 10);
}

CAF_TEST(the demo bot tells editors where its schema is) {
  for (auto& file : bot_files("config/bots/demo")) {
    auto document = read_json_file(file);
    CAF_REQUIRE(document.contains("$schema"));
    auto named = (file.parent_path() / document["$schema"].get<std::string>()).lexically_normal();
    CAF_CHECK_EQUAL(named, source_path("config/schema/" + schema_for(file)).lexically_normal());
  }
}

CAF_TEST(the faulty bot of the end to end tests is refused) {
  CAF_CHECK(
      !refusals("bot.schema.json", read_json_file(source_path("tests/e2e/bots/faulty/bot.json")))
           .empty());
}

CAF_TEST(what people get wrong is refused) {
  must_refuse("no id", {{"name", "x"}});
  must_refuse("an unknown key of the bot", {{"id", "b"}, {"dialog", json::object()}});
  must_refuse("a host with a path", {{"id", "b"}, {"hosts", {"example.test/api"}}});
  must_refuse("a pattern of hosts", {{"id", "b"}, {"hosts", {"*.example.test"}}});
  must_refuse("a budget in words",
              {{"id", "b"}, {"delivery", {{"budget", {{"per", "a minute"}}}}}});
  must_refuse("an unknown global", {{"id", "b"}, {"globals", {{"stop", {"stop"}}}}});
  must_refuse("a dialog without steps", {{"id", "b"}, {"dialogs", {{"d", json::object()}}}});
  must_refuse(
      "a parameter of no type",
      {{"id", "b"}, {"dialogs", {{"d", {{"params", {{"n", "int"}}}, {"steps", json::array()}}}}}});
  for (
      auto step : {
          R"({"text": "no do"})",
          R"({"do": "shout", "text": "no such step"})",
          R"({"do": "say", "txt": "a typing error"})",
          R"({"do": "say", "text": 5})",
          R"({"do": "say", "text": "x", "into": "y"})",
          R"({"do": "ask", "text": "no type", "into": "x"})",
          R"({"do": "ask", "type": "colour", "text": "x", "into": "x"})",
          R"({"do": "ask", "type": "choice", "text": "no choices", "into": "x"})",
          R"({"do": "ask", "type": "text", "text": "x", "into": "no name"})",
          R"({"do": "ask", "type": "text", "text": "x", "into": "x", "tries": 0})",
          R"({"do": "branch", "when": "a"})",
          R"({"do": "branch", "when": "a", "then": [], "cases": []})",
          R"({"do": "repeat", "for": "x", "steps": []})",
          R"({"do": "request", "url": "ftp://example.test"})",
          R"({"do": "request", "url": "http://a.test", "timeout": 30})",
          R"({"do": "request", "url": "http://a.test", "mode": "background"})",
          R"({"do": "request", "url": "http://a.test", "notify": {"text": "not in the foreground"}})",
          R"({"do": "watch", "symbol": "A", "when": {"falls_to": 1, "rises_to": 2}, "notify": {"text": "x"}})",
          R"({"do": "watch", "symbol": "A", "when": {"drops_by": 20}, "notify": {"text": "x"}})",
          R"({"do": "remind", "notify": {"text": "when"}})",
          R"({"do": "remind", "in": "5m", "notify": {"text": "x", "delivery": "later"}})",
          R"({"do": "cancel"})",
          R"({"do": "notify", "text": "x", "to": {"user": "a", "conversation": "b"}})",
      })
    must_refuse(step, with_step(step));
}

CAF_TEST(what is right in several ways is taken) {
  for (
      auto step : {
          R"({"do": "say", "text": "plain"})",
          R"({"do": "say", "text": ["one", "another"]})",
          R"({"do": "say", "text": {"en": "x", "fr": ["y", "z"]}, "suggest": {"en": ["a"], "fr": ["b"]}})",
          R"({"do": "ask", "type": "choice", "text": "x", "into": "user.colour", "choices": ["red", {"value": 2, "title": {"en": "two"}}]})",
          R"({"do": "ask", "type": "choice", "text": "x", "into": "c", "choices": "conversation.offers"})",
          R"({"do": "ask", "type": "number", "text": "x", "into": "n", "min": 1, "max": {"=": "limit"}, "check": "value != 3"})",
          R"({"do": "branch", "cases": [{"when": "a > 1", "then": []}], "else": [{"do": "end"}]})",
          R"({"do": "repeat", "while": true, "steps": []})",
          R"({"do": "request", "url": "http://a.test/{x}", "read": {"all": ""}, "progress": [{"at": "3s", "text": "x"}]})",
          R"({"do": "request", "url": "http://a.test", "mode": "background", "notify": {"text": "x"}})",
          R"({"do": "say", "text": "x", "progress": {"pre": [], "every": {"then": "10s", "text": "x"}}})",
          R"({"do": "watch", "symbol": {"=": "s"}, "when": {"falls_to": {"=": "level * 0.8"}}, "notify": {"text": "x"}})",
          R"({"do": "remind", "in": "{minutes}m", "notify": {"text": "x"}})",
          R"({"do": "end", "all": true})",
      })
    must_take(step, with_step(step));
}

CAF_TEST(an included file has no settings of the bot) {
  CAF_CHECK(refusals("included.schema.json", {{"dialogs", json::object()}}).empty());
  CAF_CHECK(!refusals("included.schema.json", {{"id", "b"}}).empty());
  CAF_CHECK(
      !refusals("included.schema.json", {{"dialogs", {{"d", {{"steps", {{{"do", "shout"}}}}}}}}})
           .empty());
}

CAF_TEST(every key is described) {
  int counted = 0;
  for (auto name : {"bot.schema.json", "included.schema.json"})
    must_be_described(schema(name), name, counted);
  CAF_CHECK(counted > 150);
}
