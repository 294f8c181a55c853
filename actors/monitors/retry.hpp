// Whether a call is tried again, and after how long. Pure.
#pragma once

#include "actors/monitors/http_client.hpp"

#include <optional>
#include <string_view>

namespace interject::monitors {

inline constexpr duration first_rest = std::chrono::milliseconds(500);
inline constexpr duration longest_rest = std::chrono::seconds(30);

/// Exponential back-off with full jitter: anything from nothing to `first · 2^(tries−1)`, `longest`
/// at most, drawn by the call's own name, so that calls that failed together do not come back
/// together and a replay rests alike.
duration jittered_rest(std::string_view name, std::uint32_t tries, duration first = first_rest,
                       duration longest = longest_rest);

/// A Retry-After field: seconds, or an HTTP date. Nothing when it is malformed; never negative.
std::optional<duration> parse_retry_after(std::string_view text, time_point now);

/// No answer, an answer from 500 up, 408, 425 or 429. What the client got wrong stays wrong.
bool may_pass(const http_answer& a);

struct retry_plan {
  std::optional<duration> rest; ///< none: it ends here
  std::string why;              ///< that it ends though a try was left; may be empty
};
/// After try number `tries` (1 or more) of a call that may be repeated `retries` times and has
/// `left` of its time. The host's Retry-After is the least rest; one that the call's time does not
/// hold ends it.
retry_plan plan_retry(std::string_view name, std::uint32_t tries, std::uint32_t retries,
                      const http_answer& a, duration left, time_point now);

} // namespace interject::monitors
