#include "gateway/http.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace interject::gateway {

namespace {

/// Names of unreserved characters, none of them empty: every route that is hot.
bool is_plain(std::string_view path) {
  auto before = '\0';
  for (auto c : path) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (c == '/' ? before == '/' : !letter && c != '-' && c != '_' && c != '.' && c != '~')
      return false;
    before = c;
  }
  return path.size() > 1 && path.front() == '/' && before != '/';
}

std::vector<std::string> split(std::string_view plain) {
  std::vector<std::string> out;
  out.reserve(static_cast<std::size_t>(std::count(plain.begin(), plain.end(), '/')));
  while (!plain.empty()) {
    plain.remove_prefix(1);
    auto end = std::min(plain.find('/'), plain.size());
    out.emplace_back(plain.substr(0, end));
    plain.remove_prefix(end);
  }
  return out;
}

} // namespace

std::optional<target> parse_target(std::string_view text) {
  if (is_plain(text))
    return target{split(text), {}};
  auto parsed = boost::urls::parse_origin_form(boost::core::string_view(text.data(), text.size()));
  if (parsed.has_error())
    return std::nullopt;
  target out;
  for (auto segment : parsed->segments())
    out.segments.emplace_back(segment.data(), segment.size());
  for (auto param : parsed->params()) {
    std::string name(param.key.data(), param.key.size());
    std::string text_value;
    if (param.has_value)
      text_value.assign(param.value.data(), param.value.size());
    out.query.emplace_back(std::move(name), std::move(text_value));
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  return boost::urls::encode(boost::core::string_view(text.data(), text.size()),
                             boost::urls::unreserved_chars);
}

const std::string* request::find(std::string_view name) const {
  for (auto& [key, text] : target.query)
    if (key == name)
      return &text;
  return nullptr;
}

bool is_json(std::string_view type) {
  auto end = type.find_first_of("; ");
  auto name = type.substr(0, end);
  auto same = [](std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
             return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y;
           });
  };
  return same(name, "application/json");
}

std::string_view reason_phrase(unsigned status) {
  switch (status) {
  case 200:
    return "OK";
  case 201:
    return "Created";
  case 202:
    return "Accepted";
  case 204:
    return "No Content";
  case 400:
    return "Bad Request";
  case 401:
    return "Unauthorized";
  case 403:
    return "Forbidden";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 409:
    return "Conflict";
  case 413:
    return "Content Too Large";
  case 415:
    return "Unsupported Media Type";
  case 422:
    return "Unprocessable Content";
  case 426:
    return "Upgrade Required";
  case 429:
    return "Too Many Requests";
  case 431:
    return "Request Header Fields Too Large";
  case 500:
    return "Internal Server Error";
  case 503:
    return "Service Unavailable";
  case 504:
    return "Gateway Timeout";
  default:
    return "Unknown";
  }
}

} // namespace interject::gateway
