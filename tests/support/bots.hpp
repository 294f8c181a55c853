// Bots for tests, written as JSON in the test.
#pragma once

#include "actors/dialog/bot.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace interject::test {

/// Throws when it has faults, naming all of them.
dialog::bot_ptr bot_of(std::string_view json, std::string version = "test");

/// All that is wrong with it.
std::vector<dialog::fault> faults_of(std::string_view json);

/// A small travel desk: `book` asks city and nights, `hotel_offer` interrupts with a question,
/// `order` is never interrupted at its question.
std::string_view travel_bot();

} // namespace interject::test
