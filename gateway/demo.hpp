// What the demo bot needs of the world, all invented: a slow HTTP service, and a feed of prices.
#pragma once

#include "protocols/result.hpp"

#include <caf/actor.hpp>

#include <memory>
#include <string>

namespace interject::gateway {

class demo {
public:
  struct options {
    std::string listen; ///< of the slow service
    caf::actor prices;  ///< where the feed goes
    bool feed = true;   ///< off under a test clock
    std::uint64_t seed = 1;
  };
  /// `GET /slow?seconds=10` answers `{"pages": 12}` after that time; `GET /quote/MSFT` a price
  /// after four seconds.
  static result<std::unique_ptr<demo>> start(options how);
  ~demo();

private:
  struct inner;
  explicit demo(std::unique_ptr<inner> it);
  std::unique_ptr<inner> it_;
};

} // namespace interject::gateway
