#include "gateway/chat.hpp"

#include "gateway/chat_screen.hpp"

#include "gateway/client.hpp"
#include "gateway/http.hpp"
#include "gateway/json.hpp"
#include "gateway/write.hpp"
#include "protocols/ids.hpp"

#include <unistd.h>

#include <iostream>
#include <mutex>

namespace interject::gateway {

namespace {

using clock = std::chrono::steady_clock;

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
      why = text_member(*e, "message");
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
  auto talk =
      call_json(to, "POST", "/v3/directline/conversations", text_member(*token, "token"), begin);
  if (!talk)
    return talk.error();
  return opened_chat{text_member(*talk, "conversationId"), text_member(*talk, "token"),
                     path_of(text_member(*talk, "streamUrl"))};
}

class talk {
public:
  talk(server_url to, opened_chat it, chat_screen& screen, std::string locale, std::string user)
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
    it_.token = text_member(*back, "token");
    return path_of(text_member(*back, "streamUrl"));
  }

  result<void> post(const picked& said) {
    std::string token;
    {
      std::lock_guard hold(mutex_);
      refresh_when_old();
      token = it_.token;
    }
    std::string body;
    object_writer o(body);
    o.text("type", "message").text("text", said.text).text("textFormat", "plain");
    if (!locale_.empty())
      o.text("locale", locale_);
    object_writer from(o.raw("from"));
    from.text("id", user_).text("role", "user").end();
    object_writer data(o.raw("channelData"));
    data.text("clientActivityID", new_id(""));
    if (!said.prompt.empty()) {
      object_writer bound(data.raw("interject"));
      bound.text("prompt", said.prompt).end();
    }
    data.end();
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
      it_.token = text_member(*token, "token");
      fresh_ = clock::now();
    }
  }

  server_url to_;
  opened_chat it_;
  chat_screen& screen_;
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

int chat(const chat_options& how) {
  if (!how.bot.empty())
    return chat_here(how);
  auto server = reach_directline(how.url, how.secrets, how.data);
  if (!server)
    return cannot(server.error().what);
  auto user = how.user.empty()              ? new_id("dl_")
              : how.user.starts_with("dl_") ? how.user
                                            : "dl_" + how.user;
  auto opened = open_chat(server->to, server->key, user, how.locale);
  if (!opened)
    return cannot(opened.error().what);
  chat_screen screen(user, "you");
  std::cout << "Talking to " << how.url << " as " << user << " in " << opened->conversation
            << ". A number picks a choice; Ctrl-D ends.\n";
  talk with(server->to, std::move(*opened), screen, how.locale, user);
  stream_client stream(
      server->to, [&] { return with.next_path(); },
      [&](const std::string& frame) { screen.show_frame(frame); },
      [&](const std::string& state) { screen.show_state(state); });
  screen.wait_until_connected();
  screen.converse(how.wait, [&](const picked& said) {
    auto ok = with.post(said);
    return ok ? std::string() : ok.error().what;
  });
  return 0;
}

} // namespace interject::gateway
