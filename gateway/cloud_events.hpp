// CloudEvents 1.0 over HTTP, in its three modes: one event as JSON (structured), one in headers and
// body (binary), a list as JSON (batch). Strict by the specification:
// https://github.com/cloudevents/spec, v1.0.2. Pure.
#pragma once

#include "gateway/http.hpp"
#include "gateway/json.hpp"

namespace interject::gateway {

struct cloud_event {
  std::string id, source, type;
  /// The event as its JSON form has it, `data` included: what the pointers of rules look into. Data
  /// of binary mode that is neither JSON nor text stands in `data_base64`.
  value all;
};

/// One event of a batch, or its faults.
struct read_event {
  cloud_event it;
  field_faults faults;
};

struct read_events {
  bool batch = false;
  std::vector<read_event> items; ///< one unless it is a batch
  /// The request itself is wrong: 400, 413 or 415 with the reason; `items` is empty then.
  unsigned status = 0;
  std::string why;
};

inline constexpr std::size_t max_events = 1000;

read_events read_cloud_events(const request& in);

} // namespace interject::gateway
