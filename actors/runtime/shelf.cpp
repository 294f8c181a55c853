#include "actors/runtime/shelf.hpp"

#include "actors/runtime/log.hpp"

#include <optional>
#include <utility>

namespace interject::runtime {

namespace {

std::shared_ptr<const conversation::definitions> with_policy(dialog::bot_ptr bot) {
  auto policy = conversation::policy_of(*bot);
  return std::make_shared<const conversation::definitions>(
      conversation::definitions{std::move(bot), std::move(policy)});
}

} // namespace

shelf::shelf(dialog::bot_ptr current, std::shared_ptr<journal::store> store, compiler compile)
    : store_(std::move(store)), compile_(std::move(compile)),
      current_(with_policy(std::move(current))) {}

std::shared_ptr<const conversation::definitions> shelf::current() const {
  std::lock_guard lock(current_guard_);
  return current_;
}

std::shared_ptr<const conversation::definitions> shelf::find(const std::string& version) const {
  if (auto now = current(); version == dialog::version(*now->bot))
    return now;
  auto known = [&]() -> std::optional<definitions_ptr> {
    std::lock_guard lock(guard_);
    auto it = kept_.find(version);
    return it == kept_.end() ? std::nullopt : std::optional(it->second);
  };
  if (auto it = known())
    return *it;
  std::lock_guard once(compiling_);
  if (auto it = known())
    return *it;
  definitions_ptr found;
  if (compile_)
    if (auto source = store_->open_reader()->bot_source(version); source && *source)
      if (auto bot = compile_(**source))
        found = with_policy(std::move(bot));
  if (!found)
    log_error("bot.version_missing", "version={}", version);
  std::lock_guard lock(guard_);
  return kept_.emplace(version, std::move(found)).first->second;
}

std::vector<std::string> shelf::in_use() const {
  auto now = current();
  std::vector<std::string> out{std::string(dialog::version(*now->bot))};
  std::lock_guard lock(guard_);
  std::erase_if(kept_, [](auto& each) { return each.second.use_count() <= 1; });
  for (auto& [version, it] : kept_)
    out.push_back(version);
  return out;
}

result<shelf::definitions_ptr> shelf::keep(dialog::bot_ptr bot, const std::string& source) {
  auto it = with_policy(std::move(bot));
  auto version = std::string(dialog::version(*it->bot));
  definitions_ptr before;
  {
    std::lock_guard lock(guard_);
    // In use before it is stored: no sweep drops what this stores.
    before = std::exchange(kept_[version], it);
  }
  auto ok = store_->keep_bot(version, source);
  if (ok)
    return it;
  std::lock_guard lock(guard_);
  kept_[version] = std::move(before); // conversations may be under way on it
  return ok.error();
}

void shelf::replace(definitions_ptr by) {
  std::lock_guard lock(guard_);
  std::lock_guard swap(current_guard_);
  // Conversations that are under way on it find it here, without compiling it again.
  kept_[std::string(dialog::version(*current_->bot))] = current_;
  kept_.erase(std::string(dialog::version(*by->bot)));
  current_ = std::move(by);
}

} // namespace interject::runtime
