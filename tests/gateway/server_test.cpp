// A real listener on a free port, with sockets on the other end, over a memory store and a router
// that is never asked.
#define CAF_SUITE server
#include "tests/gateway/fixture.hpp"

#include "actors/runtime/node.hpp"
#include "gateway/server.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include <future>

using namespace interject;
using namespace interject::gateway;
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;

namespace {

struct listening {
  explicit listening(std::function<void(config::settings&)> adjust = {}) {
    runtime::register_messages();
    runtime::prepare(cfg);
    sys = std::make_unique<caf::actor_system>(cfg);
    clock = std::make_shared<runtime::test_clock>(*parse_time("2026-12-01T09:00:00Z"));
    store = journal::make_memory_store();
    reader = journal::spawn_reader(*sys, store, true);
    config::settings how;
    how.listen = "127.0.0.1:0";
    if (adjust)
      adjust(how);
    with.reset(new services{.how = how,
                            .clock = clock,
                            .manual = clock,
                            .bot = test::example_bot(),
                            .store = store,
                            .router = {},
                            .prices = {},
                            .timers = {},
                            .reader = reader,
                            .streams = std::make_shared<hub>(),
                            .counted = std::make_shared<metrics>(routes().size()),
                            .tokens = token_office(test::secret, clock),
                            .api_key = test::api_key});
    it = std::make_unique<server>(*with, *sys);
    CAF_REQUIRE(it->start());
  }
  ~listening() {
    it->stop(std::chrono::seconds(1));
    it.reset();
    caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
    with.reset();
    reader = nullptr;
  }

  tcp::socket connect() {
    tcp::socket s(io);
    s.connect(*parse_endpoint(it->address()));
    return s;
  }
  // All that comes until the server closes, or until `end` has come.
  std::string read(tcp::socket& s, const std::string& end = {}) {
    std::string out;
    boost::system::error_code ec;
    char bytes[4096];
    while (!ec && (end.empty() || out.find(end) == out.npos)) {
      auto n = s.read_some(asio::buffer(bytes), ec);
      out.append(bytes, n);
    }
    return out;
  }
  std::string talk(const std::string& bytes) {
    auto s = connect();
    boost::system::error_code ec;
    asio::write(s, asio::buffer(bytes), ec);
    return read(s);
  }
  std::string stream_path(const conversation_id& id, const std::string& watermark) {
    grant g;
    g.conversation = id;
    return "/v3/directline/conversations/" + id + "/stream?watermark=" + watermark +
           "&t=" + with->tokens.issue(g);
  }

  asio::io_context io;
  caf::actor_system_config cfg;
  std::unique_ptr<caf::actor_system> sys;
  std::shared_ptr<runtime::test_clock> clock;
  std::shared_ptr<journal::store> store;
  caf::actor reader;
  std::unique_ptr<services> with;
  std::unique_ptr<server> it;
};

struct stream {
  websocket::stream<tcp::socket> ws;
  explicit stream(tcp::socket s, const std::string& path) : ws(std::move(s)) {
    ws.handshake("test", path);
  }
  std::string next() {
    beast::flat_buffer b;
    ws.read(b);
    return beast::buffers_to_string(b.data());
  }
};

std::string get(const std::string& path, const std::string& more = {}) {
  return "GET " + path + " HTTP/1.1\r\nHost: t\r\nConnection: close\r\n" + more + "\r\n";
}

std::string status_of_answer(const std::string& answer) {
  return answer.substr(0, answer.find("\r\n"));
}

publication said(std::uint64_t seq, const std::string& body) {
  return {"0a1-x", seq, std::make_shared<const std::string>(body)};
}

} // namespace

CAF_TEST(a connection serves one request after the other) {
  listening l;
  auto s = l.connect();
  for (int i = 0; i < 3; ++i) {
    asio::write(s, asio::buffer(std::string("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n")));
    auto answer = l.read(s, "{\"alive\":true}");
    CAF_CHECK_EQUAL(status_of_answer(answer), "HTTP/1.1 200 OK");
  }
}

CAF_TEST(requests that are pipelined are answered in their order) {
  listening l;
  auto answers = l.talk("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n" + get("/nowhere"));
  auto first = answers.find("200 OK");
  auto second = answers.find("404 Not Found");
  CAF_CHECK(first != std::string::npos && second != std::string::npos && first < second);
}

