// Databases kept as SQL text, and questions to a database file beside the store.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace interject::journal::test {

/// Runs `sql` on `folder/interject.db`, which is made where there is none. → rows as lines, columns
/// by `|`
inline std::string ask_sql(const std::filesystem::path& folder, const std::string& sql) {
  sqlite3* db = nullptr;
  std::string out;
  auto add = [](void* to, int n, char** columns, char**) {
    auto& text = *static_cast<std::string*>(to);
    for (int i = 0; i < n; ++i)
      text += (i ? "|" : "") + std::string(columns[i] ? columns[i] : "");
    text += '\n';
    return 0;
  };
  auto rc = sqlite3_open((folder / "interject.db").c_str(), &db);
  if (rc == SQLITE_OK)
    rc = sqlite3_exec(db, sql.c_str(), add, &out, nullptr);
  auto why = std::string(sqlite3_errmsg(db));
  sqlite3_close(db);
  if (rc != SQLITE_OK)
    throw std::runtime_error(why);
  return out;
}

/// Makes `folder/interject.db` of a file under tests/journal/golden.
inline void load_golden(const std::string& name, const std::filesystem::path& folder) {
  std::ifstream in(std::filesystem::path(INTERJECT_SOURCE_DIR) / "tests/journal/golden" / name);
  if (!in)
    throw std::runtime_error("no golden file " + name);
  std::ostringstream sql;
  sql << in.rdbuf();
  ask_sql(folder, sql.str());
}

} // namespace interject::journal::test
