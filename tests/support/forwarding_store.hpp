// A store that hands everything on to another. Derive, and change what a test is about.
#pragma once

#include "actors/journal/store.hpp"

#include <memory>
#include <string>
#include <utility>

namespace interject::test {

class forwarding_store : public journal::store {
public:
  explicit forwarding_store(std::shared_ptr<journal::store> to) : inner(std::move(to)) {}

  result<void> write(std::span<const journal::commit_ptr> batch,
                     std::span<result<void>> outcomes) override {
    return inner->write(batch, outcomes);
  }
  std::unique_ptr<journal::reader> open_reader() override { return inner->open_reader(); }
  bool blocks() const override { return inner->blocks(); }
  result<void> keep_bot(const std::string& version, const std::string& source) override {
    return inner->keep_bot(version, source);
  }
  result<void> check_writable() override { return inner->check_writable(); }
  result<void> sweep(time_point now) override { return inner->sweep(now); }
  result<std::size_t> sweep_bots(const journal::versions_in_use& in_use) override {
    return inner->sweep_bots(in_use);
  }
  result<void> scrub() override { return inner->scrub(); }

  std::shared_ptr<journal::store> inner;
};

} // namespace interject::test
