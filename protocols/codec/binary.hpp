// The binary form of rows and of messages between nodes: whatever lists its fields can be written
// and read. A struct is its field count, then its fields. So a row of an older version, with fewer
// fields, loads with defaults for the rest, and one of a newer version, with more, is refused.
// Numbers are varints (signed ones zigzag), strings and lists begin with their length. Reading
// hostile bytes gives false: it neither recurses without bound nor reserves more than the bytes at
// hand can fill.
#pragma once

#include "protocols/codec/sink.hpp"
#include "protocols/decimal.hpp"
#include "protocols/fields.hpp"
#include "protocols/result.hpp"
#include "protocols/time.hpp"
#include "protocols/value.hpp"

#include <algorithm>
#include <concepts>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace interject {

/// Values nest at most this deep; `encode` takes a deeper one for our bug (`broken_invariant`).
inline constexpr int max_value_depth = 64;

template <class Out, class T> void encode(Out& out, const T& v); ///< to a string or a sink
template <class T> bool decode(std::string_view& in, T& v);

namespace binary {

template <class Out> void put_varint(Out& out, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7)
    out += static_cast<char>(n | 0x80);
  out += static_cast<char>(n);
}

inline bool get_varint(std::string_view& in, std::uint64_t& n) {
  n = 0;
  for (unsigned shift = 0, i = 0; i < in.size() && shift < 64; shift += 7, ++i) {
    auto byte = static_cast<unsigned char>(in[i]);
    if (shift == 63 && byte > 1)
      return false;
    n |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      in.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

inline std::uint64_t zigzag(std::int64_t n) {
  return (static_cast<std::uint64_t>(n) << 1) ^ static_cast<std::uint64_t>(n >> 63);
}
inline std::int64_t unzigzag(std::uint64_t n) {
  return static_cast<std::int64_t>(n >> 1) ^ -static_cast<std::int64_t>(n & 1);
}

inline bool get_signed(std::string_view& in, std::int64_t& n) {
  std::uint64_t raw = 0;
  if (!get_varint(in, raw))
    return false;
  n = unzigzag(raw);
  return true;
}

template <class Out> void put_text(Out& out, std::string_view text) {
  put_varint(out, text.size());
  out += text;
}

inline bool get_text(std::string_view& in, std::string& text) {
  std::uint64_t length = 0;
  if (!get_varint(in, length) || length > in.size())
    return false;
  text.assign(in.substr(0, length));
  in.remove_prefix(length);
  return true;
}

/// Whether `V` is a named enumerator, read off the compiler's spelling of it.
template <auto V> constexpr bool is_named() {
  std::string_view name = __PRETTY_FUNCTION__;
  return name[name.find("V = ") + 4] != '(';
}
/// How many enumerators `E` has: they count from 0 without gaps.
template <class E, unsigned N = 0> constexpr std::uint64_t count_enumerators() {
  if constexpr (N < 256 && is_named<static_cast<E>(N)>())
    return count_enumerators<E, N + 1>();
  else
    return N;
}

enum class tag : std::uint8_t { null, no, yes, number, time, text, list, object };

template <class Out> void put_value(Out& out, const value& v, int depth) {
  ensure(depth <= max_value_depth, "a value nests too deep to be stored");
  auto mark = [&](tag t) { out += static_cast<char>(t); };
  switch (v.type()) {
  case value::kind::null:
    return mark(tag::null);
  case value::kind::boolean:
    return mark(*v.as_bool() ? tag::yes : tag::no);
  case value::kind::number:
    mark(tag::number);
    return put_varint(out, zigzag(v.as_number()->units));
  case value::kind::time:
    mark(tag::time);
    return put_varint(out, zigzag(v.as_time()->time_since_epoch().count()));
  case value::kind::text:
    mark(tag::text);
    return put_text(out, *v.as_text());
  case value::kind::list:
    mark(tag::list);
    put_varint(out, v.as_list()->size());
    for (auto& item : *v.as_list())
      put_value(out, item, depth + 1);
    return;
  case value::kind::object:
    mark(tag::object);
    put_varint(out, v.as_object()->size());
    for (auto& [name, member] : *v.as_object()) {
      put_text(out, name);
      put_value(out, member, depth + 1);
    }
    return;
  }
}

inline bool get_value(std::string_view& in, value& v, int depth);

inline bool get_items(std::string_view& in, value& v, int depth) {
  std::uint64_t count = 0;
  if (depth >= max_value_depth || !get_varint(in, count) || count > in.size())
    return false;
  value::list items;
  for (; count > 0; --count)
    if (!get_value(in, items.emplace_back(), depth + 1))
      return false;
  v = value(std::move(items));
  return true;
}

inline bool get_members(std::string_view& in, value& v, int depth) {
  std::uint64_t count = 0;
  if (depth >= max_value_depth || !get_varint(in, count) || count > in.size())
    return false;
  value::object members;
  for (; count > 0; --count) {
    auto& member = members.emplace_back();
    if (!get_text(in, member.first) || !get_value(in, member.second, depth + 1))
      return false;
  }
  v = value(std::move(members));
  return true;
}

inline bool get_value(std::string_view& in, value& v, int depth) {
  if (in.empty())
    return false;
  auto kind = static_cast<tag>(in.front());
  in.remove_prefix(1);
  std::int64_t number = 0;
  std::string text;
  switch (kind) {
  case tag::null:
    v = value();
    return true;
  case tag::no:
    v = value(false);
    return true;
  case tag::yes:
    v = value(true);
    return true;
  case tag::number:
    if (!get_signed(in, number))
      return false;
    v = value(decimal{number});
    return true;
  case tag::time:
    if (!get_signed(in, number))
      return false;
    v = value(time_point(duration(number)));
    return true;
  case tag::text:
    if (!get_text(in, text))
      return false;
    v = value(std::move(text));
    return true;
  case tag::list:
    return get_items(in, v, depth);
  case tag::object:
    return get_members(in, v, depth);
  }
  return false;
}

template <class T> struct is_vector : std::false_type {};
template <class T> struct is_vector<std::vector<T>> : std::true_type {};
template <class T> struct is_pair : std::false_type {};
template <class A, class B> struct is_pair<std::pair<A, B>> : std::true_type {};
template <class T> struct is_optional : std::false_type {};
template <class T> struct is_optional<std::optional<T>> : std::true_type {};
template <class T> inline constexpr bool unsupported = false;

template <class T> bool get_fields(std::string_view& in, T& v) {
  std::uint64_t count = 0;
  if (!get_varint(in, count) || count > static_cast<std::uint64_t>(T::field_count))
    return false;
  if (count < static_cast<std::uint64_t>(T::field_count))
    v = T{};
  bool ok = true;
  T::visit_fields(v, [&](const char*, auto& member) {
    if (ok && count > 0) {
      --count;
      ok = decode(in, member);
    }
  });
  return ok;
}

template <class T> bool get_vector(std::string_view& in, std::vector<T>& v) {
  std::uint64_t count = 0;
  if (!get_varint(in, count) || count > in.size()) // an item takes a byte at least
    return false;
  v.clear();
  v.reserve(std::min<std::uint64_t>(count, 64));
  for (; count > 0; --count)
    if (!decode(in, v.emplace_back()))
      return false;
  return true;
}

template <std::integral T> bool get_integer(std::string_view& in, T& v) {
  std::uint64_t n = 0;
  if (!get_varint(in, n))
    return false;
  if constexpr (std::is_signed_v<T>) {
    auto s = unzigzag(n);
    v = static_cast<T>(s);
    return v == s;
  } else {
    v = static_cast<T>(n);
    return v == n;
  }
}

} // namespace binary

template <class Out, class T> void encode(Out& out, const T& v) {
  using namespace binary;
  if constexpr (has_fields<T>) {
    put_varint(out, static_cast<std::uint64_t>(T::field_count));
    T::visit_fields(v, [&](const char*, const auto& member) { encode(out, member); });
  } else if constexpr (std::is_same_v<T, bool>) {
    out += v ? '\1' : '\0';
  } else if constexpr (std::is_enum_v<T>) {
    put_varint(out, static_cast<std::uint64_t>(v));
  } else if constexpr (std::signed_integral<T>) {
    put_varint(out, zigzag(v));
  } else if constexpr (std::unsigned_integral<T>) {
    put_varint(out, v);
  } else if constexpr (std::is_same_v<T, std::string>) {
    put_text(out, v);
  } else if constexpr (std::is_same_v<T, decimal>) {
    put_varint(out, zigzag(v.units));
  } else if constexpr (std::is_same_v<T, duration>) {
    put_varint(out, zigzag(v.count()));
  } else if constexpr (std::is_same_v<T, time_point>) {
    put_varint(out, zigzag(v.time_since_epoch().count()));
  } else if constexpr (std::is_same_v<T, value>) {
    put_value(out, v, 0);
  } else if constexpr (is_vector<T>::value) {
    put_varint(out, v.size());
    for (auto& item : v)
      encode(out, item);
  } else if constexpr (is_pair<T>::value) {
    encode(out, v.first);
    encode(out, v.second);
  } else if constexpr (is_optional<T>::value ||
                       std::is_same_v<T, std::shared_ptr<const std::string>>) {
    encode(out, static_cast<bool>(v));
    if (v)
      encode(out, *v);
  } else {
    static_assert(unsupported<T>, "this type has no binary form");
  }
}

template <class T> std::string encode(const T& v) {
  sink out;
  encode(out, v);
  return out.str();
}

/// Takes one `T` off the front of `in`. On false both hold what was read so far.
template <class T> bool decode(std::string_view& in, T& v) {
  using namespace binary;
  if constexpr (has_fields<T>) {
    return get_fields(in, v);
  } else if constexpr (std::is_same_v<T, bool>) {
    if (in.empty() || static_cast<unsigned char>(in.front()) > 1)
      return false;
    v = in.front() == '\1';
    in.remove_prefix(1);
    return true;
  } else if constexpr (std::is_enum_v<T>) {
    std::uint64_t n = 0;
    if (!get_varint(in, n) || n >= count_enumerators<T>())
      return false;
    v = static_cast<T>(n);
    return true;
  } else if constexpr (std::integral<T>) {
    return get_integer(in, v);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return get_text(in, v);
  } else if constexpr (std::is_same_v<T, decimal>) {
    return get_signed(in, v.units);
  } else if constexpr (std::is_same_v<T, duration> || std::is_same_v<T, time_point>) {
    std::int64_t n = 0;
    if (!get_signed(in, n))
      return false;
    v = T(duration(n));
    return true;
  } else if constexpr (std::is_same_v<T, value>) {
    return get_value(in, v, 0);
  } else if constexpr (is_vector<T>::value) {
    return get_vector(in, v);
  } else if constexpr (is_pair<T>::value) {
    return decode(in, v.first) && decode(in, v.second);
  } else if constexpr (is_optional<T>::value) {
    bool present = false;
    if (!decode(in, present))
      return false;
    if (!present) {
      v.reset();
      return true;
    }
    return decode(in, v.emplace());
  } else if constexpr (std::is_same_v<T, std::shared_ptr<const std::string>>) {
    std::optional<std::string> text;
    if (!decode(in, text))
      return false;
    v = text ? std::make_shared<const std::string>(std::move(*text)) : nullptr;
    return true;
  } else {
    static_assert(unsupported<T>, "this type has no binary form");
  }
}

/// True only when `bytes` hold one `T` and nothing else.
template <class T> bool decode_all(std::string_view bytes, T& v) {
  return decode(bytes, v) && bytes.empty();
}

} // namespace interject
