#include "benchmarks/peers/beast_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <deque>
#include <memory>
#include <unordered_set>

namespace interject::bench {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

class client;
struct shared {
  std::string news;
  std::unordered_set<client*> clients;
};

class client : public std::enable_shared_from_this<client> {
public:
  client(shared& with, tcp::socket socket) : with_(with), ws_(std::move(socket)) {}
  ~client() { with_.clients.erase(this); }

  void begin() {
    beast::get_lowest_layer(ws_).socket().set_option(tcp::no_delay(true));
    request_ = {};
    http::async_read(ws_.next_layer(), in_, request_,
                     [self = shared_from_this()](error_code ec, std::size_t) {
                       if (ec)
                         return;
                       if (!beast::websocket::is_upgrade(self->request_))
                         return self->take_post();
                       self->ws_.auto_fragment(false);
                       self->ws_.write_buffer_bytes(8);
                       self->ws_.async_accept(self->request_, [self](error_code refused) {
                         if (refused)
                           return;
                         self->in_.clear();
                         self->with_.clients.insert(self.get());
                         self->ws_.text(true);
                         self->read();
                       });
                     });
  }

  void push(const std::string& what) {
    out_.push_back(asio::buffer(what));
    if (out_.size() == 1)
      write();
  }

private:
  void take_post() {
    for (auto* each : with_.clients)
      each->push(with_.news);
    answer_.result(http::status::ok);
    answer_.prepare_payload();
    http::async_write(ws_.next_layer(), answer_,
                      [self = shared_from_this()](error_code ec, std::size_t) {
                        if (!ec)
                          self->begin();
                      });
  }

  void read() {
    ws_.async_read(in_, [self = shared_from_this()](error_code ec, std::size_t) {
      if (ec)
        return;
      self->ws_.async_write(self->in_.data(), [self](error_code failed, std::size_t) {
        self->in_.clear();
        if (!failed)
          self->read();
      });
    });
  }

  void write() {
    ws_.async_write(out_.front(), [self = shared_from_this()](error_code ec, std::size_t) {
      self->out_.pop_front();
      if (!ec && !self->out_.empty())
        self->write();
    });
  }

  shared& with_;
  beast::websocket::stream<beast::tcp_stream, false> ws_;
  beast::flat_buffer in_;
  http::request<http::string_body> request_;
  http::response<http::empty_body> answer_;
  std::deque<asio::const_buffer> out_;
};

void accept(tcp::acceptor& on, shared& with) {
  on.async_accept([&](error_code ec, tcp::socket socket) {
    if (!ec)
      std::make_shared<client>(with, std::move(socket))->begin();
    accept(on, with);
  });
}

} // namespace

beast_server::beast_server(std::string news) : port_(free_port()) {
  process_ = process::fork_off([&] {
    shared with{std::move(news), {}};
    asio::io_context io{1};
    tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), port_});
    acceptor.listen(asio::socket_base::max_listen_connections);
    accept(acceptor, with);
    io.run();
  });
  wait_until_listening(port_, process_);
}

} // namespace interject::bench
