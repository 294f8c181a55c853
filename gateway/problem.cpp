#include "gateway/problem.hpp"

#include "protocols/codec/json_append.hpp"

namespace interject::gateway {

namespace {

struct meaning {
  errc code;
  unsigned status;
};
constexpr meaning meanings[] = {
    {errc::bad_input, 400},      {errc::unauthorized, 401},  {errc::forbidden, 403},
    {errc::not_found, 404},      {errc::conflict, 409},      {errc::too_large, 413},
    {errc::invalid_fields, 422}, {errc::busy, 429},          {errc::unavailable, 503},
    {errc::fenced, 503},         {errc::stale_version, 503}, {errc::timed_out, 503},
    {errc::internal, 500},
};

std::string_view directline_code(unsigned status) {
  switch (status) {
  case 400:
    return "BadArgument";
  case 401:
    return "Unauthorized";
  case 403:
    return "Forbidden";
  case 404:
    return "NotFound";
  case 413:
    return "MessageSizeTooBig";
  case 415:
    return "UnsupportedMediaType";
  case 429:
    return "TooManyRequests";
  case 503:
    return "ServiceUnavailable";
  default:
    return status < 500 ? "BadArgument" : "ServiceError";
  }
}

void say_when_to_return(response& r) {
  if (r.status == 429 || r.status == 503)
    r.headers.emplace_back("Retry-After", "1");
  if (r.status == 401)
    r.headers.emplace_back("WWW-Authenticate", "Bearer");
}

} // namespace

unsigned status_of(errc code) {
  for (auto& m : meanings)
    if (m.code == code)
      return m.status;
  return 500;
}

response directline_error(unsigned status, std::string_view message, std::string_view code) {
  response r;
  r.status = status;
  r.body = "{\"error\":{\"code\":";
  append_json_string(r.body, code.empty() ? directline_code(status) : code);
  r.body += ",\"message\":";
  append_json_string(r.body, message);
  r.body += "}}";
  say_when_to_return(r);
  return r;
}

void append_problem(std::string& out, unsigned status, std::string_view detail,
                    const field_faults& faults) {
  out += "{\"type\":\"about:blank\",\"title\":";
  append_json_string(out, reason_phrase(status));
  out += ",\"status\":" + std::to_string(status);
  out += ",\"detail\":";
  append_json_string(out, detail);
  if (!faults.empty()) {
    out += ",\"errors\":[";
    for (auto& fault : faults) {
      if (&fault != &faults.front())
        out += ',';
      out += "{\"pointer\":";
      append_json_string(out, fault.pointer);
      out += ",\"detail\":";
      append_json_string(out, fault.detail);
      out += '}';
    }
    out += ']';
  }
  out += '}';
}

response problem(unsigned status, std::string_view detail, const field_faults& faults) {
  response r;
  r.status = status;
  r.content_type = "application/problem+json";
  append_problem(r.body, status, detail, faults);
  say_when_to_return(r);
  return r;
}

response directline_error(const error& e) {
  return directline_error(status_of(e.code), e.what);
}

response problem(const error& e) {
  return problem(status_of(e.code), e.what);
}

} // namespace interject::gateway
