// One request and its answer as plain values, so that handlers and their tests need no socket.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace interject::gateway {

using parameters = std::vector<std::pair<std::string, std::string>>;

/// Path and query of a request line, percent-decoded.
struct target {
  std::vector<std::string> segments; ///< "/a/b%20c" → "a", "b c"
  parameters query;
};
/// Nothing when it is no path of the origin form.
std::optional<target> parse_target(std::string_view text);
/// For a segment or a query value.
std::string percent_encode(std::string_view text);

struct request {
  std::string method; ///< "GET"
  gateway::target target;
  std::string authorization; ///< the header as it came
  std::string origin;
  std::string content_type;
  std::string host;
  parameters event_headers;                   ///< those of CloudEvents: `ce-type` as "type"
  std::string signature;                      ///< Interject-Signature, as it came
  std::optional<std::string> idempotency_key; ///< the header as it came; several: a line each
  std::string requested_headers;              ///< Access-Control-Request-Headers
  bool secure = false;   ///< a proxy in front speaks TLS (X-Forwarded-Proto: https)
  bool loopback = false; ///< the peer is this machine
  std::string body;

  /// The first value of a query parameter; null when absent.
  const std::string* find(std::string_view name) const;
};

struct response {
  unsigned status = 200;
  std::string body;
  std::string content_type = "application/json; charset=utf-8";
  parameters headers;
};

/// Answers once, on the session's own thread.
using reply = std::function<void(response)>;

/// "application/json; charset=utf-8" is.
bool is_json(std::string_view content_type);

std::string_view reason_phrase(unsigned status);

} // namespace interject::gateway
