// The server's two credentials: the key of the management API and Direct Line's secret.
#pragma once

#include "protocols/result.hpp"

#include <filesystem>
#include <string>

namespace interject::gateway {

struct credentials {
  std::string api_key;
  std::string directline_secret;
  bool made_now =
      false; ///< generated at this start: to be shown once, on the terminal, never logged
};

inline constexpr const char* api_key_name = "INTERJECT_API_KEY";
inline constexpr const char* directline_secret_name = "INTERJECT_DIRECTLINE_SECRET";

/// Lines `NAME=VALUE`; empty lines and lines with # are skipped. Unknown names are errors.
result<credentials> read_secrets(const std::filesystem::path& file);

/// From the environment, else from `file` when it is given, else from `data`/secrets. There, what
/// is missing is generated and kept with mode 600. A value of fewer than 16 characters is refused.
result<credentials> find_secrets(const std::filesystem::path& file,
                                 const std::filesystem::path& data);

/// For the programs that talk to a server: the environment, else `file`, else `data`/secrets;
/// generates nothing.
result<credentials> known_secrets(const std::filesystem::path& file,
                                  const std::filesystem::path& data);

} // namespace interject::gateway
