// A database as a server leaves it that has had many customers: each has begun an order and was
// asked what they would like.
#pragma once

#include "benchmarks/load.hpp"

namespace interject::bench {

conversation_id stored_name(std::size_t i);
user_id stored_user(std::size_t i);

/// Writes the rows of that many conversations, and for each a watch on one of so many symbols, that
/// of conversation i on stored_symbol(i % symbols), which its price 100 fires. 0: no watches.
void store_conversations(const std::filesystem::path& folder, std::size_t n, std::size_t symbols);

std::string stored_symbol(std::size_t i);

} // namespace interject::bench
