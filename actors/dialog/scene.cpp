#include "actors/dialog/scene.hpp"

#include "actors/dialog/bot_model.hpp"

namespace interject::dialog {

namespace {

const value* find(const named_values& in, const std::string& name) {
  for (auto& [key, v] : in)
    if (key == name)
      return &v;
  return nullptr;
}

} // namespace

const value* scene::get(std::uint32_t slot) const {
  auto index = slot & slots::index_mask;
  switch (slot & slots::kind_mask) {
  case slots::local:
    return f_ && index < f_->locals.size() && !f_->locals[index].is_null() ? &f_->locals[index]
                                                                           : nullptr;
  case slots::user:
    return find(c_.user_values, b_.user_names[index]);
  case slots::conversation:
    return find(c_.conversation_values, b_.conversation_names[index]);
  case slots::special:
    break;
  default:
    return nullptr;
  }
  switch (slot) {
  case slots::user_name:
    return &(special_[0] = value(c_.user_name));
  case slots::user_id:
    return &(special_[1] = value(c_.user));
  case slots::conversation_id:
    return &(special_[2] = value(c_.id));
  case slots::conversation_locale:
    return &(special_[3] = value(c_.locale));
  case slots::now:
    return &(special_[4] = value(now_));
  case slots::checked:
    return checked;
  default:
    return nullptr;
  }
}

} // namespace interject::dialog
