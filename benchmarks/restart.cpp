// How soon a server is back after `kill -9` in the middle of turns, over a million conversations
// and as many watches.
#include "benchmarks/process.hpp"
#include "benchmarks/stored.hpp"
#include "benchmarks/talker.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>

namespace interject::bench {

namespace {

constexpr std::size_t symbols = 1000;

struct answer_of {
  int status = 0;
  std::string body;
};

answer_of post(unsigned short port, const std::string& path, const char* key,
               const std::string& body) {
  boost::asio::io_context io;
  http_line line(io, port);
  answer_of out;
  line.connect([&] {
    line.post(path, key, body, [&](int status, std::string_view text) {
      out = {status, std::string(text)};
    });
  });
  io.run();
  return out;
}

answer_of say_to(unsigned short port, std::size_t who, const std::string& text) {
  return post(
      port, "/v3/directline/conversations/" + stored_name(who) + "/activities", directline_secret,
      R"({"type":"message","from":{"id":")" + stored_user(who) + R"("},"text":")" + text + "\"}");
}

std::string price(const std::string& symbol, int at) {
  return R"({"samples":[{"symbol":")" + symbol + R"(","price":)" + std::to_string(at) + "}]}";
}

std::uint64_t number_after(const std::string& json, const std::string& mark) {
  auto at = json.find(mark);
  return at == json.npos ? 0 : std::stoull(json.substr(at + mark.size()));
}

void must_be_good(const answer_of& a, const char* what) {
  if (a.status < 200 || a.status >= 300)
    throw std::runtime_error(std::string(what) + ": " + std::to_string(a.status) + " " + a.body);
}

// Many customers talk on their own threads of work until the server is killed under them.
void kill_in_the_middle(server& under, std::size_t stored, std::size_t round) {
  std::atomic<bool> over{false};
  std::vector<std::thread> people;
  for (std::size_t i = 0; i < 8; ++i)
    people.emplace_back([&, i] {
      try {
        for (std::size_t k = 0; !over; ++k)
          say_to(under.port(), (round * 1000 + i * 100 + k * 8) % stored, "espresso");
      } catch (const std::exception&) { // its server is gone, as it should be
      }
    });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  under.it().kill_now();
  over = true;
  for (auto& each : people)
    each.join();
}

} // namespace

std::vector<sample> restart(const settings& with) {
  work_folder folder(with);
  auto stored = with.pick(1'000'000, 2'000);
  store_conversations(folder.path() / "data", stored, symbols);
  std::vector<sample> out;
  for (std::size_t round = 0; round <= static_cast<std::size_t>(with.runs); ++round) {
    auto from = wall_seconds();
    server under({.program = with.server, .folder = folder.path()});
    auto listening = wall_seconds() - from;
    must_be_good(say_to(under.port(), stored - 1 - round, "espresso"), "the first turn");
    auto first_turn = wall_seconds() - from;
    must_be_good(post(under.port(), "/api/v1/prices", api_key, price(stored_symbol(round), 110)),
                 "a price");
    auto armed = wall_seconds() - from;
    if (round > 0) { // the first start found a database that was closed well
      auto fired = post(under.port(), "/api/v1/prices", api_key, price(stored_symbol(round), 99));
      auto& s = out.emplace_back();
      s.units = 1;
      s.checksum = number_after(fired.body, "\"fired\":");
      s.expected = stored / symbols;
      s.more = {{"s until it listens", listening},
                {"s to the first turn", first_turn},
                {"s until watches are armed", armed},
                {"MB", static_cast<double>(under.it().resident()) / 1e6}};
    }
    kill_in_the_middle(under, stored, round);
  }
  return out;
}

} // namespace interject::bench
