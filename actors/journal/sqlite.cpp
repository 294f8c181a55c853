#include "actors/journal/sqlite.hpp"

#include <sqlite3.h>

namespace interject::journal::sqlite {
namespace {

[[noreturn]] void fail(sqlite3* db, const char* doing) {
  if (!db)
    throw sql_error{SQLITE_NOMEM, std::string(doing) + ": out of memory"};
  throw sql_error{sqlite3_extended_errcode(db), std::string(doing) + ": " + sqlite3_errmsg(db)};
}

} // namespace

error to_error(const sql_error& e) {
  switch (e.code & 0xff) {
  case SQLITE_FULL:
    return {errc::unavailable, "the disk is full (" + e.what + ")"};
  case SQLITE_READONLY:
    return {errc::unavailable, "the database is read-only (" + e.what + ")"};
  case SQLITE_BUSY:
    return {errc::unavailable, "the database is held by another process (" + e.what + ")"};
  default:
    return {errc::unavailable, "the database failed (" + e.what + ")"};
  }
}

void database::closer::operator()(sqlite3* db) const {
  sqlite3_close_v2(db);
}

database::database(const std::filesystem::path& file, mode how) {
  auto flags =
      how == mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* raw = nullptr;
  auto rc = sqlite3_open_v2(file.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                            nullptr);
  db_.reset(raw);
  if (rc != SQLITE_OK)
    fail(raw, "opening the database");
  sqlite3_busy_timeout(raw, 5000);
}

void database::run(const char* sql) {
  if (sqlite3_exec(raw(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    fail(raw(), sql);
}

std::int64_t database::number(const char* sql) {
  statement s(*this, sql);
  rows r(s);
  return r.next() ? r->integer(0) : 0;
}

bool database::in_transaction() const {
  return sqlite3_get_autocommit(raw()) == 0;
}

void statement::finalizer::operator()(sqlite3_stmt* s) const {
  sqlite3_finalize(s);
}

statement::statement(database& db, std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(db.raw(), sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK)
    fail(db.raw(), "preparing a statement");
  it_.reset(raw);
}

bool statement::step() {
  switch (sqlite3_step(it_.get())) {
  case SQLITE_ROW:
    return true;
  case SQLITE_DONE:
    return false;
  default: {
    auto* db = sqlite3_db_handle(it_.get());
    sql_error e{sqlite3_extended_errcode(db), sqlite3_errmsg(db)};
    reset();
    throw e;
  }
  }
}

void statement::reset() noexcept {
  sqlite3_reset(it_.get());
}

std::int64_t statement::integer(int column) const {
  return sqlite3_column_int64(it_.get(), column);
}

bool statement::is_null(int column) const {
  return sqlite3_column_type(it_.get(), column) == SQLITE_NULL;
}

std::string_view statement::bytes(int column) const {
  auto* data = static_cast<const char*>(sqlite3_column_blob(it_.get(), column));
  auto size = static_cast<std::size_t>(sqlite3_column_bytes(it_.get(), column));
  return data ? std::string_view(data, size) : std::string_view();
}

void statement::put(int at, std::int64_t n) {
  if (sqlite3_bind_int64(it_.get(), at, n) != SQLITE_OK)
    fail(sqlite3_db_handle(it_.get()), "binding");
}

void statement::put(int at, std::string_view blob) {
  // An empty view may hold a null pointer, which SQLite would take for NULL.
  auto* data = blob.empty() ? "" : blob.data();
  if (sqlite3_bind_blob64(it_.get(), at, data, blob.size(), SQLITE_STATIC) != SQLITE_OK)
    fail(sqlite3_db_handle(it_.get()), "binding");
}

void statement::put(int at, std::nullopt_t) {
  if (sqlite3_bind_null(it_.get(), at) != SQLITE_OK)
    fail(sqlite3_db_handle(it_.get()), "binding");
}

} // namespace interject::journal::sqlite
