// What a conversation takes, one after the other.
#pragma once

#include "protocols/messages.hpp"

#include <variant>

namespace interject::conversation {

using input = std::variant<open_conversation, post_activity, notify, withdraw, reset_conversation,
                           create_watch, create_reminder, cancel_watch, cancel_reminder,
                           call_answered, wake, retract, delivery_failed>;

inline ticket ticket_of(const input& in) {
  return std::visit([](auto& what) { return what.ticket; }, in);
}

template <class T> const conversation_id& conversation_of(const T& what) {
  if constexpr (requires { what.row.conversation; })
    return what.row.conversation;
  else
    return what.conversation;
}
inline const conversation_id& conversation_of(const input& in) {
  return std::visit(
      [](auto& what) -> auto& { return conversation_of(what); }, in);
}

} // namespace interject::conversation
