// One HTTP connection: reads a request, has it dispatched, writes the answer, and again. A
// WebSocket handshake at a stream's address hands the connection over to a stream_session.
#pragma once

#include "gateway/lane.hpp"
#include "gateway/link.hpp"

namespace interject::gateway {

/// On the lane's thread.
void start_http_session(lane& on, tcp_socket socket);

} // namespace interject::gateway
