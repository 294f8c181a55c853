// Where committed activities meet the open streams: the node's outlet.
#pragma once

#include "actors/runtime/outlet.hpp"

#include <array>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace interject::gateway {

/// One open stream. `deliver` is called on actor threads, in order, and must not block.
class subscriber {
public:
  virtual ~subscriber() = default;
  virtual void deliver(std::span<const publication> what) = 0;
};

/// Any thread. A conversation may have several streams.
class hub final : public runtime::outlet {
public:
  void publish(const publication& what) override { publish_all({&what, 1}); }
  void publish_all(std::span<const publication> what) override;
  void add(const conversation_id& of, std::weak_ptr<subscriber> who);
  /// Also drops the streams of that conversation that have gone.
  void remove(const conversation_id& of, const subscriber* who);
  std::size_t open(const conversation_id& of) const;
  bool listening(const conversation_id& of) const override { return open(of) > 0; }

private:
  struct shard {
    mutable std::mutex mutex;
    std::unordered_map<conversation_id,
                       std::vector<std::pair<const subscriber*, std::weak_ptr<subscriber>>>>
        streams;
  };
  static constexpr std::size_t shards = 64;
  shard& shard_of_id(std::string_view id);
  const shard& shard_of_id(std::string_view id) const;
  std::array<shard, shards> shards_;
};

} // namespace interject::gateway
