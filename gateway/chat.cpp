#include "gateway/chat.hpp"

#include "gateway/client.hpp"
#include "gateway/http.hpp"
#include "gateway/json.hpp"
#include "gateway/secrets.hpp"
#include "gateway/write.hpp"
#include "protocols/ids.hpp"

#include <unistd.h>

#include <charconv>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <thread>

namespace interject::gateway {

namespace {

using clock = std::chrono::steady_clock;

std::string text_of(const value* v) {
  return v && v->as_text() ? *v->as_text() : std::string();
}

std::string member(const value& of, std::string_view name) {
  return text_of(of.find(name));
}

// What the two threads share: the screen, the last choices, and when something was last heard.
class room {
public:
  room(std::string own_id, std::string own_name)
      : own_id_(std::move(own_id)), own_name_(std::move(own_name)), tty_(::isatty(1) == 1) {}

  void show_frame(const std::string& frame) {
    auto json = parse_json(frame);
    if (!json)
      return;
    std::lock_guard hold(mutex_);
    watermark_ = member(*json, "watermark");
    auto list = json->find("activities");
    if (list && list->as_list())
      for (auto& activity : *list->as_list())
        show(read_heard(activity, own_id_));
    last_heard_ = clock::now();
    changed_.notify_all();
  }

  void show_state(const std::string& state) {
    std::lock_guard hold(mutex_);
    bool now = state == "connected";
    if (now != connected_ || !now)
      if (!now || was_connected_)
        if (state != last_state_)
          std::cout << grey() << "-- " << state << plain() << std::endl;
    last_state_ = state;
    connected_ = now;
    was_connected_ = was_connected_ || now;
    changed_.notify_all();
  }

  std::string watermark() {
    std::lock_guard hold(mutex_);
    return watermark_;
  }

  std::string resolve(const std::string& typed) {
    std::lock_guard hold(mutex_);
    return resolve_choice(typed, choices_);
  }

  void prompt() {
    std::lock_guard hold(mutex_);
    if (tty_)
      std::cout << green() << own_name_ << "> " << plain() << std::flush;
  }

  void sent(const std::string& text, bool echo) {
    std::lock_guard hold(mutex_);
    if (echo)
      std::cout << green() << own_name_ << "> " << plain() << text << std::endl;
    answered_ = false;
    user_spoke_ = true;
    last_heard_ = clock::now();
  }

  void complain(const std::string& what) {
    std::lock_guard hold(mutex_);
    std::cout << grey() << "-- " << what << plain() << std::endl;
  }

  /// Until the bot has answered and been quiet for a moment, or `most` has passed.
  void wait_for_answer(duration most) {
    std::unique_lock hold(mutex_);
    auto end = clock::now() + most;
    changed_.wait_until(hold, end, [this] { return answered_; });
    while (clock::now() < end && clock::now() - last_heard_ < std::chrono::milliseconds(250))
      changed_.wait_until(hold, std::min(end, last_heard_ + std::chrono::milliseconds(250)));
  }

  void wait_until_connected() {
    std::unique_lock hold(mutex_);
    changed_.wait_for(hold, std::chrono::seconds(5), [this] { return connected_; });
  }

private:
  const char* colour(const char* code) const { return tty_ ? code : ""; }
  const char* green() const { return colour("\033[32m"); }
  const char* blue() const { return colour("\033[1;34m"); }
  const char* yellow() const { return colour("\033[1;33m"); }
  const char* grey() const { return colour("\033[90m"); }
  const char* plain() const { return colour("\033[0m"); }

