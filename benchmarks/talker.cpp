#include "benchmarks/talker.hpp"

#include "benchmarks/process.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <charconv>
#include <chrono>
#include <memory>
#include <stdexcept>

namespace interject::bench {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t piece = 4096;
constexpr std::chrono::milliseconds try_again_after{20}; ///< a server that has too much to do

void must(error_code ec, const char* what) {
  if (ec)
    throw std::runtime_error(std::string(what) + ": " + ec.message());
}

std::string member(std::string_view json, std::string_view name) {
  auto mark = "\"" + std::string(name) + "\":\"";
  auto begin = json.find(mark);
  if (begin == json.npos)
    return {};
  begin += mark.size();
  return std::string(json.substr(begin, json.find('"', begin) - begin));
}

} // namespace

// ---- HTTP

void http_line::connect(std::function<void()> then) {
  socket_.async_connect({asio::ip::address_v4::loopback(), port_},
                        [this, then = std::move(then)](error_code ec) {
                          must(ec, "connect");
                          socket_.set_option(tcp::no_delay(true));
                          then();
                        });
}

void http_line::post(std::string_view path, std::string_view credential, std::string_view body,
                     answered then) {
  then_ = std::move(then);
  out_.assign("POST ").append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1:");
  out_.append(std::to_string(port_)).append("\r\nAuthorization: Bearer ").append(credential);
  out_.append("\r\nContent-Type: application/json\r\nContent-Length: ");
  out_.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  asio::async_write(socket_, asio::buffer(out_), [this](error_code ec, std::size_t) {
    must(ec, "POST");
    in_.clear();
    read();
  });
}

void http_line::read() {
  auto had = in_.size();
  in_.resize(had + piece);
  socket_.async_read_some(
      asio::buffer(in_.data() + had, piece), [this, had](error_code ec, std::size_t n) {
        must(ec, "answer to a POST");
        in_.resize(had + n);
        auto head = in_.find("\r\n\r\n");
        if (head == in_.npos)
          return read();
        constexpr std::string_view mark = "\r\nContent-Length: ";
        std::size_t length = 0;
        if (auto at = in_.find(mark); at < head)
          std::from_chars(in_.data() + at + mark.size(), in_.data() + head, length);
        if (in_.size() < head + 4 + length)
          return read();
        int status = 0;
        std::from_chars(in_.data() + 9, in_.data() + 12, status); // "HTTP/1.1 200"
        auto then = std::move(then_);
        then(status, std::string_view(in_).substr(head + 4, length));
      });
}

void http_line::close() {
  error_code ignored;
  socket_.close(ignored);
}

// ---- a customer

talker::talker(asio::io_context& io, unsigned short port)
    : io_(io), port_(port), line_(io, port), stream_(io) {}

void talker::open(bool keep_line, std::function<void()> ready) {
  line_.connect([this, keep_line, ready = std::move(ready)] { begin(keep_line, ready); });
}

void talker::begin(bool keep_line, std::function<void()> ready) {
  line_.post("/v3/directline/conversations", directline_secret, "{}",
             [this, keep_line, ready = std::move(ready)](int status, std::string_view body) {
               if (status == 503)
                 return later([this, keep_line, ready] { begin(keep_line, ready); });
               if (status != 201)
                 throw std::runtime_error("no conversation: " + std::to_string(status) + " " +
                                          std::string(body));
               conversation_ = member(body, "conversationId");
               token_ = member(body, "token");
               path_ = "/v3/directline/conversations/" + conversation_ + "/activities";
               auto url = member(body, "streamUrl");
               if (!keep_line)
                 line_.close();
               open_stream(url, ready);
             });
}

void talker::later(std::function<void()> then) {
  auto timer = std::make_shared<asio::steady_timer>(io_, try_again_after);
  timer->async_wait([timer, then = std::move(then)](error_code) { then(); });
}

