// The list of metrics. What actors count comes from runtime::counters, what the network counts
// stands here. Labels come from tables (routes, codes), never from ids.
#pragma once

#include "actors/runtime/counters.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace interject::gateway {

class metrics {
public:
  /// `routes` is how many rows the route table has; one more stands for what matched none.
  explicit metrics(std::size_t routes);
  ~metrics();

  void answered(std::size_t route, unsigned status, std::chrono::microseconds took);

  std::atomic<std::int64_t> connections{0};
  std::atomic<std::int64_t> streams{0};
  std::atomic<std::uint64_t> connections_refused{0};
  std::atomic<std::uint64_t> streams_overrun{0}; ///< closed because their client was too slow
  std::atomic<std::uint64_t> frames{0};

  /// Prometheus text.
  std::string text(const runtime::counters* node) const;

private:
  struct inner;
  std::unique_ptr<inner> it_;
};

} // namespace interject::gateway
