// A process that is measured from outside: the server, or a bare one of the same kind.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace interject::bench {

class process {
public:
  process() = default;
  process(process&& other) noexcept;
  process& operator=(process&& other) noexcept;
  ~process(); ///< ends it: SIGTERM, and SIGKILL after ten seconds

  /// `work` runs in a child, which ends with it. `core`: the only one it may use; -1: any.
  static process fork_off(const std::function<void()>& work, int core = -1);

  double cpu() const;              ///< seconds, all threads, those that have ended too
  std::uint64_t resident() const;  ///< bytes
  std::size_t descriptors() const; ///< open ones
  bool is_running();
  void kill_now(); ///< SIGKILL, and waits
  pid_t id() const { return child_; }

private:
  void end(int signal);
  pid_t child_ = 0;
};

/// Lets this process use that core only; -1: all of them.
void stay_on(int core);
/// As many descriptors as this process may have.
void allow_many_descriptors();
unsigned short free_port();
/// Throws when nothing listens there within ten seconds, or `who` ends.
void wait_until_listening(unsigned short port, process& who);

inline constexpr auto directline_secret = "bench-directline-secret-0123456789";
inline constexpr auto api_key = "bench-api-key-0123456789abcdef";

struct server_wish {
  std::filesystem::path program;
  std::filesystem::path folder;       ///< bot, data and log go here; what data is there stays
  std::filesystem::path bot = {};     ///< empty: the orders bot
  std::vector<std::string> more = {}; ///< further arguments of `serve`
  int core = -1;
  bool wait = true; ///< until it listens
};

class server {
public:
  explicit server(const server_wish& wish);
  unsigned short port() const { return port_; }
  process& it() { return process_; }

private:
  unsigned short port_;
  process process_;
};

} // namespace interject::bench
