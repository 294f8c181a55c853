// Expected failures travel as values. Named like std::expected, which GCC 12 lacks in C++20.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace interject {

/// One sentence per value stands in errors.cpp; the gateway maps each to one HTTP status.
enum class errc : std::uint8_t {
  bad_input,      ///< 400 malformed
  unauthorized,   ///< 401 no key, or a wrong one
  forbidden,      ///< 403 out of scope, or someone else's
  not_found,      ///< 404
  conflict,       ///< 409 contradicts what is stored
  too_large,      ///< 413
  invalid_fields, ///< 422 well-formed, but refused
  busy,           ///< 429 a bound is reached: come back later
  unavailable,    ///< 503 could not be made durable, or is stopping
  fenced,         ///< 503 the shard has moved to another owner
  stale_version,  ///< 503 another writer was first
  timed_out,      ///< 504
  internal,       ///< 500 our bug
};

const char* to_string(errc code); ///< "bad_input", "not_found", …
const char* describe(errc code);  ///< its sentence, for people

struct error {
  errc code = errc::internal;
  std::string what; ///< for people; never holds secrets or what users wrote
};

template <class T> class [[nodiscard]] result {
public:
  result(T v) : it_(std::in_place_index<0>, std::move(v)) {}
  result(interject::error e) : it_(std::in_place_index<1>, std::move(e)) {}

  bool has_value() const { return it_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& operator*() & { return std::get<0>(it_); }
  const T& operator*() const& { return std::get<0>(it_); }
  T operator*() && {
    return std::get<0>(std::move(it_));
  } ///< by value: safe in a range-for over a temporary
  T* operator->() { return &std::get<0>(it_); }
  const T* operator->() const { return &std::get<0>(it_); }
  const interject::error& error() const { return std::get<1>(it_); }

private:
  std::variant<T, interject::error> it_;
};

template <> class [[nodiscard]] result<void> {
public:
  result() = default;
  result(interject::error e) : error_(std::move(e)), ok_(false) {}
  bool has_value() const { return ok_; }
  explicit operator bool() const { return ok_; }
  const interject::error& error() const { return error_; }

private:
  interject::error error_;
  bool ok_ = true;
};

/// Thrown by `ensure`: our bug. It ends one actor, which is activated again from its row.
struct broken_invariant : std::logic_error {
  using std::logic_error::logic_error;
};

inline void ensure(bool condition, const char* why) {
  if (!condition)
    throw broken_invariant(why);
}

} // namespace interject
