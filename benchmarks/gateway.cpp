// A turn from outside: a POST, and the bot's answer on the WebSocket stream. The server is the release binary in a
// process of its own, durable; the clients share one thread here.
#include "benchmarks/load.hpp"
#include "benchmarks/orders.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace interject::bench {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::use_awaitable;
using asio::ip::tcp;

constexpr auto secret = "bench-directline-secret-0123456789";

class server {
public:
  server(const settings& with, const std::filesystem::path& folder) : port_(free_port()) {
    std::filesystem::create_directories(folder / "bot");
    std::ofstream(folder / "bot" / "bot.json") << orders_source();
    auto listen = "127.0.0.1:" + std::to_string(port_);
    auto bot = (folder / "bot").string(), data = (folder / "data").string(), program = with.server.string();
    child_ = ::fork();
    if (child_ == 0) {
      ::setenv("INTERJECT_API_KEY", "bench-api-key-0123456789abcdef", 1);
      ::setenv("INTERJECT_DIRECTLINE_SECRET", secret, 1);
      int log = ::open((folder / "log").c_str(), O_WRONLY | O_CREAT, 0600);
      ::dup2(log, 1);
      ::dup2(log, 2);
      ::execl(program.c_str(), "interject", "serve", "--bot", bot.c_str(), "--data", data.c_str(), "--listen",
              listen.c_str(), nullptr);
      ::_exit(127);
    }
    wait_until_it_listens();
  }
  ~server() {
    ::kill(child_, SIGTERM);
    ::waitpid(child_, nullptr, 0);
  }
  unsigned short port() const { return port_; }

  double cpu() const {
    std::ifstream in("/proc/" + std::to_string(child_) + "/stat");
    std::string text((std::istreambuf_iterator<char>(in)), {});
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i)
      fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }

private:
  static unsigned short free_port() {
    asio::io_context io;
    return tcp::acceptor(io, {asio::ip::address_v4::loopback(), 0}).local_endpoint().port();
  }

  void wait_until_it_listens() const {
    for (int i = 0; i < 1000; ++i) {
      asio::io_context io;
      tcp::socket socket(io);
      boost::system::error_code ec;
      socket.connect({asio::ip::address_v4::loopback(), port_}, ec);
      if (!ec)
        return;
      if (::waitpid(child_, nullptr, WNOHANG) == child_)
        break;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw std::runtime_error("the server did not start");
  }

  unsigned short port_;
  pid_t child_ = 0;
};

struct run_state {
  const settings& with;
  unsigned short port;
  std::size_t rounds;
  std::size_t ready = 0, clients = 0; ///< the clock starts when all have had their first order
  std::function<void()> start{};
  std::vector<double> latencies{}; ///< µs
  std::uint64_t checksum = 0;
};

using http_stream = beast::tcp_stream;
using ws_stream = beast::websocket::stream<beast::tcp_stream>;

asio::awaitable<nlohmann::json> post(http_stream& to, const std::string& path, const std::string& credential,
                                     std::string body) {
  http::request<http::string_body> request{http::verb::post, path, 11};
  request.set(http::field::host, "127.0.0.1:" + std::to_string(to.socket().remote_endpoint().port()));
  request.set(http::field::authorization, "Bearer " + credential);
  request.set(http::field::content_type, "application/json");
  request.body() = std::move(body);
  request.prepare_payload();
  co_await http::async_write(to, request, use_awaitable);
  beast::flat_buffer buffer;
  http::response<http::string_body> response;
  co_await http::async_read(to, buffer, response, use_awaitable);
  if (response.result_int() >= 300)
    throw std::runtime_error(path + ": " + std::to_string(response.result_int()) + " " + response.body());
  co_return nlohmann::json::parse(response.body());
}

std::string text_of(const std::string& frame) {
  constexpr std::string_view mark = "\"text\":\"";
  auto begin = frame.find(mark) + mark.size();
  return frame.substr(begin, frame.find('"', begin) - begin);
}

asio::awaitable<void> one_turn(run_state& s, http_stream& line, ws_stream& stream, const std::string& path,
                               const std::string& token, const std::string& text, bool measured) {
  auto begin = wall_seconds();
  co_await post(line, path, token, R"({"type":"message","text":")" + text + "\"}");
  for (beast::flat_buffer buffer;; buffer.clear()) {
    co_await stream.async_read(buffer, use_awaitable);
    auto frame = beast::buffers_to_string(buffer.data());
    if (frame.find("\"role\":\"bot\"") == frame.npos)
      continue;
    s.checksum = add_text(s.checksum, text_of(frame));
    break;
  }
  if (measured)
    s.latencies.push_back((wall_seconds() - begin) * 1e6);
}

asio::awaitable<void> client(run_state& s, std::size_t number) {
  auto io = co_await asio::this_coro::executor;
  tcp::endpoint where{asio::ip::address_v4::loopback(), s.port};
  http_stream line(io);
  co_await line.async_connect(where, use_awaitable);
  line.socket().set_option(tcp::no_delay(true));
  auto made = co_await post(line, "/v3/directline/tokens/generate", secret, "{}");
  auto token = made["token"].get<std::string>();
  auto opened = co_await post(line, "/v3/directline/conversations", token, "{}");
  auto url = opened["streamUrl"].get<std::string>();
  ws_stream stream(io);
  co_await beast::get_lowest_layer(stream).async_connect(where, use_awaitable);
  auto host = "127.0.0.1:" + std::to_string(s.port);
  co_await stream.async_handshake(host, url.substr(url.find('/', 5 + 2)), use_awaitable);
  auto path = "/v3/directline/conversations/" + made["conversationId"].get<std::string>() + "/activities";
  for (std::size_t round = 0; round <= s.rounds; ++round) {
    for (auto& text : make_order(s.with.seed, number, round).says)
      co_await one_turn(s, line, stream, path, token, text, round > 0);
    if (round == 0 && ++s.ready == s.clients)
      s.start();
  }
}

sample talk(const settings& with, std::size_t clients, std::size_t rounds) {
  work_folder folder(with);
  server peer(with, folder.path());
  run_state s{with, peer.port(), rounds};
  s.clients = clients;
  double wall = 0, cpu = 0;
  s.start = [&] {
    wall = wall_seconds();
    cpu = peer.cpu();
  };
  asio::io_context io;
  std::exception_ptr failed;
  for (std::size_t i = 0; i < clients; ++i)
    asio::co_spawn(io, client(s, i), [&](std::exception_ptr e) {
      if (e && !failed)
        failed = e;
      if (e)
        io.stop();
    });
  io.run();
  if (failed)
    std::rethrow_exception(failed);
  sample out;
  out.wall = wall_seconds() - wall;
  out.cpu = peer.cpu() - cpu;
  out.units = static_cast<double>(clients * rounds * turns_per_order);
  out.checksum = s.checksum;
  for (std::size_t who = 0; who < clients; ++who)
    for (std::size_t round = 0; round <= rounds; ++round)
      for (auto& text : make_order(with.seed, who, round).hears)
        out.expected = add_text(out.expected, text);
  out.more.emplace_back("p50 us", percentile(s.latencies, 0.5));
  out.more.emplace_back("p99 us", percentile(s.latencies, 0.99));
  return out;
}

} // namespace

sample round_trip(const settings& with) { return talk(with, 1, with.pick(400, 2)); }
sample hundred_clients(const settings& with) { return talk(with, with.pick(100, 5), with.pick(20, 2)); }

} // namespace interject::bench
