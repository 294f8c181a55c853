// The external recogniser of a bot: asks Rasa's parse endpoint what a message means. Whoever asks
// gets an answer, also when there is none from outside; what to do then is theirs.
#pragma once

#include "actors/monitors/http_client.hpp"
#include "actors/monitors/monitors.hpp"

namespace interject::monitors {

/// Serves `recognise`. `http` is shared with others.
caf::actor spawn_recogniser(caf::actor_system& sys, std::shared_ptr<http_client> http,
                            runtime::clock_ptr clock);

} // namespace interject::monitors
