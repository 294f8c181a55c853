#include "gateway/client.hpp"

#include "gateway/secrets.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

namespace interject::gateway {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::use_awaitable;
using asio::ip::tcp;

namespace {

constexpr auto call_limit = std::chrono::seconds(15);
constexpr auto connect_limit = std::chrono::seconds(5);

asio::awaitable<void> connect(beast::tcp_stream& stream, const server_url& to) {
  tcp::resolver resolver(co_await asio::this_coro::executor);
  auto found = co_await resolver.async_resolve(to.host, to.port, use_awaitable);
  stream.expires_after(connect_limit);
  co_await stream.async_connect(found, use_awaitable);
}

asio::awaitable<http_answer> exchange_once(const server_url& to,
                                           http::request<http::string_body> out) {
  beast::tcp_stream stream(co_await asio::this_coro::executor);
  co_await connect(stream, to);
  stream.expires_after(call_limit);
  co_await http::async_write(stream, out, use_awaitable);
  beast::flat_buffer buffer;
  http::response<http::string_body> in;
  co_await http::async_read(stream, buffer, in, use_awaitable);
  co_return http_answer{in.result_int(), std::move(in.body())};
}

std::string host_header(const server_url& to) {
  return (to.host.find(':') == to.host.npos ? to.host : "[" + to.host + "]") + ":" + to.port;
}

} // namespace

result<server_url> parse_server_url(const std::string& text) {
  std::string rest = text;
  if (rest.starts_with("https://"))
    return error{errc::bad_input,
                 "https is not spoken here; give the http address of the server itself"};
  if (rest.starts_with("http://"))
    rest = rest.substr(7);
  while (!rest.empty() && rest.back() == '/')
    rest.pop_back();
  auto colon = rest.rfind(':');
  if (rest.ends_with(']'))
    colon = rest.npos;
  server_url out;
  out.host = rest.substr(0, colon);
  out.port = colon == rest.npos ? "80" : rest.substr(colon + 1);
  if (out.host.size() > 2 && out.host.front() == '[')
    out.host = out.host.substr(1, out.host.size() - 2);
  bool digits = !out.port.empty() && out.port.size() <= 5 &&
                out.port.find_first_not_of("0123456789") == out.port.npos;
  if (out.host.empty() || !digits || out.host.find('/') != out.host.npos)
    return error{errc::bad_input,
                 "\"" + text + "\" is no server's address, as http://127.0.0.1:8080 is"};
  return out;
}

namespace {

result<server_access> reach(const std::string& url, const std::string& secrets,
                            const std::string& data, std::string credentials::*which,
                            const std::string& what) {
  auto to = parse_server_url(url);
  if (!to)
    return to.error();
  auto keys = known_secrets(secrets, data);
  if (!keys)
    return keys.error();
  auto& key = (*keys).*which;
  if (key.empty())
    return error{
        errc::bad_input,
        what +
            ", or give --secrets FILE, or --data with the data folder of a server on this machine"};
  return server_access{std::move(*to), std::move(key)};
}

} // namespace

result<server_access> reach_management(const std::string& url, const std::string& secrets,
                                       const std::string& data) {
  return reach(url, secrets, data, &credentials::api_key,
               std::string("an API key is needed: set ") + api_key_name);
}

result<server_access> reach_directline(const std::string& url, const std::string& secrets,
                                       const std::string& data) {
  return reach(url, secrets, data, &credentials::directline_secret,
               std::string("the server's secret is needed: set ") + directline_secret_name);
}

result<http_answer> call(const server_url& to, const std::string& method, const std::string& path,
                         const std::string& key, const std::string& body) {
  http::request<http::string_body> out;
  out.method_string(method);
  out.target(path);
  out.version(11);
  out.set(http::field::host, host_header(to));
  out.set(http::field::authorization, "Bearer " + key);
  if (!body.empty())
    out.set(http::field::content_type, "application/json");
  out.body() = body;
  out.keep_alive(false);
  out.prepare_payload();
  asio::io_context io;
  result<http_answer> answer = error{errc::unavailable, "no answer"};
  asio::co_spawn(
      io, exchange_once(to, std::move(out)), [&](std::exception_ptr failed, http_answer a) {
        if (!failed) {
          answer = std::move(a);
          return;
        }
        try {
          std::rethrow_exception(failed);
        } catch (const boost::system::system_error& e) {
          answer = error{errc::unavailable,
                         "cannot reach " + host_header(to) + ": " + e.code().message()};
        } catch (const std::exception& e) {
          answer = error{errc::unavailable, "cannot reach " + host_header(to) + ": " + e.what()};
        }
      });
  io.run();
  return answer;
}

struct stream_client::inner {
  server_url to;
  std::function<result<std::string>()> next_path;
  std::function<void(const std::string&)> on_frame;
  std::function<void(const std::string&)> on_state;
  asio::io_context io{1};
  std::thread thread{};

  asio::awaitable<void> listen(const std::string& path) {
    websocket::stream<beast::tcp_stream> ws(co_await asio::this_coro::executor);
    co_await connect(beast::get_lowest_layer(ws), to);
    beast::get_lowest_layer(ws).expires_never();
    ws.set_option(websocket::stream_base::timeout::suggested(beast::role_type::client));
    co_await ws.async_handshake(host_header(to), path, use_awaitable);
    on_state("connected");
    for (;;) {
      beast::flat_buffer buffer;
      co_await ws.async_read(buffer, use_awaitable);
      if (buffer.size())
        on_frame(beast::buffers_to_string(buffer.data()));
    }
  }

  asio::awaitable<void> stay() {
    for (;;) {
      auto path = next_path();
      std::string why;
      if (!path)
        why = path.error().what;
      if (!path && path.error().code != errc::unavailable) {
        on_state(why);
        co_return; // coming back would not help
      }
      if (path) {
        try {
          co_await listen(*path);
        } catch (const boost::system::system_error& e) {
          why = "the connection has ended: " + e.code().message(); // what() names lines of Boost
        } catch (const std::exception& e) {
          why = e.what();
        }
      }
      on_state(why);
      asio::steady_timer pause(io, std::chrono::seconds(1));
      co_await pause.async_wait(use_awaitable);
    }
  }
};

stream_client::stream_client(server_url to, std::function<result<std::string>()> next_path,
                             std::function<void(const std::string&)> on_frame,
                             std::function<void(const std::string&)> on_state)
    : it_(new inner{std::move(to), std::move(next_path), std::move(on_frame),
                    std::move(on_state)}) {
  asio::co_spawn(it_->io, it_->stay(), [](std::exception_ptr) {});
  it_->thread = std::thread([io = &it_->io] { io->run(); });
}

stream_client::~stream_client() {
  it_->io.stop();
  it_->thread.join();
}

} // namespace interject::gateway
