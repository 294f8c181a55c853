// A shelf with one bot on it, and older versions when a test puts them there.
#pragma once

#include "actors/conversation/conversation_actor.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace interject::test {

struct one_bot final : conversation::bot_shelf {
  std::shared_ptr<const conversation::definitions> it;
  std::shared_ptr<const conversation::definitions> current() const override {
    if (broken)
      throw std::runtime_error("no such member");
    return it;
  }
  bool broken = false;
  std::vector<std::shared_ptr<const conversation::definitions>> older;
  std::shared_ptr<const conversation::definitions> find(const std::string& version) const override {
    for (auto& each : older)
      if (dialog::version(*each->bot) == version)
        return each;
    return nullptr;
  }
  std::vector<std::string> in_use() const override {
    std::vector<std::string> out{std::string(dialog::version(*it->bot))};
    for (auto& each : older)
      out.emplace_back(dialog::version(*each->bot));
    return out;
  }
};

} // namespace interject::test
