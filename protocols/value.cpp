#include "protocols/value.hpp"

#include "protocols/codec/json_append.hpp"
#include "protocols/names.hpp"

namespace interject {

const value::list* value::as_list() const {
  auto* held = std::get_if<std::shared_ptr<const list>>(&it_);
  return held ? held->get() : nullptr;
}

const value::object* value::as_object() const {
  auto* held = std::get_if<std::shared_ptr<const object>>(&it_);
  return held ? held->get() : nullptr;
}

const value* value::find(std::string_view name) const {
  if (auto* members = as_object())
    for (auto& [key, member] : *members)
      if (key == name)
        return &member;
  return nullptr;
}

bool operator==(const value& a, const value& b) {
  if (a.type() != b.type())
    return false;
  if (auto* items = a.as_list())
    return items == b.as_list() || *items == *b.as_list();
  if (auto* members = a.as_object())
    return members == b.as_object() || *members == *b.as_object();
  return a.it_ == b.it_;
}

const char* to_string(value::kind kind) {
  static constexpr auto names =
      std::to_array<const char*>({"null", "boolean", "number", "time", "text", "list", "object"});
  return name_in(names, kind);
}

std::string display(const value& v) {
  if (auto* text = v.as_text())
    return *text;
  if (auto* at = v.as_time())
    return format_time(*at);
  std::string out;
  append_json(out, v);
  return out;
}

void append_json(std::string& out, const value& v) {
  switch (v.type()) {
  case value::kind::null:
    out += "null";
    return;
  case value::kind::boolean:
    out += *v.as_bool() ? "true" : "false";
    return;
  case value::kind::number:
    out += to_string(*v.as_number());
    return;
  case value::kind::time:
    out += '"';
    append_time(out, *v.as_time());
    out += '"';
    return;
  case value::kind::text:
    append_json_string(out, *v.as_text());
    return;
  case value::kind::list: {
    char before = '[';
    for (auto& item : *v.as_list()) {
      out += before;
      append_json(out, item);
      before = ',';
    }
    out += before == '[' ? "[]" : "]";
    return;
  }
  case value::kind::object: {
    char before = '{';
    for (auto& [name, member] : *v.as_object()) {
      out += before;
      append_json_string(out, name);
      out += ':';
      append_json(out, member);
      before = ',';
    }
    out += before == '{' ? "{}" : "}";
    return;
  }
  }
}

} // namespace interject
