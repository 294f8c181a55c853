// The least that a WebSocket server can do, on one thread: the limit that ours is compared with. It
// echoes every message; a POST sends `news` to every client.
#pragma once

#include "benchmarks/process.hpp"

#include <string>

namespace interject::bench {

class beast_server {
public:
  explicit beast_server(std::string news = {});
  unsigned short port() const { return port_; }
  process& it() { return process_; }

private:
  unsigned short port_;
  process process_;
};

} // namespace interject::bench
