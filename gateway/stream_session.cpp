#include "gateway/stream_session.hpp"

#include "gateway/stream_cursor.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include <spdlog/spdlog.h>

#include <deque>

namespace interject::gateway {

namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t page_rows = 100;
constexpr std::chrono::milliseconds read_again_after{50};
constexpr int most_refused = 200; ///< reads in a row by a server with too much to do: ten seconds
constexpr std::size_t max_incoming = 64 * 1024; ///< clients only send empty keep-alives here

struct frame {
  std::shared_ptr<const std::string> body;
  std::string tail;
  std::size_t bytes() const { return directline::frame_head.size() + body->size() + tail.size(); }
};

class stream_session final : public lane::session,
                             public subscriber,
                             public std::enable_shared_from_this<stream_session> {
public:
  stream_session(lane& on, beast::tcp_stream stream, directline::stream_wish wish)
      : on_(on), ws_(std::move(stream)), conversation_(std::move(wish.conversation)),
        cursor_(wish.watermark) {
    on_.add(this);
    ++on_.with.counted->streams;
  }
  // On whichever thread lets go last, so it locks nothing and touches no set.
  ~stream_session() override {
    --on_.with.counted->streams;
    --on_.with.counted->connections;
  }

  bool is_stream() const override { return true; }

  void leave() override {
    if (std::exchange(leaving_, true))
      return;
    ws_.async_close({websocket::close_code::going_away, "the server is stopping"},
                    [self = shared_from_this()](error_code) { self->end(); });
  }

  // Actor threads.
  void deliver(const publication& what) override {
    asio::post(on_.io, [self = shared_from_this(), what] { self->on_publication(what); });
  }

  void accept(boost::beast::http::request<boost::beast::http::string_body> handshake) {
    websocket::stream_base::timeout limits;
    limits.handshake_timeout = on_.with.how.read_timeout;
    limits.idle_timeout = on_.with.how.stream_idle;
    limits.keep_alive_pings = true;
    beast::get_lowest_layer(ws_).expires_never();
    ws_.set_option(limits);
    ws_.read_message_max(max_incoming);
    ws_.auto_fragment(false);
    ws_.write_buffer_bytes(8); // unused without masking and compression; idle streams are many
    ws_.text(true);
    ws_.async_accept(handshake, [self = shared_from_this()](error_code ec) {
      if (ec)
        return self->end();
      // First the hub, then the rows: nothing is published between the two without being noticed.
      self->on_.with.streams->add(self->conversation_, self->weak_from_this());
      // What waits for somebody to listen may be said now.
      self->on_.via->tell(self->on_.with.router, wake{0, self->conversation_});
      self->listen();
      self->read_rows();
    });
  }

private:
  // ---- from the client: keep-alives, and its end

  void listen() {
    ws_.async_read(in_, [self = shared_from_this()](error_code ec, std::size_t) {
      self->in_.clear();
      if (ec)
        return self->end();
      self->listen();
    });
  }

  // ---- to the client

  void on_publication(const publication& what) {
    if (ended_)
      return;
    switch (cursor_.offer(what.seq)) {
    case stream_cursor::verdict::send: {
      frame next{what.body, directline::frame_tail(cursor_.sent())};
      // Alone it may be larger than the bound: it could never be sent otherwise.
      if (queued_ > 0 && queued_ + next.bytes() > most())
        return overrun();
      return push(std::move(next));
    }
    case stream_cursor::verdict::read:
      return read_rows();
    case stream_cursor::verdict::ignore:
      return;
    }
  }

  void read_rows() {
    cursor_.begin_read();
    using rows_t = std::vector<journal::activity_row>;
    on_.via->read(
        on_.with.reader,
        [id = conversation_, after = cursor_.sent()](journal::reader& rows) {
          return rows.history(id, after, page_rows);
        },
        [self = shared_from_this()](result<rows_t> rows) { self->on_rows(rows); });
  }

  void on_rows(result<std::vector<journal::activity_row>>& rows) {
    if (ended_)
      return;
    if (!rows && rows.error().code == errc::unavailable && ++refused_ < most_refused)
      return read_later();
    if (!rows) {
      spdlog::warn("stream.read_failed conversation={} why=\"{}\"", conversation_,
                   rows.error().what);
      return cut(); // the client comes back with its watermark
    }
    refused_ = 0;
    auto before = cursor_.sent();
    page_was_full_ = rows->size() == page_rows;
    for (auto& row : *rows) {
      // What does not fit is read again when the client has taken the rest.
      page_was_full_ = page_was_full_ || queued_ > most();
      if (queued_ <= most() && cursor_.take_row(row.seq))
        push({row.body, directline::frame_tail(row.seq)});
    }
    stalled_ = cursor_.sent() == before;
    paused_ = queued_ > most() / 2;
    if (!paused_)
      after_rows();
  }

  void after_rows() {
    paused_ = false;
    if (!cursor_.end_read(page_was_full_))
      return;
    if (!stalled_)
      return read_rows();
    // Published, yet not to be read: give the reader a moment rather than asking in circles.
    cursor_.begin_read();
    read_later();
  }

  void read_later() {
    auto timer = std::make_shared<asio::steady_timer>(on_.io, read_again_after);
    timer->async_wait([self = shared_from_this(), timer](error_code) {
      if (!self->ended_)
        self->read_rows();
    });
  }

  void push(frame f) {
    queued_ += f.bytes();
    queue_.push_back(std::move(f));
    if (queue_.size() == 1)
      write();
  }

  void write() {
    auto& f = queue_.front();
    std::array<asio::const_buffer, 3> parts{
        asio::buffer(directline::frame_head.data(), directline::frame_head.size()),
        asio::buffer(*f.body), asio::buffer(f.tail)};
    ws_.async_write(
        parts, [self = shared_from_this()](error_code ec, std::size_t) { self->on_written(ec); });
  }

  void on_written(error_code ec) {
    if (ec)
      return end();
    on_.with.counted->frames.fetch_add(1, std::memory_order_relaxed);
    queued_ -= queue_.front().bytes();
    queue_.pop_front();
    if (!queue_.empty())
      write();
    else
      queue_.shrink_to_fit();
    if (paused_ && queued_ <= most() / 4 && !ended_)
      after_rows();
  }

  std::size_t most() const { return static_cast<std::size_t>(on_.with.how.max_stream_queue); }

  // ---- the end

  void overrun() {
    ++on_.with.counted->streams_overrun;
    spdlog::info("stream.overrun conversation={} queued={}", conversation_, queued_);
    cut();
  }

  void cut() {
    beast::get_lowest_layer(ws_).close();
    end();
  }

  void end() {
    if (std::exchange(ended_, true))
      return;
    on_.with.streams->remove(conversation_, this);
    on_.remove(this);
  }

  lane& on_;
  websocket::stream<beast::tcp_stream, false> ws_;
  beast::flat_buffer in_;
  conversation_id conversation_;
  stream_cursor cursor_;
  std::deque<frame> queue_; ///< the first is being written
  std::size_t queued_ = 0;  ///< bytes
  int refused_ = 0;         ///< reads in a row
  bool page_was_full_ = false;
  bool stalled_ = false;
  bool paused_ = false; ///< reads wait for the client
  bool leaving_ = false;
  bool ended_ = false;
};

} // namespace

void start_stream_session(lane& on, beast::tcp_stream stream,
                          boost::beast::http::request<boost::beast::http::string_body> handshake,
                          directline::stream_wish wish) {
  std::make_shared<stream_session>(on, std::move(stream), std::move(wish))
      ->accept(std::move(handshake));
}

} // namespace interject::gateway