  void show(const heard& h) {
    if (h.own || h.typing || h.speaker.empty())
      return;
    answered_ = true;
    choices_ = h.choices;
    std::cout << colour("\r\033[K");
    // Before the user's first word everything is said unasked: a greeting is no interjection.
    bool interjects = h.unasked && user_spoke_;
    std::cout << (interjects ? yellow() : blue()) << (interjects ? "! " : "") << h.speaker << "> "
              << plain() << h.text << '\n';
    for (std::size_t i = 0; i < h.choices.size(); ++i)
      std::cout << grey() << "    " << i + 1 << ") " << plain() << h.choices[i].first << '\n';
    if (tty_)
      std::cout << green() << own_name_ << "> " << plain();
    std::cout << std::flush;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string own_id_;
  std::string own_name_;
  bool tty_;
  std::string watermark_;
  std::vector<std::pair<std::string, std::string>> choices_;
  clock::time_point last_heard_ = clock::now();
  bool answered_ = false;
  bool user_spoke_ = false;
  bool connected_ = false;
  bool was_connected_ = false;
  std::string last_state_;
};

struct opened_chat {
  std::string conversation;
  std::string token;
  std::string stream_path;
};

std::string path_of(const std::string& url) {
  auto start = url.find("://");
  auto slash = url.find('/', start == url.npos ? 0 : start + 3);
  return slash == url.npos ? "/" : url.substr(slash);
}

error failed(const http_answer& a) {
  auto json = parse_json(a.body);
  std::string why = "status " + std::to_string(a.status);
  if (json)
    if (auto e = json->find("error"))
      why = member(*e, "message");
  return {a.status >= 500 ? errc::unavailable : errc::bad_input, why};
}

result<value> call_json(const server_url& to, const std::string& method, const std::string& path,
                        const std::string& key, const std::string& body) {
  auto a = call(to, method, path, key, body);
  if (!a)
    return a.error();
  if (a->status >= 300)
    return failed(*a);
  return parse_json(a->body);
}

result<opened_chat> open_chat(const server_url& to, const std::string& secret,
                              const std::string& user, const std::string& locale) {
  std::string body = "{\"user\":{\"id\":";
  append_json_string(body, user);
  body += "}}";
  auto token = call_json(to, "POST", "/v3/directline/tokens/generate", secret, body);
  if (!token)
    return token.error();
  std::string begin;
  object_writer o(begin);
  if (!locale.empty())
    o.text("locale", locale);
  o.end();
  auto talk = call_json(to, "POST", "/v3/directline/conversations", member(*token, "token"), begin);
  if (!talk)
    return talk.error();
  return opened_chat{member(*talk, "conversationId"), member(*talk, "token"),
                     path_of(member(*talk, "streamUrl"))};
}

class talk {
public:
  talk(server_url to, opened_chat it, room& screen, std::string locale, std::string user)
      : to_(std::move(to)), it_(std::move(it)), screen_(screen), locale_(std::move(locale)),
        user_(std::move(user)) {}

  // The first time the given address, then one after the watermark, with a fresh token.
  result<std::string> next_path() {
    std::lock_guard hold(mutex_);
    if (!std::exchange(connected_before_, true))
      return it_.stream_path;
    auto mark = screen_.watermark();
    auto back = call_json(to_, "GET",
                          "/v3/directline/conversations/" + percent_encode(it_.conversation) +
                              "?watermark=" + mark,
                          it_.token, "");
    if (!back)
      return back.error();
    it_.token = member(*back, "token");
    return path_of(member(*back, "streamUrl"));
  }

