// A database as a server leaves it that has had many customers: each has begun an order and was
// asked what they would like.
#pragma once

#include "benchmarks/load.hpp"

namespace interject::bench {

conversation_id stored_name(std::size_t i);
user_id stored_user(std::size_t i);

/// Writes the rows of that many conversations, and for each a watch that the price 100 of its
/// symbol fires.
void store_conversations(const std::filesystem::path& folder, std::size_t n, bool watches);

/// Watches on one symbol, of which stored_symbol(i) is that of conversation i.
inline constexpr std::size_t symbols_stored = 1000;
std::string stored_symbol(std::size_t i);

} // namespace interject::bench
