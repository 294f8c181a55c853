#include "benchmarks/report.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace interject::bench {

namespace {

const char* name_of(whose of) {
  return of == whose::ours ? "ours" : of == whose::limit ? "limit" : "peer";
}

bool is_rate(const std::string& figure) {
  return figure.ends_with("/s");
}
bool is_cpu(const std::string& figure) {
  return figure.starts_with("us CPU per ");
}

// The same kind of figure in the other's words: rates and CPU are named after the unit.
const std::vector<double>* counterpart(const answered& in, const std::string& figure) {
  for (auto& [name, list] : in.figures)
    if (name == figure || (is_rate(name) && is_rate(figure)) || (is_cpu(name) && is_cpu(figure)))
      return &list;
  return nullptr;
}

void print_pair(const answered& ours, const answered& other) {
  std::printf("  %s against %s (%s)\n", ours.to->name, other.to->name, name_of(other.to->of));
  for (auto& [name, list] : ours.figures) {
    auto theirs = counterpart(other, name);
    auto a = median(list), b = theirs ? median(*theirs) : 0;
    if (a <= 0 || b <= 0)
      continue;
    auto better = is_rate(name) ? a / b : b / a;
    std::printf("    %-34s %12.2f %12.2f   %8.2f x %s\n", name.c_str(), a, b,
                better >= 1 ? better : 1 / better, better >= 1 ? "better" : "worse");
  }
}

} // namespace

void print_head(const report& r) {
  auto& m = r.where;
  std::printf("machine   %s, %u cores, %s, Linux %s\n", m.cpu.c_str(), m.cores, m.memory.c_str(),
              m.kernel.c_str());
  std::printf("build     %s; %s; commit %s\n", m.compiler.c_str(), m.libraries.c_str(),
              r.commit.c_str());
  std::printf("settings  seed %llu, %d runs; medians (lowest … highest)%s\n",
              static_cast<unsigned long long>(r.with.seed), r.with.runs,
              r.with.smoke ? "; smoke size: the figures mean nothing" : "");
  for (auto& sign : r.busy)
    std::printf("WARNING   the machine is busy: %s\n", sign.c_str());
  std::printf("\n");
}

void print_ratios(const report& r) {
  bool begun = false;
  for (auto& other : r.answers)
    for (auto name : other.to->against)
      for (auto& ours : r.answers)
        if (ours.to->name == std::string(name)) {
          if (!std::exchange(begun, true))
            std::printf("ratios: ours, the other's, and how many times better or worse ours is\n");
          print_pair(ours, other);
        }
  if (begun)
    std::printf("\n");
}

void write_json(const report& r, const std::filesystem::path& to) {
  using nlohmann::ordered_json;
  auto questions = ordered_json::array();
  for (auto& a : r.answers) {
    auto figures = ordered_json::object();
    for (auto& [name, list] : a.figures) {
      auto sorted = list;
      auto middle = percentile(sorted, 0.5);
      figures[name] = {{"median", middle}, {"low", sorted.front()}, {"high", sorted.back()}};
    }
    char checksum[17];
    std::snprintf(checksum, sizeof checksum, "%016llx",
                  static_cast<unsigned long long>(a.checksum));
    questions.push_back({{"name", a.to->name},
                         {"asks", a.to->asks},
                         {"unit", a.to->unit},
                         {"of", name_of(a.to->of)},
                         {"against", a.to->against},
                         {"checksum", checksum},
                         {"runs", a.figures.empty() ? 0 : a.figures.front().second.size()},
                         {"others", a.others},
                         {"figures", figures}});
  }
  ordered_json all{{"format", 1},
                   {"commit", r.commit},
                   {"when", r.when},
                   {"machine",
                    {{"cpu", r.where.cpu},
                     {"cores", r.where.cores},
                     {"memory", r.where.memory},
                     {"kernel", r.where.kernel},
                     {"compiler", r.where.compiler},
                     {"libraries", r.where.libraries}}},
                   {"seed", r.with.seed},
                   {"smoke", r.with.smoke},
                   {"busy", r.busy},
                   {"questions", questions}};
  std::ofstream out(to);
  out << all.dump(2) << '\n';
  if (!out.flush())
    throw std::runtime_error("cannot write " + to.string());
}

} // namespace interject::bench
