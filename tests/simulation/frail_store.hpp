// A store that fails as disks do, and shows what it has taken.
#pragma once

#include "actors/journal/store.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace interject::simulation {

/// Refuses to write while it is told to, or after so many more writes.
class frail_store final : public journal::store {
public:
  explicit frail_store(std::shared_ptr<journal::store> inner) : inner_(std::move(inner)) {}
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
    auto out = inner_->write(batch, outcomes);
    for (std::size_t i = 0; out && i < batch.size(); ++i)
      if (outcomes[i])
        saw(*batch[i]);
    return out;
  }
  std::unique_ptr<journal::reader> open_reader() override { return inner_->open_reader(); }
  result<void> keep_bot(const std::string& v, const std::string& s) override {
    return inner_->keep_bot(v, s);
  }
  result<void> check_writable() override { return inner_->check_writable(); }
  result<void> sweep(time_point now) override { return inner_->sweep(now); }
  result<std::size_t> sweep_bots(std::span<const std::string> keep) override {
    return inner_->sweep_bots(keep);
  }
  bool failing = false;
  int fail_after = -1;
  std::function<void(const journal::commit&)> saw = [](const journal::commit&) {};
  std::function<bool(const journal::commit&)> refuses = [](const journal::commit&) {
    return false;
  };

private:
  std::shared_ptr<journal::store> inner_;
};

} // namespace interject::simulation
