// Activities as Direct Line's JSON: read once when a client posts, written once when a turn is
// committed. Source of names and shapes: the Direct Line 3.0 and Activity specifications.
#pragma once

#include "protocols/activity.hpp"
#include "protocols/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace interject {

inline constexpr std::size_t max_activity_bytes = 1 << 20;
inline constexpr int max_activity_depth = 64;

/// What a client posted. The whole text is checked, also what is only kept: `rest` is echoed to
/// every reader of the conversation, byte for byte. Left out of `rest` is what the server sets: id,
/// timestamp, channelId, serviceUrl, conversation, from, recipient, replyToId. `bad_input` says in
/// a sentence what is wrong.
result<incoming_activity> read_activity(std::string_view json);

/// The echo. With `seq` 0 (typing) the id is one that no other activity has and that counts as
/// none.
std::shared_ptr<const std::string> write_user_activity(const incoming_activity& activity,
                                                       std::string_view conversation,
                                                       std::uint64_t seq, time_point timestamp);

struct bot_identity {
  std::string_view id;
  std::string_view name;
};

/// `reply_to` is the id of the activity that is answered, or empty; ignored when the utterance is
/// proactive, as Web Chat holds back an answer to what it does not know. A question's number goes
/// along as `channelData.interject.prompt`, unless `extra` has a channelData of its own.
std::shared_ptr<const std::string> write_bot_activity(const utterance& said,
                                                      std::string_view conversation,
                                                      std::uint64_t seq, time_point timestamp,
                                                      bot_identity bot, std::string_view reply_to);

/// "message", "conversationUpdate", …; "other" for what means nothing to the bot.
const char* to_string(activity_type type);

} // namespace interject
