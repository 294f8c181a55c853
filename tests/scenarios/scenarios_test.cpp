// Plays every `*.talk` beside this file. Its first line names the bot's folder: "# bot
// config/bots/demo". To see what changed, put what is printed in its place.
#define CAF_SUITE scenarios
#include "tests/support/caf_test.hpp"

#include "config/bot_loader.hpp"
#include "tests/support/talk.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
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

} // namespace

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
