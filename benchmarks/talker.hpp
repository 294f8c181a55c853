// One customer over Direct Line: an HTTP connection for what they say, and the WebSocket stream on
// which the bot answers. Lean on purpose: thousands of them share a thread, and must not take the
// time that the server is measured in.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace interject::bench {

/// An HTTP/1.1 connection, one request under way.
class http_line {
public:
  explicit http_line(boost::asio::io_context& io, unsigned short port) : socket_(io), port_(port) {}
  void connect(std::function<void()> then);
  using answered = std::function<void(int status, std::string_view body)>;
  void post(std::string_view path, std::string_view credential, std::string_view body,
            answered then);
  void close();

private:
  void read();
  boost::asio::ip::tcp::socket socket_;
  unsigned short port_;
  std::string out_, in_;
  answered then_;
};

class talker {
public:
  /// `status` is that of the POST; `text` what the bot said, empty when it was refused.
  using turn_over = std::function<void(int status, std::string_view text)>;

  talker(boost::asio::io_context& io, unsigned short port);
  /// A conversation, its stream and, if `keep_line`, a connection to talk on. Throws out of
  /// `io.run()`.
  void open(bool keep_line, std::function<void()> ready);
  /// Only the stream.
  void open_stream(const std::string& url, std::function<void()> ready);
  /// One turn at a time. `then` is called when the POST was answered and, unless it was refused,
  /// the bot has.
  void say(std::string_view text, turn_over then);
  /// Called for every word of the bot that no turn waits for.
  void on_news(std::function<void(std::string_view text)> then) { news_ = std::move(then); }

  const std::string& conversation() const { return conversation_; }

private:
  void begin(bool keep_line, std::function<void()> ready);
  void later(std::function<void()> then);
  void read_stream();
  void take_frames();
  void take_frame(unsigned opcode, std::string_view body);
  void settle();

  boost::asio::io_context& io_;
  unsigned short port_;
  http_line line_;
  boost::asio::ip::tcp::socket stream_;
  std::string in_; ///< of the stream: what is not a whole frame yet
  std::string conversation_, token_, path_, body_, heard_, pong_;
  turn_over then_;
  std::function<void(std::string_view)> news_;
  int status_ = 0; ///< of the turn's POST; 0: not there yet
  bool has_heard_ = false;
};

} // namespace interject::bench
