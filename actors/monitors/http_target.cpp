#include "actors/monitors/http_target.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <cctype>
#include <string_view>

namespace interject::monitors {
namespace {

namespace ip = boost::asio::ip;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// A name that no public DNS server answers for, so that nobody can point it elsewhere from
/// outside.
bool is_private_name(const std::string& host) {
  if (host.find('.') == std::string::npos && host.find(':') == std::string::npos)
    return true;
  for (std::string_view end : {".local", ".localhost", ".internal"})
    if (host.ends_with(end))
      return true;
  return false;
}

/// "." or "..", also percent-encoded: who takes it as a step leaves the path that the bot wrote.
/// What a person typed may stand in a path, and no encoding takes this meaning away.
bool is_step(std::string_view segment) {
  int dots = 0;
  while (!segment.empty()) {
    auto dot = segment.starts_with('.')                                   ? 1U
               : segment.starts_with("%2e") || segment.starts_with("%2E") ? 3U
                                                                          : 0U;
    if (dot == 0)
      return false;
    segment.remove_prefix(dot);
    ++dots;
  }
  return dots == 1 || dots == 2;
}

bool has_step(std::string_view path) {
  for (;;) {
    auto end = std::min(path.find('/'), path.size());
    if (is_step(path.substr(0, end)))
      return true;
    if (end == path.size())
      return false;
    path.remove_prefix(end + 1);
  }
}

struct range {
  const char* first;
  unsigned bits;
};

bool is_public_v4(std::uint32_t n) {
  for (auto& r :
       {range{"0.0.0.0", 8}, range{"10.0.0.0", 8}, range{"100.64.0.0", 10}, range{"127.0.0.0", 8},
        range{"169.254.0.0", 16}, range{"172.16.0.0", 12}, range{"192.0.0.0", 24},
        range{"192.0.2.0", 24}, range{"192.168.0.0", 16}, range{"198.18.0.0", 15},
        range{"198.51.100.0", 24}, range{"203.0.113.0", 24}, range{"224.0.0.0", 3}})
    if (((n ^ ip::make_address_v4(r.first).to_uint()) >> (32 - r.bits)) == 0)
      return false;
  return true;
}

} // namespace

result<http_target> parse_target(const std::string& url) {
  auto parsed = boost::urls::parse_uri(url);
  if (parsed.has_error())
    return error{errc::bad_input, "the URL is malformed"};
  auto u = *parsed;
  http_target out;
  auto scheme = lower(std::string_view(u.scheme().data(), u.scheme().size()));
  if (scheme != "http" && scheme != "https")
    return error{errc::bad_input, "the URL is neither http nor https"};
  if (u.has_userinfo())
    return error{errc::bad_input, "the URL carries a user name; use a header"};
  out.tls = scheme == "https";
  out.host = lower(u.host_address());
  if (out.host.empty())
    return error{errc::bad_input, "the URL has no host"};
  out.port = out.tls ? 443 : 80;
  if (u.has_port() && !u.port().empty()) {
    if (u.port_number() == 0)
      return error{errc::bad_input, "the URL's port is out of range"};
    out.port = u.port_number();
  }
  auto host_and_port = u.encoded_host_and_port();
  out.authority.assign(host_and_port.data(), host_and_port.size());
  auto path = u.encoded_path();
  out.target.assign(path.data(), path.size());
  if (has_step(out.target))
    return error{errc::bad_input,
                 "the URL's path has a segment . or .., which would lead elsewhere"};
  if (out.target.empty())
    out.target = "/";
  if (u.has_query()) {
    auto query = u.encoded_query();
    out.target += "?" + std::string(query.data(), query.size());
  }
  return out;
}

result<std::string> resolve_target(const std::string& base, const std::string& location) {
  auto from = boost::urls::parse_uri(base);
  auto to = boost::urls::parse_uri_reference(location);
  boost::urls::url out;
  if (from.has_error() || to.has_error() || boost::urls::resolve(*from, *to, out).has_error())
    return error{errc::bad_input, "the address is malformed"};
  out.remove_fragment();
  return std::string(out.buffer());
}

bool is_named(const std::vector<std::string>& hosts, const std::string& host, std::uint16_t port) {
  auto bracketed = host.find(':') == std::string::npos ? host : "[" + host + "]";
  auto with_port = bracketed + ":" + std::to_string(port);
  return std::any_of(hosts.begin(), hosts.end(), [&](auto& each) {
    auto name = lower(each);
    return name == host || name == bracketed || name == with_port;
  });
}

bool may_reach(const std::vector<std::string>& hosts, const http_target& to,
               const ip::address& address) {
  if (is_public(address))
    return true;
  if (is_named(hosts, lower(address.to_string()), to.port))
    return true;
  return is_private_name(to.host);
}

bool is_public(const ip::address& address) {
  if (address.is_v4())
    return is_public_v4(address.to_v4().to_uint());
  auto v6 = address.to_v6();
  if (v6.is_v4_mapped())
    return is_public_v4(ip::make_address_v4(ip::v4_mapped, v6).to_uint());
  // Global unicast is 2000::/3; 2001::/23 is for protocols (Teredo wraps IPv4 in it), 2001:db8::/32
  // for documents, and 2002::/16 and 64:ff9b:: wrap IPv4.
  auto b = v6.to_bytes();
  if ((b[0] & 0xe0) != 0x20)
    return false;
  if (b[0] == 0x20 && b[1] == 0x01 && (b[2] <= 1 || (b[2] == 0x0d && b[3] == 0xb8)))
    return false;
  return !(b[0] == 0x20 && b[1] == 0x02);
}

} // namespace interject::monitors
