// Outbound HTTP on I/O threads of its own: http and https with verified certificates. What it may
// reach is decided here, after the name was resolved, and the connection goes to the very address
// that was looked at. References to secrets (protocols/secret_reference.hpp) become secrets here,
// on their way out, and nowhere else.
#pragma once

#include "protocols/secret_reference.hpp"
#include "protocols/time.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace interject::monitors {

struct http_request {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body = {};
  /// In all: name, connection, TLS, redirects and answer
  duration timeout = std::chrono::seconds(30);
  /// Followed, each hop checked like the first; more are an answer like any other. Never from https
  /// to http. At another host only the method, `Idempotency-Key` and `Accept` arrive: what may be
  /// secret does not travel on.
  int redirects = 0;
  std::vector<std::string> hosts = {}; ///< what this one may call besides http_options::hosts
  /// Set: an `Interject-Signature` by this secret (or reference to one) goes along.
  std::string sign_by = {};
  time_point signed_at{};
};

struct http_answer {
  enum class kind : std::uint8_t {
    answered,    ///< whatever the status
    unreachable, ///< no name, no connection, no TLS, or it broke off: may be tried again
    timed_out,
    not_allowed, ///< the host or its address is not named, or a redirect leads where none may
    bad_request, ///< no URL that we call, a header that cannot be sent, or a secret that is not
                 ///< there
    too_large,   ///< the answer
  };
  kind how = kind::unreachable;
  int status = 0;
  std::string body = {};
  std::string retry_after; ///< the field, as it came
  std::string
      reason; ///< for people; empty when answered. Never holds the URL, which may carry secrets
  std::string etag = {};
};

/// The addresses of a host's name; empty when it has none. Blocks, on a thread of its own.
using look_up_name = std::function<std::vector<std::string>(const std::string& name)>;

struct http_options {
  /// `host` or `host:port`, which alone may be called. A name that resolves to a loopback, private
  /// or link-local address is refused unless that address is named too, or the name itself cannot
  /// be a public one: `localhost`, a single label, or one that ends in `.local`, `.localhost` or
  /// `.internal`.
  std::vector<std::string> hosts;
  std::size_t max_body = 1024 * 1024; ///< bytes of an answer, and of what is sent
  int threads = 1;
  /// File of PEM certificates to trust; empty: the system's, or those of SSL_CERT_FILE
  std::string roots = {};
  secret_source secrets = {}; ///< null: the environment and the file system
  look_up_name look_up = {};  ///< null: the system's
};

/// The environment, and files of at most 64 KB, without the line break at their end.
secret_source system_secrets();

class http_client {
public:
  using callback = std::function<void(http_answer)>;

  virtual ~http_client() = default;
  /// `done` runs once, on an I/O thread, or never when the call is cancelled or the client ends.
  virtual std::uint64_t start(http_request what, callback done) = 0;
  virtual void cancel(std::uint64_t call) = 0;
  /// Replaces `http_options::hosts` for the calls that start from now on.
  virtual void allow(std::vector<std::string> hosts) { (void)hosts; }
};

std::shared_ptr<http_client> make_http_client(http_options how);

} // namespace interject::monitors
