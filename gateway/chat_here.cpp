// `interject chat BOT`: the bot in this process, over a store in memory.
#include "actors/runtime/messages.hpp"
#include "actors/runtime/node.hpp"
#include "config/bot_loader.hpp"
#include "gateway/chat_screen.hpp"
#include "gateway/log_format.hpp"
#include "protocols/ids.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include <iostream>

namespace interject::gateway {

namespace {

constexpr auto answer_limit = std::chrono::seconds(10);

class onto_screen final : public runtime::outlet {
public:
  explicit onto_screen(chat_screen& to) : to_(to) {}
  void publish(const publication& what) override {
    to_.show_frame("{\"activities\":[" + *what.body + "]}");
  }

private:
  chat_screen& to_;
};

int cannot(const std::string& why) {
  std::cerr << "interject chat: " << why << '\n';
  return 1;
}

/// Sends a request and waits for its answer; says why there is none.
template <class Request>
std::string ask(caf::scoped_actor& self, const caf::actor& to, Request what) {
  std::string why;
  self->send(to, std::move(what));
  self->receive([](const opened&) {}, [](const posted&) {}, [](const done&) {},
                [&](const refused& r) { why = r.what; },
                caf::after(answer_limit) >> [&] { why = "no answer came"; });
  return why;
}

std::string post(caf::scoped_actor& self, const caf::actor& to, const chat_options& how,
                 const user_id& user, const picked& said) {
  post_activity what;
  what.conversation = "chat";
  what.activity.text = said.text;
  what.activity.tapped = said.prompt;
  what.activity.from = user;
  what.activity.locale = how.locale;
  what.activity.client_id = new_id("");
  return ask(self, to, std::move(what));
}

} // namespace

int chat_here(const chat_options& how) {
  set_up_log("text", "error");
  auto loaded = config::load_bot(how.bot);
  for (auto& fault : loaded.faults)
    std::cerr << config::describe(fault) << '\n';
  if (!loaded.bot)
    return cannot("the bot in " + how.bot + " cannot be loaded");
  user_id user = how.user.empty() ? "you" : how.user;
  chat_screen screen(user, "you");
  caf::actor_system_config cfg;
  runtime::prepare(cfg);
  caf::actor_system sys(cfg);
  runtime::node_options options;
  options.bot = loaded.bot;
  options.bot_source = std::move(loaded.source);
  options.store = journal::make_memory_store();
  options.out = std::make_shared<onto_screen>(screen);
  auto node = runtime::node::start(sys, std::move(options));
  if (!node)
    return cannot(node.error().what);
  std::cout << "Talking to " << dialog::name(*loaded.bot) << ", the bot in " << how.bot
            << ". A number picks a choice; Ctrl-D ends.\n";
  caf::scoped_actor self(sys);
  auto& router = (*node)->router();
  open_conversation open;
  open.conversation = "chat";
  open.user = user;
  open.locale = how.locale;
  if (auto why = ask(self, router, std::move(open)); !why.empty())
    return cannot(why);
  screen.converse(how.wait,
                  [&](const picked& said) { return post(self, router, how, user, said); });
  (*node)->stop(std::chrono::seconds(5));
  return 0;
}

} // namespace interject::gateway
