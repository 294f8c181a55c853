// What every request may reach, and one request on its way to an answer.
#pragma once

#include "actors/dialog/bot.hpp"
#include "actors/journal/store.hpp"
#include "actors/monitors/http_client.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/counters.hpp"
#include "config/settings.hpp"
#include "gateway/bridge.hpp"
#include "gateway/current_bot.hpp"
#include "gateway/http.hpp"
#include "gateway/hub.hpp"
#include "gateway/idempotency.hpp"
#include "gateway/metrics.hpp"
#include "gateway/secrets.hpp"
#include "gateway/tokens.hpp"

#include <caf/actor.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace interject::runtime {
class node;
}

namespace interject::gateway {

/// Outlives every session.
struct services {
  config::settings how;
  runtime::clock_ptr clock;
  std::shared_ptr<runtime::test_clock> manual; ///< set with --test-clock
  current_bot bot;
  std::shared_ptr<journal::store> store;
  caf::actor router;
  caf::actor people;
  caf::actor broadcasts;
  caf::actor prices;
  caf::actor timers;
  caf::actor reader;
  /// A reader of its own, for what takes long: nobody's turn waits for it
  caf::actor slow_reader = {};
  runtime::node* node = nullptr; ///< null in tests without one
  caf::actor webhooks = {};
  std::shared_ptr<hub> streams;
  std::shared_ptr<metrics> counted;
  const runtime::counters* node_counts = nullptr;
  token_office tokens;
  std::string api_key;
  std::vector<scoped_key> scoped_keys = {};
  secret_source secrets = monitors::system_secrets();
  bool demo_feed = false;           ///< invented prices come in
  std::atomic<bool> leaving{false}; ///< about to stop: not ready, and still serving
  std::atomic<bool> stopping{false};
  std::mutex reloading{};                      ///< held while the bot is loaded again
  std::shared_ptr<journal::answers> kept = {}; ///< null: writes with an Idempotency-Key are refused
  writes_under_way under_way{};                ///< those with an Idempotency-Key
};

/// Shared by the callbacks that lead to its answer. Lives on one network thread.
struct exchange {
  request in;
  services& with;
  bridge& via;
  reply answer;
  grant who;                         ///< on Direct Line
  std::vector<std::string> captures; ///< of the path pattern, in order
  std::string caller = {}; ///< the name of its API key; empty: the one that may do everything
  write_id repeat = {};    ///< of a write with an Idempotency-Key

  /// For a row that the request makes: its own when the request is sent again, else a new one.
  std::string row_id(std::string_view prefix) const;
};
using exchange_ptr = std::shared_ptr<exchange>;

response json_response(unsigned status, std::string body);

} // namespace interject::gateway
