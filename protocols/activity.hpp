// What is said: by a user, as it came, and by the bot, before it is serialised.
#pragma once

#include "protocols/fields.hpp"
#include "protocols/ids.hpp"
#include "protocols/time.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace interject {

enum class activity_type : std::uint8_t {
  message,
  typing, ///< never journaled
  event,
  conversation_update, ///< goes to the bot only
  end_of_conversation,
  other, ///< stored and echoed, means nothing to the bot
};

/// What a client posted, read once: the fields that the core needs, and the rest as the bytes that
/// came.
struct incoming_activity {
  activity_type type = activity_type::message;
  std::string text;
  std::string
      client_id; ///< channelData.clientActivityID, else the id that the client gave; may be empty
  std::string locale; ///< BCP 47; empty when the client gave none
  user_id from;
  std::string from_name;
  std::string tapped; ///< id of the prompt whose action was tapped; empty for typed text
  /// All members that the server does not set, as JSON text without the braces. Empty: the echo is
  /// made of the fields above.
  std::string rest;
  INTERJECT_FIELDS(incoming_activity, type, text, client_id, locale, from, from_name, tapped, rest)
};

/// A file that came with an activity. Its bytes are not in the activity, which holds its address.
struct attached_file {
  std::string id; ///< cannot be guessed: whoever knows it may read the file
  std::string name;
  std::string content_type; ///< as its sender called it
  std::string body;
  INTERJECT_FIELDS(attached_file, id, name, content_type, body)
};

/// What a tap does: the person says `value` (im_back), the bot hears it and nobody sees it
/// (post_back), the person says `title` and the bot hears `value` (message_back), or a page opens.
enum class action_type : std::uint8_t { im_back, post_back, message_back, open_url };

/// A button: shown as `title`, posted back as `value`.
struct card_action {
  std::string title;
  std::string value;
  action_type type = action_type::im_back;
  INTERJECT_FIELDS(card_action, title, value, type)
};

/// A hero card; parts that are empty are left out.
struct hero_card {
  std::string title, subtitle, text;
  std::vector<std::string> images; ///< URLs
  std::vector<card_action> buttons;
  INTERJECT_FIELDS(hero_card, title, subtitle, text, images, buttons)
};

/// A file or picture that lies somewhere on the web.
struct attachment {
  std::string content_type; ///< MIME type
  std::string url;
  std::string name, thumbnail; ///< may be empty
  INTERJECT_FIELDS(attachment, content_type, url, name, thumbnail)
};

/// What the bot says in one activity.
struct utterance {
  activity_type type = activity_type::message;
  std::string text;
  std::string locale;
  std::vector<card_action>
      suggested;            ///< of the waiting question; repeated on what is said beside it
  std::uint32_t prompt = 0; ///< the question that this asks, 0 when it asks none
  bool expects_input = false;
  bool proactive = false; ///< carries no replyToId: nobody asked
  std::string extra; ///< further members (attachments, channelData) as JSON text without braces
  std::vector<hero_card> cards;
  std::vector<attachment> attachments;
  INTERJECT_FIELDS(utterance, type, text, locale, suggested, prompt, expects_input, proactive,
                   extra, cards, attachments)
};

/// A committed activity: serialised once, shared by the journal and every socket.
struct publication {
  conversation_id conversation;
  std::uint64_t seq = 0; ///< 1, 2, 3 … within the conversation, without gaps; 0: volatile (typing)
  std::shared_ptr<const std::string> body; ///< one Direct Line activity, JSON
};

} // namespace interject
