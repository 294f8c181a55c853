// Between Beast's messages and our own.
#pragma once

#include "gateway/http.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

namespace interject::gateway {

using http_message = boost::beast::http::request<boost::beast::http::string_body>;

inline std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

/// All but the body. Of a header that stands twice the first counts, except `Idempotency-Key`.
request read_request(const http_message& from, target where, bool loopback);

struct answer_form {
  unsigned version = 11; ///< 10: the client speaks HTTP/1.0
  bool keep_alive = true;
};

/// The answer as it goes over the wire, appended.
void append_answer(std::string& out, const response& r, answer_form how);

} // namespace interject::gateway
