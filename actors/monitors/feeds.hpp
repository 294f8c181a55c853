// The actor of a feed.
#pragma once

#include "actors/monitors/feed.hpp"
#include "actors/monitors/monitors.hpp"

namespace interject::monitors {

/// Takes begin_monitoring, and then asks its source again and again.
caf::actor spawn_feed(caf::actor_system& sys, feed_settings how, std::shared_ptr<http_client> http,
                      runtime::clock_ptr clock, caf::actor timer, caf::actor prices);

} // namespace interject::monitors
