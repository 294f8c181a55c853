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
  app.add_option("--url", url, "address of the server; http only")->capture_default_str();
  app.add_option(
      "--secrets", secrets,
      "file with the server's keys; INTERJECT_API_KEY and INTERJECT_DIRECTLINE_SECRET in "
      "the environment go first");
  app.add_option("--data", data,
                 "data folder of a server on this machine: its keys are in it when `serve --demo` "
                 "made them up");
}

void add_notify_options(CLI::App& app, gateway::notify_options& n) {
  add_client_options(app, n.url, n.secrets, n.data);
  auto file = app.add_option("--json", n.file,
                             "file with the whole notification, or with {\"items\": […]}, instead "
                             "of the options below; - is standard input");
  auto user = app.add_option("--user", n.user,
                             "to this person, in the conversation where they are best reached");
  auto talk = app.add_option("--conversation", n.conversation, "to this conversation");
  user->excludes(talk)->excludes(file);
  talk->excludes(file);
  app.add_option("--text", n.text, "what is said; {NAME} stands for a --param (ICU MessageFormat)")
      ->excludes(file);
  app.add_option(
         "--id", n.id,
         "its id, one is made up without it; what is sent again with the same id is taken once")
      ->excludes(file);
  app.add_option(
         "--delivery", n.delivery,
         "auto (the default: chosen by urgency), ad_hoc (beside the dialog), deferred (after "
         "it, or at its next boundary) or interrupt (at once; the dialog waits)")
      ->excludes(file);
  app.add_option("--urgency", n.urgency,
                 "passive, normal (the default), time_sensitive or critical")
      ->excludes(file);
  app.add_option("--return", n.returns,
                 "what an interruption does to the dialog: resume it (the default) or reset it")
      ->excludes(file);
  app.add_option("--expires-in", n.expires_in,
                 "when it is stale and is no longer said: 90s, 10m, 24h")
      ->excludes(file);
  app.add_option("--topic", n.topic, "what it is about, so that it can be muted")->excludes(file);
  app.add_option("--dialog", n.dialog, "dialog of the bot that it begins; --text or this is needed")
      ->excludes(file);
  app.add_option("--param", n.params,
                 "NAME=VALUE, for the text and as a parameter of the dialog; may be repeated")
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
  serve->footer(
      "SIGTERM stops the server, SIGHUP loads the bot again.\n"
      "INTERJECT_API_KEY and INTERJECT_DIRECTLINE_SECRET must be set, in the environment or in\n"
      "--secrets FILE; --demo makes them up.");
  for (auto& s : config::all_settings())
    bind(*serve, s, how);
  serve->final_callback([&] { code = gateway::serve(how); });

  std::string folder;
  auto check = app.add_subcommand("check", "Report every fault of a bot");
  check->footer("Nothing is run. The exit code is 0 when the bot can be loaded, perhaps with "
                "warnings, else 1.");
  check->add_option("bot", folder, "folder of the bot, with its bot.json")->required();
  check->final_callback([&] { code = gateway::check(folder); });

  gateway::backup_options copy;
  auto backup = app.add_subcommand("backup", "Copy the database, also while its server runs");
  backup
      ->add_option(
          "target", copy.target,
          "file that the copy becomes; one of this name is replaced once the copy is whole")
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
  chat->add_option("--user", talk.user,
                   "who you are: the server knows you again by it; made up without it");
  chat->add_option("--locale", talk.locale, "your language: en, fr-CA, …");
  chat->add_option_function<std::string>(
          "--wait", [&](const std::string& t) { talk.wait = *parse_duration(t); },
          "how long to stay for what the bot still says when the input, a file or a pipe, has "
          "ended")
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
    bool unknown = argc > 1 && argv[1][0] != '-' && app.get_subcommands().empty();
    std::cerr << "interject: "
              << (unknown ? "there is no command \"" + std::string(argv[1]) + "\"" : e.what())
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
