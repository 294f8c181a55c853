// Every request that the server knows, in one table: 404, 405, rights, metric labels and the
// OpenAPI document derive from it.
#pragma once

#include "gateway/scope.hpp"
#include "gateway/services.hpp"

#include <span>

namespace interject::gateway {

/// What an answer holds: a name in api_schemas.json, a media type ("text/plain"), or nothing.
struct shape {
  unsigned status = 0; ///< 0: there is no such answer
  const char* schema = "";
};

struct route {
  const char* method;
  const char* pattern; ///< "/api/v1/watches/{id}": a segment in braces takes any one segment
  scope needs;
  void (*run)(exchange_ptr);
  const char* help;
  const char* takes; ///< the body, like a shape's schema
  shape gives;
  const char* query = ""; ///< names in api_schemas.json, between spaces
  shape also = {};        ///< another answer that is no error
};

std::span<const route> routes();

/// Writes of the management API. Not notifications, whose id does the same.
bool takes_idempotency_key(const route& r);

/// Runs it unless it is a repeat: `Idempotency-Key`, see idempotency.hpp.
void run_once(const route& r, const exchange_ptr& x);

/// Finds the route, checks the rights and runs it. Calls `give_back` exactly once, on this thread.
void dispatch(services& with, bridge& via, request in, reply give_back);

/// What somebody says while too much is said already (see `admission`) is answered before it is
/// read: a refusal must cost little. → null: it is to be dispatched.
const response* turn_away(services& with, const bridge& via, std::string_view method,
                          std::string_view target);

/// Whether `segments` fit; captures are appended.
bool fits(std::string_view pattern, const std::vector<std::string>& segments,
          std::vector<std::string>& captures);

/// The conversation that a bearer asks for is theirs.
bool opens(const grant& g, const conversation_id& which);

} // namespace interject::gateway
