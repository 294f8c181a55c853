// A monitor's wishes to be woken: one alarm of the timer at a time, the earliest. So they follow a
// test clock too.
#pragma once

#include "actors/monitors/monitors.hpp"
#include "actors/runtime/caf_compat.hpp"

namespace interject::monitors {

class alarm_clock {
public:
  template <class Self> void ring_at(Self* self, const caf::actor& timer, time_point at) {
    if (next_ && *next_ <= at)
      return;
    next_ = at;
    runtime::send(self, timer, set_alarm{++token_, at});
  }

  /// False for one that an earlier wish has replaced.
  bool rang(const alarm_rang& a) {
    if (a.token != token_)
      return false;
    next_.reset();
    return true;
  }

private:
  std::optional<time_point> next_;
  std::uint64_t token_ = 0;
};

} // namespace interject::monitors
