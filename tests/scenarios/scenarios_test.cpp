// Plays every `*.talk` beside this file. Its first line names the bot's folder: "# bot
// config/bots/demo". To see what changed, put what is printed in its place.
#define CAF_SUITE scenarios
#include "tests/support/caf_test.hpp"

#include "actors/dialog/registry.hpp"
#include "config/bot_loader.hpp"
#include "config/json_document.hpp"
#include "tests/support/talk.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

using namespace interject;

namespace fs = std::filesystem;

namespace {

std::string source(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

dialog::bot_ptr load(const std::string& folder) {
  auto loaded = config::load_bot(fs::path(INTERJECT_SOURCE_DIR) / folder);
  for (auto& f : loaded.faults)
    CAF_FAIL(folder << ": " << config::describe(f));
  return loaded.bot;
}

/// Every value of `key` in a document, however deep: "do" → say, ask, …
void collect(const value& in, std::string_view key, std::set<std::string>& found) {
  if (auto* members = in.as_object())
    for (auto& [name, member] : *members) {
      if (name == key && member.as_text())
        found.insert(*member.as_text());
      collect(member, key, found);
    }
  else if (auto* items = in.as_list())
    for (auto& item : *items)
      collect(item, key, found);
}

/// What the example bots use of a key.
std::set<std::string> used(std::string_view key) {
  std::set<std::string> found;
  for (auto& entry :
       fs::recursive_directory_iterator(fs::path(INTERJECT_SOURCE_DIR) / "config/bots"))
    if (entry.path().extension() == ".json")
      collect(config::read_json(source(entry.path())).root, key, found);
  return found;
}

/// What the transcripts talk to.
std::set<std::string> talked_to() {
  std::set<std::string> bots;
  for (auto& entry : fs::directory_iterator(fs::path(INTERJECT_SOURCE_DIR) / "tests/scenarios"))
    if (entry.path().extension() == ".talk") {
      auto text = source(entry.path());
      bots.insert(text.substr(6, text.find('\n') - 6));
    }
  return bots;
}

} // namespace

CAF_TEST(an example shows every step and every kind of question) {
  auto steps = used("do");
  for (auto name : dialog::step_names())
    if (!steps.count(std::string(name)))
      CAF_ERROR("no example bot has the step " << name);
  auto types = used("type");
  for (auto name : {"text", "number", "yes_no", "choice", "date", "datetime", "duration"})
    if (!types.count(name))
      CAF_ERROR("no example bot asks for " << name);
  for (auto& entry : fs::directory_iterator(fs::path(INTERJECT_SOURCE_DIR) / "config/bots"))
    if (!talked_to().count("config/bots/" + entry.path().filename().string()))
      CAF_ERROR("no transcript talks to " << entry.path().filename());
}

CAF_TEST(the example bots talk as their transcripts say) {
  std::vector<fs::path> files;
  for (auto& entry : fs::directory_iterator(fs::path(INTERJECT_SOURCE_DIR) / "tests/scenarios"))
    if (entry.path().extension() == ".talk")
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  CAF_REQUIRE(files.size() >= 5);
  for (auto& file : files) {
    auto text = source(file);
    CAF_MESSAGE(file.filename().string());
    constexpr std::string_view mark = "# bot ";
    CAF_REQUIRE(text.starts_with(mark));
    auto bot = load(text.substr(mark.size(), text.find('\n') - mark.size()));
    CHECK_TALK(bot, text);
  }
}
