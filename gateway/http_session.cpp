#include "gateway/http_session.hpp"

#include "gateway/directline.hpp"
#include "gateway/problem.hpp"
#include "gateway/routes.hpp"
#include "gateway/stream_session.hpp"
#include "gateway/upload.hpp"

#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
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

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

class http_session final : public lane::session, public std::enable_shared_from_this<http_session> {
public:
  http_session(lane& on, asio::ip::tcp::socket socket) : on_(on), stream_(std::move(socket)) {
    error_code ec;
    auto peer = stream_.socket().remote_endpoint(ec);
    loopback_ = !ec && peer.address().is_loopback();
    stream_.socket().set_option(asio::ip::tcp::no_delay(true), ec);
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
      stream_.cancel();
  }

  void read_header() {
    if (on_.with.stopping)
      return close();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(on_.with.how.max_header));
    parser_->body_limit(boost::none); // the header decides
    stream_.expires_after(on_.with.how.idle_timeout);
    idle_ = true;
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](error_code ec, std::size_t n) { self->on_header(ec, n); });
  }

private:
  void on_header(error_code ec, std::size_t size) {
    idle_ = false;
    // The parser holds the first line and the fields each against the limit by itself.
    if (!ec && size > static_cast<std::size_t>(on_.with.how.max_header))
      ec = http::error::header_limit;
    if (ec)
      return refuse(ec);
    stream_.expires_after(on_.with.how.read_timeout);
    auto most = body_limit();
    parser_->body_limit(most);
    if (parser_->content_length().value_or(0) > most)
      return refuse(http::error::body_limit);
    if (beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
      go_on_.emplace(http::status::continue_, parser_->get().version());
      return http::async_write(stream_, *go_on_,
                               [self = shared_from_this()](error_code failed, std::size_t) {
                                 if (!failed)
                                   self->read_body();
                               });
    }
    read_body();
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

  void read_body() {
    if (parser_->is_done())
      return on_body({});
    http::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](error_code ec, std::size_t) { self->on_body(ec); });
  }

  void on_body(error_code ec) {
    if (ec)
      return refuse(ec);
    stream_.expires_never();
    auto& message = parser_->get();
    if (!message.keep_alive())
      last_ = true;
    auto where = parse_target(view(message.target()));
    if (!where) {
      last_ = true;
      return write(problem(400, "the request's target is no path"));
    }
    auto in = take_request(std::move(*where));
    if (beast::websocket::is_upgrade(message))
      if (auto wish = directline::read_stream_wish(on_.with, in))
        return open_stream(std::move(*wish));
    in.body = std::move(message.body());
    dispatch(on_.with, *on_.via, std::move(in),
             [self = shared_from_this()](response r) { self->write(std::move(r)); });
  }

  request take_request(target where) {
    auto& message = parser_->get();
    auto field = [&](auto name) { return std::string(view(message[name])); };
    request in;
    in.method = std::string(view(message.method_string()));
    in.target = std::move(where);
    in.authorization = field(http::field::authorization);
    in.origin = field(http::field::origin);
    in.content_type = field(http::field::content_type);
    in.host = field(http::field::host);
    in.secure = beast::iequals(message["X-Forwarded-Proto"], "https");
    in.loopback = loopback_;
    in.signature = std::string(view(message["Interject-Signature"]));
    for (auto& each : message) {
      auto name = view(each.name_string());
      if (beast::iequals(name, "Idempotency-Key"))
        in.idempotency_key = (in.idempotency_key ? *in.idempotency_key + "\n" : std::string()) +
                             std::string(view(each.value()));
      if (name.size() > 3 && beast::iequals(name.substr(0, 3), "ce-"))
        in.event_headers.emplace_back(lower(name.substr(3)), std::string(view(each.value())));
    }
    return in;
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
    start_stream_session(on_, std::move(stream_), parser_->release(), std::move(wish));
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

  void write(response r) {
    auto version = parser_ && parser_->is_header_done() ? parser_->get().version() : 11u;
    out_.emplace(static_cast<http::status>(r.status), version);
    out_->reason(
        beast::string_view(reason_phrase(r.status).data(), reason_phrase(r.status).size()));
    out_->set(http::field::cache_control, "no-store");
    out_->set("X-Content-Type-Options", "nosniff");
    if (!r.content_type.empty())
      out_->set(http::field::content_type, r.content_type);
    for (auto& [name, text] : r.headers)
      out_->set(name, text);
    out_->body() = std::move(r.body);
    last_ = last_ || on_.with.stopping;
    out_->keep_alive(!last_);
    if (r.status != 204)
      out_->prepare_payload();
    stream_.expires_after(on_.with.how.read_timeout);
    http::async_write(stream_, *out_, [self = shared_from_this()](error_code ec, std::size_t) {
      self->on_written(ec);
    });
  }

  void on_written(error_code ec) {
    if (ec)
      return close();
    out_.reset();
    if (!last_)
      return read_header();
    error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    if (parser_ && parser_->is_done())
      return close();
    // Closing on a client that is still sending would reset the connection before it reads the
    // answer.
    stream_.expires_after(linger_for);
    linger(0);
  }

  void linger(std::size_t so_far) {
    if (so_far > linger_bytes)
      return close();
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(16 * 1024),
                            [self = shared_from_this(), so_far](error_code ec, std::size_t n) {
                              if (ec)
                                return self->close();
                              self->linger(so_far + n);
                            });
  }

  void close() {
    error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    stream_.close();
  }

  lane& on_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::empty_body>> go_on_;
  std::optional<http::response<http::string_body>> out_;
  bool loopback_ = false;
  bool idle_ = false;
  bool last_ = false; ///< close after the answer
  bool handed_over_ = false;
};

} // namespace

void start_http_session(lane& on, boost::asio::ip::tcp::socket socket) {
  std::make_shared<http_session>(on, std::move(socket))->read_header();
}

} // namespace interject::gateway