CAF_TEST(what is no request of ours is refused and the server goes on) {
  listening l;
  struct row {
    std::string bytes;
    std::string status;
  };
  const row rows[] = {
      {"nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"GET http://other/ HTTP/1.1\r\nHost: t\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n",
       "HTTP/1.1 431 Request Header Fields Too Large"},
      {"POST /api/v1/prices HTTP/1.1\r\nHost: t\r\nContent-Length: -5\r\n\r\n",
       "HTTP/1.1 400 Bad Request"},
      {"POST /api/v1/prices HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999999\r\n\r\n",
       "HTTP/1.1 413 Content Too Large"},
  };
  for (auto& row : rows)
    CAF_CHECK_EQUAL(status_of_answer(l.talk(row.bytes)), row.status);
  CAF_CHECK_EQUAL(status_of_answer(l.talk(get("/healthz"))), "HTTP/1.1 200 OK");
}

CAF_TEST(a body of ten megabytes is refused while it is still being sent) {
  listening l;
  std::string body(10 * 1024 * 1024, 'x');
  for (auto path : {"/api/v1/notifications", "/v3/directline/conversations"}) {
    auto answer = l.talk("POST " + std::string(path) + " HTTP/1.1\r\nHost: t\r\nContent-Length: " +
                         std::to_string(body.size()) + "\r\n\r\n" + body);
    CAF_CHECK_EQUAL(status_of_answer(answer), "HTTP/1.1 413 Content Too Large");
  }
  auto chunked =
      l.talk("POST /api/v1/prices HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
             "200000\r\n" +
             std::string(0x200000, 'x') + "\r\n0\r\n\r\n");
  CAF_CHECK_EQUAL(status_of_answer(chunked), "HTTP/1.1 413 Content Too Large");
}

