// The integration monitor over any HTTP client: what tests put in its place.
#pragma once

#include "actors/monitors/http_client.hpp"
#include "actors/monitors/monitors.hpp"

namespace interject::monitors {

/// What `spawn_integration` calls by.
std::shared_ptr<http_client> http_client_for(const integration_options& how);

caf::actor spawn_integration_over(caf::actor_system& sys, std::shared_ptr<http_client> http,
                                  runtime::clock_ptr clock, caf::actor timer, caf::actor reader,
                                  integration_options how);

} // namespace interject::monitors
