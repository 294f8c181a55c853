// What can be set of a server, each thing once: its name on the command line, its default, its
// range, its help. From a setting's name follows that of its environment variable: `max-body` is
// INTERJECT_MAX_BODY.
#pragma once

#include "protocols/time.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <variant>

namespace interject::config {

struct settings {
  std::string bot;
  std::string data;
  std::string listen = "127.0.0.1:8080";
  std::string secrets;
  bool demo = false;
  bool test_clock = false;
  std::string log_format = "text";
  std::string log_level = "info";
  std::string demo_listen = "127.0.0.1:8090";
  std::int64_t threads = 0;
  std::int64_t actor_threads = 0;
  std::int64_t max_connections = 10'000;
  std::int64_t max_header = 16 * 1024;
  std::int64_t max_body = 1024 * 1024;
  std::int64_t upload_file = 4 * 1024 * 1024;
  std::int64_t upload_files = 10;
  std::int64_t upload_body = 16 * 1024 * 1024;
  std::int64_t streams = 4;
  std::int64_t max_stream_queue = 1024 * 1024;
  std::int64_t max_calls = 256;
  std::int64_t max_calls_per_host = 32;
  std::int64_t max_call_body = 1024 * 1024;
  std::int64_t max_requests = 4096;
  std::int64_t max_inputs = 32;
  std::int64_t max_journal_queue = 64 * 1024 * 1024;
  std::int64_t max_live = 100'000;
  std::int64_t max_idempotency_keys = 100'000;
  duration read_timeout = std::chrono::seconds(30);
  duration idle_timeout = std::chrono::seconds(75);
  duration stream_idle = std::chrono::minutes(5);
  duration answer_timeout = std::chrono::seconds(10);
  duration max_wait = std::chrono::milliseconds(500);
  duration decision_timeout = std::chrono::seconds(2);
  duration stop_grace = std::chrono::seconds(1);
  duration stop_timeout = std::chrono::seconds(10);
  std::int64_t broadcast_rate = 100;
  duration decisions_kept = std::chrono::hours(168);
  duration passivate_after = std::chrono::minutes(5);
};

using setting_place = std::variant<std::string settings::*, bool settings::*,
                                   std::int64_t settings::*, duration settings::*>;

struct setting {
  const char* name; ///< without the dashes
  setting_place where;
  const char* help;
  std::int64_t least = 0; ///< of numbers; of durations in milliseconds
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const char* one_of = nullptr; ///< of texts: "text|json"
  bool required = false;
};

/// In the order of the help text.
/// What `threads` or `actor_threads` mean: 0 is half of the cores, as each turn needs both kinds.
std::int64_t threads_of(std::int64_t wish);

std::span<const setting> all_settings();

/// "INTERJECT_MAX_BODY"
std::string environment_name(const setting& s);

/// The default as a person would type it; empty when there is none.
std::string default_text(const setting& s);

} // namespace interject::config
