#pragma once

#include <map>
#include <string>

namespace interject::simulation {

/// How often what a run is about came up, by name: added to by each run that is given one.
using reached = std::map<std::string, int>;

} // namespace interject::simulation
