#include "gateway/http_session.hpp"

#include "gateway/directline.hpp"
#include "gateway/http_wire.hpp"
#include "gateway/problem.hpp"
#include "gateway/routes.hpp"
#include "gateway/stream_session.hpp"
#include "gateway/upload.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <optional>

namespace interject::gateway {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace asio = boost::asio;
using boost::system::error_code;

/// What a client that was refused may still send before its connection is cut.
constexpr std::size_t linger_bytes = 32 * 1024 * 1024;
constexpr auto linger_for = std::chrono::seconds(3);
constexpr std::size_t small_piece = 2048; ///< read at once; a keep-alive connection holds as much
constexpr std::size_t large_piece = 64 * 1024;

class http_session final : public lane::session, public std::enable_shared_from_this<http_session> {
public:
  http_session(lane& on, tcp_socket socket) : on_(on), line_(std::move(socket)) {
    error_code ec;
    auto peer = line_.socket().remote_endpoint(ec);
    loopback_ = !ec && peer.address().is_loopback();
    on_.add(this);
    ++on_.with.counted->connections;
  }
  ~http_session() override {
    on_.remove(this);
    if (!handed_over_)
      --on_.with.counted->connections;
  }

  bool is_stream() const override { return false; }
  void leave() override {
    last_ = true;
    if (idle_)
      close();
  }
  void late(lane::instant) override { close(); }

  void read_header() {
    if (on_.with.stopping)
      return close();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(on_.with.how.max_header));
    parser_->body_limit(boost::none); // the header decides
    header_bytes_ = 0;
    in_by(on_.with.how.idle_timeout);
    idle_ = true;
    parse();
  }

private:
  // ---- reading

  void in_by(std::chrono::milliseconds limit) {
    deadline = std::chrono::steady_clock::now() + limit;
  }

  bool has_part() const { return reads_body_ ? parser_->is_done() : parser_->is_header_done(); }

  /// What has come, until the header, or the body, is there.
  void parse() {
    error_code ec;
    while (!has_part()) {
      if (buffer_.size() == 0)
        return receive();
      auto n = parser_->put(buffer_.data(), ec);
      buffer_.consume(n);
      header_bytes_ += reads_body_ ? 0 : n;
      if (ec == http::error::need_more)
        return receive();
      if (ec)
        break;
    }
    reads_body_ ? on_body(ec) : on_header(ec);
  }

  void receive() {
    auto piece = small_piece;
    if (reads_body_)
      piece = static_cast<std::size_t>(std::clamp<std::uint64_t>(
          parser_->content_length_remaining().value_or(large_piece), small_piece, large_piece));
    line_.async_read_some(
        buffer_.prepare(piece),
        [self = shared_from_this()](error_code ec, std::size_t n) { self->on_received(ec, n); });
  }

  void on_received(error_code ec, std::size_t n) {
    buffer_.commit(n);
    if (!ec)
      return parse();
    if (ec == asio::error::eof) {
      ec = http::error::end_of_stream;
      if (parser_->got_some())
        parser_->put_eof(ec = {});
    }
    reads_body_ ? on_body(ec) : on_header(ec);
  }

  void on_header(error_code ec) {
    idle_ = false;
    // The parser holds the first line and the fields each against the limit by itself.
    if (!ec && header_bytes_ > static_cast<std::size_t>(on_.with.how.max_header))
      ec = http::error::header_limit;
    if (ec)
      return refuse(ec);
    in_by(on_.with.how.read_timeout);
    auto most = body_limit();
    parser_->body_limit(most);
    if (parser_->content_length().value_or(0) > most)
      return refuse(http::error::body_limit);
    reads_body_ = true;
    parser_->eager(true);
    if (!beast::iequals(parser_->get()[http::field::expect], "100-continue"))
      return parse();
    line_.send(parser_->get().version() == 10 ? "HTTP/1.0 100 Continue\r\n\r\n"
                                              : "HTTP/1.1 100 Continue\r\n\r\n");
    line_.when_sent([self = shared_from_this()] {
      if (!self->line_.failure())
        self->parse();
    });
  }

  std::uint64_t body_limit() const {
    if (view(parser_->get().target()).find("/upload") == std::string_view::npos)
      return static_cast<std::uint64_t>(on_.with.how.max_body);
    auto where = parse_target(view(parser_->get().target()));
    request in;
    in.authorization = std::string(view(parser_->get()[http::field::authorization]));
    if (where)
      in.target = std::move(*where);
    auto& how = on_.with.how;
    return static_cast<std::uint64_t>(directline::may_upload(on_.with, in) ? how.upload_body
                                                                           : how.max_body);
  }

