// Broadcasts on their way to the actor that carries them out.
#pragma once

#include "actors/person/broadcast.hpp"
#include "gateway/services.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace interject::gateway {

struct begun {
  person::broadcast it;      ///< as it stands, when it was begun before
  std::optional<refused> no; ///< then it has not begun
  bool before = false;       ///< its id came before: nothing was begun
};

/// Begins all that are new, for everybody who is known now, and gives what became of each, in their
/// order.
void begin_all(const exchange_ptr& x, std::vector<person::broadcast> items,
               std::function<void(std::vector<begun>)> then);

/// `{"id", "state"}`, or `{"id", "error"}`
void append_begun(std::string& out, const begun& b);

} // namespace interject::gateway
