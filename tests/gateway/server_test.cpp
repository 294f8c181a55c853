// A real listener on a free port, with sockets on the other end, over a memory store and a router
// that is never asked.
#define CAF_SUITE server
#include "tests/gateway/fixture.hpp"

#include "actors/runtime/node.hpp"
#include "gateway/directline.hpp"
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
                            .people = {},
                            .broadcasts = {},
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

  tcp::socket connect(int receive_buffer = 0) {
    tcp::socket s(io, tcp::v4());
    if (receive_buffer)
      s.set_option(asio::socket_base::receive_buffer_size(receive_buffer));
    s.connect(*parse_endpoint(it->address()));
    return s;
  }
  // With one network thread: it has done all that was asked of it before.
  void catch_up() { talk("GET /healthz HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"); }
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
    ws.read_message_max(0); // some of what is sent here is larger than the library takes by itself
    ws.handshake("test", path);
  }
  std::string next() {
    beast::flat_buffer b;
    ws.read(b);
    return beast::buffers_to_string(b.data());
  }
};

/// More than the kernel takes on both sides: so much is under way for as long as nobody reads.
constexpr std::size_t stuck = 16 * 1024 * 1024;

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

CAF_TEST(a request that does not arrive as a whole is let go) {
  listening l([](config::settings& how) {
    how.idle_timeout = std::chrono::milliseconds(100);
    how.read_timeout = std::chrono::milliseconds(100);
  });
  for (auto part : {"GET /healthz HTTP/1.1\r\nHo",
                    "POST /api/v1/prices HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n{"}) {
    auto s = l.connect();
    asio::write(s, asio::buffer(std::string(part)));
    CAF_CHECK_EQUAL(l.read(s), "");
  }
}

CAF_TEST(a client that does not take its answers is let go) {
  listening l([](config::settings& how) { how.read_timeout = std::chrono::milliseconds(100); });
  auto s = l.connect(64 * 1024);
  auto one = l.talk(get("/api/v1/openapi.json"));
  std::size_t asked = stuck / one.size();
  std::string all;
  for (std::size_t i = 0; i < asked; ++i)
    all += "GET /api/v1/openapi.json HTTP/1.1\r\nHost: t\r\n\r\n";
  asio::write(s, asio::buffer(all));
  auto wait = [&] { return l.with->counted->connections.load() == 0; };
  while (!wait())
    std::this_thread::yield();
  CAF_CHECK(l.read(s).size() < asked * one.size() * 9 / 10);
}

namespace {

/// A request whose header has so many bytes.
std::string with_header(std::size_t bytes) {
  std::string head = "GET /healthz HTTP/1.1\r\nHost: t\r\nConnection: close\r\nX: ";
  return head + std::string(bytes - head.size() - 4, 'x') + "\r\n\r\n";
}

std::string with_body(const std::string& path, std::size_t bytes) {
  return "POST " + path + " HTTP/1.1\r\nHost: t\r\nConnection: close\r\nAuthorization: Bearer " +
         (path.starts_with("/v3") ? test::secret : test::api_key) +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(bytes) +
         "\r\n\r\n" + std::string(bytes, ' ');
}

std::string in_chunks(const std::string& path, std::size_t bytes) {
  std::string out =
      "POST " + path + " HTTP/1.1\r\nHost: t\r\nConnection: close\r\nAuthorization: Bearer " +
      test::api_key + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (; bytes > 1000; bytes -= 1000)
    out += "3e8\r\n" + std::string(1000, ' ') + "\r\n";
  for (; bytes > 0; --bytes)
    out += "1\r\n \r\n";
  return out + "0\r\n\r\n";
}

} // namespace

