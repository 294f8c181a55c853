// Loads a bot: a folder with `bot.json` and the files that it includes, merged, compiled, and every
// fault found its file and line.
#pragma once

#include "actors/dialog/bot.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace interject::config {

struct located_fault {
  std::string file; ///< relative to the bot's folder
  std::size_t line = 1;
  std::string pointer; ///< within that file
  std::string what;
  std::string remedy; ///< may be empty
  bool warning = false;
};

/// "dialogs/trip.json:12: /dialogs/book_trip/steps/2/text: what is wrong; what would be right"
std::string describe(const located_fault& fault);

struct loaded_bot {
  dialog::bot_ptr bot; ///< null when a fault is no warning
  std::string source;  ///< the merged document, canonical JSON: what is kept of this version
  std::vector<located_fault> faults; ///< by file and line
};

/// `include` names files by patterns relative to the folder ("dialogs/*.json"). An included file is
/// an object whose members are merged: of `dialogs` and `feeds` the members, of `events`,
/// `campaigns` and `migrate` the items.
loaded_bot load_bot(const std::filesystem::path& folder);

/// Compiles a kept source again; null when it cannot be read.
dialog::bot_ptr bot_from_source(const std::string& source);

} // namespace interject::config
