// The outbox of webhook channels: every activity for one, posted to its address, signed, in order
// per conversation, until it is taken or has failed too often. Then it is a dead letter, which
// people look at and send again.
#pragma once

#include "actors/monitors/http_client.hpp"
#include "actors/monitors/monitors.hpp"

#include <functional>

namespace interject::monitors {

struct webhook_channel {
  std::string url;
  std::string secret; ///< a reference, or a text; signs what is posted
};
/// The channel of that name as it is set now; nothing when there is none any more.
using find_webhook = std::function<std::optional<webhook_channel>(const std::string& name)>;

struct webhook_options {
  call_limits limits;
  breaker_options breaker;
  duration timeout = std::chrono::seconds(10); ///< of one try
  std::size_t max_waiting = 1000; ///< of one conversation; what comes then is a dead letter at once
  std::size_t max_dead = 10'000;  ///< the oldest go, with a line in the log
};

/// The rests before tries 2 to 6.
inline constexpr duration webhook_rests[] = {std::chrono::seconds(1), std::chrono::seconds(5),
                                             std::chrono::seconds(30), std::chrono::minutes(2),
                                             std::chrono::minutes(10)};
/// The longest that all tries may take. What a host with an open circuit has not taken by then is a
/// dead letter, however few tries fell to it: with many conversations, most of its few probes are
/// others'.
inline constexpr duration webhook_patience = std::chrono::seconds(756) * 6 / 5;
/// How long an activity rests when too many wait for its host: 1 to 2 times this. That costs no
/// try.
inline constexpr duration webhook_full_rest = std::chrono::seconds(10);
/// Between 80 and 120 % of its rest, drawn by the activity's name. `tries` so far, 1 to 5.
duration webhook_rest(std::string_view name, std::uint32_t tries);

/// The row of an activity on its way: kept among the calls, as it is one.
call_row delivery_of(const conversation_id& conversation, std::uint64_t seq,
                     const std::string& channel, std::string body, time_point now);

/// Serves begin_call and cancel_call for rows with a channel, and resend_delivery.
caf::actor spawn_webhooks(caf::actor_system& sys, std::shared_ptr<http_client> http,
                          runtime::clock_ptr clock, caf::actor timer, caf::actor journal,
                          caf::actor reader, find_webhook channels, webhook_options how = {});

} // namespace interject::monitors
