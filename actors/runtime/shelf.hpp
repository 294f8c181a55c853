// The bots of a node by version: the current one, and those that conversations began on, compiled
// when first asked for.
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
  using definitions_ptr = std::shared_ptr<const conversation::definitions>;

  shelf(dialog::bot_ptr current, std::shared_ptr<journal::store> store, compiler compile);

  std::shared_ptr<const conversation::definitions> current() const override;
  std::shared_ptr<const conversation::definitions> find(const std::string& version) const override;
  /// The current one, those that are being kept, and those that a conversation in memory holds.
  /// Forgets what nobody holds any more.
  std::vector<std::string> in_use() const override;
  /// Stores its source, which stays for as long as somebody holds the answer. The error is the
  /// store's.
  result<definitions_ptr> keep(dialog::bot_ptr bot, const std::string& source);
  /// From the next turn on what was kept is current.
  void replace(definitions_ptr by);

private:
  std::shared_ptr<journal::store> store_;
  compiler compile_;
  mutable std::mutex current_guard_; ///< never held for long: every turn asks for the current one
  definitions_ptr current_;
  mutable std::mutex compiling_; ///< held while an old version is read and compiled, so that it is
                                 ///< once; before `guard_`
  mutable std::mutex
      guard_; ///< of `kept_`; never held while the store is asked, which asks `in_use` itself
  mutable std::map<std::string, definitions_ptr> kept_; ///< null: not to be had
};

} // namespace interject::runtime