CAF_TEST(a client that asks before it sends is told to go on) {
  listening l;
  auto s = l.connect();
  asio::write(s, asio::buffer(
                     "POST /api/v1/prices HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
                     "Authorization: Bearer " +
                     test::api_key +
                     "\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
  CAF_CHECK_EQUAL(status_of_answer(l.read(s, "\r\n\r\n")), "HTTP/1.1 100 Continue");
  asio::write(s, asio::buffer(std::string("{}")));
  CAF_CHECK_EQUAL(status_of_answer(l.read(s)), "HTTP/1.1 422 Unprocessable Content");
}

CAF_TEST(connections over the limit are refused and counted) {
  listening l([](config::settings& how) { how.max_connections = 1; });
  auto first = l.connect();
  asio::write(first, asio::buffer(std::string("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n")));
  l.read(first, "{\"alive\":true}");
  auto second = l.connect();
  CAF_CHECK_EQUAL(status_of_answer(l.read(second)), "HTTP/1.1 503 Service Unavailable");
  CAF_CHECK_EQUAL(l.with->counted->connections_refused.load(), 1u);
}

CAF_TEST(a client that sends nothing is let go) {
  listening l([](config::settings& how) { how.idle_timeout = std::chrono::milliseconds(100); });
  auto s = l.connect();
  CAF_CHECK_EQUAL(l.read(s), "");
}

CAF_TEST(a stream replays what follows its watermark and then says what is published) {
  listening l;
  test::commit_conversation(*l.store, "0a1-x", {R"({"n":1})", R"({"n":2})", R"({"n":3})"},
                            l.clock->now());
  stream s(l.connect(), l.stream_path("0a1-x", "1"));
  CAF_CHECK_EQUAL(s.next(), R"({"activities":[{"n":2}],"watermark":"2"})");
  CAF_CHECK_EQUAL(s.next(), R"({"activities":[{"n":3}],"watermark":"3"})");
  s.ws.write(asio::buffer(std::string())); // a keep-alive of the client library
  l.with->streams->publish(said(3, R"({"n":3})"));
  l.with->streams->publish(said(4, R"({"n":4})"));
  CAF_CHECK_EQUAL(s.next(), R"({"activities":[{"n":4}],"watermark":"4"})");
  l.with->streams->publish(said(0, R"({"type":"typing"})"));
  CAF_CHECK_EQUAL(s.next(), R"({"activities":[{"type":"typing"}],"watermark":"4"})");
  stream again(l.connect(), l.stream_path("0a1-x", ""));
  CAF_CHECK_EQUAL(again.next(), R"({"activities":[{"n":1}],"watermark":"1"})");
}

CAF_TEST(hundreds of activities are replayed in order) {
  listening l;
  std::vector<std::string> bodies;
  for (int i = 1; i <= 750; ++i)
    bodies.push_back("{\"n\":" + std::to_string(i) + "}");
  test::commit_conversation(*l.store, "0a1-x", bodies, l.clock->now());
  stream s(l.connect(), l.stream_path("0a1-x", ""));
  for (int i = 1; i <= 750; ++i)
    CAF_REQUIRE_EQUAL(s.next(), "{\"activities\":[{\"n\":" + std::to_string(i) +
                                    "}],\"watermark\":\"" + std::to_string(i) + "\"}");
}

CAF_TEST(a stream that may not be opened says why) {
  listening l;
  auto upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
  auto shake = [&](const std::string& path) {
    auto s = l.connect();
    asio::write(s, asio::buffer("GET " + path + " HTTP/1.1\r\nHost: t\r\n" + upgrade + "\r\n"));
    return status_of_answer(l.read(s, "\r\n"));
  };
  CAF_CHECK_EQUAL(shake(l.stream_path("0a1-none", "")), "HTTP/1.1 404 Not Found");
  CAF_CHECK_EQUAL(shake("/v3/directline/conversations/0a1-x/stream?t=x"),
                  "HTTP/1.1 401 Unauthorized");
  CAF_CHECK_EQUAL(shake("/nowhere"), "HTTP/1.1 404 Not Found");
}

CAF_TEST(a client that does not read is cut off and resumes) {
  listening l([](config::settings& how) { how.max_stream_queue = 64 * 1024; });
  test::commit_conversation(*l.store, "0a1-x", {"{}"}, l.clock->now());
  stream s(l.connect(), l.stream_path("0a1-x", ""));
  s.next();
  // More than the kernel's buffers hold on both sides.
  std::string big = "\"" + std::string(32 * 1024, 'x') + "\"";
  for (std::uint64_t seq = 2; seq < 1500; ++seq)
    l.with->streams->publish(said(seq, big));
  boost::system::error_code ec;
  for (beast::flat_buffer b; !ec; b.clear())
    s.ws.read(b, ec);
  CAF_CHECK_EQUAL(l.with->counted->streams_overrun.load(), 1u);
}

CAF_TEST(a stop closes streams with 1001 after what is under way has been answered) {
  listening l;
  test::commit_conversation(*l.store, "0a1-x", {"{}"}, l.clock->now());
  stream s(l.connect(), l.stream_path("0a1-x", ""));
  s.next();
  auto idle = l.connect();
  asio::write(idle, asio::buffer(std::string("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n")));
  l.read(idle, "{\"alive\":true}");
  l.with->stopping = true;
  l.it->drain(std::chrono::seconds(5));
  CAF_CHECK_EQUAL(l.read(idle), "");
  // The last turn is still told after the listener has closed.
  l.with->streams->publish(said(2, R"({"last":1})"));
  CAF_CHECK_EQUAL(s.next(), R"({"activities":[{"last":1}],"watermark":"2"})");
  auto stopped = std::async(std::launch::async, [&] { l.it->stop(std::chrono::seconds(5)); });
  beast::flat_buffer b;
  boost::system::error_code ec;
  s.ws.read(b, ec);
  CAF_CHECK(ec == websocket::error::closed);
  CAF_CHECK_EQUAL(s.ws.reason().code,
                  static_cast<std::uint16_t>(websocket::close_code::going_away));
  stopped.get();
}

CAF_TEST(addresses are read or refused in words) {
  CAF_CHECK(parse_endpoint("127.0.0.1:80"));
  CAF_CHECK(parse_endpoint("[::1]:0"));
  CAF_CHECK(parse_endpoint("localhost:8080"));
  for (auto bad :
       {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "host.test:80"})
    CAF_CHECK(!parse_endpoint(bad));
}
