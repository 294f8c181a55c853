// What a bot's document says beside its dialogs, read once when it is compiled: feeds, events, the
// recogniser, channels, the silence of the person, and where conversations of older versions go on.
#pragma once

#include "actors/dialog/text.hpp"
#include "protocols/attribute_filter.hpp"
#include "protocols/notification.hpp"
#include "protocols/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace interject::dialog {

using named_strings = std::vector<std::pair<std::string, std::string>>;

/// One rule of `migrate`: conversations of an older version of the bot, and how they go on.
struct migration {
  std::string from;         ///< beginning of that version's SHA-256: 4 to 64 lower case hex digits
  std::uint16_t dialog = 0; ///< index in this bot; the older one has it under the same id
  named_strings steps;      ///< from an old step's name to that of one that this bot's dialog has
};

/// A source of prices that is asked at intervals.
struct price_feed {
  std::string name;
  std::string url;
  duration every{};                    ///< a second at least
  std::string items;                   ///< JSON pointer to the list; "" is the whole answer
  std::string symbol, price;           ///< JSON pointers within an item
  std::string time, seq;               ///< the same; empty: the source tells none
  named_strings headers;               ///< values may hold ${env:NAME} and ${file:PATH}
  std::optional<duration> stale_after; ///< none: never stale
  localized_text stale_text;           ///< over {symbol} and {since}
  bool operator==(const price_feed&) const = default;
};

/// From an event (CloudEvents 1.0) to a notification.
struct event_rule {
  std::string type;
  std::string to_user, to_conversation; ///< JSON pointers into the event; one at most is not empty
  std::optional<attribute_filter> to_everybody; ///< instead of a pointer: all persons whom it names
  notification base;                            ///< its texts and late parameters are over `with`
  std::string collapse_key, digest_key;         ///< patterns over `with`; may be empty
  named_strings with;                           ///< name → JSON pointer into the event
};
/// The notification of an event whose `with` values were read. It has no id and no addressee yet.
notification notice_of(const event_rule& rule, const named_values& with, std::string_view locale);

struct recognizer_settings {
  std::string url;
  duration timeout = std::chrono::milliseconds(500);
  double confidence = 0.5; ///< an intent below it counts as not found
};

struct inactivity_settings {
  std::optional<duration> nudge_after; ///< once per silence
  text nudge;
  std::optional<duration> end_after; ///< then the conversation ends
};

/// What a channel can do, over the defaults of Direct Line. With a `url` it is a webhook: its
/// activities are posted there, signed by `secret`, and it draws neither buttons nor cards unless
/// it says so.
struct channel_profile {
  std::string name;
  std::optional<duration> max_silence; ///< for voice: longer, and the engine fills the gap
  bool buttons = true;                 ///< draws suggested actions
  bool cards = true;                   ///< draws cards and pictures
  std::string url = {};                ///< empty: no webhook
  std::string secret = {};             ///< a reference (protocols/secret_reference.hpp)
};

struct bot_sections {
  std::vector<migration> migrations;
  std::vector<price_feed> feeds;
  std::vector<event_rule> events;
  std::optional<recognizer_settings> recognizer;
  inactivity_settings inactivity;
  std::vector<channel_profile> channels;
  std::vector<std::string> topics; ///< `delivery.topics`
};

/// Null when the bot says nothing of that channel.
const channel_profile* find_channel(const bot_sections& s, std::string_view name);

} // namespace interject::dialog
