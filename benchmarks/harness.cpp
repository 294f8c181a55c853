#include "benchmarks/harness.hpp"

#include "benchmarks/machine.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace interject::bench {

namespace {

std::vector<sample> read_samples(const std::string& text) {
  std::istringstream in(text);
  std::vector<sample> out;
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string mark;
    if (fields >> mark && mark == "sample") {
      auto& s = out.emplace_back();
      fields >> s.units >> s.wall >> s.cpu >> s.checksum >> s.expected;
    } else if (!out.empty()) {
      std::string name;
      fields >> std::ws;
      std::getline(fields, name);
      out.back().more.emplace_back(name, std::strtod(mark.c_str(), nullptr));
    }
  }
  return out;
}

// In a child: a run inherits neither threads nor a grown heap from the one before.
std::vector<sample> run_apart(const question& q, const settings& with) {
  int ends[2];
  if (::pipe(ends) != 0)
    return {};
  std::fflush(stdout);
  auto child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    int status = 1;
    try {
      std::string text;
      if (q.run.one)
        text = write_sample(q.run.one(with));
      else
        for (auto& s : q.run.together(with))
          text += write_sample(s);
      status =
          ::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1;
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
  return status == 0 ? read_samples(text) : std::vector<sample>{};
}

std::string human(double n) {
  char text[32];
  if (n >= 1e6)
    std::snprintf(text, sizeof text, "%.2f M", n / 1e6);
  else if (n >= 1e4)
    std::snprintf(text, sizeof text, "%.1f k", n / 1e3);
  else if (n >= 100 || n == std::floor(n))
    std::snprintf(text, sizeof text, "%.0f", n);
  else
    std::snprintf(text, sizeof text, "%.2f", n);
  return text;
}

std::string singular(std::string plural) {
  plural.pop_back();
  if (plural.ends_with("ie"))
    plural.replace(plural.size() - 2, 2, "y");
  else if (plural.ends_with("oe"))
    plural.pop_back();
  return plural;
}

void take(answered& into, const std::string& name, double figure) {
  for (auto& [known, figures] : into.figures)
    if (known == name)
      return figures.push_back(figure);
  into.figures.push_back({name, {figure}});
}

void print(const answered& a, int runs) {
  for (auto& [name, figures] : a.figures) {
    auto sorted = figures;
    std::printf("  %-34s %10s", name.c_str(), human(percentile(sorted, 0.5)).c_str());
    if (sorted.size() > 1)
      std::printf("  (%s … %s)", human(sorted.front()).c_str(), human(sorted.back()).c_str());
    std::printf("\n");
  }
  std::printf("  %-34s %016llx, %d run%s\n", "checksum",
              static_cast<unsigned long long>(a.checksum), runs, runs == 1 ? "" : "s");
  if (a.others > busy_share)
    std::printf("  WARNING: meanwhile others had %.0f %% of the machine\n", a.others * 100);
  std::printf("\n");
  std::fflush(stdout);
}

} // namespace

std::string write_sample(const sample& s) {
  std::ostringstream out;
  out.precision(17);
  out << "sample " << s.units << ' ' << s.wall << ' ' << s.cpu << ' ' << s.checksum << ' '
      << s.expected << '\n';
  for (auto& [name, figure] : s.more)
    out << figure << ' ' << name << '\n';
  return out.str();
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
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

double median(std::vector<double> values) {
  return percentile(values, 0.5);
}

const std::vector<double>* answered::find(const std::string& name) const {
  for (auto& [known, list] : figures)
    if (known == name)
      return &list;
  return nullptr;
}

std::optional<answered> answer(const question& q, const settings& with) {
  std::printf("%s: %s\n", q.name, q.asks);
  std::fflush(stdout);
  answered out;
  out.to = &q;
  others meanwhile;
  auto runs = q.run.together ? 1 : q.most_runs ? std::min(with.runs, q.most_runs) : with.runs;
  int good = 0;
  auto one = singular(q.unit);
  for (int i = 0; i < runs; ++i) {
    auto samples = run_apart(q, with);
    if (samples.empty()) {
      std::printf("  FAILED in run %d: no result\n\n", i + 1);
      return std::nullopt;
    }
    for (auto& s : samples) {
      if (s.checksum != s.expected || (good && q.same_work && s.checksum != out.checksum)) {
        std::printf("  FAILED in run %d: the checksum is not that of the work asked for\n\n",
                    i + 1);
        return std::nullopt;
      }
      ++good;
      out.checksum = s.checksum;
      if (s.wall > 0)
        take(out, std::string(q.unit) + "/s", s.units / s.wall);
      if (s.cpu > 0)
        take(out, "us CPU per " + one, s.cpu / s.units * 1e6);
      for (auto& [name, figure] : s.more)
        take(out, name, figure);
    }
  }
  out.others = meanwhile.share();
  print(out, good);
  return out;
}

} // namespace interject::bench
