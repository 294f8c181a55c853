// A small HTTP server of a test's own, on a loopback port that the system picks, and a call that
// waits.
#pragma once

#include "actors/monitors/http_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <atomic>
#include <functional>
#include <future>
#include <thread>

namespace interject::test {

/// Serves one connection after the other; each gets what `serve` writes.
class tiny_server {
public:
  using tcp = boost::asio::ip::tcp;
  using request = boost::beast::http::request<boost::beast::http::string_body>;
  using handler = std::function<void(tcp::socket&, const request&)>;

  explicit tiny_server(handler serve)
      : serve_(std::move(serve)),
        acceptor_(on_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
        port_(acceptor_.local_endpoint().port()), thread_([this] { run(); }) {}

  ~tiny_server() {
    closing_ = true;
    tcp::socket knock(on_); // ends the accept
    boost::beast::error_code ignored;
    knock.connect({boost::asio::ip::address_v4::loopback(), port_}, ignored);
    thread_.join();
  }

  std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string url(const std::string& path) const { return "http://" + host() + path; }

  static handler respond(boost::beast::http::status status, std::string body) {
    return [=](tcp::socket& to, const request& in) {
      boost::beast::http::response<boost::beast::http::string_body> out(status, in.version());
      out.body() = body;
      out.prepare_payload();
      boost::beast::error_code ignored;
      boost::beast::http::write(to, out, ignored);
    };
  }

private:
  void run() {
    for (;;) {
      boost::beast::error_code failed;
      tcp::socket peer(on_);
      acceptor_.accept(peer, failed);
      if (failed || closing_)
        return;
      boost::beast::flat_buffer buffer;
      request in;
      boost::beast::http::read(peer, buffer, in, failed);
      if (!failed)
        serve_(peer, in);
    }
  }

  handler serve_;
  boost::asio::io_context on_;
  tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::atomic<bool> closing_{false};
  std::thread thread_;
};

inline monitors::http_answer call(monitors::http_client& by, monitors::http_request what) {
  auto promise = std::make_shared<std::promise<monitors::http_answer>>();
  auto answer = promise->get_future();
  by.start(std::move(what),
           [promise](monitors::http_answer a) { promise->set_value(std::move(a)); });
  if (answer.wait_for(std::chrono::seconds(60)) != std::future_status::ready)
    return {monitors::http_answer::kind::unreachable,
            0,
            {},
            {},
            "the call did not end within a minute"};
  return answer.get();
}

inline monitors::http_request get(std::string url) {
  monitors::http_request r;
  r.url = std::move(url);
  return r;
}

} // namespace interject::test
