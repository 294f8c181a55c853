// JSON text as a `value`, with the line of every place in it. Numbers are read from their text, so
// prices stay exact.
#pragma once

#include "protocols/result.hpp"
#include "protocols/value.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace interject::config {

struct json_fault {
  std::size_t line = 1; ///< from 1
  std::string pointer;
  std::string what;
};

struct json_document {
  value root;
  std::map<std::string, std::size_t> lines; ///< JSON pointer → line, "" is the root
  std::vector<json_fault>
      faults; ///< bad syntax, a repeated key, a number out of range; the root is null on bad syntax
};

/// At most 64 deep and 4 MB; more is a fault.
json_document read_json(std::string_view text);

/// The line of the place, or of the nearest one around it.
std::size_t line_of(const json_document& doc, std::string pointer);

/// One step of a JSON pointer, `~` and `/` escaped.
std::string pointer_step(std::string_view name);

} // namespace interject::config
