// How the terminal programs talk to a running server: HTTP requests, and one Direct Line stream.
#pragma once

#include "protocols/result.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace interject::gateway {

/// "http://127.0.0.1:8080"; TLS is left to a proxy in front of the server.
struct server_url {
  std::string host;
  std::string port;
};
result<server_url> parse_server_url(const std::string& text);

/// Where a server is, and what opens it.
struct server_access {
  server_url to;
  std::string key;
};
/// The key of the management API, or the secret of Direct Line: from the environment, the file
/// `secrets`, or the folder `data` of a server. Says what to give when there is none.
result<server_access> reach_management(const std::string& url, const std::string& secrets,
                                       const std::string& data);
result<server_access> reach_directline(const std::string& url, const std::string& secrets,
                                       const std::string& data);

struct http_answer {
  unsigned status = 0;
  std::string body;
};
/// One request on a connection of its own, 15 s at most. `body` empty: none.
result<http_answer> call(const server_url& to, const std::string& method, const std::string& path,
                         const std::string& key, const std::string& body);

/// Reads a stream on a thread of its own and comes back after a lost connection.
class stream_client {
public:
  /// `on_frame` gets each text frame that is not empty, `on_state` "connected" or why it is not;
  /// both on the thread. `next_path` gives the path and query to (re)connect to; an error ends the
  /// client.
  stream_client(server_url to, std::function<result<std::string>()> next_path,
                std::function<void(const std::string&)> on_frame,
                std::function<void(const std::string&)> on_state);
  ~stream_client();

private:
  struct inner;
  std::unique_ptr<inner> it_;
};

} // namespace interject::gateway
