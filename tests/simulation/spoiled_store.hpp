// A store with a planted fault: what it is given is changed on its way, or left out.
#pragma once

#include "tests/support/forwarding_store.hpp"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace interject::simulation {

/// Passes commits on, changed.
class spoiled_store final : public interject::test::forwarding_store {
public:
  using spoil = std::function<journal::commit_ptr(const journal::commit_ptr&)>;
  spoiled_store(std::shared_ptr<journal::store> to, spoil how)
      : forwarding_store(std::move(to)), how_(std::move(how)) {}
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
    auto ok = inner->write(changed, got);
    for (auto& o : outcomes)
      o = {};
    for (std::size_t i = 0; i < got.size(); ++i)
      outcomes[places[i]] = got[i];
    return ok;
  }

private:
  spoil how_;
};

inline spoiled_store::spoil changed(std::function<void(journal::commit&)> change) {
  return [change](const journal::commit_ptr& c) -> journal::commit_ptr {
    auto copy = std::make_shared<journal::commit>(*c);
    change(*copy);
    return copy;
  };
}

/// For a plan's `spoil_store`.
inline auto spoiled_by(spoiled_store::spoil how) {
  return [how](std::shared_ptr<journal::store> inner) -> std::shared_ptr<journal::store> {
    return std::make_shared<spoiled_store>(std::move(inner), how);
  };
}

} // namespace interject::simulation
