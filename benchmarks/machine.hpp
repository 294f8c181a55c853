// What a figure depends on besides the program: the machine, and whatever else ran on it meanwhile.
#pragma once

#include <string>
#include <vector>

namespace interject::bench {

struct machine {
  std::string cpu, memory, kernel, compiler, libraries;
  unsigned cores = 0;
};
machine this_machine();

/// Why figures taken now would be doubtful: load, pressure, a slow clock. Empty: none is known.
std::vector<std::string> signs_of_others();

/// How much of the machine others took while this lived, that is, neither this process nor children
/// of its that have ended. The hypervisor's stolen time counts among them.
class others {
public:
  others();
  double share() const; ///< 0…1 of all cores

private:
  struct taken {
    double all = 0, busy = 0, ours = 0; ///< seconds
  };
  static taken now();
  taken begin_;
};

/// Above this a question's figures come with a warning.
inline constexpr double busy_share = 0.1;

} // namespace interject::bench
