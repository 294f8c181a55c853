// What the bot took on in a conversation, "Watching." say, and whether it did that: each watch and
// each reminder told as often, as early and as late as the prices and the clock ask for.
#pragma once

#include "tests/simulation/history.hpp"
#include "tests/simulation/record.hpp"

#include <functional>

namespace interject::simulation {

struct promise {
  const char* verb; ///< what the user says before the token
  const char* answer;
};
inline constexpr promise promises[] = {{"watch ", "Watching."},  {"again ", "Watching."},
                                       {"trail ", "Watching."},  {"hold ", "Watching."},
                                       {"follow ", "Watching."}, {"remind ", "Noted."},
                                       {"every ", "Noted."},     {"skip ", "Noted."}};

/// `said`: how often the bot opened with a token in brackets. Each broken promise goes to `say`.
void check_promises(const record& seen, journal::reader& stored, const conversation_id& id,
                    const std::vector<line>& lines, std::map<std::string, int>& said,
                    const std::function<void(const std::string&)>& say);

} // namespace interject::simulation
