#include "benchmarks/process.hpp"

#include "benchmarks/orders.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace interject::bench {

using boost::asio::ip::tcp;

process::process(process&& other) noexcept : child_(std::exchange(other.child_, 0)) {}

process& process::operator=(process&& other) noexcept {
  std::swap(child_, other.child_);
  return *this;
}

process::~process() {
  end(SIGTERM);
}

process process::fork_off(const std::function<void()>& work, int core) {
  process out;
  auto parent = ::getpid();
  out.child_ = ::fork();
  if (out.child_ < 0)
    throw std::runtime_error("no process can be made");
  if (out.child_ > 0)
    return out;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL); // a benchmark that is stopped leaves nothing behind
  if (::getppid() != parent)
    ::_exit(1);
  stay_on(core);
  try {
    work();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    ::_exit(1);
  }
  ::_exit(0);
}

double process::cpu() const {
  clockid_t clock{};
  timespec at{};
  if (::clock_getcpuclockid(child_, &clock) != 0 || ::clock_gettime(clock, &at) != 0)
    return 0;
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

std::uint64_t process::resident() const {
  std::ifstream in("/proc/" + std::to_string(child_) + "/statm");
  std::uint64_t all = 0, resident = 0;
  in >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t process::descriptors() const {
  std::error_code ec;
  std::filesystem::directory_iterator each("/proc/" + std::to_string(child_) + "/fd", ec);
  return ec ? 0
            : static_cast<std::size_t>(std::distance(each, std::filesystem::directory_iterator()));
}

bool process::is_running() {
  if (child_ == 0)
    return false;
  if (::waitpid(child_, nullptr, WNOHANG) == child_)
    child_ = 0;
  return child_ != 0;
}

void process::kill_now() {
  end(SIGKILL);
}

void process::end(int signal) {
  if (child_ == 0)
    return;
  ::kill(child_, signal);
  for (int i = 0; i < 1000; ++i) {
    if (!is_running())
      return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ::kill(child_, SIGKILL);
  ::waitpid(std::exchange(child_, 0), nullptr, 0);
}

void stay_on(int core) {
  static const cpu_set_t allowed = [] {
    cpu_set_t set;
    ::sched_getaffinity(0, sizeof set, &set);
    return set;
  }();
  auto wish = allowed;
  if (core >= 0) {
    CPU_ZERO(&wish);
    CPU_SET(static_cast<std::size_t>(core), &wish);
  }
  ::sched_setaffinity(0, sizeof wish, &wish);
}

void allow_many_descriptors() {
  rlimit most{};
  if (::getrlimit(RLIMIT_NOFILE, &most) == 0) {
    most.rlim_cur = most.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &most);
  }
}

unsigned short free_port() {
  boost::asio::io_context io;
  return tcp::acceptor(io, {boost::asio::ip::address_v4::loopback(), 0}).local_endpoint().port();
}

void wait_until_listening(unsigned short port, process& who) {
  for (int i = 0; i < 10'000 && who.is_running(); ++i) {
    boost::asio::io_context io;
    tcp::socket socket(io);
    boost::system::error_code ec;
    socket.connect({boost::asio::ip::address_v4::loopback(), port}, ec);
    if (!ec)
      return;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  throw std::runtime_error("the server did not start");
}

server::server(const server_wish& wish) : port_(free_port()) {
  auto bot = wish.bot.empty() ? wish.folder / "bot" : wish.bot;
  if (wish.bot.empty()) {
    std::filesystem::create_directories(bot);
    std::ofstream(bot / "bot.json") << orders_source();
  }
  std::vector<std::string> words{"interject", "serve",
                                 "--bot",     bot.string(),
                                 "--data",    (wish.folder / "data").string(),
                                 "--listen",  "127.0.0.1:" + std::to_string(port_)};
  words.insert(words.end(), wish.more.begin(), wish.more.end());
  auto log = wish.folder / "log";
  process_ = process::fork_off(
      [&] {
        ::setenv("INTERJECT_API_KEY", api_key, 1);
        ::setenv("INTERJECT_DIRECTLINE_SECRET", directline_secret, 1);
        int to = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        ::dup2(to, 1);
        ::dup2(to, 2);
        std::vector<char*> args;
        for (auto& word : words)
          args.push_back(word.data());
        args.push_back(nullptr);
        ::execv(wish.program.c_str(), args.data());
        ::_exit(127);
      },
      wish.core);
  if (wish.wait)
    wait_until_listening(port_, process_);
}

} // namespace interject::bench
