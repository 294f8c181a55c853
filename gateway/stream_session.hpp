// One Direct Line stream over WebSocket: replays what is committed after its watermark, then says
// what is published.
#pragma once

#include "gateway/directline.hpp"
#include "gateway/lane.hpp"

#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

namespace interject::gateway {

/// On the lane's thread. Takes over the connection, which stays counted until the stream ends.
void start_stream_session(lane& on, boost::beast::tcp_stream stream,
                          boost::beast::http::request<boost::beast::http::string_body> handshake,
                          directline::stream_wish wish);

} // namespace interject::gateway
