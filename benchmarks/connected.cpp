// Ten thousand connected people: what they cost while nothing is said, and how soon all have heard
// of one price.
#include "benchmarks/crowd.hpp"
#include "benchmarks/load.hpp"
#include "benchmarks/process.hpp"

#include <thread>

namespace interject::bench {

namespace {

server_wish many(const settings& with, const std::filesystem::path& folder) {
  return {.program = with.server, .folder = folder, .more = {"--max-connections", "20000"}};
}

// A connection that was closed here may still be open there for a moment.
std::size_t settled_descriptors(process& of, std::size_t at_most) {
  for (int i = 0; i < 200 && of.descriptors() > at_most; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return of.descriptors();
}

/// → (bytes above none, bytes in all)
std::pair<double, double> connect_all(const settings& with, server_wish wish, std::size_t n,
                                      sample& s) {
  server under(wish);
  auto none = under.it().descriptors();
  crowd few(under.port(), 50, with.seed); // what the first clients need once
  few.open(false);
  auto resident = static_cast<double>(under.it().resident());
  auto before = settled_descriptors(under.it(), none + few.size());
  crowd people(under.port(), n, with.seed);
  people.open(false);
  auto open = settled_descriptors(under.it(), before + n) - before;
  s.checksum += open >= n ? n : open;
  auto after = static_cast<double>(under.it().resident());
  return {after - resident, after};
}

struct to_post {
  std::string path;
  const char* key;
  std::string body;
};

/// One for each person, on a few connections.
void post_all(crowd& people, unsigned short port, const std::function<to_post(std::size_t)>& what) {
  constexpr std::size_t lines = 32;
  std::vector<std::unique_ptr<http_line>> on;
  std::size_t next = 0, over = 0;
  std::function<void(http_line&)> go = [&](http_line& line) {
    if (next == people.size())
      return;
    auto it = what(next++);
    line.post(it.path, it.key, it.body, [&, path = it.path](int status, std::string_view text) {
      if (status >= 300)
        throw std::runtime_error(path + ": " + std::to_string(status) + " " + std::string(text));
      ++over;
      go(line);
    });
  };
  for (std::size_t i = 0; i < lines; ++i) {
    on.push_back(std::make_unique<http_line>(people.io(), port));
    on.back()->connect([&go, &line = *on.back()] { go(line); });
  }
  people.run_until([&] { return over == people.size(); });
}

} // namespace

sample idle_clients(const settings& with) {
  work_folder folder(with);
  auto n = with.pick(10'000, 100);
  sample s;
  s.units = static_cast<double>(n);
  auto [live, all] = connect_all(with, many(with, folder.path()), n, s);
  auto asleep_wish = many(with, folder.path());
  asleep_wish.more.insert(asleep_wish.more.end(), {"--max-live", "1600"});
  auto [asleep, all_asleep] = connect_all(with, asleep_wish, n, s);
  s.expected = 2 * n;
  s.more = {{"bytes a client, conversation awake", live / s.units},
            {"MB in all, awake", all / 1e6},
            {"bytes a client, asleep", asleep / s.units},
            {"MB in all, asleep", all_asleep / 1e6}};
  return s;
}

sample fan_out(const settings& with) {
  work_folder folder(with);
  auto n = with.pick(10'000, 50);
  server under(many(with, folder.path()));
  crowd people(under.port(), n, with.seed);
  people.open(false);
  auto price = [&](int at) {
    return R"({"samples":[{"symbol":"X","price":)" + std::to_string(at) + "}]}";
  };
  http_line line(people.io(), under.port());
  bool told = false;
  auto tell = [&](int at) {
    told = false;
    line.post("/api/v1/prices", api_key, price(at), [&](int status, std::string_view body) {
      if (status != 200)
        throw std::runtime_error("a price: " + std::to_string(status) + " " + std::string(body));
      told = true;
    });
  };
  line.connect([&] { tell(120); });
  people.run_until([&] { return told; });
  // Nobody is told anything who has not shown themselves.
  post_all(people, under.port(), [&](std::size_t i) {
    return to_post{"/v3/directline/conversations/" + people.at(i).conversation() + "/activities",
                   directline_secret,
                   R"({"type":"event","name":"join","from":{"id":"dl_)" + std::to_string(i) +
                       "\"}}"};
  });
  post_all(people, under.port(), [&](std::size_t i) {
    return to_post{
        "/api/v1/watches", api_key,
        R"({"conversation":")" + people.at(i).conversation() +
            R"(","symbol":"X","when":{"falls_to":100},"notify":{"delivery":"ad_hoc","text":"X is at {price}."}})"};
  });
  sample s;
  histogram latency;
  double from = 0;
  std::size_t heard = 0;
  for (std::size_t i = 0; i < n; ++i)
    people.at(i).on_news([&](std::string_view text) {
      s.checksum += text == "X is at 99.";
      latency.record((wall_seconds() - from) * 1e6);
      ++heard;
    });
  auto cpu = under.it().cpu();
  from = wall_seconds();
  tell(99);
  people.run_until([&] { return heard >= n && told; });
  s.wall = wall_seconds() - from;
  s.cpu = under.it().cpu() - cpu;
  s.units = static_cast<double>(n);
  s.expected = n;
  s.more = {{"ms to the first", latency.percentile(0) / 1e3},
            {"ms to half of them", latency.percentile(0.5) / 1e3},
            {"ms to the last", latency.max() / 1e3}};
  return s;
}

} // namespace interject::bench
