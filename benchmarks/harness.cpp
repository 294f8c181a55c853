#include "benchmarks/harness.hpp"

#include <caf/config.hpp>
#include <sqlite3.h>

#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <thread>

namespace interject::bench {

namespace {

std::string first_line_with(const char* file, const char* begin) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(begin))
      return line.substr(line.find(':') + 2);
  return "unknown";
}

std::string write_sample(const sample& s) {
  std::ostringstream out;
  out.precision(17);
  out << s.units << ' ' << s.wall << ' ' << s.cpu << ' ' << s.checksum << ' ' << s.expected << '\n';
  for (auto& [name, figure] : s.more)
    out << figure << ' ' << name << '\n';
  return out.str();
}

std::optional<sample> read_sample(const std::string& text) {
  std::istringstream in(text);
  sample s;
  if (!(in >> s.units >> s.wall >> s.cpu >> s.checksum >> s.expected))
    return std::nullopt;
  double figure = 0;
  for (std::string name; in >> figure && std::getline(in >> std::ws, name);)
    s.more.emplace_back(name, figure);
  return s;
}

// In a child: a run inherits neither threads nor a grown heap from the one before.
std::optional<sample> run_apart(const question& q, const settings& with) {
  int ends[2];
  if (::pipe(ends) != 0)
    return std::nullopt;
  std::fflush(stdout);
  auto child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    int status = 1;
    try {
      auto text = write_sample(q.run(with));
      status = ::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1;
    } catch (const std::exception& e) {
      std::fprintf(stderr, "%s: %s\n", q.name, e.what());
    }
    ::_exit(status);
  }
  ::close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return status == 0 ? read_sample(text) : std::nullopt;
}

double median(std::vector<double> values) { return percentile(values, 0.5); }

std::string human(double n) {
  char text[32];
  if (n >= 1e6)
    std::snprintf(text, sizeof text, "%.2f M", n / 1e6);
  else if (n >= 1e4)
    std::snprintf(text, sizeof text, "%.1f k", n / 1e3);
  else
    std::snprintf(text, sizeof text, "%.1f", n);
  return text;
}

} // namespace

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double percentile(std::vector<double>& values, double p) {
  if (values.empty())
    return 0;
  std::sort(values.begin(), values.end());
  auto n = static_cast<double>(values.size());
  auto rank = static_cast<std::size_t>(std::max(0.0, std::ceil(p * n) - 1));
  return values[std::min(rank, values.size() - 1)];
}

void print_machine(const settings& with) {
  utsname os{};
  ::uname(&os);
  std::printf("machine   %s, %u cores, %s, Linux %s\n",
              first_line_with("/proc/cpuinfo", "model name").c_str(), std::thread::hardware_concurrency(),
              first_line_with("/proc/meminfo", "MemTotal").c_str(), os.release);
#ifdef NDEBUG
  auto build = "optimised";
#else
  auto build = "NOT optimised: these figures mean little";
#endif
  std::printf("build     g++ %s, %s; CAF %d, SQLite %s\n", __VERSION__, build, CAF_VERSION, sqlite3_libversion());
  std::printf("settings  seed %llu, %d runs%s; medians\n\n", static_cast<unsigned long long>(with.seed), with.runs,
              with.smoke ? ", smoke size: the figures mean nothing" : "");
}

bool answer(const question& q, const settings& with) {
  std::printf("%s: %s\n", q.name, q.asks);
  std::vector<double> rates, cpus;
  std::map<std::string, std::vector<double>> more;
  std::optional<std::uint64_t> checksum;
  for (int i = 0; i < with.runs; ++i) {
    auto s = run_apart(q, with);
    if (!s || s->checksum != s->expected || (checksum && q.same_work && *checksum != s->checksum)) {
      std::printf("  FAILED in run %d: %s\n\n", i + 1, s ? "the checksum is not that of the work asked for" : "no result");
      return false;
    }
    checksum = s->checksum;
    if (s->wall > 0)
      rates.push_back(s->units / s->wall);
    cpus.push_back(s->cpu / s->units * 1e6);
    for (auto& [name, figure] : s->more)
      more[name].push_back(figure);
  }
  std::printf("  %-22s %12s  (%s … %s)\n", (std::string(q.unit) + "/s").c_str(), human(median(rates)).c_str(),
              human(percentile(rates, 0)).c_str(), human(percentile(rates, 1)).c_str());
  std::printf("  %-22s %12.2f  (%.2f … %.2f)\n", ("us CPU a " + std::string(q.unit, std::strlen(q.unit) - 1)).c_str(),
              median(cpus), percentile(cpus, 0), percentile(cpus, 1));
  for (auto& [name, figures] : more)
    std::printf("  %-22s %12s  (%s … %s)\n", name.c_str(), human(median(figures)).c_str(),
                human(percentile(figures, 0)).c_str(), human(percentile(figures, 1)).c_str());
  std::printf("  %-22s %016llx\n\n", "checksum", static_cast<unsigned long long>(*checksum));
  return true;
}

} // namespace interject::bench
