// Each step reads its keys from the document and appends its operations to the program.
#pragma once

#include "actors/dialog/compiler.hpp"
#include "actors/dialog/machine.hpp"

namespace interject::dialog {

void parse_say(dialog_compiler& c, const value& spec);
void parse_ask(dialog_compiler& c, const value& spec);
void parse_set(dialog_compiler& c, const value& spec);
void parse_branch(dialog_compiler& c, const value& spec);
void parse_repeat(dialog_compiler& c, const value& spec);
void parse_call(dialog_compiler& c, const value& spec);
void parse_replace(dialog_compiler& c, const value& spec);
void parse_request(dialog_compiler& c, const value& spec);
void parse_watch(dialog_compiler& c, const value& spec);
void parse_remind(dialog_compiler& c, const value& spec);
void parse_cancel(dialog_compiler& c, const value& spec);
void parse_notify(dialog_compiler& c, const value& spec);
void parse_prefer(dialog_compiler& c, const value& spec);
void parse_end(dialog_compiler& c, const value& spec);

/// Goes on elsewhere in the program; the target is filled in once it is known.
class jump_step final : public step {
public:
  const char* kind() const override { return "jump"; }
  void run(machine& m) const override { m.jump(target); }
  std::uint16_t target = 0;
};

} // namespace interject::dialog
