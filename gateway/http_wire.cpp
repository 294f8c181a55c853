#include "gateway/http_wire.hpp"

#include <boost/beast/core/string.hpp>

#include <charconv>

namespace interject::gateway {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

void take_first(std::string& into, bool& taken, std::string_view text) {
  if (!std::exchange(taken, true))
    into = text;
}

void append_number(std::string& out, std::size_t n) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, n).ptr);
}

void append_field(std::string& out, std::string_view name, std::string_view text) {
  out.append(name).append(": ").append(text).append("\r\n");
}

} // namespace

request read_request(const http_message& from, target where, bool loopback) {
  request in;
  in.method = view(from.method_string());
  in.target = std::move(where);
  in.loopback = loopback;
  bool authorized = false, origin = false, type = false, host = false, proto = false, sign = false;
  for (auto& each : from) {
    auto text = view(each.value());
    switch (each.name()) {
    case http::field::authorization:
      take_first(in.authorization, authorized, text);
      continue;
    case http::field::origin:
      take_first(in.origin, origin, text);
      continue;
    case http::field::content_type:
      take_first(in.content_type, type, text);
      continue;
    case http::field::host:
      take_first(in.host, host, text);
      continue;
    case http::field::unknown:
      break;
    default:
      continue;
    }
    auto name = each.name_string();
    if (beast::iequals(name, "Idempotency-Key"))
      in.idempotency_key =
          (in.idempotency_key ? *in.idempotency_key + "\n" : std::string()) + std::string(text);
    else if (beast::iequals(name, "Interject-Signature"))
      take_first(in.signature, sign, text);
    else if (beast::iequals(name, "X-Forwarded-Proto") && !std::exchange(proto, true))
      in.secure = beast::iequals(each.value(), "https");
    else if (name.size() > 3 && beast::iequals(name.substr(0, 3), "ce-"))
      in.event_headers.emplace_back(lower(view(name.substr(3))), std::string(text));
  }
  return in;
}

void append_answer(std::string& out, const response& r, answer_form how) {
  out += how.version == 10 ? "HTTP/1.0 " : "HTTP/1.1 ";
  append_number(out, r.status);
  out.append(" ").append(reason_phrase(r.status)).append("\r\n");
  append_field(out, "Cache-Control", "no-store");
  append_field(out, "X-Content-Type-Options", "nosniff");
  if (!r.content_type.empty())
    append_field(out, "Content-Type", r.content_type);
  for (auto& [name, text] : r.headers)
    append_field(out, name, text);
  if (!how.keep_alive)
    append_field(out, "Connection", "close");
  else if (how.version == 10)
    append_field(out, "Connection", "keep-alive");
  if (r.status != 204) {
    out += "Content-Length: ";
    append_number(out, r.body.size());
    out += "\r\n";
  }
  out.append("\r\n").append(r.body);
}

} // namespace interject::gateway
