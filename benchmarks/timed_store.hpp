// A store that notes how long its commits take; all else it hands on.
#pragma once

#include "benchmarks/harness.hpp"
#include "benchmarks/histogram.hpp"
#include "tests/support/forwarding_store.hpp"

#include <algorithm>

namespace interject::bench {

class timed_store final : public test::forwarding_store {
public:
  using forwarding_store::forwarding_store;

  result<void> write(std::span<const journal::commit_ptr> batch,
                     std::span<result<void>> outcomes) override {
    auto from = wall_seconds();
    auto written = inner->write(batch, outcomes);
    took_.record((wall_seconds() - from) * 1e6);
    turns_ += batch.size();
    return written;
  }

  /// Once the node has ended.
  const histogram& took() const { return took_; } ///< µs a commit
  double turns_each() const {
    return static_cast<double>(turns_) /
           static_cast<double>(std::max<std::uint64_t>(1, took_.count()));
  }

private:
  histogram took_;
  std::uint64_t turns_ = 0;
};

} // namespace interject::bench
