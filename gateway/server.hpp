// The listener and its threads. Connections are accepted on the first lane and dealt out in turn.
#pragma once

#include "gateway/lane.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace interject::gateway {

class server {
public:
  server(services& with, caf::actor_system& sys);
  ~server();

  /// Binds to `services::how.listen`, then starts the threads.
  result<void> start();
  std::string address() const; ///< "127.0.0.1:8080", with the port that was taken
  bool on_loopback() const;

  /// Calls `then` on a network thread whenever SIGINT or SIGTERM comes. It must not block.
  void on_signal(std::function<void()> then);

  /// The same for SIGHUP.
  void on_hangup(std::function<void()> then);

  /// Stops accepting and answers what is under way, for at most `limit`; streams stay open.
  void drain(std::chrono::milliseconds limit);
  /// Closes the streams with 1001 and ends the threads.
  void stop(std::chrono::milliseconds limit);

private:
  void accept();
  bool wait_for(std::chrono::milliseconds limit, const std::function<bool()>& until) const;

  services& with_;
  std::vector<std::unique_ptr<lane>> lanes_;
  std::size_t turn_ = 0;
  boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, boost::asio::io_context::executor_type>
      acceptor_;
  std::shared_ptr<void> signals_;
  std::shared_ptr<void> hangups_;
  std::vector<std::thread> threads_;
};

/// "127.0.0.1:8080", "[::1]:8080"; bad_input for anything else.
result<boost::asio::ip::tcp::endpoint> parse_endpoint(const std::string& text);

} // namespace interject::gateway
