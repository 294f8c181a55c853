// Loads the bot again while the server runs: as a whole, or not at all.
#pragma once

#include "config/bot_loader.hpp"
#include "gateway/services.hpp"

#include <optional>
#include <string>
#include <vector>

namespace interject::gateway {

struct reloaded {
  std::string version; ///< that is current now
  std::string was;
  std::vector<config::located_fault> faults; ///< warnings, or why nothing has changed
  bool refused = false;                      ///< the bot has faults
  std::optional<error> failed;               ///< `unavailable`: its source could not be kept
};

/// Reads the folder of `--bot`. Blocks while it compiles: not for a network thread. One at a time,
/// others wait.
reloaded reload_bot(services& with);

/// On SIGHUP: on the thread for slow questions; the log says how it went.
void reload_later(services& with);

} // namespace interject::gateway
