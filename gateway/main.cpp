// The composition root: reads the command line and hands over.
#include "gateway/backup.hpp"
#include "gateway/chat.hpp"
#include "gateway/explain.hpp"
#include "gateway/notify.hpp"
#include "gateway/serve.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <string>

namespace {

using namespace interject;

CLI::Validator as_duration(std::int64_t least, std::int64_t most) {
  return CLI::Validator(
      [least, most](std::string& text) -> std::string {
        auto length = parse_duration(text);
        if (!length)
          return "\"" + text + "\" is no duration, as 90s or 10m is";
        if (length->count() < least || length->count() > most)
          return text + " is not within " + format_duration(duration(least)) + " and " +
                 format_duration(duration(most));
        return {};
      },
      "DURATION");
}

void bind(CLI::App& app, const config::setting& s, config::settings& into) {
  auto name = "--" + std::string(s.name);
  CLI::Option* option = nullptr;
  if (auto text = std::get_if<std::string config::settings::*>(&s.where)) {
    option = app.add_option(name, into.**text, s.help);
    if (s.one_of)
      option->check(CLI::IsMember(CLI::detail::split(s.one_of, '|')));
  } else if (auto flag = std::get_if<bool config::settings::*>(&s.where)) {
    option = app.add_flag(name, into.**flag, s.help);
  } else if (auto number = std::get_if<std::int64_t config::settings::*>(&s.where)) {
    option = app.add_option(name, into.**number, s.help)->check(CLI::Range(s.least, s.most));
  } else {
    auto place = std::get<duration config::settings::*>(s.where);
    option =
        app.add_option_function<std::string>(
               name, [&into, place](const std::string& t) { into.*place = *parse_duration(t); },
               s.help)
            ->check(as_duration(s.least, s.most));
  }
  if (auto fallback = config::default_text(s); !fallback.empty())
    option->default_str(fallback);
  option->envname(config::environment_name(s))->required(s.required);
}

void add_client_options(CLI::App& app, std::string& url, std::string& secrets, std::string& data) {
  app.add_option("--url", url, "address of the server")->capture_default_str();
  app.add_option("--secrets", secrets, "file with the server's keys; the environment goes first");
  app.add_option("--data", data, "data folder of a server on this machine, for its keys");
}

void add_notify_options(CLI::App& app, gateway::notify_options& n) {
  add_client_options(app, n.url, n.secrets, n.data);
  auto file =
      app.add_option("--json", n.file, "the whole notification from a file; - is standard input");
  auto user = app.add_option("--user", n.user, "to this person");
  auto talk = app.add_option("--conversation", n.conversation, "to this conversation");
  user->excludes(talk)->excludes(file);
  talk->excludes(file);
  app.add_option("--text", n.text, "what is said (ICU MessageFormat)")->excludes(file);
  app.add_option("--id", n.id, "its id: the same one again is taken once")->excludes(file);
  app.add_option("--delivery", n.delivery, "auto, ad_hoc, deferred or interrupt")->excludes(file);
  app.add_option("--urgency", n.urgency, "passive, normal, time_sensitive or critical")
      ->excludes(file);
  app.add_option("--return", n.returns, "after an interruption: resume or reset")->excludes(file);
  app.add_option("--expires-in", n.expires_in, "90s, 10m, 24h")->excludes(file);
  app.add_option("--topic", n.topic, "what it is about, so that it can be muted")->excludes(file);
  app.add_option("--dialog", n.dialog, "the dialog that it begins")->excludes(file);
  app.add_option("--param", n.params, "NAME=VALUE for text and dialog; may be repeated")
      ->excludes(file);
  app.final_callback([&n] {
    if (n.file.empty() && n.user.empty() && n.conversation.empty())
      throw CLI::ValidationError("notify", "one of --user, --conversation and --json is needed");
  });
}

int run(int argc, char** argv) {
  CLI::App app{"Conversations in which the bot may speak first.", "interject"};
  app.require_subcommand(1);
  app.set_version_flag("--version", INTERJECT_VERSION);
  int code = 0;

  config::settings how;
  auto serve = app.add_subcommand("serve", "Run the server with a bot");
  for (auto& s : config::all_settings())
    bind(*serve, s, how);
  serve->final_callback([&] { code = gateway::serve(how); });

  std::string folder;
  auto check = app.add_subcommand("check", "Report every fault of a bot");
  check->add_option("bot", folder, "folder of the bot")->required();
  check->final_callback([&] { code = gateway::check(folder); });

  gateway::backup_options copy;
  auto backup = app.add_subcommand("backup", "Copy the database, also while its server runs");
  backup->add_option("target", copy.target, "file that the copy becomes; one of this name is replaced once the copy is whole")
      ->required();
  backup->add_option("--data", copy.data, "data folder of the server")
      ->envname("INTERJECT_DATA")
      ->required();
  backup->final_callback([&] { code = gateway::backup(copy); });

  gateway::chat_options talk;
  auto chat = app.add_subcommand("chat", "Talk to a bot in this terminal");
  chat->add_option(
      "bot", talk.bot,
      "folder of a bot, which then runs here; without it: the bot of a running server");
  add_client_options(*chat, talk.url, talk.secrets, talk.data);
  chat->add_option("--user", talk.user, "who you are; the server knows you again by it");
  chat->add_option("--locale", talk.locale, "your language: en, fr-CA, …");
  chat->add_option_function<std::string>(
          "--wait", [&](const std::string& t) { talk.wait = *parse_duration(t); },
          "how long to stay for the bot after the end of the input, when it is no terminal")
      ->check(as_duration(0, 3'600'000))
      ->default_str("2s");
  chat->final_callback([&] { code = gateway::chat(talk); });

  gateway::notify_options notice;
  auto notify = app.add_subcommand("notify", "Tell somebody something, and hear what was decided");
  add_notify_options(*notify, notice);

  gateway::explain_options why;
  auto explain =
      app.add_subcommand("explain", "Say in words what became of a notification, and why");
  add_client_options(*explain, why.url, why.secrets, why.data);
  explain->add_option("id", why.id, "its id")->required();

  auto version = app.add_subcommand("version", "Print the version");
  version->final_callback([] { std::cout << "interject " INTERJECT_VERSION "\n"; });

  try {
    app.parse(argc, argv);
    if (notify->parsed())
      code = gateway::notify_program(notice);
    if (explain->parsed())
      code = gateway::explain_program(why);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0)
      return app.exit(e);
    std::cerr << "interject: " << e.what()
              << "\nTry `interject --help`, or --help after a sub-command.\n";
    return 2;
  }
  return code;
}

} // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "interject: " << e.what() << '\n';
    return 1;
  }
}
