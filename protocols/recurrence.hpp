// When a recurring reminder is due: a recurrence rule of iCalendar (RFC 5545) in a time zone. Rules
// from outside are bounded here, so that none can be made to cost much or to come too often.
//
// Local times follow RFC 5545: one that a change of the clocks skips means the instant that it
// would have been by the offset before (02:30 becomes 03:30); of one that comes twice the first
// counts. Rules by the hour or the minute count elapsed time, so that no change of the clocks
// shortens or stretches them.
#pragma once

#include "protocols/result.hpp"
#include "protocols/time.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace interject {

class recurrence {
public:
  /// `rule` is the value of an RRULE, `zone` a name of the IANA database ("" is UTC), `start` the
  /// rule's DTSTART, which itself counts only when it matches. `bad_input` says what is wrong and
  /// what would be right: unknown or repeated parts, FREQ=SECONDLY, intervals above 1,000, counts
  /// above 10,000, more than 512 bytes, a rule that never comes.
  static result<recurrence> parse(std::string_view rule, std::string_view zone, time_point start);

  /// The first occurrence after `t`; nothing when there is none.
  std::optional<time_point> after(time_point t) const;

private:
  struct parts;
  std::shared_ptr<const parts> it_;
};

} // namespace interject
