// Where objects of the bot format stand, and what the engine says about a key in them: the compiler
// is asked, as nothing else knows.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace interject::test {

struct place {
  const char* definition; ///< of the object, in bot.schema.json: "/definitions/dialog"
  const char* bot;        ///< a bot; where the object's keys are, stands "@": null
};

/// Every object of the format that the engine checks the keys of, but the steps.
extern const std::vector<place> places;

/// A bot with this step, with "@" among its keys.
std::string bot_with_step(const std::string& kind);

enum class standing { known, later, unknown };
/// What the engine makes of `key` at the "@" of the bot.
standing ask(const std::string& bot, const std::string& key);

/// The engine says of some part of the bot, with `text` at the "@", that it is not supported yet.
bool refused_as_later(const std::string& bot, const std::string& text);

/// The keys that the engine itself lists there.
std::set<std::string> listed(const std::string& bot);

} // namespace interject::test
