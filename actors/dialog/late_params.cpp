// Expressions that a dialog left for the moment at which a notice is taken.
#include "actors/dialog/conversation.hpp"
#include "actors/dialog/expression.hpp"

namespace interject::dialog {

namespace {

class fact_values final : public variables {
public:
  explicit fact_values(const named_values& all) : all_(all) {}
  const value* get(std::uint32_t slot) const override {
    return slot < all_.size() && !all_[slot].second.is_null() ? &all_[slot].second : nullptr;
  }

private:
  const named_values& all_;
};

} // namespace

named_values evaluate_params(const named_values& deferred, const named_values& facts) {
  auto names = [&](std::span<const std::string_view> path) -> std::optional<resolved_name> {
    for (std::size_t i = 0; i < facts.size(); ++i)
      if (!path.empty() && facts[i].first == path[0])
        return resolved_name{static_cast<std::uint32_t>(i), 1};
    return std::nullopt;
  };
  named_values out;
  out.reserve(deferred.size());
  for (auto& [name, what] : deferred) {
    auto* object = what.as_object();
    auto* source = object && object->size() == 1 ? what.find("=") : nullptr;
    if (!source || !source->as_text()) {
      out.emplace_back(name, what);
      continue;
    }
    expression_fault why;
    auto parsed = expression::parse(*source->as_text(), names, why);
    auto got = parsed ? parsed->evaluate(fact_values(facts)) : result<value>(value());
    out.emplace_back(name, got ? std::move(*got) : value());
  }
  return out;
}

} // namespace interject::dialog
