// A notice as a bot writes it: compiled at load, filled in with the dialog's variables when the
// step runs.
#pragma once

#include "actors/dialog/compiler.hpp"

namespace interject::dialog {

struct notice_template {
  notification base; ///< all that does not depend on variables
  text collapse_key, digest_key;
  named_operands params, dialog_params;
  std::vector<std::uint32_t> captured; ///< variables that its texts and late expressions read
};

/// Keys that a notification has; `to` besides, for the step `notify`.
std::span<const std::string_view> notice_keys();

/// `spec` is the object of a notification without `to`. Facts: what is known only when it is taken.
/// `keys_late`: facts may stand in its keys, too, and `collapse_key` and `digest_key` stay empty.
notice_template compile_notice(dialog_compiler& c, const value& spec, const std::string& at,
                               bool keys_late = false);

result<notification> fill(const notice_template& t, const std::vector<std::string>& local_names,
                          const scene& in);

} // namespace interject::dialog
