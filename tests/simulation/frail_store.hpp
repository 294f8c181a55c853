// A store that fails as disks do, and shows what it has taken.
#pragma once

#include "tests/support/forwarding_store.hpp"

#include <functional>

namespace interject::simulation {

/// Refuses to write while it is told to, or after so many more writes.
class frail_store final : public interject::test::forwarding_store {
public:
  using forwarding_store::forwarding_store;
  result<void> write(std::span<const journal::commit_ptr> batch,
                     std::span<result<void>> outcomes) override {
    if (fail_after == 0)
      failing = true;
    if (failing)
      return error{errc::unavailable, "the disk is full"};
    for (auto& c : batch)
      if (refuses(*c))
        return error{errc::internal, "it has no binary form"};
    --fail_after;
    auto out = inner->write(batch, outcomes);
    for (std::size_t i = 0; out && i < batch.size(); ++i)
      if (outcomes[i])
        saw(*batch[i]);
    return out;
  }
  bool failing = false;
  int fail_after = -1;
  std::function<void(const journal::commit&)> saw = [](const journal::commit&) {};
  std::function<bool(const journal::commit&)> refuses = [](const journal::commit&) {
    return false;
  };
};

} // namespace interject::simulation
