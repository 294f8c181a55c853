#include "benchmarks/machine.hpp"

#include "benchmarks/harness.hpp"

#include <boost/version.hpp>
#include <caf/config.hpp>
#include <sqlite3.h>

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

namespace interject::bench {

namespace {

std::string first_line_with(const char* file, const char* begin) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(begin))
      return line.substr(line.find_first_not_of(": \t", line.find(':')));
  return "unknown";
}

std::string figure(const char* format, double n) {
  char text[96];
  std::snprintf(text, sizeof text, format, n);
  return text;
}

} // namespace

machine this_machine() {
  utsname os{};
  ::uname(&os);
  machine m;
  m.cpu = first_line_with("/proc/cpuinfo", "model name");
  m.memory = first_line_with("/proc/meminfo", "MemTotal");
  m.kernel = os.release;
  m.cores = std::thread::hardware_concurrency();
#ifdef NDEBUG
  m.compiler = "g++ " __VERSION__ ", optimised";
#else
  m.compiler = "g++ " __VERSION__ ", NOT optimised: these figures mean little";
#endif
  m.libraries = "CAF " + std::to_string(CAF_VERSION) + ", SQLite " + sqlite3_libversion() +
                ", Boost " BOOST_LIB_VERSION;
  return m;
}

std::vector<std::string> signs_of_others() {
  std::vector<std::string> out;
  double load = 0;
  std::ifstream("/proc/loadavg") >> load;
  if (load > 0.5 * std::thread::hardware_concurrency())
    out.push_back(figure("the load of the last minute was %.2f", load));
  std::ifstream pressure("/proc/pressure/cpu"); // "some avg10=1.23 avg60=…"
  std::string some, tenth;
  if (pressure >> some >> tenth; tenth.starts_with("avg10="))
    if (auto share = std::strtod(tenth.c_str() + 6, nullptr); share > 10)
      out.push_back(figure("for %.0f %% of the last 10 s something waited for a core", share));
  std::string governor;
  std::ifstream("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor") >> governor;
  if (governor == "powersave" || governor == "ondemand")
    out.push_back("the clock's governor is " + governor + ": the first run of each may be slower");
  return out;
}

others::taken others::now() {
  taken t;
  std::ifstream in("/proc/stat");
  std::string name;
  double user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0;
  in >> name >> user >> nice >> system >> idle >> wait >> irq >> soft >> steal;
  auto tick = static_cast<double>(::sysconf(_SC_CLK_TCK));
  t.busy = (user + nice + system + irq + soft + steal) / tick;
  t.all = t.busy + (idle + wait) / tick;
  rusage children{};
  ::getrusage(RUSAGE_CHILDREN, &children);
  auto seconds = [](const timeval& v) {
    return static_cast<double>(v.tv_sec) + static_cast<double>(v.tv_usec) * 1e-6;
  };
  t.ours = cpu_seconds() + seconds(children.ru_utime) + seconds(children.ru_stime);
  return t;
}

others::others() : begin_(now()) {}

double others::share() const {
  auto t = now();
  auto all = t.all - begin_.all;
  auto theirs = (t.busy - begin_.busy) - (t.ours - begin_.ours);
  return all > 0 && theirs > 0 ? theirs / all : 0;
}

} // namespace interject::bench
