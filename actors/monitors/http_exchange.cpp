#include "actors/monitors/http_exchange.hpp"

#include "actors/monitors/webhook_signature.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace interject::monitors {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;

constexpr std::size_t max_answer_header = 64 * 1024;
constexpr int max_interim = 16; ///< 100 and 103 before the answer itself (RFC 9110, 15.2)

/// Set by the client itself.
bool is_ours(std::string_view name) {
  for (auto* ours :
       {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"})
    if (beast::iequals(name, ours))
      return true;
  return false;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool is_header_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// Free of any rights: may arrive at another host, too.
bool travels(const std::pair<std::string, std::string>& header) {
  return beast::iequals(header.first, "Idempotency-Key") || beast::iequals(header.first, "Accept");
}

std::string text_of(const http::response<http::string_body>& a, http::field name) {
  auto it = a.find(name);
  return it == a.end() ? std::string() : std::string(it->value());
}

} // namespace

ssl::context& trusted_roots::get() {
  std::call_once(once_, [this] {
    auto& context = context_.emplace(ssl::context::tls_client);
    boost::system::error_code ignored; // nothing to trust: every handshake fails and says so
    if (file_.empty())
      context.set_default_verify_paths(ignored);
    else
      context.load_verify_file(file_, ignored);
    context.set_verify_mode(ssl::verify_peer);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  });
  return *context_;
}

exchange::exchange(asio::io_context& on, trusted_roots& tls, name_lookup& names,
                   const http_options& how, http_request what, http_client::callback done)
    : tls_(tls), names_(names), how_(how), what_(std::move(what)), done_(std::move(done)), on_(on),
      deadline_(on) {
  what_.hosts.insert(what_.hosts.end(), how_.hosts.begin(), how_.hosts.end());
}

void exchange::run() {
  if (!done_)
    return;
  if (auto fault = put_secrets_in(); !fault.empty())
    return end(kind::bad_request, fault);
  auto to = parse_target(what_.url);
  if (!to)
    return end(kind::bad_request, to.error().what);
  to_ = *std::move(to);
  deadline_.expires_after(std::max(what_.timeout, duration(1)));
  deadline_.async_wait([me = shared_from_this()](error_code failed) {
    if (!failed)
      me->end(kind::timed_out, "no answer within " + format_duration(me->what_.timeout));
  });
  go();
}

void exchange::cancel() {
  done_ = nullptr;
  deadline_.cancel();
  hang_up();
}

/// Empty, or which is missing.
std::string exchange::put_secrets_in() {
  auto& from = how_.secrets;
  auto put = [&](std::string& in, secret_place where) -> std::string {
    if (!holds_reference(in))
      return {};
    auto filled = resolve_references(in, where, from);
    if (!filled)
      return filled.error().what;
    in = *std::move(filled);
    return {};
  };
  auto fault = put(what_.url, secret_place::url);
  for (auto& header : what_.headers)
    if (fault.empty())
      fault = put(header.second, secret_place::header);
  if (fault.empty())
    fault = put(what_.body, secret_place::body);
  if (what_.sign_by.empty() || !fault.empty())
    return fault;
  fault = put(what_.sign_by, secret_place::header);
  what_.headers.emplace_back("Interject-Signature",
                             sign(what_.sign_by, what_.body, what_.signed_at));
  return fault;
}

/// One hop to `to_`.
void exchange::go() {
  if (!is_named(what_.hosts, to_.host, to_.port))
    return end(kind::not_allowed,
               hops_ == 0 ? "the host is not among those that the bot may call"
                          : "it redirects to a host that is not among those that the bot may call");
  if (auto fault = compose(); !fault.empty())
    return end(kind::bad_request, fault);
  endpoints_.clear();
  buffer_.clear();
  secure_.reset();
  plain_.emplace(on_);
  interim_ = 0;
  expect_answer();
  // Handed on and not kept: what ends last of a call ends on its own thread.
  names_.find(to_.host, [me = shared_from_this(), hop = hops_](auto& found) mutable {
    auto& on = me->on_;
    asio::post(on, [me = std::move(me), hop, found] { me->resolved(hop, found); });
  });
}

void exchange::expect_answer() {
  parser_.emplace();
  parser_->body_limit(how_.max_body);
  parser_->header_limit(max_answer_header);
  if (beast::iequals(what_.method, "HEAD"))
    parser_->skip(true);
}

/// Empty, or what is wrong.
std::string exchange::compose() {
  if (!is_token(what_.method))
    return "the method is malformed";
  if (what_.body.size() > how_.max_body)
    return "the body is larger than " + std::to_string(how_.max_body) + " bytes";
  request_ = {};
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
  request_.body() = what_.redirects > 0 ? what_.body : std::move(what_.body);
  request_.prepare_payload();
  return {};
}

void exchange::resolved(int hop, const name_lookup::addresses& found) {
  if (!done_ || hop != hops_)
    return;
  if (found.empty())
    return end(kind::unreachable, "the host's name was not found");
  for (auto& each : found)
    if (may_reach(what_.hosts, to_, each))
      endpoints_.emplace_back(each, to_.port);
  if (endpoints_.empty())
    return end(kind::not_allowed,
               "the host's address is private and is not among those that the bot may call");
  // To the addresses that were looked at: the name is not asked for again, or it could point
  // elsewhere by now.
  plain_->async_connect(endpoints_, [me = shared_from_this()](error_code f, const tcp::endpoint&) {
    me->connected(f);
  });
}

void exchange::connected(error_code failed) {
  if (!done_)
    return;
  if (failed)
    return end(kind::unreachable, "no connection: " + failed.message());
  if (to_.tls)
    secure();
  else
    exchange_over(*plain_);
}

void exchange::secure() {
  secure_.emplace(*plain_, tls_.get());
  error_code bad;
  secure_->set_verify_callback(ssl::host_name_verification(to_.host), bad);
  asio::ip::make_address(to_.host, bad); // an address has no server name to indicate (RFC 6066)
  if (bad && !SSL_set_tlsext_host_name(secure_->native_handle(), to_.host.c_str()))
    return end(kind::unreachable, "TLS could not be set up");
  secure_->async_handshake(ssl::stream_base::client, [me = shared_from_this()](error_code f) {
    if (!me->done_)
      return;
    if (f)
      return me->end(kind::unreachable, "TLS: " + f.message());
    me->exchange_over(*me->secure_);
  });
}

template <class Stream> void exchange::exchange_over(Stream& stream) {
  http::async_write(
      stream, request_, [me = shared_from_this(), &stream](error_code failed, std::size_t) {
        if (!me->done_)
          return;
        if (failed)
          return me->end(kind::unreachable, "the connection broke: " + failed.message());
        me->read_from(stream);
      });
}

template <class Stream> void exchange::read_from(Stream& stream) {
  http::async_read(
      stream, buffer_, *parser_,
      [me = shared_from_this(), &stream](error_code failed, std::size_t) {
        bool interim = me->done_ && !failed && me->parser_->get().result_int() < 200;
        if (!interim || me->parser_->get().result() == http::status::switching_protocols)
          return me->answered(failed);
        if (++me->interim_ > max_interim)
          return me->end(kind::unreachable, "its answer never came, only what announces one");
        me->expect_answer();
        me->read_from(stream);
      });
}

void exchange::answered(error_code failed) {
  if (!done_)
    return;
  if (failed == http::error::body_limit || failed == http::error::header_limit ||
      failed == http::error::buffer_overflow)
    return end(kind::too_large,
               "the answer is larger than " + std::to_string(how_.max_body) + " bytes");
  if (failed)
    return end(kind::unreachable, "the connection broke: " + failed.message());
  auto answer = parser_->release();
  auto status = static_cast<int>(answer.result_int());
  if (is_redirect(status) && hops_ < what_.redirects)
    if (auto location = text_of(answer, http::field::location);
        !location.empty() && follow(location, status))
      return;
  if (!done_)
    return;
  end({kind::answered,
       status,
       std::move(answer.body()),
       text_of(answer, http::field::retry_after),
       {},
       text_of(answer, http::field::etag)});
}

/// True when it is on its way there, or has ended.
bool exchange::follow(const std::string& location, int status) {
  auto next = resolve_target(what_.url, location);
  if (!next) {
    end(kind::not_allowed, "it redirects to a malformed address");
    return true;
  }
  auto to = parse_target(*next);
  if (!to || (to_.tls && !to->tls)) {
    end(kind::not_allowed,
        to ? "it redirects from https to http" : "it redirects: " + to.error().what);
    return true;
  }
  bool elsewhere = to->host != to_.host || to->port != to_.port || to->tls != to_.tls;
  bool reading = beast::iequals(what_.method, "GET") || beast::iequals(what_.method, "HEAD");
  if (!reading && status != 307 && status != 308) {
    what_.method = "GET"; // as every client does, and RFC 9110 allows
    what_.body.clear();
    std::erase_if(what_.headers, [](auto& h) { return beast::iequals(h.first, "Content-Type"); });
  }
  if (elsewhere && !what_.body.empty()) {
    end(kind::not_allowed, "it redirects the body to another host");
    return true;
  }
  if (elsewhere)
    std::erase_if(what_.headers, [](auto& h) { return !travels(h); });
  ++hops_;
  what_.url = *std::move(next);
  to_ = *std::move(to);
  hang_up();
  go();
  return true;
}

void exchange::end(kind how, std::string reason) {
  end({how, 0, {}, {}, std::move(reason)});
}

void exchange::end(http_answer a) {
  auto done = std::exchange(done_, nullptr);
  deadline_.cancel();
  hang_up();
  if (done)
    done(std::move(a));
}

void exchange::hang_up() {
  error_code ignored;
  if (plain_)
    plain_->socket().close(ignored);
}

} // namespace interject::monitors
