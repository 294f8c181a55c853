// The HTTP client against a small server of the test's own, on a loopback port that the system picks.
#define CAF_SUITE http_client
#include "tests/support/caf_test.hpp"

#include "actors/monitors/http_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <functional>
#include <future>
#include <optional>
#include <thread>

using namespace interject;
using namespace interject::monitors;

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using kind = http_answer::kind;
using request = http::request<http::string_body>;

/// Serves one connection after the other; each gets what `serve` writes.
class tiny_server {
public:
  using handler = std::function<void(tcp::socket&, const request&)>;

  explicit tiny_server(handler serve)
      : serve_(std::move(serve)), acceptor_(on_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        port_(acceptor_.local_endpoint().port()), thread_([this] { run(); }) {}

  ~tiny_server() {
    closing_ = true;
    tcp::socket knock(on_); // ends the accept
    beast::error_code ignored;
    knock.connect({asio::ip::address_v4::loopback(), port_}, ignored);
    thread_.join();
  }

  std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string url(const std::string& path) const { return "http://" + host() + path; }

  static handler respond(http::status status, std::string body) {
    return [=](tcp::socket& to, const request& in) {
      http::response<http::string_body> out(status, in.version());
      out.body() = body;
      out.prepare_payload();
      beast::error_code ignored;
      http::write(to, out, ignored);
    };
  }

private:
  void run() {
    for (;;) {
      beast::error_code failed;
      tcp::socket peer(on_);
      acceptor_.accept(peer, failed);
      if (failed || closing_)
        return;
      beast::flat_buffer buffer;
      request in;
      http::read(peer, buffer, in, failed);
      if (!failed)
        serve_(peer, in);
    }
  }

  handler serve_;
  asio::io_context on_;
  tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::atomic<bool> closing_{false};
  std::thread thread_;
};

http_answer call(http_client& by, http_request what) {
  auto promise = std::make_shared<std::promise<http_answer>>();
  auto answer = promise->get_future();
  by.start(std::move(what), [promise](http_answer a) { promise->set_value(std::move(a)); });
  CAF_REQUIRE(answer.wait_for(std::chrono::seconds(60)) == std::future_status::ready);
  return answer.get();
}

http_request get(std::string url) {
  http_request r;
  r.url = std::move(url);
  return r;
}

} // namespace

CAF_TEST(a call arrives as it was asked for and its answer comes back) {
  request seen;
  tiny_server server([&](tcp::socket& to, const request& in) {
    seen = in;
    tiny_server::respond(http::status::created, "{\"ok\":true}")(to, in);
  });
  auto client = make_http_client({{server.host()}});
  http_request what{"POST", server.url("/orders?x=1"), {{"Idempotency-Key", "c-1.1"}, {"Host", "evil"}}, "{\"n\":2}"};
  auto a = call(*client, what);
  CAF_CHECK(a.how == kind::answered);
  CAF_CHECK_EQUAL(a.status, 201);
  CAF_CHECK_EQUAL(a.body, "{\"ok\":true}");
  CAF_CHECK_EQUAL(std::string(seen.method_string()), "POST");
  CAF_CHECK_EQUAL(std::string(seen.target()), "/orders?x=1");
  CAF_CHECK_EQUAL(std::string(seen["Idempotency-Key"]), "c-1.1");
  CAF_CHECK_EQUAL(std::string(seen[http::field::host]), server.host());
  CAF_CHECK_EQUAL(std::string(seen[http::field::content_type]), "application/json");
  CAF_CHECK_EQUAL(seen.body(), "{\"n\":2}");
}

CAF_TEST(every status is an answer and redirects are not followed) {
  int served = 0;
  tiny_server server([&](tcp::socket& to, const request& in) {
    ++served;
    http::response<http::string_body> out(in.target() == "/old" ? http::status::found : http::status::not_found, 11);
    out.set(http::field::location, "/new");
    out.prepare_payload();
    http::write(to, out);
  });
  auto client = make_http_client({{server.host()}});
  CAF_CHECK_EQUAL(call(*client, get(server.url("/old"))).status, 302);
  CAF_CHECK_EQUAL(call(*client, get(server.url("/gone"))).status, 404);
  CAF_CHECK_EQUAL(served, 2);
}

