// Bots in folders that are gone after the test.
#pragma once

#include "tests/support/caf_test.hpp"

#include "config/bot_loader.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace interject::test {

namespace fs = std::filesystem;

/// A bot's folder that is gone after the test.
class folder {
public:
  explicit folder(const std::map<std::string, std::string>& files) {
    auto pattern = (fs::temp_directory_path() / "interject-bot-XXXXXX").string();
    CAF_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
    for (auto& [name, text] : files) {
      fs::create_directories((path / name).parent_path());
      std::ofstream(path / name) << text;
    }
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() {
    std::error_code ec;
    fs::remove_all(path, ec);
  }
  fs::path path;
};

inline std::string faults(const std::map<std::string, std::string>& files) {
  folder at(files);
  std::string out;
  for (auto& f : config::load_bot(at.path).faults)
    out += config::describe(f) + "\n";
  return out;
}

} // namespace interject::test
