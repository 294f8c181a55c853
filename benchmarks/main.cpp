// interject_bench [--smoke] [--runs N] [--seed N] [--folder F] [--server F] [name…]
#include "benchmarks/harness.hpp"
#include "benchmarks/process.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

using namespace interject::bench;

int main(int argc, char** argv) {
  const std::vector<question> questions{
      {"advance", "a turn of the order dialog in the pure core, one thread", "turns",
       advance_alone},
      {"turns", "the same through the actors, memory store, 1,000 conversations", "turns",
       turns_in_memory},
      {"durable", "the same, every turn on disk (SQLite, synchronous FULL)", "turns",
       turns_durable},
      {"interruptions", "interruption, answer and resumption, on disk", "cycles",
       interruptions_durable},
      {"memory", "a live conversation with two frames and five variables", "conversations",
       bytes_per_conversation},
      {"watches_1k", "a sample that fires none of 1,000 watches of all kinds on its symbol",
       "samples", quiet_thousand},
      {"watches_1m", "the same with 1,000,000 watches", "samples", quiet_million},
      {"firings", "a sample that fires 100,000 watches on disk; stub conversations", "firings",
       fire_many},
      {"reminders",
       "10,000 reminders due within 10 s beside 1,000,000 over a year, on disk; stub conversations",
       "reminders", sleeping_reminders},
      {"round_trip", "POST to the bot's answer on the stream, one client, on disk", "turns",
       round_trip},
      {"gateway", "the same with 100 clients; CPU is the server's", "turns", hundred_clients},
      {"half_load", "the same at half that rate, in an open loop", "turns", half_load, false},
  };
  allow_many_descriptors();
  stay_on(-1);
  settings with;
  with.server = std::filesystem::path(argv[0]).parent_path() / ".." / "interject";
  std::vector<std::string> wanted;
  std::string names;
  for (auto& q : questions)
    names += std::string("\n  ") + q.name + ": " + q.asks;
  CLI::App app{"Answers, with figures:" + names};
  app.add_flag("--smoke", with.smoke,
               "a small size of each, once: whether they still run and do the work");
  app.add_option("--runs", with.runs, "runs of each; medians are printed")
      ->check(CLI::Range(1, 1000));
  app.add_option("--seed", with.seed, "of what the customers say");
  app.add_option("--folder", with.folder,
                 "where durable work is written; the current folder otherwise");
  app.add_option("--server", with.server, "the interject binary");
  app.add_option("name", wanted, "only these");
  CLI11_PARSE(app, argc, argv);
  if (with.smoke)
    with.runs = 1;
  for (auto& name : wanted)
    if (std::none_of(questions.begin(), questions.end(), [&](auto& q) { return q.name == name; })) {
      std::fprintf(stderr, "no benchmark is called '%s'; there are:%s\n", name.c_str(),
                   names.c_str());
      return 2;
    }

  print_machine(with);
  int passed = 0, failed = 0;
  for (auto& q : questions)
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), q.name) != wanted.end())
      ++(answer(q, with) ? passed : failed);
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed ? 1 : 0;
}
