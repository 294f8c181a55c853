// Names of things. All are short strings on the wire and in rows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace interject {

using conversation_id = std::string; ///< `{shard in 3 hex digits}-{random}`, or an embedder's own
using user_id = std::string;
using notification_id = std::string; ///< `[A-Za-z0-9._:-]{1,128}`

/// Persons hash into this many shards, for ever.
inline constexpr std::uint32_t shard_count = 4096;
using shard_id = std::uint32_t;

/// FNV-1a, 64 bits: stable over releases and machines, as stored rows depend on it.
std::uint64_t stable_hash(std::string_view text);

shard_id shard_of_user(std::string_view user);
/// Read from the id when it has our form, else its hash.
shard_id shard_of(std::string_view conversation);

/// A new id in the shard of `user` (of a random one while the user is unknown). 96 random bits from
/// the system's generator: it cannot be guessed.
conversation_id new_conversation_id(std::string_view user);
/// `prefix` and 96 random bits, in lower-case base 32.
std::string new_id(std::string_view prefix);

bool is_notification_id(std::string_view text);

/// `{conversation}|0000001`: what Direct Line clients know an activity by.
std::string activity_id(std::string_view conversation, std::uint64_t seq);
/// The part behind the conversation, without memory: seven digits or more.
struct activity_number {
  char text[24];
  std::size_t size;
  std::string_view view() const { return {text, size}; }
};
activity_number write_activity_number(std::uint64_t seq);
/// The sequence number in such an id, 0 when it is not one of `conversation`.
std::uint64_t seq_of(std::string_view conversation, std::string_view activity);

} // namespace interject
