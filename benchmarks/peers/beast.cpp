// What bare Beast takes for an echo, and for the same bytes to as many sockets: the limits of the
// gateway.
#include "benchmarks/peers/beast_server.hpp"
#include "benchmarks/questions.hpp"
#include "benchmarks/talker.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <memory>
#include <stdexcept>

namespace interject::bench {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// As our server sends it to a stream: 414 bytes.
std::string frame_of(const std::string& text) {
  std::string out =
      R"({"activities":[{"type":"message","id":"a3f-0123456789abcdefghjkmnpq|0000002","timestamp":"2026-11-22T22:00:00.000Z",)"
      R"("channelId":"directline","conversation":{"id":"a3f-0123456789abcdefghjkmnpq"},)"
      R"("from":{"id":"orders","name":"Orders","role":"bot"},"recipient":{"id":"dl_bench"},"inputHint":"acceptingInput",)"
      R"("locale":"en","textFormat":"plain","text":")" +
      text + R"("}],"watermark":"2"})";
  auto end = out.rfind("]");
  out.insert(end, 414 > out.size() ? 414 - out.size() : 0, ' ');
  return out;
}

// Sends masked frames (a mask of zeros) and awaits each again.
class echo_client {
public:
  echo_client(asio::io_context& io, const std::string& message, std::size_t rounds,
              std::size_t& over)
      : socket_(io), rounds_(rounds), over_(over) {
    out_ = {static_cast<char>(0x81), static_cast<char>(0x80 | 126),
            static_cast<char>(message.size() >> 8), static_cast<char>(message.size() & 0xff)};
    in_.resize(out_.size() + message.size());
    out_.append(4, '\0').append(message);
  }
  void begin(unsigned short port, std::size_t& ready) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    socket_.set_option(tcp::no_delay(true));
    std::string hello =
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: aW50ZXJqZWN0LWJlbmNoLg==\r\n\r\n";
    asio::write(socket_, asio::buffer(hello));
    std::string answer(1, '\0');
    for (std::size_t at = 0; !answer.ends_with("\r\n\r\n"); answer.push_back('\0'), ++at)
      if (asio::read(socket_, asio::buffer(&answer[at], 1)); answer.ends_with("\r\n\r\n"))
        break;
    ++ready;
  }
  void go() {
    asio::async_write(
        socket_, asio::buffer(out_), [this](boost::system::error_code ec, std::size_t) {
          if (ec)
            throw std::runtime_error("echo: " + ec.message());
          asio::async_read(socket_, asio::buffer(in_),
                           [this](boost::system::error_code failed, std::size_t) {
                             if (failed || in_.compare(4, in_.npos, out_, 8, out_.npos) != 0)
                               throw std::runtime_error("an echo is not what was said");
                             ++over_;
                             if (--rounds_)
                               go();
                           });
        });
  }

private:
  tcp::socket socket_;
  std::string out_, in_;
  std::size_t rounds_;
  std::size_t& over_;
};

} // namespace

sample beast_echo(const settings& with) {
  beast_server under;
  asio::io_context io{1};
  auto clients = with.pick(100, 5), rounds = with.pick(1'000, 5);
  auto message = frame_of("What would you like?");
  std::vector<std::unique_ptr<echo_client>> all;
  std::size_t over = 0, ready = 0;
  for (std::size_t i = 0; i < clients; ++i) {
    all.push_back(std::make_unique<echo_client>(io, message, rounds, over));
    all.back()->begin(under.port(), ready);
  }
  sample s;
  auto wall = wall_seconds(), cpu = under.it().cpu();
  for (auto& each : all)
    each->go();
  io.run();
  s.wall = wall_seconds() - wall;
  s.cpu = under.it().cpu() - cpu;
  s.units = static_cast<double>(clients * rounds);
  s.checksum = over;
  s.expected = clients * rounds;
  return s;
}

sample beast_fan_out(const settings& with) {
  beast_server under(frame_of("X is at 99."));
  asio::io_context io{1};
  auto n = with.pick(10'000, 50);
  std::vector<std::unique_ptr<talker>> people;
  sample s;
  std::size_t open = 0, heard = 0;
  auto url = "ws://127.0.0.1:" + std::to_string(under.port()) + "/";
  for (std::size_t i = 0; i < n; ++i) {
    auto& each = *people.emplace_back(std::make_unique<talker>(io, under.port()));
    each.on_news([&](std::string_view text) {
      s.checksum += text == "X is at 99.";
      ++heard;
    });
    each.open_stream(url, [&] { ++open; });
    while (open + 64 < i)
      io.run_one();
  }
  while (open < n)
    io.run_one();
  http_line line(io, under.port());
  double wall = 0, cpu = 0;
  line.connect([&] {
    wall = wall_seconds();
    cpu = under.it().cpu();
    line.post("/", "none", "{}", [](int, std::string_view) {});
  });
  while (heard < n)
    io.run_one();
  s.wall = wall_seconds() - wall;
  s.cpu = under.it().cpu() - cpu;
  s.units = static_cast<double>(n);
  s.expected = n;
  s.more = {{"ms to the last", s.wall * 1000}};
  return s;
}

} // namespace interject::bench
