#include "gateway/chat_screen.hpp"

#include "gateway/json.hpp"

#include <unistd.h>

#include <charconv>
#include <iostream>
#include <thread>

namespace interject::gateway {

std::string text_member(const value& of, std::string_view name) {
  auto* v = of.find(name);
  return v && v->as_text() ? *v->as_text() : std::string();
}

namespace {

void line(heard& h, const std::string& words) {
  if (!words.empty())
    h.text += (h.text.empty() ? "" : "\n    ") + words;
}

void read_actions(heard& h, const value* actions) {
  if (!actions || !actions->as_list())
    return;
  for (auto& a : *actions->as_list()) {
    auto title = text_member(a, "title");
    if (text_member(a, "type") == "openUrl") {
      line(h, title + ": " + text_member(a, "value"));
      continue;
    }
    // Of a question, `value` holds its id, and the words stand beside or within it.
    auto posted = text_member(a, "text");
    if (auto* v = a.find("value"); posted.empty() && v)
      posted = v->as_text() ? *v->as_text() : text_member(*v, "text");
    h.choices.emplace_back(title, posted.empty() ? title : posted);
  }
}

void read_attachment(heard& h, const value& a) {
  auto* card = a.find("content");
  if (!card) {
    line(h, text_member(a, "name") + " " + text_member(a, "contentUrl"));
    return;
  }
  line(h, text_member(*card, "title"));
  line(h, text_member(*card, "subtitle"));
  line(h, text_member(*card, "text"));
  if (auto* images = card->find("images"); images && images->as_list())
    for (auto& image : *images->as_list())
      line(h, text_member(image, "url"));
  read_actions(h, card->find("buttons"));
}

} // namespace

heard read_heard(const value& activity, const std::string& own_id) {
  heard h;
  auto type = text_member(activity, "type");
  h.typing = type == "typing";
  if (type != "message" && !h.typing)
    return h;
  if (auto from = activity.find("from")) {
    h.speaker = text_member(*from, "name");
    if (h.speaker.empty())
      h.speaker = text_member(*from, "id");
    h.own = text_member(*from, "id") == own_id || text_member(*from, "role") == "user";
  }
  if (h.speaker.empty())
    h.speaker = "bot";
  h.text = text_member(activity, "text");
  h.unasked = text_member(activity, "replyToId").empty();
  if (auto data = activity.find("channelData"))
    if (auto own = data->find("interject"))
      h.prompt = text_member(*own, "prompt");
  if (auto all = activity.find("attachments"); all && all->as_list())
    for (auto& a : *all->as_list())
      read_attachment(h, a);
  if (auto suggested = activity.find("suggestedActions"))
    read_actions(h, suggested->find("actions"));
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

chat_screen::chat_screen(std::string own_id, std::string own_name)
    : own_id_(std::move(own_id)), own_name_(std::move(own_name)), tty_(::isatty(1) == 1) {}

void chat_screen::show_frame(const std::string& frame) {
  auto json = parse_json(frame);
  if (!json)
    return;
  std::lock_guard hold(mutex_);
  watermark_ = text_member(*json, "watermark");
  auto list = json->find("activities");
  if (list && list->as_list())
    for (auto& activity : *list->as_list())
      show(read_heard(activity, own_id_));
  last_heard_ = clock::now();
  changed_.notify_all();
}

void chat_screen::show_state(const std::string& state) {
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

std::string chat_screen::watermark() {
  std::lock_guard hold(mutex_);
  return watermark_;
}

void chat_screen::prompt() {
  std::lock_guard hold(mutex_);
  if (tty_)
    std::cout << green() << own_name_ << "> " << plain() << std::flush;
}

void chat_screen::sent(const std::string& text, bool echo) {
  std::lock_guard hold(mutex_);
  if (echo)
    std::cout << green() << own_name_ << "> " << plain() << text << std::endl;
  answered_ = false;
  user_spoke_ = true;
  last_heard_ = clock::now();
}

void chat_screen::complain(const std::string& what) {
  std::lock_guard hold(mutex_);
  std::cout << grey() << "-- " << what << plain() << std::endl;
}

void chat_screen::wait_for_answer(duration most) {
  std::unique_lock hold(mutex_);
  auto end = clock::now() + most;
  changed_.wait_until(hold, end, [this] { return answered_; });
  while (clock::now() < end && clock::now() - last_heard_ < std::chrono::milliseconds(250))
    changed_.wait_until(hold, std::min(end, last_heard_ + std::chrono::milliseconds(250)));
}

void chat_screen::wait_until_connected() {
  std::unique_lock hold(mutex_);
  changed_.wait_for(hold, std::chrono::seconds(5), [this] { return connected_; });
}

void chat_screen::converse(duration rest, const std::function<std::string(const picked&)>& post) {
  bool scripted = ::isatty(0) != 1;
  if (scripted)
    wait_for_answer(std::chrono::milliseconds(500)); // a greeting, if there is one
  std::string line;
  for (prompt(); std::getline(std::cin, line); prompt()) {
    if (line.empty())
      continue;
    auto said = resolve(line);
    sent(line, scripted);
    if (auto why = post(said); !why.empty())
      complain("not sent: " + why);
    else if (scripted)
      wait_for_answer(std::chrono::seconds(3));
  }
  if (scripted)
    std::this_thread::sleep_for(rest);
  std::lock_guard hold(mutex_);
  std::cout << std::endl;
}

void chat_screen::show(const heard& h) {
  if (h.own || h.typing || h.speaker.empty())
    return;
  answered_ = true;
  choices_ = h.choices;
  prompt_ = h.prompt;
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

picked chat_screen::resolve(const std::string& typed) {
  std::lock_guard hold(mutex_);
  picked p{resolve_choice(typed, choices_), {}};
  bool chosen = p.text != typed;
  for (auto& [title, posted] : choices_)
    chosen = chosen || typed == title || typed == posted;
  if (chosen)
    p.prompt = prompt_;
  return p;
}

} // namespace interject::gateway
