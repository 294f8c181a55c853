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
    : current_(with_policy(std::move(current))), store_(std::move(store)),
      compile_(std::move(compile)) {}

std::shared_ptr<const conversation::definitions> shelf::find(const std::string& version) const {
  if (version == dialog::version(*current_->bot))
    return current_;
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

} // namespace interject::runtime