  result<void> post(const std::string& text) {
    std::string token;
    {
      std::lock_guard hold(mutex_);
      refresh_when_old();
      token = it_.token;
    }
    std::string body;
    object_writer o(body);
    o.text("type", "message").text("text", text).text("textFormat", "plain");
    if (!locale_.empty())
      o.text("locale", locale_);
    object_writer from(o.raw("from"));
    from.text("id", user_).text("role", "user").end();
    object_writer data(o.raw("channelData"));
    data.text("clientActivityID", new_id("")).end();
    o.end();
    auto path = "/v3/directline/conversations/" + percent_encode(it_.conversation) + "/activities";
    // The same id again: a repeat after a lost answer is taken once.
    auto done = call_json(to_, "POST", path, token, body);
    for (int again = 0; !done && done.error().code == errc::unavailable && again < 5; ++again) {
      ::usleep(500'000);
      done = call_json(to_, "POST", path, token, body);
    }
    if (!done)
      return done.error();
    return {};
  }

private:
  void refresh_when_old() {
    if (clock::now() - fresh_ < std::chrono::minutes(15))
      return;
    if (auto token = call_json(to_, "POST", "/v3/directline/tokens/refresh", it_.token, "")) {
      it_.token = member(*token, "token");
      fresh_ = clock::now();
    }
  }

  server_url to_;
  opened_chat it_;
  room& screen_;
  std::string locale_;
  std::string user_;
  std::mutex mutex_;
  bool connected_before_ = false;
  clock::time_point fresh_ = clock::now();
};

int cannot(const std::string& why) {
  std::cerr << "interject chat: " << why << '\n';
  return 1;
}

} // namespace

heard read_heard(const value& activity, const std::string& own_id) {
  heard h;
  auto type = member(activity, "type");
  h.typing = type == "typing";
  if (type != "message" && !h.typing)
    return h;
  if (auto from = activity.find("from")) {
    h.speaker = member(*from, "name");
    if (h.speaker.empty())
      h.speaker = member(*from, "id");
    h.own = member(*from, "id") == own_id || member(*from, "role") == "user";
  }
  if (h.speaker.empty())
    h.speaker = "bot";
  h.text = member(activity, "text");
  h.unasked = member(activity, "replyToId").empty();
  auto suggested = activity.find("suggestedActions");
  auto actions = suggested ? suggested->find("actions") : nullptr;
  if (actions && actions->as_list())
    for (auto& a : *actions->as_list()) {
      auto posted = member(a, "value");
      h.choices.emplace_back(member(a, "title"), posted.empty() ? member(a, "title") : posted);
    }
  return h;
}

std::string resolve_choice(const std::string& typed,
                           const std::vector<std::pair<std::string, std::string>>& choices) {
  for (auto& [title, posted] : choices)
    if (typed == title || typed == posted)
      return posted;
  std::size_t number = 0;
  auto [end, ec] = std::from_chars(typed.data(), typed.data() + typed.size(), number);
  if (ec == std::errc() && end == typed.data() + typed.size() && number >= 1 &&
      number <= choices.size())
    return choices[number - 1].second;
  return typed;
}

int chat(const chat_options& how) {
  auto to = parse_server_url(how.url);
  if (!to)
    return cannot(to.error().what);
  auto keys = known_secrets(how.secrets, how.data);
  if (!keys)
    return cannot(keys.error().what);
  if (keys->directline_secret.empty())
    return cannot(
        std::string("the server's secret is needed: set ") + directline_secret_name +
        ", or give --secrets FILE, or --data with the data folder of a server on this machine");
  auto user = how.user.empty()              ? new_id("dl_")
              : how.user.starts_with("dl_") ? how.user
                                            : "dl_" + how.user;
  auto opened = open_chat(*to, keys->directline_secret, user, how.locale);
  if (!opened)
    return cannot(opened.error().what);
  room screen(user, "you");
  std::cout << "Talking to " << how.url << " as " << user << " in " << opened->conversation
            << ". A number picks a choice; Ctrl-D ends.\n";
  talk with(*to, std::move(*opened), screen, how.locale, user);
  stream_client stream(
      *to, [&] { return with.next_path(); },
      [&](const std::string& frame) { screen.show_frame(frame); },
      [&](const std::string& state) { screen.show_state(state); });
  screen.wait_until_connected();
  bool scripted = ::isatty(0) != 1;
  if (scripted)
    screen.wait_for_answer(std::chrono::milliseconds(500)); // a greeting, if there is one
  std::string line;
  for (screen.prompt(); std::getline(std::cin, line); screen.prompt()) {
    if (line.empty())
      continue;
    auto text = screen.resolve(line);
    screen.sent(line, scripted);
    if (auto ok = with.post(text); !ok)
      screen.complain("not sent: " + ok.error().what);
    else if (scripted)
      screen.wait_for_answer(std::chrono::seconds(3));
  }
  if (scripted)
    std::this_thread::sleep_for(how.wait);
  std::cout << std::endl;
  return 0;
}

} // namespace interject::gateway
