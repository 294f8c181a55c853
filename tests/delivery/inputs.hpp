// What the tests of the delivery rule start from: a notice that nothing holds back, and mixed-radix
// counters over classes of inputs.
#pragma once

#include "actors/delivery/decide.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace interject::delivery::inputs {

using namespace std::chrono_literals;

inline constexpr time_point start{std::chrono::hours(480'000)};

/// Lives 1000 s: its margin is 100 s, its bound at 900 s, half the margin before expiry at 950 s.
notification news(delivery_mode mode = delivery_mode::ad_hoc,
                  interject::urgency level = urgency::normal);

/// Someone known, silent for a while but not for long, at this state.
inline situation at(stack_state stack, interruptible step = interruptible::anywhere) {
  situation s;
  s.interacted = true;
  s.stack = stack;
  s.step = step;
  s.since_wrote = 60s;
  if (stack == stack_state::awaiting_input)
    s.since_question = 60s;
  return s;
}

inline situation inside(urgency interrupter, int depth = 1,
                        stack_state stack = stack_state::awaiting_input) {
  auto s = at(stack);
  s.interrupters = depth;
  s.interrupter_level = interrupter;
  return s;
}

/// "sent adhoc B7": what the rule answers, in one line.
inline std::string told(const situation& s, const notification& n, time_point now = start,
                        const policy& p = {}) {
  auto d = decide(p, s, n, now);
  return std::string(to_string(d.action)) + " " + to_string(d.code) + " " + d.rule;
}

/// Reads an index digit by digit, each of its own radix; `size` is that of the space, once all were
/// read.
class digits {
public:
  explicit digits(std::uint64_t index) : rest_(index) {}
  int next(int radix) {
    const auto digit = static_cast<int>(rest_ % static_cast<std::uint64_t>(radix));
    rest_ /= static_cast<std::uint64_t>(radix);
    size_ *= static_cast<std::uint64_t>(radix);
    return digit;
  }
  bool flag() { return next(2) == 1; }
  template <class T, std::size_t N> const T& pick(const std::array<T, N>& from) {
    return from[static_cast<std::size_t>(next(static_cast<int>(N)))];
  }
  std::uint64_t size() const { return size_; }

private:
  std::uint64_t rest_;
  std::uint64_t size_ = 1;
};

} // namespace interject::delivery::inputs
