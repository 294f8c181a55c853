// `Interject-Signature: t=1790000000,v1=5257a8…`: the time in seconds, and the HMAC-SHA256, in hex,
// of that time, a dot and the body, by the channel's secret. Both directions of a webhook carry it.
// Pure.
#pragma once

#include "protocols/time.hpp"

#include <string>
#include <string_view>

namespace interject::monitors {

inline constexpr auto signature_tolerance = std::chrono::minutes(5);

std::string sign(std::string_view secret, std::string_view body, time_point at);

/// Null when `header` is a signature of `body` by `secret`, made at most five minutes from `now`;
/// else what is wrong, in words that tell nothing about the secret. Compares in constant time.
/// Several `v1` are allowed (a secret that is being changed): one must fit.
const char* wrong_signature(std::string_view secret, std::string_view header, std::string_view body,
                            time_point now);

} // namespace interject::monitors