  void on_body(error_code ec) {
    reads_body_ = false;
    if (ec)
      return refuse(ec);
    deadline = lane::instant::max();
    auto& message = parser_->get();
    if (!message.keep_alive())
      last_ = true;
    auto method = view(message.method_string()), path = view(message.target());
    if (auto away = turn_away(on_.with, *on_.via, method, path))
      return write(*away);
    auto where = parse_target(path);
    if (!where) {
      last_ = true;
      return write(problem(400, "the request's target is no path"));
    }
    auto in = read_request(message, std::move(*where), loopback_);
    if (beast::websocket::is_upgrade(message))
      if (auto wish = directline::read_stream_wish(on_.with, in))
        return open_stream(std::move(*wish));
    in.body = std::move(message.body());
    dispatch(on_.with, *on_.via, std::move(in),
             [self = shared_from_this()](response r) { self->write(std::move(r)); });
  }

  void open_stream(result<directline::stream_wish> wish) {
    if (on_.with.stopping)
      wish = error{errc::unavailable, "the server is stopping"};
    if (!wish) {
      auto& e = wish.error();
      return write(directline_error(status_of(e.code), e.what,
                                    e.what == token_office::expired ? "TokenExpired" : ""));
    }
    if (on_.with.streams->open(wish->conversation) >=
        static_cast<std::size_t>(on_.with.how.streams))
      return write(directline_error(429, "this conversation has " +
                                             std::to_string(on_.with.how.streams) +
                                             " streams already; close one of them"));
    on_.via->read(
        on_.with.reader, [id = wish->conversation](journal::reader& rows) { return rows.load(id); },
        [self = shared_from_this(),
         wish = *wish](result<std::optional<journal::conversation_row>> row) {
          if (!row)
            return self->write(directline_error(row.error()));
          if (!*row)
            return self->write(directline_error(404, "there is no such conversation"));
          self->hand_over(wish, (*row)->last_seq);
        });
  }

  void hand_over(directline::stream_wish wish, std::uint64_t last_seq) {
    // A watermark from the future would mute the stream for ever.
    wish.watermark = std::min(wish.watermark, last_seq);
    handed_over_ = true;
    start_stream_session(on_, std::move(line_), parser_->release(), std::move(wish));
  }

  response refusal(unsigned status, const std::string& what) const {
    bool known = parser_->is_header_done();
    return known && view(parser_->get().target()).starts_with("/v3/directline")
               ? directline_error(status, what)
               : problem(status, what);
  }

  // The request could not be read. What can be said is said.
  void refuse(error_code ec) {
    last_ = true;
    if (ec == http::error::body_limit)
      return write(
          refusal(413, "the body is larger than " + std::to_string(body_limit()) + " bytes"));
    if (ec == http::error::header_limit || ec == http::error::buffer_overflow)
      return write(problem(431, "the header is larger than " +
                                    std::to_string(on_.with.how.max_header) + " bytes"));
    if (ec == http::error::end_of_stream || ec == http::error::partial_message ||
        ec.category() != make_error_code(http::error::bad_version).category())
      return close();
    write(problem(400, "not an HTTP/1.1 request: " + ec.message()));
  }

  // ---- writing

  void write(const response& r) {
    auto version = parser_ && parser_->is_header_done() ? parser_->get().version() : 11u;
    last_ = last_ || on_.with.stopping;
    on_.scratch.clear();
    append_answer(on_.scratch, r, {version, !last_});
    line_.send(on_.scratch);
    if (on_.scratch.capacity() > large_piece)
      std::string().swap(on_.scratch);
    if (line_.waiting() == 0 && !line_.failure() && buffer_.size() == 0)
      return on_written();
    // Also when the next request is here already: a pipeline of them is no recursion.
    in_by(on_.with.how.read_timeout);
    line_.when_sent([self = shared_from_this()] { self->on_written(); });
  }

  void on_written() {
    if (line_.failure() || !line_.socket().is_open())
      return close();
    if (!last_) {
      if (buffer_.size() == 0 && buffer_.capacity() > 2 * small_piece)
        buffer_.shrink_to_fit();
      return read_header();
    }
    error_code ignored;
    line_.socket().shutdown(tcp_socket::shutdown_send, ignored);
    if (parser_ && parser_->is_done())
      return close();
    // Closing on a client that is still sending would reset the connection before it reads the
    // answer.
    in_by(linger_for);
    linger(0);
  }

  void linger(std::size_t so_far) {
    if (so_far > linger_bytes)
      return close();
    buffer_.clear();
    line_.async_read_some(buffer_.prepare(16 * 1024),
                          [self = shared_from_this(), so_far](error_code ec, std::size_t n) {
                            if (ec)
                              return self->close();
                            self->linger(so_far + n);
                          });
  }

  void close() {
    deadline = lane::instant::max();
    line_.close();
  }

  lane& on_;
  link line_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::size_t header_bytes_ = 0;
  bool reads_body_ = false;
  bool loopback_ = false;
  bool idle_ = false;
  bool last_ = false; ///< close after the answer
  bool handed_over_ = false;
};

} // namespace

void start_http_session(lane& on, tcp_socket socket) {
  std::make_shared<http_session>(on, std::move(socket))->read_header();
}

} // namespace interject::gateway
