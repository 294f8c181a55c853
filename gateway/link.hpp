// A connection's socket, as its session and Beast use it: what is written goes out at once as far
// as the kernel takes it, and the rest follows. No timers: a session's deadline is held by its
// lane.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace interject::gateway {

using tcp_socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

/// On its lane's thread only. Meets Beast's AsyncStream.
class link {
public:
  using executor_type = tcp_socket::executor_type;
  using error_code = boost::system::error_code;

  explicit link(tcp_socket socket);
  executor_type get_executor() { return socket_.get_executor(); }
  tcp_socket& socket() { return socket_; }

  /// Never in part: what the kernel does not take now is kept, and follows what is kept already.
  void send(std::string_view bytes);
  std::size_t waiting() const { return kept_.size() - gone_; } ///< bytes that are kept
  const error_code& failure() const { return failure_; }       ///< of a write

  /// Calls `then()` once nothing is kept any more, or the connection has failed; never inside.
  template <class Then> void when_sent(Then then) {
    if (waiting() == 0 || failure_)
      return boost::asio::post(get_executor(), std::move(then));
    socket_.async_wait(tcp_socket::wait_write,
                       [this, then = std::move(then)](const error_code& ec) mutable {
                         go_on(ec);
                         if (waiting() > 0 && !failure_)
                           return when_sent(std::move(then));
                         then();
                       });
  }

  void close();

  template <class Buffers, class Token> auto async_read_some(const Buffers& into, Token&& token) {
    return socket_.async_read_some(into, std::forward<Token>(token));
  }

  /// Done when all of it has gone.
  template <class Buffers, class Token> auto async_write_some(const Buffers& from, Token&& token) {
    return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& what) {
          std::string bytes(boost::asio::buffer_size(what), '\0');
          boost::asio::buffer_copy(boost::asio::buffer(bytes), what);
          send(bytes);
          when_sent([this, n = bytes.size(), handler = std::move(handler)]() mutable {
            auto ec = failure_;
            std::move(handler)(ec, ec ? 0 : n);
          });
        },
        token, from);
  }

  friend void beast_close_socket(link& it) { it.close(); }
  friend void teardown(boost::beast::role_type role, link& it, error_code& ec) {
    using boost::beast::websocket::teardown;
    teardown(role, it.socket_, ec);
  }
  template <class Handler>
  friend void async_teardown(boost::beast::role_type role, link& it, Handler&& handler) {
    using boost::beast::websocket::async_teardown;
    async_teardown(role, it.socket_, std::forward<Handler>(handler));
  }

private:
  void go_on(const error_code& ec);

  tcp_socket socket_;
  std::string kept_;
  std::size_t gone_ = 0; ///< of `kept_`
  error_code failure_;
};

} // namespace interject::gateway
