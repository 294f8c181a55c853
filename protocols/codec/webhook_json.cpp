#include "protocols/codec/webhook_json.hpp"

#include "protocols/activity_text.hpp"
#include "protocols/codec/activity_json.hpp"
#include "protocols/codec/json_append.hpp"

namespace interject {

std::string plain_text(utterance said) {
  cards_as_text(said);
  buttons_as_text(said);
  return said.text;
}

std::string write_webhook_activity(const utterance& said, const webhook_place& where,
                                   std::uint64_t seq, time_point at, std::string_view reply_to) {
  std::string out = "{\"id\":";
  append_json_string(out, activity_id(where.conversation, seq));
  auto member = [&out](std::string_view name, std::string_view text) {
    out += ",\"";
    out += name;
    out += "\":";
    append_json_string(out, text);
  };
  member("type", to_string(said.type));
  member("timestamp", format_time(at));
  member("channel", where.channel);
  member("conversation", where.conversation);
  member("recipient", where.user);
  member("from", where.bot);
  if (said.type == activity_type::message)
    member("text", plain_text(said));
  if (!said.locale.empty())
    member("locale", said.locale);
  if (!reply_to.empty() && !said.proactive)
    member("reply_to", reply_to);
  out += said.expects_input ? ",\"expects_input\":true}" : ",\"expects_input\":false}";
  return out;
}

} // namespace interject
