// Reads what clients post. One walk over the whole text finds the few members that matter and
// checks the others, because simdjson leaves unread what it skips and the echo must not carry
// broken JSON to other clients.
#include "protocols/codec/activity_json.hpp"

#include <simdjson.h>

#include <algorithm>

namespace interject {

namespace {

namespace sj = simdjson::ondemand;
using simdjson::error_code;

/// Where in the activity a value stands, as far as it matters.
enum class place {
  elsewhere,
  root,
  type,
  text,
  id,
  locale,
  from,
  from_id,
  from_name,
  channel_data,
  client_id,
  interject,
  tapped,
  value,
  value_prompt,
  value_text,
};

struct way {
  place parent;
  std::string_view key;
  place child;
};
constexpr way ways[] = {
    {place::root, "type", place::type},
    {place::root, "text", place::text},
    {place::root, "id", place::id},
    {place::root, "locale", place::locale},
    {place::root, "from", place::from},
    {place::root, "channelData", place::channel_data},
    {place::root, "value", place::value},
    {place::from, "id", place::from_id},
    {place::from, "name", place::from_name},
    {place::channel_data, "clientActivityID", place::client_id},
    {place::channel_data, "interject", place::interject},
    {place::interject, "prompt", place::tapped},
    {place::value, "prompt", place::value_prompt},
    {place::value, "text", place::value_text},
};

place below(place parent, std::string_view key) {
  if (parent != place::elsewhere)
    for (auto& w : ways)
      if (w.parent == parent && w.key == key)
        return w.child;
  return place::elsewhere;
}

bool server_sets(std::string_view key) {
  static constexpr std::string_view names[] = {"id",         "timestamp",    "channelId",
                                               "serviceUrl", "conversation", "from",
                                               "recipient",  "replyToId"};
  return std::find(std::begin(names), std::end(names), key) != std::end(names);
}

const char* explain(error_code fault) {
  switch (fault) {
  case simdjson::EMPTY:
    return "The body is empty; an activity as a JSON object is expected.";
  case simdjson::UTF8_ERROR:
    return "The body is not valid UTF-8.";
  case simdjson::STRING_ERROR:
    return "A string holds an escape that stands for no character.";
  case simdjson::UNESCAPED_CHARS:
    return "A string holds a control character that is not escaped.";
  case simdjson::UNCLOSED_STRING:
    return "The body is not valid JSON: a string is not closed.";
  case simdjson::NUMBER_ERROR:
    return "The body is not valid JSON: a number is malformed or too large.";
  case simdjson::DEPTH_ERROR:
    return "The body nests deeper than 64 levels.";
  default:
    return "The body is not valid JSON.";
  }
}

error bad(std::string what) {
  return {errc::bad_input, std::move(what)};
}

class reader {
public:
  /// The text between two keys, without the comma and the spaces at its end, is one member.
  error_code object(sj::object members, place where, int depth, const char* end = nullptr) {
    const char* kept = nullptr;
    auto keep_until = [&](const char* stop) {
      if (kept) {
        std::string_view member(kept, static_cast<std::size_t>(stop - kept));
        member.remove_suffix(member.size() - 1 - member.find_last_not_of(" \t\r\n,"));
        if (!activity.rest.empty())
          activity.rest += ',';
        activity.rest += member;
      }
    };
    for (auto member : members) {
      sj::field field;
      if (auto fault = std::move(member).get(field))
        return fault;
      const char* start = field.key().raw() - 1;
      std::string_view key;
      if (auto fault = field.unescaped_key().get(key))
        return fault;
      if (where == place::root) {
        keep_until(start);
        kept = server_sets(key) ? nullptr : start;
      }
      if (auto fault = any(field.value(), below(where, key), depth + 1))
        return fault;
    }
    if (where == place::root)
      keep_until(end);
    return simdjson::SUCCESS;
  }

  incoming_activity activity;
  std::string type;
  std::string wrong; ///< the first member of a wrong kind, in a sentence

