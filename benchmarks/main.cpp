// interject_bench [--smoke] [--peers] [--runs N] [--seed N] [--json FILE] [name…]: see --help.
#include "benchmarks/process.hpp"
#include "benchmarks/questions.hpp"
#include "benchmarks/report.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>

using namespace interject::bench;

namespace {

std::vector<question> all_questions() {
  using enum whose;
  return {
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
      {"wake_up", "a conversation that is not in memory: from a message to its answer",
       "conversations", wake_ups},
      {"watches_1k", "a sample that fires none of 1,000 watches of all kinds on its symbol",
       "samples", quiet_thousand},
      {"watches_10k", "the same with 10,000 watches", "samples", quiet_ten_thousand},
      {"watches_100k", "the same with 100,000 watches", "samples", quiet_hundred_thousand},
      {"watches_1m", "the same with 1,000,000 watches", "samples", quiet_million},
      {"firings", "a sample that fires 100,000 watches on disk; stub conversations", "firings",
       fire_many},
      {.name = "firings_told",
       .asks = "a sample that fires 100,000 watches of people on disk, each told in a commit; "
               "meanwhile another customer orders",
       .unit = "firings",
       .run = fire_and_tell,
       .most_runs = 3},
      {"reminders",
       "10,000 reminders due within 10 s beside 1,000,000 over a year, on disk; stub conversations",
       "reminders", million_reminders},
      {.name = "reminders_10m",
       .asks = "100,000 reminders due within 10 s beside 10,000,000 over a year",
       .unit = "reminders",
       .run = ten_million_reminders,
       .most_runs = 1,
       .by_name_only = true},
      {"filters", "a filter of three conditions over a person's attributes, the pure core",
       "filters", filters_over_people},
      {"broadcast", "one broadcast to 100,000 people whose conversations are on disk", "recipients",
       broadcast_to_all},
      {"round_trip", "POST to the bot's answer on the stream, one client, on disk", "turns",
       round_trip},
      {"gateway", "the same with 100 clients in a closed loop; CPU is the server's", "turns",
       hundred_clients},
      {.name = "half_load",
       .asks = "the same at half that rate, in an open loop",
       .unit = "turns",
       .run = half_load,
       .same_work = false},
      {"idle_clients", "10,000 connected clients to whom nothing is said", "clients", idle_clients},
      {"fan_out", "a price alert to 10,000 connected people, each on disk before it is told",
       "deliveries", fan_out},
      {"idle_server", "a server with the demo bot and nothing to do", "seconds", idle_server},
      {"start_up", "from the start of the process to the first WebSocket handshake, demo bot",
       "starts", start_up},
      {"restart", "back after kill -9 with 1,000,000 conversations and 1,000,000 watches", "starts",
       restart},
      {"growth_1k", "a durable turn beside 1,000 stored conversations", "turns", grown_1k},
      {"growth_10k", "the same beside 10,000", "turns", grown_10k},
      {"growth_100k", "the same beside 100,000", "turns", grown_100k},
      {"growth_1m", "the same beside 1,000,000", "turns", grown_1m},
      {.name = "load_curve",
       .asks = "latency against load, server and generator on a core each",
       .unit = "turns",
       .run = load_curve,
       .same_work = false,
       .most_runs = 3},
      {.name = "overload",
       .asks = "twice the turns that the server can do, from 6,000 clients",
       .unit = "turns",
       .run = overload,
       .same_work = false,
       .most_runs = 3},
      {.name = "soak",
       .asks = "70 % load for ten minutes (--seconds): memory, descriptors and latency over time",
       .unit = "turns",
       .run = soak,
       .same_work = false,
       .most_runs = 1,
       .by_name_only = true},
      {.name = "bare_rows_500",
       .asks = "the rows of a turn in bare SQLite, 500 turns a transaction, as `durable` has them",
       .unit = "turns",
       .run = bare_rows(500),
       .of = limit,
       .against = {"durable"}},
      {.name = "bare_rows",
       .asks = "the same, 100 turns a transaction: as many as `gateway` has clients",
       .unit = "turns",
       .run = bare_rows(100),
       .of = limit,
       .against = {"gateway"}},
      {.name = "beast_echo",
       .asks = "an echo of 414 bytes in bare Beast, one thread, 100 clients",
       .unit = "echoes",
       .run = beast_echo,
       .of = limit,
       .against = {"gateway"}},
      {.name = "beast_fan_out",
       .asks = "the bytes of that alert to 10,000 sockets in bare Beast, one thread",
       .unit = "deliveries",
       .run = beast_fan_out,
       .of = limit,
       .against = {"fan_out"}},
      {.name = "bot_framework",
       .asks = "the order dialog in the Bot Framework (botbuilder on Node), memory storage",
       .unit = "turns",
       .run = bot_framework("turns"),
       .of = peer,
       .against = {"turns", "durable"}},
      {.name = "bot_framework_interruptions",
       .asks = "interruption, answer and resumption there",
       .unit = "cycles",
       .run = bot_framework("interruptions"),
       .of = peer,
       .against = {"interruptions"}},
      {.name = "bot_framework_http",
       .asks = "its turn behind plain node http, 100 clients in a closed loop",
       .unit = "turns",
       .run = bot_framework("http"),
       .of = peer,
       .against = {"gateway"}},
      {.name = "erlang",
       .asks = "the order dialog as a gen_statem a conversation",
       .unit = "turns",
       .run = erlang_turns(),
       .of = peer,
       .against = {"turns"}},
      {.name = "bullmq",
       .asks = "10,000 delayed jobs over 10 s in BullMQ on Redis (append-only file)",
       .unit = "jobs",
       .run = bullmq_reminders(),
       .of = peer,
       .against = {"reminders"}},
      {.name = "json_logic",
       .asks = "the same filters over the same attributes in json-logic-js",
       .unit = "filters",
       .run = json_logic_filters(),
       .of = peer,
       .against = {"filters"}},
  };
}

std::string now() {
  auto t = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&t));
  return text;
}

