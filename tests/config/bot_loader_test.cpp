// Bots from folders: files merged, faults with their file and line, versions kept and compiled
// again.
#define CAF_SUITE bot_loader
#include "tests/support/caf_test.hpp"

#include "config/bot_loader.hpp"
#include "config/json_document.hpp"
#include "tests/config/folder.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

using namespace interject;
using namespace interject::test;

CAF_TEST(the files of a bot become one) {
  folder at(
      {{"bot.json",
        R"({ "id": "b", "include": ["dialogs/*.json"], "dialogs": { "one": { "steps": [] } } })"},
       {"dialogs/b.json", R"({ "dialogs": { "three": { "steps": [] } } })"},
       {"dialogs/a.json", R"({ "dialogs": { "two": { "steps": [] } } })"}});
  auto loaded = config::load_bot(at.path);
  CAF_REQUIRE(loaded.faults.empty());
  CAF_REQUIRE(loaded.bot != nullptr);
  std::string ids;
  for (auto& d : dialog::dialogs(*loaded.bot))
    ids += d.id + " ";
  CAF_CHECK_EQUAL(ids, "one two three ");
}

CAF_TEST(a kept source gives the same version again) {
  std::map<std::string, std::string> files;
  files["bot.json"] =
      R"({ "id": "b",  "dialogs": { "one": { "steps": [ { "do": "say", "text": "é {n}" },
    { "do": "set", "into": "n", "to": "0.10" } ] } } })";
  folder at(files);
  auto loaded = config::load_bot(at.path);
  CAF_REQUIRE(loaded.bot != nullptr);
  CAF_CHECK_EQUAL(dialog::version(*loaded.bot).size(), 64u);
  auto again = config::bot_from_source(loaded.source);
  CAF_REQUIRE(again != nullptr);
  CAF_CHECK_EQUAL(dialog::version(*again), dialog::version(*loaded.bot));
  CAF_CHECK(config::bot_from_source("{") == nullptr);
  CAF_CHECK(config::bot_from_source("{}") == nullptr);
}

CAF_TEST(white space is no new version and a word is) {
  auto version = [](const std::string& text) {
    std::map<std::string, std::string> files;
    files["bot.json"] = text;
    folder at(files);
    return std::string(dialog::version(*config::load_bot(at.path).bot));
  };
  auto first = version(R"({"id":"b","dialogs":{"d":{"steps":[]}}})");
  CAF_CHECK_EQUAL(version("{ \"id\": \"b\",\n \"dialogs\": { \"d\": { \"steps\": [ ] } } }"),
                  first);
  CAF_CHECK_NOT_EQUAL(version(R"({"id":"c","dialogs":{"d":{"steps":[]}}})"), first);
}

CAF_TEST(a fault tells its file and line) {
  CAF_CHECK_EQUAL(
      faults({{"bot.json", "{ \"id\": \"b\", \"include\": [\"d/*.json\"],\n  \"strat\": \"x\" }"},
              {"d/a.json", "{\n  \"dialogs\": {\n    \"trip\": { \"steps\": [\n      { \"do\": "
                           "\"say\", \"text\": \"Hi\" },\n"
                           "      { \"do\": \"call\",\n        \"dialog\": \"tirp\" } ] } } }"}}),
      "bot.json:2: /strat: unknown key \"strat\"; did you mean \"start\"?\n"
      "d/a.json:6: /dialogs/trip/steps/1/dialog: there is no dialog \"tirp\"; did you mean "
      "\"trip\"?\n");
}

CAF_TEST(bad syntax tells its line) {
  auto found = faults(
      std::map<std::string, std::string>{{"bot.json", "{ \"id\": \"b\",\n\n  \"dialogs\": { ] }"}});
  CAF_CHECK_EQUAL(found.substr(0, found.find(" not JSON: ")), "bot.json:3: /dialogs:");
}

CAF_TEST(what cannot be merged is said) {
  CAF_CHECK_EQUAL(
      faults({{"bot.json", "{ \"id\": \"b\", \"include\": [\"x/*.json\", \"../b.json\", "
                           "\"d.json\"],\n  \"dialogs\": { \"a\": { \"steps\": [] } } }"},
              {"d.json", "{ \"id\": \"c\",\n  \"dialogs\": { \"a\": { \"steps\": [] } } }"}}),
      "bot.json:1: /include/0: no file matches \"x/*.json\"\n"
      "bot.json:1: /include/1: is no pattern within the bot's folder; like \"dialogs/*.json\"\n"
      "d.json:1: /id: only bot.json may have \"id\"; an included file has dialogs, feeds, events, "
      "campaigns or migrate\n"
      "d.json:2: /dialogs/a: \"a\" is defined twice; it also stands in bot.json\n");
}

CAF_TEST(no folder is a fault and no crash) {
  auto loaded = config::load_bot("/nonexistent/bot");
  CAF_CHECK(loaded.bot == nullptr);
  CAF_REQUIRE_EQUAL(loaded.faults.size(), 1u);
  CAF_CHECK_EQUAL(config::describe(loaded.faults[0]),
                  "bot.json:1: cannot be read; a bot is a folder with a bot.json");
}

CAF_TEST(numbers are read from their text) {
  auto doc = config::read_json(
      "{ \"a\": 0.1, \"b\": 92233720368.54775807, \"c\": -3,\n \"d\": 1e20, \"e\": 1, \"e\": 2 }");
  CAF_CHECK_EQUAL(to_string(*doc.root.find("a")->as_number()), "0.1");
  CAF_CHECK_EQUAL(to_string(*doc.root.find("b")->as_number()), "92233720368.54775807");
  CAF_CHECK_EQUAL(to_string(*doc.root.find("c")->as_number()), "-3");
  CAF_REQUIRE_EQUAL(doc.faults.size(), 2u);
  CAF_CHECK_EQUAL(doc.faults[0].line, 2u);
  CAF_CHECK_EQUAL(doc.faults[0].pointer, "/d");
  CAF_CHECK_EQUAL(doc.faults[1].pointer, "/e");
}

CAF_TEST(depth and size are bounded) {
  CAF_CHECK(!config::read_json(std::string(200, '[') + std::string(200, ']')).faults.empty());
  CAF_CHECK(config::read_json(std::string(60, '[') + std::string(60, ']')).faults.empty());
  CAF_CHECK(!config::read_json("\"" + std::string(5 * 1024 * 1024, 'a') + "\"").faults.empty());
}
