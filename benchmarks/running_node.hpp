// A node of the orders bot in this process, as the questions begin it that ask it directly.
#pragma once

#include "actors/journal/store.hpp"
#include "actors/runtime/messages.hpp"
#include "actors/runtime/node.hpp"
#include "benchmarks/orders.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <utility>

namespace interject::bench {

/// Throws what is wrong with it.
inline std::shared_ptr<journal::store> open_store(const std::filesystem::path& folder) {
  auto store = journal::open_sqlite_store(folder);
  if (!store)
    throw std::runtime_error(store.error().what);
  return *store;
}

class running_node {
public:
  /// `how` says what differs from a node's defaults.
  explicit running_node(std::shared_ptr<journal::store> store, runtime::node_options how = {}) {
    how.bot = orders_bot();
    how.store = std::move(store);
    auto started = runtime::node::start(system, how);
    if (!started)
      throw std::runtime_error(started.error().what);
    node_ = std::move(*started);
  }
  /// Whoever asks it has gone by then.
  void stop() { node_->stop(std::chrono::seconds(60)); }
  runtime::node* operator->() const { return node_.get(); }

private:
  struct prepared : caf::actor_system_config {
    prepared() { runtime::prepare(*this); }
  };
  prepared config_;

public:
  caf::actor_system system{config_};

private:
  std::unique_ptr<runtime::node> node_;
};

} // namespace interject::bench
