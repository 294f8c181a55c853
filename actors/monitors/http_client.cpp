#include "actors/monitors/http_client.hpp"

#include "actors/monitors/http_target.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>

namespace interject::monitors {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using tcp = asio::ip::tcp;
using boost::system::error_code;
using kind = http_answer::kind;

/// Set by the client itself.
bool is_ours(std::string_view name) {
  for (auto* ours : {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"})
    if (beast::iequals(name, ours))
      return true;
  return false;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool is_header_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

/// The system's certificates, read when the first call needs them: that takes tens of milliseconds and megabytes,
/// which a server that speaks plain HTTP only should not spend.
class trusted_roots {
public:
  ssl::context& get() {
    std::call_once(once_, [this] {
      context_.set_default_verify_paths();
      context_.set_verify_mode(ssl::verify_peer);
    });
    return context_;
  }

private:
  std::once_flag once_;
  ssl::context context_{ssl::context::tls_client};
};

/// One call, on one I/O thread. Ends once: by its answer, its failure or its deadline, whichever is first.
class exchange : public std::enable_shared_from_this<exchange> {
public:
  exchange(asio::io_context& on, trusted_roots& tls, const http_options& how, http_request what,
           http_client::callback done)
      : tls_(tls), how_(how), what_(std::move(what)), done_(std::move(done)), deadline_(on), resolver_(on), plain_(on) {
    parser_.body_limit(how.max_body);
    parser_.header_limit(64 * 1024);
  }

  void run() {
    auto to = parse_target(what_.url);
    if (!to)
      return end(kind::bad_request, to.error().what);
    to_ = *std::move(to);
    if (!is_named(how_.hosts, to_.host, to_.port))
      return end(kind::not_allowed, "the host is not among those that the bot may call");
    if (auto fault = compose(); !fault.empty())
      return end(kind::bad_request, fault);
    deadline_.expires_after(std::max(what_.timeout, duration(1)));
    deadline_.async_wait([me = shared_from_this()](error_code failed) {
      if (!failed)
        me->end(kind::timed_out, "no answer within " + format_duration(me->what_.timeout));
    });
    resolver_.async_resolve(to_.host, std::to_string(to_.port),
                            [me = shared_from_this()](error_code failed, const tcp::resolver::results_type& found) {
                              me->resolved(failed, found);
                            });
  }

  void cancel() {
    done_ = nullptr;
    close();
  }

private:
  /// Empty, or what is wrong.
  std::string compose() {
    if (!is_token(what_.method))
      return "the method is malformed";
    request_.method_string(what_.method);
    request_.target(to_.target);
    request_.set(http::field::host, to_.authority);
    request_.set(http::field::user_agent, "interject");
    request_.set(http::field::accept, "application/json");
    request_.set(http::field::connection, "close");
    if (!what_.body.empty())
      request_.set(http::field::content_type, "application/json");
    for (auto& [name, text] : what_.headers) {
      if (!is_token(name) || !is_header_value(text))
        return "header " + (is_token(name) ? name : std::string("name")) + " cannot be sent";
      if (!is_ours(name))
        request_.set(name, text);
    }
    request_.body() = std::move(what_.body);
    request_.prepare_payload();
    if (beast::iequals(what_.method, "HEAD"))
      parser_.skip(true);
    return {};
  }

  void resolved(error_code failed, const tcp::resolver::results_type& found) {
    if (!done_)
      return;
    if (failed)
      return end(kind::unreachable, "the host's name was not found");
    for (auto& each : found)
      if (may_reach(how_.hosts, to_, each.endpoint().address()))
        endpoints_.push_back(each.endpoint());
    if (endpoints_.empty())
      return end(kind::not_allowed, "the host's address is private and is not among those that the bot may call");
    plain_.async_connect(endpoints_,
                         [me = shared_from_this()](error_code f, const tcp::endpoint&) { me->connected(f); });
  }

  void connected(error_code failed) {
    if (!done_)
      return;
    if (failed)
      return end(kind::unreachable, "no connection: " + failed.message());
    if (!to_.tls)
      return exchange_over(plain_);
    secure_.emplace(plain_, tls_.get());
    error_code bad;
    secure_->set_verify_callback(ssl::host_name_verification(to_.host), bad);
    if (bad || !SSL_set_tlsext_host_name(secure_->native_handle(), to_.host.c_str()))
      return end(kind::unreachable, "TLS could not be set up");
    secure_->async_handshake(ssl::stream_base::client, [me = shared_from_this()](error_code f) {
      if (!me->done_)
        return;
      if (f)
        return me->end(kind::unreachable, "TLS: " + f.message());
      me->exchange_over(*me->secure_);
    });
  }

  template <class Stream> void exchange_over(Stream& stream) {
    http::async_write(stream, request_, [me = shared_from_this(), &stream](error_code failed, std::size_t) {
      if (!me->done_)
        return;
      if (failed)
        return me->end(kind::unreachable, "the connection broke: " + failed.message());
      http::async_read(stream, me->buffer_, me->parser_,
                       [me](error_code f, std::size_t) { me->answered(f); });
    });
  }

  void answered(error_code failed) {
    if (!done_)
      return;
    if (failed == http::error::body_limit || failed == http::error::header_limit ||
        failed == http::error::buffer_overflow)
      return end(kind::too_large, "the answer is larger than " + std::to_string(how_.max_body) + " bytes");
    if (failed)
      return end(kind::unreachable, "the connection broke: " + failed.message());
    auto answer = parser_.release();
    end({kind::answered, static_cast<int>(answer.result_int()), std::move(answer.body()), {}});
  }

  void end(kind how, std::string reason) { end({how, 0, {}, std::move(reason)}); }

  void end(http_answer a) {
    auto done = std::exchange(done_, nullptr);
    close();
    if (done)
      done(std::move(a));
  }

  void close() {
    deadline_.cancel();
    resolver_.cancel();
    error_code ignored;
    plain_.socket().close(ignored);
  }

  trusted_roots& tls_;
  const http_options& how_;
  http_request what_;
  http_client::callback done_;
  http_target to_;
  asio::steady_timer deadline_;
  tcp::resolver resolver_;
  std::vector<tcp::endpoint> endpoints_;
  beast::tcp_stream plain_;
  std::optional<beast::ssl_stream<beast::tcp_stream&>> secure_;
  beast::flat_buffer buffer_{128 * 1024};
  http::request<http::string_body> request_;
  http::response_parser<http::string_body> parser_;
};

class asio_http_client final : public http_client {
public:
  explicit asio_http_client(http_options how) : how_(std::move(how)) {
    for (int i = 0; i < std::max(how_.threads, 1); ++i)
      lanes_.push_back(std::make_unique<lane>());
  }

  ~asio_http_client() override {
    for (auto& l : lanes_)
      l->on.stop();
    for (auto& l : lanes_)
      l->thread.join();
    calls_.clear(); // their sockets must go before the contexts that serve them
  }

  std::uint64_t start(http_request what, callback done) override {
    auto id = ++last_;
    auto& on = lanes_[id % lanes_.size()]->on;
    auto call = std::make_shared<exchange>(on, tls_, how_, std::move(what), [this, id, done](http_answer a) {
      forget(id);
      done(std::move(a));
    });
    {
      auto lock = std::lock_guard(mutex_);
      calls_.emplace(id, call);
    }
    asio::post(on, [call] { call->run(); });
    return id;
  }

  void cancel(std::uint64_t id) override {
    std::shared_ptr<exchange> call;
    {
      auto lock = std::lock_guard(mutex_);
      auto it = calls_.find(id);
      if (it == calls_.end())
        return;
      call = std::move(it->second);
      calls_.erase(it);
    }
    asio::post(lanes_[id % lanes_.size()]->on, [call] { call->cancel(); });
  }

private:
  /// One io_context a thread, never one shared by two.
  struct lane {
    lane() : thread([this] { on.run(); }) {}
    asio::io_context on{1};
    asio::executor_work_guard<asio::io_context::executor_type> busy{on.get_executor()};
    std::thread thread;
  };

  void forget(std::uint64_t id) {
    auto lock = std::lock_guard(mutex_);
    calls_.erase(id);
  }

  http_options how_;
  trusted_roots tls_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::shared_ptr<exchange>> calls_;
  std::atomic<std::uint64_t> last_{0};
  std::vector<std::unique_ptr<lane>> lanes_;
};

} // namespace

std::shared_ptr<http_client> make_http_client(http_options how) {
  return std::make_shared<asio_http_client>(std::move(how));
}

} // namespace interject::monitors
