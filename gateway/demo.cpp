#include "gateway/demo.hpp"

#include "actors/runtime/messages.hpp"
#include "gateway/http.hpp"
#include "gateway/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <spdlog/spdlog.h>

#include <charconv>
#include <random>
#include <thread>

namespace interject::gateway {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::use_awaitable;
using asio::ip::tcp;

namespace {

constexpr auto feed_every = std::chrono::seconds(5);
constexpr int slowest = 60;
constexpr int quote_takes = 4;

// A random walk between two bounds, in cents.
struct walk {
  const char* symbol;
  std::int64_t cents;
  std::int64_t low;
  std::int64_t high;
  std::int64_t step;
};

} // namespace

struct demo::inner {
  options how;
  asio::io_context io{1};
  tcp::acceptor acceptor{io};
  asio::steady_timer timer{io};
  std::mt19937_64 dice;
  std::vector<walk> walks{{"HOTEL-LV", 20'000, 12'000, 26'000, 900},
                          {"MSFT", 41'520, 38'000, 45'000, 150},
                          {"GOOG", 9'900, 9'000, 11'000, 80}};
  std::thread thread;

  void send_prices() {
    interject::take_prices take;
    for (auto& w : walks)
      take.samples.push_back({w.symbol, decimal{w.cents * (decimal::scale / 100)}, {}, {}});
    runtime::anon_send(how.prices, std::move(take));
  }

  asio::awaitable<void> feed() {
    send_prices();
    for (;;) {
      timer.expires_after(feed_every);
      co_await timer.async_wait(use_awaitable);
      for (auto& w : walks) {
        auto span = static_cast<std::uint64_t>(2 * w.step + 1);
        w.cents += static_cast<std::int64_t>(dice() % span) - w.step;
        w.cents = std::clamp(w.cents, w.low, w.high);
      }
      send_prices();
    }
  }

  std::int64_t cents_of(const std::string& symbol) const {
    for (auto& w : walks)
      if (symbol == w.symbol)
        return w.cents;
    return static_cast<std::int64_t>(1000 + stable_hash(symbol) % 40'000);
  }

  // The body after a while, or nothing for an unknown path.
  asio::awaitable<std::string> respond(std::string text) {
    auto where = parse_target(text);
    request in;
    int seconds = 0;
    std::string body;
    if (where)
      in.target = std::move(*where);
    auto& s = in.target.segments;
    if (s.size() == 1 && s[0] == "slow") {
      if (auto wish = in.find("seconds"))
        std::from_chars(wish->data(), wish->data() + wish->size(), seconds);
      body = R"({"pages":12})";
    } else if (s.size() == 2 && s[0] == "quote") {
      seconds = quote_takes;
    } else {
      co_return "";
    }
    asio::steady_timer wait(io, std::chrono::seconds(std::clamp(seconds, 0, slowest)));
    co_await wait.async_wait(use_awaitable);
    if (body.empty()) {
      auto price = decimal{cents_of(s[1]) * (decimal::scale / 100)};
      body = "{\"price\":" + to_string(price) + ",\"invented\":true}";
    }
    co_return body;
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer(16 * 1024);
    http::request<http::string_body> in;
    stream.expires_after(std::chrono::seconds(10));
    co_await http::async_read(stream, buffer, in, use_awaitable);
    stream.expires_never();
    auto body = co_await respond(std::string(in.target().data(), in.target().size()));
    http::response<http::string_body> out(body.empty() ? http::status::not_found : http::status::ok,
                                          in.version());
    out.set(http::field::content_type, "application/json");
    out.body() = body.empty() ? R"({"error":"unknown path"})" : body;
    out.keep_alive(false);
    out.prepare_payload();
    stream.expires_after(std::chrono::seconds(10));
    co_await http::async_write(stream, out, use_awaitable);
  }

  asio::awaitable<void> accept() {
    for (;;) {
      auto socket = co_await acceptor.async_accept(use_awaitable);
      // A client that leaves early ends its own coroutine only.
      asio::co_spawn(io, serve(std::move(socket)), [](std::exception_ptr) {});
    }
  }
};

demo::demo(std::unique_ptr<inner> it) : it_(std::move(it)) {}

demo::~demo() {
  it_->io.stop();
  it_->thread.join();
}

result<std::unique_ptr<demo>> demo::start(options how) {
  auto where = parse_endpoint(how.listen);
  if (!where)
    return where.error();
  auto it = std::make_unique<inner>();
  it->dice.seed(how.seed);
  it->how = std::move(how);
  boost::system::error_code ec;
  it->acceptor.open(where->protocol(), ec);
  if (!ec)
    it->acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec)
    it->acceptor.bind(*where, ec);
  if (!ec)
    it->acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (ec)
    return error{errc::unavailable, "the demo's slow service cannot listen on " + it->how.listen +
                                        ": " + ec.message()};
  asio::co_spawn(it->io, it->accept(), asio::detached);
  if (it->how.feed) {
    asio::co_spawn(it->io, it->feed(), [](std::exception_ptr) {});
    spdlog::info("demo.feed_started symbols=HOTEL-LV,MSFT,GOOG every=5s seed={} note=\"a demo: "
                 "these prices are "
                 "invented\"",
                 it->how.seed);
  }
  spdlog::info("demo.service_started listen={} note=\"a demo: slow on purpose\"", it->how.listen);
  it->thread = std::thread([io = &it->io] { io->run(); });
  return std::unique_ptr<demo>(new demo(std::move(it)));
}

} // namespace interject::gateway
