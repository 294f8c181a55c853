// Errors as clients see them: RFC 9457 problems under /api, Direct Line's own form under
// /v3/directline.
#pragma once

#include "gateway/http.hpp"
#include "gateway/json.hpp"
#include "protocols/result.hpp"

namespace interject::gateway {

/// The one table from our errors to HTTP.
unsigned status_of(errc code);

/// `{"error": {"code", "message"}}`. The code is Direct Line's word for the status unless given.
response directline_error(unsigned status, std::string_view message, std::string_view code = {});

/// application/problem+json.
response problem(unsigned status, std::string_view detail, const field_faults& faults = {});

/// Either of them, by the error; 429 and 503 say when to come back.
response directline_error(const error& e);
response problem(const error& e);

/// The members of a problem, for lists that are answered per item.
void append_problem(std::string& out, unsigned status, std::string_view detail,
                    const field_faults& faults);

} // namespace interject::gateway
