#include "gateway/link.hpp"

#include <utility>

namespace interject::gateway {

namespace asio = boost::asio;

link::link(tcp_socket socket) : socket_(std::move(socket)) {
  error_code ignored; // a socket that has gone says so at the first read
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
}

void link::send(std::string_view bytes) {
  if (failure_)
    return;
  if (waiting() == 0) {
    error_code ec;
    auto n = socket_.send(asio::buffer(bytes.data(), bytes.size()), 0, ec);
    if (ec && ec != asio::error::would_block)
      failure_ = ec;
    else
      bytes.remove_prefix(n);
  }
  if (!failure_)
    kept_ += bytes;
}

void link::go_on(const error_code& ec) {
  auto failed = ec;
  if (!failed && waiting() > 0)
    gone_ += socket_.send(asio::buffer(kept_.data() + gone_, waiting()), 0, failed);
  if (failed && failed != asio::error::would_block)
    failure_ = failed;
  if (waiting() > 0 && !failure_)
    return;
  std::string().swap(kept_); // idle connections are many
  gone_ = 0;
}

void link::close() {
  error_code ignored;
  socket_.shutdown(tcp_socket::shutdown_both, ignored);
  socket_.close(ignored);
}

} // namespace interject::gateway
