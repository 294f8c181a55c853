// What a URL asks to reach, and whether that is allowed. Pure but for the address types.
#pragma once

#include "protocols/result.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace interject::monitors {

struct http_target {
  bool tls = false;
  std::string host; ///< lower case, IPv6 without brackets
  std::uint16_t port = 80;
  std::string authority; ///< for the Host header
  std::string target;    ///< path and query
};

/// `bad_input` for what is no absolute http or https URL, carries user names, or has a segment "."
/// or ".." in its path.
result<http_target> parse_target(const std::string& url);

/// The absolute URL that a Location field means on the page `base` (RFC 3986), its fragment
/// dropped.
result<std::string> resolve_target(const std::string& base, const std::string& location);

/// Whether the URL's host and port are named in `hosts`.
bool is_named(const std::vector<std::string>& hosts, const std::string& host, std::uint16_t port);

/// Whether an address to which the host resolved may be called, the host itself being named.
bool may_reach(const std::vector<std::string>& hosts, const http_target& to,
               const boost::asio::ip::address& address);

/// False for loopback, private, link-local, unspecified, multicast and other addresses that are not
/// on the internet.
bool is_public(const boost::asio::ip::address& address);

} // namespace interject::monitors
