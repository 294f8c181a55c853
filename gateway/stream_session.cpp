#include "gateway/stream_session.hpp"

#include "gateway/stream_cursor.hpp"
#include "gateway/stream_queue.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <spdlog/spdlog.h>

#include <array>

namespace interject::gateway {

namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t page_rows = 100;
constexpr std::chrono::milliseconds read_again_after{50};
constexpr int most_refused = 200; ///< reads in a row by a server with too much to do: ten seconds
constexpr std::size_t at_once = 16 * 1024;      ///< bytes of frames for one write
constexpr std::size_t max_incoming = 64 * 1024; ///< clients only send empty keep-alives here

struct said {
  std::uint64_t seq;
  std::shared_ptr<const std::string> body;
};

class stream_session final : public lane::session,
                             public subscriber,
                             public std::enable_shared_from_this<stream_session> {
public:
  stream_session(lane& on, link line, directline::stream_wish wish)
      : on_(on), ws_(std::move(line)), conversation_(std::move(wish.conversation)),
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
    flush();
    ws_.async_close({websocket::close_code::going_away, "the server is stopping"},
                    [self = shared_from_this()](error_code) { self->end(); });
  }

  // Actor threads.
  void deliver(std::span<const publication> what) override {
    std::vector<said> all;
    all.reserve(what.size());
    for (auto& one : what)
      all.push_back({one.seq, one.body});
    on_.give([self = shared_from_this(), all = std::move(all)] {
      for (auto& one : all)
        self->on_publication(one.seq, one.body);
    });
  }

  void accept(http_message handshake) {
    websocket::stream_base::timeout limits{}; // also of the close; silence is the lane's to see
    limits.handshake_timeout = on_.with.how.read_timeout;
    limits.idle_timeout = websocket::stream_base::none();
    limits.keep_alive_pings = false;
    ws_.set_option(limits);
    ws_.read_message_max(max_incoming);
    ws_.control_callback([this](websocket::frame_type, beast::string_view) { has_heard(); });
    ws_.async_accept(handshake, [self = shared_from_this()](error_code ec) {
      if (ec)
        return self->end();
      self->has_heard();
      self->deadline = self->heard_ + self->quiet();
      // First the hub, then the rows: nothing is published between the two without being noticed.
      self->on_.with.streams->add(self->conversation_, self->weak_from_this());
      // What waits for somebody to listen may be said now.
      self->on_.via->tell(self->on_.with.router, wake{0, self->conversation_});
      self->listen();
      self->read_rows();
    });
  }

  // A client that is silent for half of the time is asked, and is let go when it does not answer.
  void late(lane::instant now) override {
    if (now < heard_ + quiet()) {
      deadline = heard_ + quiet();
    } else if (asked_ <= heard_ && ws_.is_open()) {
      asked_ = now;
      deadline = now + quiet();
      ws_.async_ping({}, [self = shared_from_this()](error_code) {});
    } else {
      cut();
    }
  }

  /// All frames that wait go out together. What the kernel does not take counts as queued.
  void flush() override {
    flush_asked_ = false;
    auto& line = ws_.next_layer();
    while (!ended_ && !queue_.is_empty() && line.waiting() == 0 && ws_.is_open()) {
      on_.scratch.clear();
      auto frames = queue_.take(on_.scratch, at_once);
      line.send(on_.scratch);
      if (on_.scratch.capacity() > 4 * at_once)
        std::string().swap(on_.scratch);
      if (line.failure())
        return cut();
      on_.with.counted->frames.fetch_add(frames, std::memory_order_relaxed);
      if (line.waiting() == 0)
        queue_.gone();
    }
    if (!ended_ && line.waiting() > 0 && !std::exchange(sending_, true))
      line.when_sent([self = shared_from_this()] { self->on_sent(); });
    if (paused_ && queue_.bytes() <= most() / 4 && !ended_)
      after_rows();
  }

private:
  // ---- from the client: keep-alives, and its end

  void listen() {
    ws_.async_read_some(asio::buffer(in_), [self = shared_from_this()](error_code ec, std::size_t) {
      if (ec && self->leaving_)
        return; // the close goes on and ends it
      if (ec)
        return self->cut();
      self->has_heard();
      self->listen();
    });
  }

  void has_heard() { heard_ = std::chrono::steady_clock::now(); }
  std::chrono::steady_clock::duration quiet() const { return on_.with.how.stream_idle / 2; }

  // ---- to the client

  void on_publication(std::uint64_t seq, const std::shared_ptr<const std::string>& body) {
    if (ended_)
      return;
    switch (cursor_.offer(seq)) {
    case stream_cursor::verdict::send:
      return push(body);
    case stream_cursor::verdict::read:
      return read_rows();
    case stream_cursor::verdict::ignore:
      return;
    }
  }

  void push(const std::shared_ptr<const std::string>& body) {
    auto bytes = stream_queue::bytes_of(*body, cursor_.sent());
    if (queue_.bytes() > 0 && queue_.bytes() + bytes > most())
      flush(); // it may all go now
    // Alone it may be larger than the bound: it could never be sent otherwise.
    if (queue_.bytes() > 0 && queue_.bytes() + bytes > most())
      return overrun();
    add(body, cursor_.sent());
  }

  void add(std::shared_ptr<const std::string> body, std::uint64_t watermark) {
    queue_.add(std::move(body), watermark);
    if (!std::exchange(flush_asked_, true))
      on_.flush_soon(shared_from_this());
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
      page_was_full_ = page_was_full_ || queue_.bytes() > most();
      if (queue_.bytes() <= most() && cursor_.take_row(row.seq))
        add(row.body, row.seq);
    }
    stalled_ = cursor_.sent() == before;
    paused_ = queue_.bytes() > most() / 2;
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

  void on_sent() {
    sending_ = false;
    if (ws_.next_layer().failure())
      return cut();
    queue_.gone();
    flush();
  }

  std::size_t most() const { return static_cast<std::size_t>(on_.with.how.max_stream_queue); }

  // ---- the end

  void overrun() {
    ++on_.with.counted->streams_overrun;
    spdlog::info("stream.overrun conversation={} queued={}", conversation_, queue_.bytes());
    cut();
  }

  void cut() {
    ws_.next_layer().close();
    end();
  }

  void end() {
    if (std::exchange(ended_, true))
      return;
    on_.with.streams->remove(conversation_, this);
    on_.remove(this);
  }

  lane& on_;
  websocket::stream<link, false> ws_; // writes no text: see stream_queue
  std::array<char, 64> in_{};         ///< what it holds is nobody's business
  conversation_id conversation_;
  stream_cursor cursor_;
  stream_queue queue_;
  lane::instant heard_{}, asked_{};
  int refused_ = 0; ///< reads in a row
  bool page_was_full_ = false;
  bool stalled_ = false;
  bool paused_ = false; ///< reads wait for the client
  bool leaving_ = false;
  bool ended_ = false;
  bool flush_asked_ = false;
  bool sending_ = false; ///< the kernel has not taken all
};

} // namespace

void start_stream_session(lane& on, link line, http_message handshake,
                          directline::stream_wish wish) {
  std::make_shared<stream_session>(on, std::move(line), std::move(wish))
      ->accept(std::move(handshake));
}

} // namespace interject::gateway
