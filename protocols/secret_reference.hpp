// Secrets by reference: `${env:NAME}` and `${file:PATH}` in what is sent out. Rows, logs and trails
// hold the reference only; whoever sends puts the secret in its place. What people typed can never
// become a reference: in rows one is set between two control characters, which no variable is able
// to bring into a URL, a header or a JSON text.
#pragma once

#include "protocols/result.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace interject {

/// The bot's own words, before variables are put in: references in the form of rows. `bad_input`
/// for a malformed name (letters, digits and _), a path that is not absolute, or a control
/// character where one may stand for it.
result<std::string> mark_references(std::string_view written);

bool holds_reference(std::string_view marked);

/// As a person wrote it, for views and messages.
std::string show_references(std::string_view marked);

enum class secret_place : std::uint8_t {
  url,    ///< percent-encoded
  header, ///< as it is
  body,   ///< as inside JSON quotes
};
/// `kind` is "env" or "file". Its error names the reference, never what was found.
using secret_source =
    std::function<result<std::string>(std::string_view kind, std::string_view name)>;

/// The first reference that cannot be resolved is the error.
result<std::string> resolve_references(std::string_view marked, secret_place where,
                                       const secret_source& from);

} // namespace interject
