// What an integration's JSON answer holds: read once as a value, then looked up by JSON pointer
// (RFC 6901). Pure.
#pragma once

#include "protocols/value.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace interject {

/// Nothing when it is no JSON, or nests deeper than 64. Numbers are read from their text; one that
/// no decimal can hold (a long id, say) becomes a text.
std::optional<value> read_json_answer(std::string_view text);

/// Null when the pointer finds nothing.
value at_pointer(const value& root, std::string_view pointer);

} // namespace interject
