// The terminal of `interject chat`: what the bot says, its choices by number, and the last of both.
#pragma once

#include "gateway/chat.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace interject::gateway {

/// What is posted: the words, and the question that they were picked for.
struct picked {
  std::string text;
  std::string prompt; ///< empty for words that were typed
};

/// A text member of an object; empty when there is none.
std::string text_member(const value& of, std::string_view name);

/// Shared by two threads: who types, and who brings what the bot says.
class chat_screen {
public:
  chat_screen(std::string own_id, std::string own_name);

  /// An ActivitySet of Direct Line, as JSON.
  void show_frame(const std::string& frame);
  void show_state(const std::string& state);
  std::string watermark();
  void wait_until_connected();
  /// Until standard input ends. `post` sends what was typed, and says why it could not; empty: it
  /// did. Input that is no terminal waits after each line for its answer, and at the end for
  /// `rest`.
  void converse(duration rest, const std::function<std::string(const picked&)>& post);

private:
  using clock = std::chrono::steady_clock;
  const char* colour(const char* code) const { return tty_ ? code : ""; }
  const char* green() const { return colour("\033[32m"); }
  const char* blue() const { return colour("\033[1;34m"); }
  const char* yellow() const { return colour("\033[1;33m"); }
  const char* grey() const { return colour("\033[90m"); }
  const char* plain() const { return colour("\033[0m"); }
  void show(const heard& h);
  picked resolve(const std::string& typed);
  void prompt();
  void sent(const std::string& text, bool echo);
  void complain(const std::string& what);
  /// Until the bot has answered and been quiet for a moment, or `most` has passed.
  void wait_for_answer(duration most);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string own_id_;
  std::string own_name_;
  bool tty_;
  std::string watermark_;
  std::vector<std::pair<std::string, std::string>> choices_;
  std::string prompt_; ///< the question that the choices belong to
  clock::time_point last_heard_ = clock::now();
  bool answered_ = false;
  bool user_spoke_ = false;
  bool connected_ = false;
  bool was_connected_ = false;
  std::string last_state_;
};

} // namespace interject::gateway
