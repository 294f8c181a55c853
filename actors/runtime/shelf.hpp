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

  std::shared_ptr<const conversation::definitions> current() const override;
  std::shared_ptr<const conversation::definitions> find(const std::string& version) const override;
  /// The current one, and those that a conversation in memory holds. Forgets what nobody holds any more.
  std::vector<std::string> in_use() const override;
  /// From the next turn on this one is current.
  void replace(dialog::bot_ptr by);

private:
  using definitions_ptr = std::shared_ptr<const conversation::definitions>;

  std::shared_ptr<journal::store> store_;
  compiler compile_;
  mutable std::mutex current_guard_; ///< never held for long: every turn asks for the current one
  definitions_ptr current_;
  mutable std::mutex guard_;                       ///< of `kept_`; held while an old version is compiled
  mutable std::map<std::string, definitions_ptr> kept_; ///< null: not to be had
};

} // namespace interject::runtime
