#include "actors/dialog/operand.hpp"

#include "actors/dialog/bot_model.hpp"

#include <algorithm>

namespace interject::dialog {

result<value> operand::evaluate(const scene& in) const {
  if (expression_)
    return expression_.evaluate(in);
  if (!text_.empty())
    return value(text_.format(in.locale(), in.turn(), in));
  return literal_;
}

std::vector<std::uint32_t> operand::reads() const {
  if (expression_)
    return expression_.reads();
  return text_.empty() ? std::vector<std::uint32_t>{} : text_.reads();
}

bool operand::deferred() const {
  auto all = reads();
  return std::any_of(all.begin(), all.end(),
                     [](auto slot) { return (slot & slots::kind_mask) == slots::fact; });
}

value operand::source() const {
  return value(value::object{{"=", value(expression_.source())}});
}

result<named_values> evaluate(const named_operands& all, const scene& in) {
  named_values out;
  out.reserve(all.size());
  for (auto& [name, what] : all) {
    if (what.deferred()) {
      out.emplace_back(name, what.source());
      continue;
    }
    auto got = what.evaluate(in);
    if (!got)
      return error{got.error().code, name + ": " + got.error().what};
    out.emplace_back(name, std::move(*got));
  }
  return out;
}

named_values capture(const bot& b, const std::vector<std::string>& local_names,
                     const std::vector<std::uint32_t>& wanted, const scene& in) {
  named_values out;
  value::object user, conversation;
  for (auto slot : wanted) {
    auto index = slot & slots::index_mask;
    auto* found = in.get(slot);
    auto v = found ? *found : value();
    switch (slot & slots::kind_mask) {
    case slots::local:
      out.emplace_back(local_names[index], v);
      break;
    case slots::user:
      user.emplace_back(b.user_names[index], v);
      break;
    case slots::conversation:
      conversation.emplace_back(b.conversation_names[index], v);
      break;
    default:
      if (slot == slots::user_name)
        user.emplace_back("name", v);
      else if (slot == slots::user_id)
        user.emplace_back("id", v);
      else if (slot == slots::conversation_id)
        conversation.emplace_back("id", v);
      else if (slot == slots::conversation_locale)
        conversation.emplace_back("locale", v);
    }
  }
  if (!user.empty())
    out.emplace_back("user", value(std::move(user)));
  if (!conversation.empty())
    out.emplace_back("conversation", value(std::move(conversation)));
  return out;
}

} // namespace interject::dialog
