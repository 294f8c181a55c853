#include "actors/runtime/shelf.hpp"

#include "actors/runtime/log.hpp"

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
  std::lock_guard lock(guard_);
  if (auto it = kept_.find(version); it != kept_.end())
    return it->second;
  definitions_ptr found;
  if (compile_)
    if (auto source = store_->open_reader()->bot_source(version); source && *source)
      if (auto bot = compile_(**source))
        found = with_policy(std::move(bot));
  if (!found)
    log_error("bot.version_missing", "version={}", version);
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

void shelf::replace(dialog::bot_ptr by) {
  auto next = with_policy(std::move(by));
  std::lock_guard lock(guard_);
  std::lock_guard swap(current_guard_);
  // Conversations that are under way on it find it here, without compiling it again.
  kept_[std::string(dialog::version(*current_->bot))] = current_;
  kept_.erase(std::string(dialog::version(*next->bot)));
  current_ = std::move(next);
}

} // namespace interject::runtime
