// One Direct Line stream over WebSocket: replays what is committed after its watermark, then says
// what is published.
#pragma once

#include "gateway/directline.hpp"
#include "gateway/http_wire.hpp"
#include "gateway/lane.hpp"
#include "gateway/link.hpp"

namespace interject::gateway {

/// On the lane's thread. Takes over the connection, which stays counted until the stream ends.
void start_stream_session(lane& on, link line, http_message handshake,
                          directline::stream_wish wish);

} // namespace interject::gateway
