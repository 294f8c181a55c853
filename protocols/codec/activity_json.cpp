#include "protocols/codec/activity_json.hpp"

#include "protocols/codec/json_append.hpp"
#include "protocols/codec/sink.hpp"
#include "protocols/names.hpp"

namespace interject {

namespace {

constexpr auto types = std::to_array<const char*>(
    {"message", "typing", "event", "conversationUpdate", "endOfConversation", "other"});

/// As `activity_id` writes it.
void append_id(sink& out, std::string_view conversation, std::uint64_t seq) {
  out += '"';
  append_json_escaped(out, conversation);
  auto id = write_activity_number(seq);
  out += id.view();
  out += '"';
}

/// id, conversation, channel and time: what both sides' activities begin with.
void append_head(sink& out, std::string_view conversation, std::uint64_t seq,
                 time_point timestamp) {
  out += "{\"id\":";
  if (seq != 0) {
    append_id(out, conversation, seq);
  } else {
    out += '"';
    append_json_escaped(out, conversation);
    out += "|typing-";
    append_json_number(out, timestamp.time_since_epoch().count());
    out += '"';
  }
  out += ",\"timestamp\":\"";
  out += write_time(timestamp).view();
  out += "\",\"channelId\":\"directline\",\"conversation\":{\"id\":";
  append_json_string(out, conversation);
  out += '}';
}

void append_from(sink& out, std::string_view id, std::string_view name, std::string_view role) {
  out += ",\"from\":{\"id\":";
  append_json_string(out, id);
  if (!name.empty()) {
    out += ",\"name\":";
    append_json_string(out, name);
  }
  out += ",\"role\":\"";
  out += role;
  out += "\"}";
}

void append_member(sink& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, text);
}

constexpr auto actions =
    std::to_array<const char*>({"imBack", "postBack", "messageBack", "openUrl"});

/// `{"prompt":"4"}`: clients post it back with the tap, so that it answers its own question only.
void append_binding(sink& out, std::uint32_t prompt, const std::string* text) {
  out += ",\"value\":{\"prompt\":\"";
  append_json_number(out, prompt);
  out += '"';
  if (text)
    append_member(out, "text", *text);
  out += '}';
}

/// An imBack cannot carry the question that it belongs to; a messageBack that shows what it says
/// looks the same to the person.
void append_action(sink& out, const card_action& action, std::uint32_t prompt) {
  auto type = action.type;
  if (prompt != 0 && type == action_type::im_back)
    type = action_type::message_back;
  out += "{\"type\":\"";
  out += name_in(actions, type);
  out += '"';
  append_member(out, "title", action.title);
  if (type == action_type::message_back) {
    append_member(out, "text", action.value);
    append_member(out, "displayText", action.type == type ? action.title : action.value);
    if (prompt != 0)
      append_binding(out, prompt, nullptr);
  } else if (type == action_type::post_back && prompt != 0) {
    append_binding(out, prompt, &action.value);
  } else {
    append_member(out, "value", action.value);
  }
  out += '}';
}

void append_actions(sink& out, const std::vector<card_action>& all, std::uint32_t prompt) {
  char before = '[';
  for (auto& action : all) {
    out += before;
    append_action(out, action, prompt);
    before = ',';
  }
  out += ']';
}

void append_card(sink& out, const hero_card& card, std::uint32_t prompt) {
  out += "{\"contentType\":\"application/vnd.microsoft.card.hero\",\"content\":{";
  const auto start = out.size();
  auto begin = [&](std::string_view name) {
    out += out.size() == start ? "\"" : ",\"";
    out += name;
    out += "\":";
  };
  auto part = [&](std::string_view name, const std::string& text) {
    if (text.empty())
      return;
    begin(name);
    append_json_string(out, text);
  };
  part("title", card.title);
  part("subtitle", card.subtitle);
  part("text", card.text);
  if (!card.images.empty()) {
    begin("images");
    char before = '[';
    for (auto& url : card.images) {
      out += before;
      out += "{\"url\":";
      append_json_string(out, url);
      out += '}';
      before = ',';
    }
    out += ']';
  }
  if (!card.buttons.empty()) {
    begin("buttons");
    append_actions(out, card.buttons, prompt);
  }
  out += "}}";
}

void append_attachment(sink& out, const attachment& a) {
  out += "{\"contentType\":";
  append_json_string(out, a.content_type);
  append_member(out, "contentUrl", a.url);
  if (!a.name.empty())
    append_member(out, "name", a.name);
  if (!a.thumbnail.empty())
    append_member(out, "thumbnailUrl", a.thumbnail);
  out += '}';
}

void append_attachments(sink& out, const utterance& said) {
  out += ",\"attachments\":";
  char before = '[';
  for (auto& card : said.cards) {
    out += before;
    append_card(out, card, said.prompt);
    before = ',';
  }
  for (auto& a : said.attachments) {
    out += before;
    append_attachment(out, a);
    before = ',';
  }
  out += ']';
}

std::shared_ptr<const std::string> closed(sink& out) {
  out += '}';
  return std::make_shared<const std::string>(out.view());
}

} // namespace

const char* to_string(activity_type type) {
  return name_in(types, type);
}

std::shared_ptr<const std::string> write_user_activity(const incoming_activity& activity,
                                                       std::string_view conversation,
                                                       std::uint64_t seq, time_point timestamp) {
  sink out;
  append_head(out, conversation, seq, timestamp);
  append_from(out, activity.from, activity.from_name, "user");
  if (!activity.rest.empty()) {
    out += ',';
    out += activity.rest;
  } else { // made by an embedding program, not read from a client's JSON
    append_member(out, "type", to_string(activity.type));
    append_member(out, "text", activity.text);
    if (!activity.locale.empty())
      append_member(out, "locale", activity.locale);
  }
  return closed(out);
}

std::shared_ptr<const std::string> write_bot_activity(const utterance& said,
                                                      std::string_view conversation,
                                                      std::uint64_t seq, time_point timestamp,
                                                      bot_identity bot, std::string_view reply_to) {
  sink out;
  append_head(out, conversation, seq, timestamp);
  append_from(out, bot.id, bot.name, "bot");
  append_member(out, "type", to_string(said.type));
  if (said.type == activity_type::message) {
    append_member(out, "text", said.text);
    out += ",\"textFormat\":\"plain\"";
    out += said.expects_input ? ",\"inputHint\":\"expectingInput\""
                              : ",\"inputHint\":\"acceptingInput\"";
  }
  if (!said.locale.empty())
    append_member(out, "locale", said.locale);
  if (!said.cards.empty() || !said.attachments.empty())
    append_attachments(out, said);
  if (!said.suggested.empty()) {
    out += ",\"suggestedActions\":{\"actions\":";
    append_actions(out, said.suggested, said.prompt);
    out += '}';
  }
  if (!reply_to.empty() && !said.proactive)
    append_member(out, "replyToId", reply_to);
  if (said.prompt != 0 && said.extra.find("\"channelData\"") == std::string::npos) {
    out += ",\"channelData\":{\"interject\":{\"prompt\":\"";
    append_json_number(out, said.prompt);
    out += "\"}}";
  }
  if (!said.extra.empty()) {
    out += ',';
    out += said.extra;
  }
  return closed(out);
}

} // namespace interject
