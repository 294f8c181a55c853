// The peers that are programs of their own: the Bot Framework, Erlang, BullMQ, json-logic-js. Each
// is told what ours is told, what the customers say above all, and prints a sum of what came of it,
// which must be that of ours.
#include "benchmarks/crowd.hpp"
#include "benchmarks/filter_work.hpp"
#include "benchmarks/load.hpp"
#include "benchmarks/orders.hpp"
#include "benchmarks/process.hpp"
#include "benchmarks/questions.hpp"

#include <boost/asio/io_context.hpp>

#include <unistd.h>

#include <fstream>
#include <sstream>

namespace interject::bench {

namespace {

/// Lines of a customer's number and the words of an order, with tabs between. → the sum of the
/// answers
std::uint64_t write_script(const std::filesystem::path& to, const settings& with,
                           std::size_t customers, std::size_t rounds) {
  std::ofstream out(to);
  std::uint64_t expected = 0;
  for (std::size_t round = 0; round < rounds; ++round)
    for (std::size_t who = 0; who < customers; ++who) {
      auto order = make_order(with.seed, who, round);
      out << who;
      for (auto& text : order.says)
        out << '\t' << text;
      out << '\n';
      for (auto& text : order.hears)
        expected = add_text(expected, text);
    }
  return expected;
}

/// Runs it to its end in `folder` and reads the sample that it prints.
sample run_program(const std::filesystem::path& folder, const std::vector<std::string>& words) {
  auto result = folder / "result";
  auto child = process::fork_off([&] {
    std::freopen(result.c_str(), "w", stdout);
    std::vector<char*> args;
    for (auto& word : words)
      args.push_back(const_cast<char*>(word.c_str()));
    args.push_back(nullptr);
    ::execvp(args[0], args.data());
    throw std::runtime_error("cannot run " + words[0]);
  });
  while (child.is_running())
    ::usleep(10'000);
  std::ifstream in(result);
  std::string mark, line;
  sample s;
  if (!(in >> mark >> s.units >> s.wall >> s.cpu >> s.checksum) || mark != "sample")
    throw std::runtime_error(words[0] + " gave no figures");
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    double figure = 0;
    std::string name;
    if (fields >> figure && std::getline(fields >> std::ws, name))
      s.more.emplace_back(name, figure);
  }
  return s;
}

std::string file(const settings& with, const char* name) {
  return (with.peers / name).string();
}

sample run_orders(const settings& with, std::vector<std::string> words, std::size_t customers,
                  std::size_t rounds) {
  work_folder folder(with);
  auto script = folder.path() / "script";
  auto expected = write_script(script, with, customers, rounds);
  words.push_back(script.string());
  auto s = run_program(folder.path(), words);
  s.expected = expected;
  return s;
}

// As `gateway`: 100 customers in a closed loop, each with a connection; the answer is in that of
// the POST.
sample over_http(const settings& with) {
  work_folder folder(with);
  auto port = free_port();
  auto under = process::fork_off([&] {
    auto program = file(with, "bot_framework.mjs"), number = std::to_string(port);
    ::execlp("node", "node", program.c_str(), "http", number.c_str(), nullptr);
    throw std::runtime_error("cannot run node");
  });
  wait_until_listening(port, under);
  boost::asio::io_context io{1};
  struct one {
    http_line line;
    std::size_t turn = 0;
  };
  std::vector<std::unique_ptr<one>> all;
  auto customers = with.pick(100, 5), warm = turns_per_order * with.pick(2, 1),
       last = warm + turns_per_order * with.pick(20, 1);
  sample s;
  histogram latency;
  double wall = 0, cpu = 0;
  std::size_t ready = 0;
  std::function<void(std::size_t)> go = [&](std::size_t who) {
    auto& c = *all[who];
    if (c.turn == warm && ++ready == customers)
      wall = wall_seconds(), cpu = under.cpu();
    if (c.turn == last)
      return;
    auto order = make_order(with.seed, who, c.turn / turns_per_order);
    auto from = wall_seconds();
    c.line.post("/" + std::to_string(who), "none",
                R"({"text":")" + order.says[c.turn % turns_per_order] + "\"}",
                [&, who, from](int, std::string_view body) {
                  auto& mine = *all[who];
                  s.checksum = add_text(s.checksum, body);
                  auto due = make_order(with.seed, who, mine.turn / turns_per_order);
                  s.expected = add_text(s.expected, due.hears[mine.turn++ % turns_per_order]);
                  if (wall > 0) {
                    latency.record((wall_seconds() - from) * 1e6);
                    ++s.units;
                  }
                  go(who);
                });
  };
  for (std::size_t i = 0; i < customers; ++i) {
    all.push_back(std::make_unique<one>(one{http_line(io, port)}));
    all.back()->line.connect([&go, i] { go(i); });
  }
  io.run();
  s.wall = wall_seconds() - wall;
  s.cpu = under.cpu() - cpu;
  s.more = {{"p50 us", latency.percentile(0.5)}, {"p99 us", latency.percentile(0.99)}};
  return s;
}

} // namespace

std::function<sample(const settings&)> bot_framework(const char* work) {
  if (work == std::string("http"))
    return over_http;
  if (work == std::string("interruptions"))
    return [](const settings& with) {
      work_folder folder(with);
      auto customers = with.pick(200, 5), cycles = with.pick(10, 2);
      auto s = run_program(folder.path(), {"node", file(with, "bot_framework.mjs"), "interruptions",
                                           std::to_string(customers), std::to_string(cycles)});
      for (auto text : {"It is at 100. Sell it?", "Sold.", "What would you like?"})
        s.expected += add_text(0, text) * customers * cycles;
      return s;
    };
  return [](const settings& with) {
    return run_orders(with, {"node", file(with, "bot_framework.mjs"), "turns"}, with.pick(200, 5),
                      with.pick(10, 2));
  };
}

std::function<sample(const settings&)> erlang_turns() {
  return [](const settings& with) {
    return run_orders(with, {"escript", file(with, "orders.escript")}, with.pick(1'000, 5),
                      with.pick(40, 2));
  };
}

std::function<sample(const settings&)> bullmq_reminders() {
  return [](const settings& with) {
    work_folder folder(with);
    auto jobs = with.pick(10'000, 100);
    auto s = run_program(folder.path(), {"node", file(with, "bullmq.mjs"), std::to_string(jobs),
                                         with.smoke ? "1" : "10", std::to_string(free_port()),
                                         folder.path().string()});
    s.expected = jobs;
    return s;
  };
}

std::function<sample(const settings&)> json_logic_filters() {
  return [](const settings& with) {
    work_folder folder(with);
    auto work = make_filter_work(with.seed, with.pick(1'000, 10), with.pick(3'000, 20));
    value::list specs;
    for (auto& f : work.filters)
      specs.push_back(as_spec(f));
    std::string text;
    append_json(text, specs);
    for (auto& p : work.people) {
      text += '\n';
      append_json(text, as_attributes(p));
    }
    auto told = folder.path() / "filters";
    std::ofstream(told) << text << '\n';
    auto s = run_program(folder.path(), {"node", file(with, "json_logic.mjs"), told.string()});
    s.expected = work.expected;
    return s;
  };
}

} // namespace interject::bench
