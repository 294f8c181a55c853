// The dialog that is measured: four prompts (text, number, two choices), the order dialog that the
// peers run.
#pragma once

#include "actors/dialog/bot.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace interject::bench {

/// The orders bot; `alert` is the dialog of an interruption, `nest` reaches two frames and five
/// variables in one turn.
dialog::bot_ptr orders_bot();
std::string_view orders_source(); ///< its bot.json

/// What one customer says in one order: five turns.
struct order {
  std::vector<std::string> says;
  std::vector<std::string> hears; ///< the bot's answers, one a turn
};
/// Depends on its arguments alone.
order make_order(std::uint64_t seed, std::uint64_t conversation, std::uint64_t round);
inline constexpr std::size_t turns_per_order = 5;

/// splitmix64: numbers that depend on `x` alone.
std::uint64_t mix(std::uint64_t x);
/// Order does not matter, so threads may add up in any.
std::uint64_t add_text(std::uint64_t sum, std::string_view text);

} // namespace interject::bench
