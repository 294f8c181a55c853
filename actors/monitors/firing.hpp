// From a row of a monitor to the notification that it sends, and what its answer means. Pure.
#pragma once

#include "protocols/monitoring.hpp"
#include "protocols/result.hpp"

#include <algorithm>

namespace interject::monitors {

/// Adds a fact, in place of one of that name.
inline void set_param(named_values& params, std::string_view name, value v) {
  auto it = std::find_if(params.begin(), params.end(), [&](auto& p) { return p.first == name; });
  if (it != params.end())
    it->second = std::move(v);
  else
    params.emplace_back(std::string(name), std::move(v));
}

/// The row's notification as its firing number `n`, created at `at`: its lifetime counts from then,
/// however late it is delivered.
inline notification firing_of(const notification& what, origin from, const std::string& source,
                              std::uint64_t n, time_point at) {
  auto out = what;
  out.id = source + "." + std::to_string(n);
  out.from = from;
  out.source = source;
  out.occurrence = n;
  out.created = at;
  set_param(out.params, "at", value(at));
  return out;
}

/// Whether what was refused so may be taken later. The others are faults of the row: it is given
/// up.
inline bool worth_retrying(errc code) {
  switch (code) {
  case errc::busy:
  case errc::unavailable:
  case errc::fenced:
  case errc::stale_version:
  case errc::timed_out:
  case errc::internal:
    return true;
  default:
    return false;
  }
}

} // namespace interject::monitors
