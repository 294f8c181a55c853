// A store with a planted fault: what it is given is changed on its way, or left out.
#pragma once

#include "actors/journal/store.hpp"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace interject::simulation {

/// Passes commits on, changed.
class spoiled_store final : public journal::store {
public:
  using spoil = std::function<journal::commit_ptr(const journal::commit_ptr&)>;
  spoiled_store(std::shared_ptr<journal::store> inner, spoil how)
      : inner_(std::move(inner)), how_(std::move(how)) {}
  result<void> write(std::span<const journal::commit_ptr> batch,
                     std::span<result<void>> outcomes) override {
    std::vector<journal::commit_ptr> changed;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < batch.size(); ++i)
      if (auto c = how_(batch[i])) {
        changed.push_back(std::move(c));
        places.push_back(i);
      }
    std::vector<result<void>> got(changed.size());
    auto ok = inner_->write(changed, got);
    for (auto& o : outcomes)
      o = {};
    for (std::size_t i = 0; i < got.size(); ++i)
      outcomes[places[i]] = got[i];
    return ok;
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

private:
  std::shared_ptr<journal::store> inner_;
  spoil how_;
};

inline spoiled_store::spoil changed(std::function<void(journal::commit&)> change) {
  return [change](const journal::commit_ptr& c) -> journal::commit_ptr {
    auto copy = std::make_shared<journal::commit>(*c);
    change(*copy);
    return copy;
  };
}

} // namespace interject::simulation
