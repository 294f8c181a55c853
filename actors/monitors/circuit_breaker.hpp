// Whether a host that has failed is called again. Pure: closed while calls succeed; open after some
// failures in a row, when nothing is sent; half-open after a rest, when a few probes go out and
// decide. A rest doubles each time that a probe fails.
#pragma once

#include "protocols/time.hpp"

#include <cstdint>
#include <optional>

namespace interject::monitors {

struct breaker_options {
  int failures = 5;                                ///< in a row that open it
  duration rest = std::chrono::seconds(5);         ///< first rest
  duration longest_rest = std::chrono::minutes(2); ///< the doublings end here
  int probes = 1;                                  ///< under way at once while half-open
  int successes = 2;                               ///< of probes that close it
};

class circuit_breaker {
public:
  enum class state : std::uint8_t { closed, open, half_open };
  /// What a call's end says of its host. An answer that blames the call (404, 429) is a success
  /// here.
  enum class verdict : std::uint8_t { good, bad, unknown };

  explicit circuit_breaker(breaker_options how = {}) : how_(how) {}

  state at(time_point now) const;
  /// Nothing while it is open, or half-open with every probe out. The permit goes back with
  /// `ended`, once.
  std::optional<std::uint64_t> admit(time_point now);
  /// A result from before the state last changed says nothing about it now, and is ignored.
  void ended(std::uint64_t permit, verdict how, time_point now);
  /// Open: when probes may go out.
  std::optional<time_point> opens_at(time_point now) const;
  /// Nothing to remember: closed, with no failure behind it.
  bool pristine() const { return state_ == state::closed && failures_ == 0; }

private:
  void open(time_point now);
  void change(state to);
  void refresh(time_point now);

  breaker_options how_;
  state state_ = state::closed;
  std::uint64_t era_ = 0; ///< counts changes of state: the permit
  int failures_ = 0;      ///< in a row, while closed
  int out_ = 0;           ///< probes under way
  int successes_ = 0;     ///< of probes
  int rests_ = 0;         ///< in a row
  time_point until_{};
};

const char* to_string(circuit_breaker::state s);

} // namespace interject::monitors