void talker::open_stream(const std::string& url, std::function<void()> ready) {
  auto path = url.substr(url.find('/', std::string_view("ws://").size()));
  stream_.async_connect({asio::ip::address_v4::loopback(), port_}, [this, url, path,
                                                                    ready = std::move(ready)](
                                                                       error_code ec) {
    must(ec, "connect a stream");
    stream_.set_option(tcp::no_delay(true));
    // The key is fixed: nothing here depends on its answer.
    body_ = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
            "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: aW50ZXJqZWN0LWJlbmNoLg==\r\n\r\n";
    asio::async_write(
        stream_, asio::buffer(body_), [this, url, ready](error_code failed, std::size_t) {
          must(failed, "stream handshake");
          auto answer = std::make_shared<std::string>();
          asio::async_read_until(stream_, asio::dynamic_buffer(*answer, piece), "\r\n\r\n",
                                 [this, url, ready, answer](error_code unread, std::size_t head) {
                                   must(unread, "answer to a stream handshake");
                                   if (answer->starts_with("HTTP/1.1 503")) {
                                     stream_.close();
                                     return later([this, url, ready] { open_stream(url, ready); });
                                   }
                                   if (!answer->starts_with("HTTP/1.1 101"))
                                     throw std::runtime_error("no stream: " + *answer);
                                   in_ = answer->substr(head);
                                   std::string().swap(body_);
                                   ready();
                                   take_frames();
                                 });
        });
  });
}

void talker::say(std::string_view text, turn_over then) {
  then_ = std::move(then);
  status_ = 0;
  has_heard_ = false;
  body_.assign(R"({"type":"message","from":{"id":"dl_)").append(conversation_);
  body_.append(R"("},"text":")").append(text).append("\"}");
  line_.post(path_, token_, body_, [this](int status, std::string_view) {
    status_ = status;
    settle();
  });
}

void talker::settle() {
  if (!then_ || status_ == 0 || (status_ < 300 && !has_heard_))
    return;
  auto then = std::move(then_);
  then_ = nullptr;
  then(status_, status_ < 300 ? std::string_view(heard_) : std::string_view());
}

void talker::read_stream() {
  auto had = in_.size();
  // Idle streams wait without a buffer, so that many of them fit beside the server.
  stream_.async_wait(tcp::socket::wait_read, [this, had](error_code ec) {
    must(ec, "stream");
    in_.resize(had + piece);
    error_code failed;
    auto n = stream_.read_some(asio::buffer(in_.data() + had, piece), failed);
    must(failed, "stream");
    in_.resize(had + n);
    take_frames();
  });
}

void talker::take_frames() {
  std::string_view rest = in_;
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  while (rest.size() >= 2) {
    std::size_t length = byte(1) & 0x7f, head = 2;
    unsigned wide = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (rest.size() < head + wide)
      break;
    if (wide)
      for (length = 0; head < 2 + wide; ++head)
        length = length << 8 | byte(head);
    if (rest.size() < head + length)
      break;
    take_frame(byte(0) & 0x0f, rest.substr(head, length));
    rest.remove_prefix(head + length);
  }
  in_.erase(0, in_.size() - rest.size());
  if (in_.empty())
    std::string().swap(in_);
  read_stream();
}

void talker::take_frame(unsigned opcode, std::string_view body) {
  if (opcode == 8)
    throw std::runtime_error("the server closed a stream");
  if (opcode == 9) { // a ping: answered with a mask of zeros
    pong_.assign(1, static_cast<char>(0x8a));
    pong_.push_back(static_cast<char>(0x80 | body.size()));
    pong_.append(4, '\0').append(body);
    error_code ignored;
    stream_.write_some(asio::buffer(pong_), ignored);
  }
  if (opcode != 1 || body.find("\"role\":\"bot\"") == body.npos)
    return;
  constexpr std::string_view mark = "\"text\":\"";
  auto begin = body.find(mark) + mark.size();
  auto text = body.substr(begin, body.find('"', begin) - begin);
  if (!then_) {
    if (news_)
      news_(text);
    return;
  }
  heard_.assign(text);
  has_heard_ = true;
  settle();
}

} // namespace interject::bench
