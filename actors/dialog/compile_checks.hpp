// See compile_checks.cpp.
#pragma once

#include "actors/dialog/compiler.hpp"

namespace interject::dialog {

/// Last of all, over a bot that was compiled. Adds warnings only.
void check_whole(const bot& b, const value& document, report& faults);

} // namespace interject::dialog
