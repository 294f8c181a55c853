// Activities on a webhook channel: what is posted to it, and what it posts. Plain text, so that
// SMS, e-mail and any messenger can carry it. Pure.
#pragma once

#include "protocols/activity.hpp"
#include "protocols/result.hpp"

#include <string>
#include <string_view>

namespace interject {

/// Cards as text and buttons as a numbered list, also where the channel's profile asks for them.
std::string plain_text(utterance said);

struct webhook_place {
  std::string_view channel, conversation, user, bot;
};
/// `{"id", "type", "timestamp", "channel", "conversation", "recipient", "from", "text", "locale",
/// "reply_to", "expects_input"}`.
std::string write_webhook_activity(const utterance& said, const webhook_place& where,
                                   std::uint64_t seq, time_point at, std::string_view reply_to);

} // namespace interject
