// A store that notes how long its commits take; all else it hands on.
#pragma once

#include "actors/journal/store.hpp"
#include "benchmarks/harness.hpp"
#include "benchmarks/histogram.hpp"

#include <memory>
#include <utility>

namespace interject::bench {

class timed_store final : public journal::store {
public:
  explicit timed_store(std::shared_ptr<journal::store> to) : to_(std::move(to)) {}

  result<void> write(std::span<const journal::commit_ptr> batch,
                     std::span<result<void>> outcomes) override {
    auto from = wall_seconds();
    auto written = to_->write(batch, outcomes);
    took_.record((wall_seconds() - from) * 1e6);
    turns_ += batch.size();
    return written;
  }
  std::unique_ptr<journal::reader> open_reader() override { return to_->open_reader(); }
  bool blocks() const override { return to_->blocks(); }
  result<void> keep_bot(const std::string& version, const std::string& source) override {
    return to_->keep_bot(version, source);
  }
  result<void> check_writable() override { return to_->check_writable(); }
  result<void> sweep(time_point now) override { return to_->sweep(now); }
  result<std::size_t> sweep_bots(std::span<const std::string> keep) override {
    return to_->sweep_bots(keep);
  }
  result<void> scrub() override { return to_->scrub(); }

  /// Once the node has ended.
  const histogram& took() const { return took_; } ///< µs a commit
  double turns_each() const {
    return static_cast<double>(turns_) /
           static_cast<double>(std::max<std::uint64_t>(1, took_.count()));
  }

private:
  std::shared_ptr<journal::store> to_;
  histogram took_;
  std::uint64_t turns_ = 0;
};

} // namespace interject::bench
