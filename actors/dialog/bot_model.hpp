// A bot as compiled: programs, tables of phrases, texts.
#pragma once

#include "actors/dialog/bot.hpp"
#include "actors/dialog/bot_sections.hpp"
#include "actors/dialog/intents.hpp"
#include "actors/dialog/progress.hpp"
#include "actors/dialog/step.hpp"
#include "actors/dialog/text.hpp"

#include <array>
#include <map>
#include <memory>
#include <optional>

namespace interject::dialog {

enum class param_type : std::uint8_t { any, text, number, boolean, time, list, object };

struct param {
  std::string name; ///< its slot is its place in the list
  param_type type = param_type::any;
};

struct dialog_model {
  std::string id;
  std::vector<std::unique_ptr<const step>> program;
  std::vector<std::string> locals; ///< names by slot; the parameters first
  std::vector<param> params;
  std::vector<std::string> intents; ///< as written, for the views
  text resume;
  expression result;
  std::size_t steps = 0; ///< as written, nested ones included
};

inline constexpr std::size_t engine_text_count =
    static_cast<std::size_t>(engine_text::prompt_waits) + 1;

class bot {
public:
  std::string id, name, version;
  std::vector<std::string> locales;
  std::vector<std::string> hosts;
  value document;
  std::vector<dialog_model> dialogs;
  std::map<std::string, std::uint16_t, std::less<>> by_id;
  std::optional<std::uint16_t> start, fallback, help;
  intent_table intents;
  global_table globals;
  std::array<text, engine_text_count> texts; ///< the bot's own; empty: the engine's
  duration interrupter_timeout = std::chrono::minutes(2);
  bot_sections sections;
  std::vector<std::string> user_names,
      conversation_names; ///< variables that outlive dialogs, by slot
};

std::optional<std::uint16_t> find_dialog(const bot& b, std::string_view id);
/// The language's tag among the bot's locales that a conversation speaks.
std::string engine_words(const bot& b, engine_text which, const scene& in);

} // namespace interject::dialog
