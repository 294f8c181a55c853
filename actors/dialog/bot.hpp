// The dialog model: what a bot builder wrote, compiled once and then shared by every conversation.
// Pure: no CAF, no sockets, no SQL, no JSON DOM. The loader in config/ turns files into a `value`
// document.
#pragma once

#include "protocols/decimal.hpp"
#include "protocols/notification.hpp"
#include "protocols/value.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace interject::dialog {

class bot; // opaque here: bot_model.hpp
using bot_ptr = std::shared_ptr<const bot>;
struct bot_sections; // bot_sections.hpp

/// What is wrong with a bot: where, what, and what would be right.
struct fault {
  std::string pointer; ///< JSON pointer into the merged document: "/dialogs/book_trip/steps/2/text"
  std::string what;
  std::string remedy;   ///< may be empty
  bool warning = false; ///< a warning does not keep the bot from loading
};

struct compiled {
  bot_ptr it;                ///< null when any fault is no warning
  std::vector<fault> faults; ///< all of them, in document order
};

/// Compiles a whole bot: includes resolved, one object with the keys of the bot format.
/// `version` is the SHA-256 of the source, in hex.
compiled compile(const value& document, std::string version);

// ---- what others ask of a bot

std::string_view id(const bot& b);
std::string_view name(const bot& b);
std::string_view version(const bot& b);
const std::vector<std::string>& locales(const bot& b);
const std::vector<std::string>& hosts(const bot& b); ///< what it may call
/// The `delivery`, `feeds`, `events`, `channels` … members as written, null when absent.
const value& section(const bot& b, std::string_view key);
/// The sections beside the dialogs, read and checked.
const bot_sections& sections(const bot& b);

struct dialog_info {
  std::string id;
  std::vector<std::string> params;
  std::vector<std::string> intents;
  std::size_t steps = 0;
};
std::vector<dialog_info> dialogs(const bot& b);
bool has_dialog(const bot& b, std::string_view id);

/// The best of the bot's locales for what a client asked ("fr-CA" → "fr"); the first when none
/// fits.
std::string match_locale(const bot& b, std::string_view wanted);

/// A notice's text in a conversation's locale. Never throws: a pattern that ICU refuses, or a
/// missing parameter, gives the text with the braces left as they are.
std::string render(const localized_text& text, const named_values& params, std::string_view locale);

} // namespace interject::dialog
