// What a conversation's stored activities say, line by line.
#pragma once

#include "actors/journal/store.hpp"

#include <string>
#include <vector>

namespace interject::simulation {

struct line {
  std::uint64_t seq = 0;
  bool from_bot = false;
  std::string client;
  std::string text;
  bool asks = false;
};

std::vector<line> history(const conversation_id& id, journal::reader& stored);

} // namespace interject::simulation