  result<incoming_activity> finish() && {
    if (!wrong.empty())
      return bad(std::move(wrong));
    if (type.empty())
      return bad("`type` is missing; it is \"message\" for what a user says.");
    static constexpr auto known = {activity_type::message, activity_type::typing,
                                   activity_type::event, activity_type::conversation_update,
                                   activity_type::end_of_conversation};
    activity.type = activity_type::other;
    for (auto t : known)
      if (type == to_string(t))
        activity.type = t;
    if (activity.client_id.empty())
      activity.client_id = std::move(id_);
    if (activity.tapped.empty())
      activity.tapped = std::move(value_prompt_);
    // A postBack has no text of its own.
    if (activity.text.empty() && !activity.tapped.empty())
      activity.text = std::move(value_text_);
    return std::move(activity);
  }

private:
  error_code any(sj::value v, place where, int depth) {
    if (depth > max_activity_depth)
      return simdjson::DEPTH_ERROR;
    sj::json_type kind{};
    if (auto fault = v.type().get(kind))
      return fault;
    expect(where, kind);
    switch (kind) {
    case sj::json_type::object: {
      sj::object members;
      auto fault = v.get_object().get(members);
      return fault ? fault : object(members, where, depth);
    }
    case sj::json_type::array: {
      sj::array items;
      if (auto fault = v.get_array().get(items))
        return fault;
      for (auto item : items) {
        sj::value one;
        if (auto fault = item.get(one))
          return fault;
        if (auto fault = any(one, place::elsewhere, depth + 1))
          return fault;
      }
      return simdjson::SUCCESS;
    }
    case sj::json_type::string: {
      std::string_view text;
      auto fault = v.get_string().get(text);
      if (auto* slot = fault ? nullptr : slot_of(where))
        slot->assign(text);
      return fault;
    }
    case sj::json_type::number: {
      sj::number number;
      auto fault = v.get_number().get(number);
      if (!fault && number.is_int64() && (where == place::tapped || where == place::value_prompt))
        *slot_of(where) = std::to_string(number.get_int64());
      return fault;
    }
    case sj::json_type::boolean:
      return v.get_bool().error();
    case sj::json_type::null:
      return null(v);
    }
    return simdjson::TAPE_ERROR;
  }

  /// simdjson takes any word that begins with n for null until it is asked.
  static error_code null(sj::value v) {
    bool is_null = false;
    if (auto fault = v.is_null().get(is_null))
      return fault;
    return is_null ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
  }

  void expect(place where, sj::json_type kind) {
    const char* name = nullptr;
    auto wanted = sj::json_type::string;
    switch (where) {
    case place::type:
      name = "`type` must be a string";
      break;
    case place::text:
      name = "`text` must be a string";
      break;
    case place::locale:
      name = "`locale` must be a string";
      break;
    case place::from_id:
      name = "`from.id` must be a string";
      break;
    case place::from_name:
      name = "`from.name` must be a string";
      break;
    case place::client_id:
      name = "`channelData.clientActivityID` must be a string";
      break;
    case place::from:
      name = "`from` must be an object";
      wanted = sj::json_type::object;
      break;
    default:
      return;
    }
    bool fine = kind == wanted || (kind == sj::json_type::null && where != place::type);
    if (!fine && wrong.empty())
      wrong = std::string(name) + ".";
  }

  std::string* slot_of(place where) {
    switch (where) {
    case place::type:
      return &type;
    case place::text:
      return &activity.text;
    case place::id:
      return &id_;
    case place::locale:
      return &activity.locale;
    case place::from_id:
      return &activity.from;
    case place::from_name:
      return &activity.from_name;
    case place::client_id:
      return &activity.client_id;
    case place::tapped:
      return &activity.tapped;
    case place::value_prompt:
      return &value_prompt_;
    case place::value_text:
      return &value_text_;
    default:
      return nullptr;
    }
  }

  std::string id_;
  std::string value_prompt_;
  std::string value_text_;
};

result<incoming_activity> read(std::string_view json, sj::parser& parser, std::string& padded) {
  padded.reserve(json.size() + simdjson::SIMDJSON_PADDING);
  padded.assign(json);
  sj::document document;
  if (auto fault = parser.iterate(padded.data(), padded.size(), padded.capacity()).get(document))
    return bad(explain(fault));
  sj::json_type kind{};
  if (auto fault = document.type().get(kind))
    return bad(explain(fault));
  if (kind != sj::json_type::object)
    return bad("The body must be a JSON object: one activity.");
  sj::object members;
  if (auto fault = document.get_object().get(members))
    return bad(explain(fault));
  reader r;
  if (auto fault = r.object(members, place::root, 1, padded.data() + padded.rfind('}')))
    return bad(explain(fault));
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
    return bad("The body is not valid JSON: something follows the object.");
  return std::move(r).finish();
}

} // namespace

result<incoming_activity> read_activity(std::string_view json) {
  if (json.size() > max_activity_bytes)
    return error{errc::too_large, "An activity takes at most 1 MiB."};
  // Both keep their memory from one activity to the next; at most a few times the largest activity
  // per thread.
  thread_local sj::parser parser(2 * max_activity_bytes);
  thread_local std::string padded;
  return read(json, parser, padded);
}

} // namespace interject
