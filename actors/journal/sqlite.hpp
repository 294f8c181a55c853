// SQLite's C interface as two small classes. Private to the SQLite store: failures are thrown as
// `sql_error` and become results at the store's boundary.
#pragma once

#include "protocols/result.hpp"
#include "protocols/time.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace interject::journal::sqlite {

struct sql_error {
  int code = 0; ///< SQLite's extended result code
  std::string what;
};

/// `unavailable`, whatever it was: the caller may come back when the disk has healed.
error to_error(const sql_error& e);

class database {
public:
  enum class mode { read_only, read_write };
  database(const std::filesystem::path& file, mode how);

  void run(const char* sql);
  std::int64_t number(const char* sql); ///< the first column of the first row
  sqlite3* raw() const { return db_.get(); }
  bool in_transaction() const;

private:
  struct closer {
    void operator()(sqlite3* db) const;
  };
  std::unique_ptr<sqlite3, closer> db_;
};

/// One prepared statement, prepared once. `bind` takes all its parameters; what it is given must
/// outlive the steps. A `rows` guard resets it, so that no read transaction stays open behind a
/// checkpoint.
class statement {
public:
  statement(database& db, std::string_view sql);

  template <class... Ts> statement& bind(const Ts&... xs) {
    int at = 0;
    (put(++at, xs), ...);
    return *this;
  }
  bool step(); ///< true while there is a row
  void reset() noexcept;
  void run() ///< one that yields nothing
  {
    step();
    reset();
  }

  std::int64_t integer(int column) const;
  bool is_null(int column) const;
  /// Valid until the next step.
  std::string_view bytes(int column) const;
  std::string text(int column) const { return std::string(bytes(column)); }
  std::uint64_t count(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  time_point instant(int column) const { return time_point(duration(integer(column))); }

private:
  void put(int at, std::int64_t n);
  void put(int at, std::uint64_t n) { put(at, static_cast<std::int64_t>(n)); }
  void put(int at, std::uint32_t n) { put(at, static_cast<std::int64_t>(n)); }
  void put(int at, bool b) { put(at, static_cast<std::int64_t>(b)); }
  void put(int at, time_point t) {
    put(at, static_cast<std::int64_t>(t.time_since_epoch().count()));
  }
  void put(int at, std::string_view blob); ///< as a blob: texts may hold any byte
  void put(int at, const std::string& blob) { put(at, std::string_view(blob)); }
  void put(int at, std::nullopt_t);
  template <class T> void put(int at, const std::optional<T>& x) {
    if (x)
      put(at, *x);
    else
      put(at, std::nullopt);
  }

  struct finalizer {
    void operator()(sqlite3_stmt* s) const;
  };
  std::unique_ptr<sqlite3_stmt, finalizer> it_;
};

/// Resets a statement at the end of its scope.
class rows {
public:
  explicit rows(statement& s) : it_(s) {}
  rows(const rows&) = delete;
  rows& operator=(const rows&) = delete;
  ~rows() { it_.reset(); }
  bool next() { return it_.step(); }
  statement* operator->() { return &it_; }

private:
  statement& it_;
};

/// Creates the tables where there are none and moves those of an older release on, in one
/// transaction. Throws `newer_schema` for a database of a later release. → the version that was
/// found, 0: none
inline constexpr std::int64_t schema_version = 6;
struct newer_schema {
  std::int64_t found = 0;
};
std::int64_t prepare_schema(database& db);

} // namespace interject::journal::sqlite
