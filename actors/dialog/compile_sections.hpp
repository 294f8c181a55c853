// See compile_sections.cpp.
#pragma once

#include "actors/dialog/compiler.hpp"

namespace interject::dialog {

/// After the dialogs were compiled. Fills `bot::sections`.
void compile_sections(bot& b, const value& document, report& faults);

} // namespace interject::dialog
