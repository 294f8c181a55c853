// The actor of a feed.
#pragma once

#include "actors/monitors/feed.hpp"
#include "actors/monitors/monitors.hpp"

namespace interject::monitors {

/// Where it remembers its symbols, so that one that went stale while nobody ran is told, and none
/// is told twice.
struct feed_memory {
  caf::actor journal, reader;
};

/// Takes begin_monitoring, and then asks its source again and again.
caf::actor spawn_feed(caf::actor_system& sys, feed_settings how, std::shared_ptr<http_client> http,
                      runtime::clock_ptr clock, caf::actor timer, caf::actor prices,
                      feed_memory memory);

} // namespace interject::monitors
