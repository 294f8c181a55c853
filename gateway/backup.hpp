// `interject backup`: a copy of a data folder's database, taken while its server runs.
#pragma once

#include <string>

namespace interject::gateway {

struct backup_options {
  std::string data;   ///< folder of the server
  std::string target; ///< file that the copy becomes
};

/// → exit code
int backup(const backup_options& how);

} // namespace interject::gateway
