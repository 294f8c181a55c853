// The bots of a node by version: the current one, and those that conversations began on, compiled when first asked for.
#pragma once

#include "actors/conversation/conversation_actor.hpp"
#include "actors/journal/store.hpp"

#include <functional>
#include <map>
#include <mutex>

namespace interject::runtime {

class shelf final : public conversation::bot_shelf {
public:
  using compiler = std::function<dialog::bot_ptr(const std::string& source)>;

  shelf(dialog::bot_ptr current, std::shared_ptr<journal::store> store, compiler compile);

  std::shared_ptr<const conversation::definitions> current() const override { return current_; }
  std::shared_ptr<const conversation::definitions> find(const std::string& version) const override;

private:
  using definitions_ptr = std::shared_ptr<const conversation::definitions>;

  definitions_ptr current_;
  std::shared_ptr<journal::store> store_;
  compiler compile_;
  mutable std::mutex guard_;                       ///< of `kept_`; held while an old version is compiled
  mutable std::map<std::string, definitions_ptr> kept_; ///< null: not to be had
};

} // namespace interject::runtime
