// A program with an actor system of its own, in which a bot takes orders and is interrupted.
#include <interject/actors/runtime/messages.hpp>
#include <interject/actors/runtime/node.hpp>
#include <interject/config/bot_loader.hpp>

#include <caf/all.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

using namespace interject;

struct printer final : runtime::outlet {
  void publish(const publication& what) override {
    auto said = nlohmann::json::parse(*what.body);
    bool user = said["from"]["role"] == "user";
    std::cout << (user ? "user> " : "bot>  ") << said["text"].get<std::string>() << std::endl;
  }
};

int main(int, char** argv) {
  caf::actor_system_config config;
  runtime::prepare(config);
  caf::actor_system system{config};

  auto coffee = config::load_bot(argv[1]);
  runtime::node_options how;
  how.bot = coffee.bot;
  how.store = journal::make_memory_store();
  how.out = std::make_shared<printer>();
  auto node = runtime::node::start(system, how);
  if (!node) {
    std::cerr << node.error().what << '\n';
    return 1;
  }

  caf::scoped_actor self{system};
  std::string cake; // said by an actor, decided for us: printed when all is said
  auto ask = [&](auto request) {
    request.conversation = "table-1";
    self->send((*node)->router(), std::move(request));
    self->receive([](const opened&) {}, [](const posted&) {},
                  [&](const decided& d) { cake = to_string(d.what.code); },
                  [](const refused& r) { std::cerr << "refused: " << r.what << '\n'; },
                  caf::after(std::chrono::seconds(30)) >> [] { std::cerr << "no answer\n"; });
  };
  auto say = [&](const char* text) {
    post_activity post;
    post.activity.text = text;
    ask(std::move(post));
  };
  ask(open_conversation{});
  say("Two flat whites");
  notify news;
  news.what.id = "cake-1";
  news.what.mode = delivery_mode::ad_hoc;
  news.what.urgency = urgency::critical;
  news.what.text = {{"", "The last piece of cake waits for you."}};
  ask(std::move(news));
  say("To go");
  (*node)->stop(std::chrono::seconds(5));
  std::cout << "The news of the cake: " << cake << '\n';
}
