#include "protocols/codec/activity_json.hpp"

#include "protocols/codec/json_append.hpp"
#include "protocols/names.hpp"

namespace interject {

namespace {

constexpr auto types = std::to_array<const char*>(
    {"message", "typing", "event", "conversationUpdate", "endOfConversation", "other"});

/// id, conversation, channel and time: what both sides' activities begin with.
void append_head(std::string& out, std::string_view conversation, std::uint64_t seq,
                 time_point timestamp) {
  out += "{\"id\":";
  if (seq != 0) {
    append_json_string(out, activity_id(conversation, seq));
  } else {
    out += '"';
    append_json_escaped(out, conversation);
    out += "|typing-";
    append_json_number(out, timestamp.time_since_epoch().count());
    out += '"';
  }
  out += ",\"timestamp\":\"";
  append_time(out, timestamp);
  out += "\",\"channelId\":\"directline\",\"conversation\":{\"id\":";
  append_json_string(out, conversation);
  out += '}';
}

void append_from(std::string& out, std::string_view id, std::string_view name,
                 std::string_view role) {
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

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, text);
}

void append_suggested(std::string& out, const std::vector<card_action>& actions) {
  out += ",\"suggestedActions\":{\"actions\":";
  char before = '[';
  for (auto& action : actions) {
    out += before;
    out += "{\"type\":\"imBack\"";
    append_member(out, "title", action.title);
    append_member(out, "value", action.value);
    out += '}';
    before = ',';
  }
  out += "]}";
}

std::shared_ptr<const std::string> closed(std::string&& out) {
  out += '}';
  return std::make_shared<const std::string>(std::move(out));
}

} // namespace

const char* to_string(activity_type type) {
  return name_in(types, type);
}

std::shared_ptr<const std::string> write_user_activity(const incoming_activity& activity,
                                                       std::string_view conversation,
                                                       std::uint64_t seq, time_point timestamp) {
  std::string out;
  out.reserve(activity.rest.size() + activity.from.size() + activity.from_name.size() +
              2 * conversation.size() + 192);
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
  return closed(std::move(out));
}

std::shared_ptr<const std::string> write_bot_activity(const utterance& said,
                                                      std::string_view conversation,
                                                      std::uint64_t seq, time_point timestamp,
                                                      bot_identity bot, std::string_view reply_to) {
  std::string out;
  out.reserve(said.text.size() + said.extra.size() + 64 * said.suggested.size() +
              2 * conversation.size() + reply_to.size() + 384);
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
  if (!said.suggested.empty())
    append_suggested(out, said.suggested);
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
  return closed(std::move(out));
}

} // namespace interject
