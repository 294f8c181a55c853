// Direct Line 3.0: the client protocol. Facts about it and its clients: docs/reference/api.md.
#pragma once

#include "gateway/services.hpp"

#include <optional>

namespace interject::gateway::directline {

void generate_token(exchange_ptr x);
void refresh_token(exchange_ptr x);
void start_conversation(exchange_ptr x);
void get_conversation(exchange_ptr x);
void post_activity(exchange_ptr x);
void get_activities(exchange_ptr x);
void get_session_id(exchange_ptr x);
void stream_needs_upgrade(exchange_ptr x);

/// `activity` and its files, in the name of the token's user; answers with its id.
void post(const exchange_ptr& x, incoming_activity activity, std::vector<attached_file> files);

/// Where the client reached us: "chat.example.com".
std::string host_of(const exchange& x);

/// A WebSocket handshake at a stream's address.
struct stream_wish {
  conversation_id conversation;
  std::uint64_t watermark = 0;
};
/// Whether the target is a stream's at all; then what it asks for, or why it may not.
std::optional<result<stream_wish>> read_stream_wish(const services& with, const request& in);

/// "" and "-" are the start; nothing for what is no watermark of ours.
std::optional<std::uint64_t> parse_watermark(std::string_view text);

/// One activity per frame: clients emit those of one frame one by one, and frames sent close
/// together would interleave.
std::string frame_tail(std::uint64_t watermark);
inline constexpr std::string_view frame_head = R"({"activities":[)";

} // namespace interject::gateway::directline
