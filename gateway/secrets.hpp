// The server's credentials: the keys of the management API and Direct Line's secret.
#pragma once

#include "gateway/scope.hpp"
#include "protocols/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace interject::gateway {

/// A key that may do less. `INTERJECT_API_KEY_SHOP=read,notify:KEY` makes one that is called
/// "SHOP".
struct scoped_key {
  std::string name;
  scope_set may;
  std::string key;
};

struct credentials {
  std::string api_key;                 ///< may do everything
  std::vector<scoped_key> scoped_keys; ///< at most 64
  std::string directline_secret;
  /// Generated at this start: to be shown once, on the terminal, never logged
  bool made_now = false;
};

inline constexpr const char* api_key_name = "INTERJECT_API_KEY";
inline constexpr const char* directline_secret_name = "INTERJECT_DIRECTLINE_SECRET";

/// Lines `NAME=VALUE`, with the names above and `INTERJECT_API_KEY_…`; empty lines and lines with #
/// are skipped. Unknown names are errors.
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