bool contains(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

struct wish {
  settings with;
  std::vector<std::string> names;
  std::string commit = "unknown", json;
  bool peers = false;
};

bool is_wanted(const question& q, const wish& w) {
  if (contains(w.names, q.name))
    return true;
  if (q.of == whose::ours)
    return w.names.empty() && (!q.by_name_only || w.with.smoke);
  // Of the limits and the peers: those of what is asked.
  if (!w.peers && q.of == whose::peer)
    return false;
  if (!w.peers && !(w.names.empty() && w.with.smoke))
    return false;
  return w.names.empty() || std::any_of(q.against.begin(), q.against.end(),
                                        [&](auto ours) { return contains(w.names, ours); });
}

int run(const std::vector<question>& questions, const wish& w) {
  report r{this_machine(), w.commit, now(), w.with, signs_of_others(), {}};
  print_head(r);
  int failed = 0;
  for (auto& q : questions) {
    if (!is_wanted(q, w))
      continue;
    if (auto a = answer(q, w.with))
      r.answers.push_back(std::move(*a));
    else
      ++failed;
  }
  print_ratios(r);
  if (!w.json.empty())
    write_json(r, w.json);
  std::printf("%zu passed, %d failed\n", r.answers.size(), failed);
  return failed ? 1 : 0;
}

} // namespace

int main(int argc, char** argv) {
  allow_many_descriptors();
  stay_on(-1);
  auto questions = all_questions();
  std::string names;
  for (auto& q : questions)
    names += std::string("\n  ") + q.name + ": " + q.asks;
  wish w;
  auto here = std::filesystem::path(argv[0]).parent_path();
  w.with.folder = here;
  w.with.server = here / ".." / "interject";
  w.with.peers = here / "../../../benchmarks/peers";
  w.with.demo = here / "../../../config/bots/demo";
  CLI::App app{"Answers, with figures:" + names};
  app.add_flag("--smoke", w.with.smoke,
               "a small size of each, once: whether they still run and do the work");
  app.add_flag("--peers", w.peers, "the limits and the peers too, and how ours compares");
  app.add_option("--runs", w.with.runs, "runs of each; medians are printed")
      ->check(CLI::Range(1, 1000));
  app.add_option("--seed", w.with.seed, "of what the customers say");
  app.add_option("--seconds", w.with.seconds, "of the soak")->check(CLI::Range(1.0, 1e6));
  app.add_option("--json", w.json, "a file for the figures, for --compare and the plots");
  app.add_option("--commit", w.commit, "what was built, for the report");
  app.add_option("--folder", w.with.folder,
                 "where durable work is written; beside the program otherwise");
  app.add_option("--server", w.with.server, "the interject binary");
  app.add_option("name", w.names, "only these");
  CLI11_PARSE(app, argc, argv);
  if (w.with.smoke)
    w.with.runs = 1;
  for (auto& name : w.names)
    if (std::none_of(questions.begin(), questions.end(), [&](auto& q) { return q.name == name; })) {
      std::fprintf(stderr, "no benchmark is called '%s'; there are:%s\n", name.c_str(),
                   names.c_str());
      return 2;
    }
  try {
    return run(questions, w);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "interject_bench: %s\n", e.what());
    return 1;
  }
}
