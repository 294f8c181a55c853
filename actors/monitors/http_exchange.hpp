// One outbound call on one I/O thread, with the hops of its redirects. Ends once: by its answer,
// its failure or its deadline, whichever is first.
#pragma once

#include "actors/monitors/http_client.hpp"
#include "actors/monitors/http_names.hpp"
#include "actors/monitors/http_target.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <memory>
#include <mutex>
#include <optional>

namespace interject::monitors {

/// OpenSSL's context and the certificates, made and read when the first call needs them: that takes
/// tens of milliseconds and megabytes, which a server that speaks plain HTTP only should not spend.
class trusted_roots {
public:
  explicit trusted_roots(std::string file) : file_(std::move(file)) {}
  boost::asio::ssl::context& get();

private:
  std::string file_;
  std::once_flag once_;
  std::optional<boost::asio::ssl::context> context_;
};

class exchange : public std::enable_shared_from_this<exchange> {
public:
  exchange(boost::asio::io_context& on, trusted_roots& tls, name_lookup& names,
           const http_options& how, http_request what, http_client::callback done);

  void run();
  /// Says nothing any more.
  void cancel();

private:
  using tcp = boost::asio::ip::tcp;
  using error_code = boost::system::error_code;
  using kind = http_answer::kind;
  using plain_stream = boost::beast::tcp_stream;

  std::string put_secrets_in();
  void go();
  std::string compose();
  void resolved(int hop, const name_lookup::addresses& found);
  void connected(error_code failed);
  void secure();
  template <class Stream> void exchange_over(Stream& stream);
  template <class Stream> void read_from(Stream& stream);
  void answered(error_code failed);
  bool follow(const std::string& location, int status);
  void end(kind how, std::string reason);
  void end(http_answer a);
  void hang_up();
  void expect_answer();

  trusted_roots& tls_;
  name_lookup& names_;
  const http_options how_; ///< as it was when the call began
  http_request what_;
  http_client::callback done_;
  http_target to_;
  int hops_ = 0;
  int interim_ = 0; ///< answers 1xx of this hop
  boost::asio::io_context& on_;
  boost::asio::steady_timer deadline_;
  std::vector<tcp::endpoint> endpoints_;
  std::optional<plain_stream> plain_;
  std::optional<boost::beast::ssl_stream<plain_stream&>> secure_;
  boost::beast::flat_buffer buffer_{128 * 1024};
  boost::beast::http::request<boost::beast::http::string_body> request_;
  std::optional<boost::beast::http::response_parser<boost::beast::http::string_body>> parser_;
};

} // namespace interject::monitors