CAF_TEST(headers and bodies are taken up to the byte of their bounds) {
  listening l([](config::settings& how) {
    how.max_header = 2000;
    how.max_body = 5000;
    how.upload_body = 9000;
  });
  auto status = [&](const std::string& bytes) { return l.talk(bytes).substr(9, 3); };
  CAF_CHECK_EQUAL(status(with_header(2000)), "200");
  CAF_CHECK_EQUAL(status(with_header(2001)), "431");
  CAF_CHECK_EQUAL(status(with_body("/api/v1/prices", 5000)), "400"); // no JSON
  CAF_CHECK_EQUAL(status(with_body("/api/v1/prices", 5001)), "413");
  CAF_CHECK_EQUAL(status(in_chunks("/api/v1/prices", 5000)), "400");
  CAF_CHECK_EQUAL(status(in_chunks("/api/v1/prices", 5001)), "413");
  auto upload = "/v3/directline/conversations/0a1-x/upload";
  CAF_CHECK_EQUAL(status(with_body(upload, 9000)), "415"); // no form
  CAF_CHECK_EQUAL(status(with_body(upload, 9001)), "413");
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

namespace {

std::size_t frame_bytes(const std::string& body) {
  return directline::frame_head.size() + body.size() + directline::frame_tail(2).size();
}

/// Bodies of 64 KiB, numbered from `first` on.
std::vector<std::string> large_bodies(std::uint64_t first, std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back("{\"n\":" + std::to_string(first + i) + ",\"pad\":\"" +
                  std::string(64 * 1024, 'x') + "\"}");
  return out;
}

/// The number of a frame that holds such a body, which must be whole.
std::uint64_t number_of(const std::string& frame) {
  auto json = parse_json(frame);
  if (!json)
    return 0;
  auto watermark = test::text_at(*json, {"watermark"});
  auto n = json->find("activities")->as_list()->front().find("n");
  return n && display(*n) == watermark ? std::stoull(watermark) : 0;
}

} // namespace

CAF_TEST(what waits for a client may be as much as the bound and not a byte more) {
  std::string first = "\"" + std::string(stuck, 'x') + "\"",
              second = "\"" + std::string(100, 'y') + "\"";
  for (std::size_t over : {0u, 1u}) {
    listening l([&](config::settings& how) {
      how.threads = 1;
      how.max_stream_queue =
          static_cast<std::int64_t>(frame_bytes(first) + frame_bytes(second) - over);
    });
    test::commit_conversation(*l.store, "0a1-x", {"{}"}, l.clock->now());
    stream s(l.connect(64 * 1024), l.stream_path("0a1-x", ""));
    s.next();
    l.catch_up();
    l.with->streams->publish(said(2, first));
    l.with->streams->publish(said(3, second));
    l.catch_up();
    CAF_CHECK_EQUAL(l.with->counted->streams_overrun.load(), over);
    if (over)
      continue;
    CAF_CHECK_EQUAL(s.next().size(), frame_bytes(first));
    CAF_CHECK_EQUAL(s.next().size(), frame_bytes(second));
  }
}

CAF_TEST(a client that was cut off at one megabyte resumes and misses nothing) {
  listening l([](config::settings& how) { how.threads = 1; });
  test::commit_conversation(*l.store, "0a1-x", {R"({"n":1})"}, l.clock->now());
  auto slow = std::make_unique<stream>(l.connect(64 * 1024), l.stream_path("0a1-x", ""));
  CAF_REQUIRE_EQUAL(number_of(slow->next()), 1u);
  // 16 MB: the kernel takes a part, one more megabyte waits, and the rest is too much.
  constexpr std::size_t count = 256;
  auto bodies = large_bodies(2, count);
  test::commit_conversation(*l.store, "0a1-x", bodies, l.clock->now(), 1);
  for (std::size_t i = 0; i < count; ++i)
    l.with->streams->publish(said(2 + i, bodies[i]));
  l.catch_up();
  CAF_CHECK_EQUAL(l.with->counted->streams_overrun.load(), 1u);
  CAF_CHECK_EQUAL(l.with->streams->open("0a1-x"), 0u);
  std::uint64_t seen = 1;
  boost::system::error_code ec;
  for (beast::flat_buffer b; slow->ws.read(b, ec), !ec; b.clear())
    CAF_REQUIRE_EQUAL(number_of(beast::buffers_to_string(b.data())), ++seen);
  CAF_CHECK(seen < 1 + count);
  CAF_MESSAGE("cut off after " << seen);
  // All that follows is committed and waits for the client, within the same bound.
  stream again(l.connect(64 * 1024), l.stream_path("0a1-x", std::to_string(seen)));
  while (seen < 1 + count)
    CAF_REQUIRE_EQUAL(number_of(again.next()), ++seen);
  l.with->streams->publish(said(2 + count, R"({"n":258})"));
  CAF_CHECK_EQUAL(number_of(again.next()), 2u + count);
  CAF_CHECK_EQUAL(l.with->counted->streams_overrun.load(), 1u);
}

CAF_TEST(a silent stream is pinged and lives while its client answers) {
  listening l([](config::settings& how) { how.stream_idle = std::chrono::milliseconds(200); });
  test::commit_conversation(*l.store, "0a1-x", {"{}"}, l.clock->now());
  stream s(l.connect(), l.stream_path("0a1-x", ""));
  s.next();
  int pings = 0;
  s.ws.control_callback([&](websocket::frame_type kind, beast::string_view) {
    pings += kind == websocket::frame_type::ping;
    if (pings == 4) // twice the time in which a silent client would have been let go
      l.with->streams->publish(said(2, R"({"n":2})"));
  });
  CAF_CHECK_EQUAL(s.next(), R"({"activities":[{"n":2}],"watermark":"2"})");
  CAF_CHECK_EQUAL(pings, 4);
}

CAF_TEST(a stream whose client answers no ping is let go) {
  listening l([](config::settings& how) {
    how.threads = 1;
    how.stream_idle = std::chrono::milliseconds(200);
  });
  test::commit_conversation(*l.store, "0a1-x", {"{}"}, l.clock->now());
  auto s = l.connect();
  asio::write(s,
              asio::buffer("GET " + l.stream_path("0a1-x", "1") +
                           " HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                           "Sec-WebSocket-Version: 13\r\n"
                           "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"));
  auto all = l.read(s); // until it is closed
  CAF_CHECK_EQUAL(status_of_answer(all), "HTTP/1.1 101 Switching Protocols");
  auto frames = all.substr(all.find("\r\n\r\n") + 4);
  CAF_REQUIRE(!frames.empty());
  CAF_CHECK_EQUAL(static_cast<unsigned char>(frames.front()), 0x89u); // a ping
  l.catch_up();
  CAF_CHECK_EQUAL(l.with->streams->open("0a1-x"), 0u);
}

CAF_TEST(a stream answers the pings of its client and keeps its own from closing) {
  listening l;
  test::commit_conversation(*l.store, "0a1-x", {"{}"}, l.clock->now());
  stream s(l.connect(), l.stream_path("0a1-x", ""));
  s.next();
  std::string heard;
  s.ws.control_callback([&](websocket::frame_type kind, beast::string_view text) {
    if (kind == websocket::frame_type::pong) {
      heard = std::string(text);
      l.with->streams->publish(said(2, R"({"n":2})"));
    }
  });
  s.ws.ping("are you there");
  CAF_CHECK_EQUAL(s.next(), R"({"activities":[{"n":2}],"watermark":"2"})");
  CAF_CHECK_EQUAL(heard, "are you there");
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
