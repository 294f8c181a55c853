// For the jobs of a reader: who asked hears also of one that throws, instead of waiting for ever.
#pragma once

#include "actors/runtime/log.hpp"
#include "protocols/result.hpp"

#include <exception>

namespace interject::journal {

/// `found` as `job(found)` leaves it. Should that throw, its `failed` says why; one that has no
/// such member is what it was when it failed.
template <class Found, class Job> Found look(Found found, Job job) {
  try {
    job(found);
  } catch (const std::exception& e) {
    runtime::log_error("journal.read_failed", "why=\"{}\"", e.what());
    if constexpr (requires { found.failed; })
      found.failed = error{errc::internal, "the rows could not be read"};
  }
  return found;
}

} // namespace interject::journal
