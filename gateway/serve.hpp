// The sub-commands `serve` and `check`.
#pragma once

#include "config/settings.hpp"

#include <string>

namespace interject::gateway {

/// Runs until SIGINT or SIGTERM. Exit code: 0 after a clean stop, 1 when it could not start.
int serve(const config::settings& how);

/// Prints every fault of the bot with file, line, pointer and remedy; 1 when it cannot be loaded.
int check(const std::string& folder);

} // namespace interject::gateway
