// The channel `webhook`: what people say comes in here. What the bot says goes out by
// actors/monitors/webhook.hpp.
#pragma once

#include "gateway/services.hpp"

namespace interject::gateway::webhook {

void post_activity(exchange_ptr x);

} // namespace interject::gateway::webhook
