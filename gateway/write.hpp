// Writes JSON answers by appending.
#pragma once

#include "protocols/codec/json_append.hpp"
#include "protocols/time.hpp"
#include "protocols/value.hpp"

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace interject::gateway {

/// An object, member by member; `raw` hands out the buffer for a member's value. Ends with `end`.
class object_writer {
public:
  explicit object_writer(std::string& out) : out_(out) { out_ += '{'; }

  std::string& raw(std::string_view name) {
    if (!first_)
      out_ += ',';
    first_ = false;
    append_json_string(out_, name);
    out_ += ':';
    return out_;
  }
  object_writer& text(std::string_view name, std::string_view text) {
    append_json_string(raw(name), text);
    return *this;
  }
  object_writer& number(std::string_view name, std::integral auto n) {
    append_json_number(raw(name), n);
    return *this;
  }
  object_writer& number(std::string_view name, decimal n) {
    raw(name) += to_string(n);
    return *this;
  }
  object_writer& flag(std::string_view name, bool b) {
    raw(name) += b ? "true" : "false";
    return *this;
  }
  object_writer& time(std::string_view name, time_point at) { return text(name, format_time(at)); }
  object_writer& time(std::string_view name, const std::optional<time_point>& at) {
    if (at)
      return time(name, *at);
    raw(name) += "null";
    return *this;
  }
  object_writer& length(std::string_view name, duration d) {
    return text(name, format_duration(d));
  }
  object_writer& values(std::string_view name, const named_values& v) {
    append_json(raw(name), value(value::object(v)));
    return *this;
  }
  void end() { out_ += '}'; }

private:
  std::string& out_;
  bool first_ = true;
};

/// `[…]`, each item written by `write(out, item)`.
template <class Range, class Write>
void append_list(std::string& out, const Range& items, Write write) {
  out += '[';
  bool first = true;
  for (auto& item : items) {
    if (!first)
      out += ',';
    first = false;
    write(out, item);
  }
  out += ']';
}

} // namespace interject::gateway
