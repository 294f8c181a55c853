// `interject chat`: a conversation in the terminal; with a server over Direct Line like any other
// client, or with a bot's folder in this process.
#pragma once

#include "protocols/time.hpp"
#include "protocols/value.hpp"

#include <string>
#include <vector>

namespace interject::gateway {

struct chat_options {
  std::string bot; ///< folder of a bot; empty: the bot of a server
  std::string url = "http://127.0.0.1:8080";
  std::string secrets; ///< file
  std::string data;    ///< folder with a server's `secrets`
  std::string user;    ///< empty: one is made up
  std::string locale;
  /// After the end of the input, for what may still be said
  duration wait = std::chrono::seconds(2);
};
int chat(const chat_options& how);
/// With the bot in `how.bot`: nothing is kept, reminders and timers work as in a server.
int chat_here(const chat_options& how);

/// A received activity as the terminal shows it.
struct heard {
  std::string speaker; ///< empty when it is not shown
  std::string text;
  bool own = false;
  bool typing = false;
  bool unasked = false;                                     ///< the bot said it by itself
  std::vector<std::pair<std::string, std::string>> choices; ///< title, what is posted
  std::string prompt; ///< the question that the choices belong to
};
heard read_heard(const value& activity, const std::string& own_id);

/// "2" with two or more choices is the second one's value; anything else is what was typed.
std::string resolve_choice(const std::string& typed,
                           const std::vector<std::pair<std::string, std::string>>& choices);

} // namespace interject::gateway