CAF_TEST(hosts that are not named are refused before anything is sent) {
  int served = 0;
  tiny_server server([&](tcp::socket& to, const request& in) {
    ++served;
    tiny_server::respond(http::status::ok, "")(to, in);
  });
  for (auto& hosts : std::vector<std::vector<std::string>>{{}, {"127.0.0.1:1"}, {"localhost"}, {"example.com"}}) {
    auto client = make_http_client({hosts});
    CAF_CHECK(call(*client, get(server.url("/"))).how == kind::not_allowed);
  }
  CAF_CHECK_EQUAL(served, 0);
}

CAF_TEST(an answer above the limit is not read) {
  tiny_server server(tiny_server::respond(http::status::ok, std::string(5000, 'x')));
  http_options how{{server.host()}};
  how.max_body = 4999;
  CAF_CHECK(call(*make_http_client(how), get(server.url("/"))).how == kind::too_large);
  how.max_body = 5000;
  CAF_CHECK(call(*make_http_client(how), get(server.url("/"))).how == kind::answered);
}

CAF_TEST(a call ends at its time limit) {
  std::promise<void> over;
  auto wait = over.get_future().share();
  tiny_server server([wait](tcp::socket&, const request&) { wait.wait(); });
  auto client = make_http_client({{server.host()}});
  auto what = get(server.url("/slow"));
  what.timeout = std::chrono::milliseconds(50);
  auto a = call(*client, what);
  over.set_value();
  CAF_CHECK(a.how == kind::timed_out);
  CAF_CHECK_EQUAL(a.reason, "no answer within 50ms");
}

CAF_TEST(what cannot be reached is told so) {
  std::string closed;
  {
    tiny_server server(tiny_server::respond(http::status::ok, ""));
    closed = server.host();
  }
  auto client = make_http_client({{closed}});
  CAF_CHECK(call(*client, get("http://" + closed + "/")).how == kind::unreachable);
  // It hangs up without an answer.
  tiny_server rude([](tcp::socket& to, const request&) { to.close(); });
  client = make_http_client({{rude.host()}});
  CAF_CHECK(call(*client, get(rude.url("/"))).how == kind::unreachable);
  // It speaks no TLS.
  CAF_CHECK(call(*client, get("https://" + rude.host() + "/")).how == kind::unreachable);
}

CAF_TEST(what cannot be sent is refused) {
  auto client = make_http_client({{"localhost"}});
  auto how = [&](http_request r) { return call(*client, std::move(r)).how; };
  CAF_CHECK(how(get("nonsense")) == kind::bad_request);
  auto r = get("http://localhost/");
  r.method = "GET /x";
  CAF_CHECK(how(r) == kind::bad_request);
  r.method = "GET";
  r.headers = {{"X-A", "b\r\nX-C: d"}};
  CAF_CHECK(how(r) == kind::bad_request);
  r.headers = {{"X A", "b"}};
  CAF_CHECK(how(r) == kind::bad_request);
}

CAF_TEST(a cancelled call says nothing and others go on) {
  std::promise<void> arrived, over;
  auto wait = over.get_future().share();
  int served = 0;
  tiny_server server([&, wait](tcp::socket& to, const request& in) {
    if (served++ == 0) {
      arrived.set_value();
      wait.wait();
    }
    tiny_server::respond(http::status::ok, "")(to, in);
  });
  auto client = make_http_client({{server.host()}});
  std::atomic<bool> called{false};
  auto id = client->start(get(server.url("/")), [&](http_answer) { called = true; });
  arrived.get_future().wait();
  client->cancel(id);
  over.set_value();
  CAF_CHECK(call(*client, get(server.url("/"))).how == kind::answered);
  CAF_CHECK(!called);
}

CAF_TEST(a client ends with calls under way) {
  std::promise<void> arrived, over;
  auto wait = over.get_future().share();
  tiny_server server([&, wait](tcp::socket&, const request&) {
    arrived.set_value();
    wait.wait();
  });
  bool called = false;
  {
    auto client = make_http_client({{server.host()}});
    client->start(get(server.url("/")), [&](http_answer) { called = true; });
    arrived.get_future().wait();
  }
  over.set_value();
  CAF_CHECK(!called);
}
