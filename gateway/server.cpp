#include "gateway/server.hpp"

#include "gateway/http_session.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/write.hpp>

#include <spdlog/spdlog.h>

#include <charconv>

namespace interject::gateway {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

lane& first_of(std::vector<std::unique_ptr<lane>>& lanes, services& with, caf::actor_system& sys) {
  for (std::int64_t i = 0; i < config::threads_of(with.how.threads); ++i)
    lanes.push_back(std::make_unique<lane>(with, sys));
  return *lanes.front();
}

// An exception of one session must not take the others with it.
void run(asio::io_context& io) {
  for (;;) {
    try {
      io.run();
      return;
    } catch (const std::exception& e) {
      spdlog::error("gateway.session_failed why=\"{}\"", e.what());
    }
  }
}

std::string show(const tcp::endpoint& e) {
  auto host = e.address().to_string();
  return (e.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(e.port());
}

} // namespace

result<tcp::endpoint> parse_endpoint(const std::string& text) {
  auto colon = text.rfind(':');
  auto host = text.substr(0, colon == text.npos ? 0 : colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (host == "localhost")
    host = "127.0.0.1";
  error_code ec;
  auto address = asio::ip::make_address(host, ec);
  unsigned port = 65536;
  if (colon != text.npos)
    std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  if (ec || port > 65535)
    return error{errc::bad_input, "\"" + text + "\" is no address and port, as 127.0.0.1:8080 is"};
  return tcp::endpoint(address, static_cast<std::uint16_t>(port));
}

server::server(services& with, caf::actor_system& sys)
    : with_(with), acceptor_(first_of(lanes_, with, sys).io) {}

server::~server() {
  stop(std::chrono::milliseconds(0));
}

result<void> server::start() {
  auto where = parse_endpoint(with_.how.listen);
  if (!where)
    return where.error();
  error_code ec;
  acceptor_.open(where->protocol(), ec);
  if (!ec)
    acceptor_.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec)
    acceptor_.bind(*where, ec);
  if (!ec)
    acceptor_.listen(asio::socket_base::max_listen_connections, ec);
  if (ec)
    return error{errc::unavailable, "cannot listen on " + with_.how.listen + ": " + ec.message()};
  accept();
  for (auto& l : lanes_)
    threads_.emplace_back([&io = l->io] { run(io); });
  return {};
}

std::string server::address() const {
  error_code ec;
  return show(acceptor_.local_endpoint(ec));
}

bool server::on_loopback() const {
  error_code ec;
  return acceptor_.local_endpoint(ec).address().is_loopback();
}

namespace {

void wait_for_signal(const std::shared_ptr<asio::signal_set>& on, std::function<void()> then) {
  on->async_wait([on, then = std::move(then)](error_code ec, int) {
    if (ec)
      return;
    then();
    wait_for_signal(on, then);
  });
}

} // namespace

void server::on_signal(std::function<void()> then) {
  auto signals = std::make_shared<asio::signal_set>(lanes_.front()->io, SIGINT, SIGTERM);
  signals_ = signals;
  wait_for_signal(signals, std::move(then));
}

void server::on_hangup(std::function<void()> then) {
  auto signals = std::make_shared<asio::signal_set>(lanes_.front()->io, SIGHUP);
  hangups_ = signals;
  wait_for_signal(signals, std::move(then));
}

void server::accept() {
  auto& to = *lanes_[turn_++ % lanes_.size()];
  acceptor_.async_accept(to.io, [this, &to](error_code ec, tcp_socket socket) {
    if (ec == asio::error::operation_aborted)
      return;
    if (ec) {
      // Out of descriptors, say: try again soon rather than at once.
      spdlog::warn("gateway.accept_failed why=\"{}\"", ec.message());
      auto later =
          std::make_shared<asio::steady_timer>(lanes_.front()->io, std::chrono::milliseconds(100));
      return later->async_wait([this, later](error_code) {
        if (acceptor_.is_open())
          accept();
      });
    }
    if (with_.counted->connections >= with_.how.max_connections) {
      ++with_.counted->connections_refused;
      static constexpr std::string_view full =
          "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n"
          "Content-Length: 0\r\nConnection: close\r\n\r\n";
      error_code ignored;
      socket.non_blocking(true, ignored);
      socket.send(asio::buffer(full.data(), full.size()), 0, ignored);
    } else {
      asio::post(to.io, [&to, socket = std::move(socket)]() mutable {
        start_http_session(to, std::move(socket));
      });
    }
    accept();
  });
}

bool server::wait_for(std::chrono::milliseconds limit, const std::function<bool()>& until) const {
  auto give_up = std::chrono::steady_clock::now() + limit;
  while (!until()) {
    if (std::chrono::steady_clock::now() >= give_up)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

void server::drain(std::chrono::milliseconds limit) {
  asio::post(lanes_.front()->io, [this] {
    error_code ignored;
    acceptor_.close(ignored);
  });
  for (auto& l : lanes_)
    l->leave_all(false);
  if (!wait_for(limit, [this] {
        std::size_t sessions = 0;
        for (auto& l : lanes_)
          sessions += l->count();
        return static_cast<std::int64_t>(sessions) <= with_.counted->streams;
      }))
    spdlog::warn("serve.drain_timed_out after_ms={}", limit.count());
}

void server::stop(std::chrono::milliseconds limit) {
  if (threads_.empty())
    return;
  for (auto& l : lanes_)
    l->leave_all(true);
  wait_for(limit, [this] {
    for (auto& l : lanes_)
      if (l->count())
        return false;
    return true;
  });
  for (auto& l : lanes_)
    l->io.stop();
  for (auto& t : threads_)
    t.join();
  threads_.clear();
}

} // namespace interject::gateway
