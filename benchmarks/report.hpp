// What a whole run says: the machine, the ratios to peers and limits, and all of it as JSON for
// --compare and the plots.
#pragma once

#include "benchmarks/harness.hpp"
#include "benchmarks/machine.hpp"

namespace interject::bench {

struct report {
  machine where;
  std::string commit, when;
  settings with;
  std::vector<std::string> busy; ///< signs of others, when it began
  std::vector<answered> answers;
};

void print_head(const report& r);
/// How ours compare with the limits and the peers of the same run. Nothing when none was asked.
void print_ratios(const report& r);
/// Throws when the file cannot be written.
void write_json(const report& r, const std::filesystem::path& to);

} // namespace interject::bench
