// Cards and attachments of a step: read at load, filled in when it is said.
#pragma once

#include "actors/dialog/compiler.hpp"

namespace interject::dialog {

struct button_template {
  action_type type = action_type::im_back;
  text title, value; ///< without a value the title is said
  substitution url;  ///< of open_url
};

struct card_template {
  text title, subtitle, words;
  std::vector<substitution> images;
  std::vector<button_template> buttons;
  hero_card fill(const scene& in) const;
};

struct attachment_template {
  std::string content_type;
  substitution url, thumbnail;
  text name;
  attachment fill(const scene& in) const;
};

/// The member `card` of the step being parsed, if it has one.
std::optional<card_template> compile_card(dialog_compiler& c, const value& spec);
/// The member `attachments`.
std::vector<attachment_template> compile_attachments(dialog_compiler& c, const value& spec);

} // namespace interject::dialog
