// A second transcription of the delivery rule, as data: one entry a row, in the order of the page.
// Written apart from the implementation and compared with it over the enumeration; it shares no
// helper with it.
#pragma once

#include "actors/delivery/decide.hpp"

#include <optional>
#include <string>

namespace interject::delivery::oracle {

struct answer {
  delivery_action action = delivery_action::accepted;
  delivery_code code = delivery_code::idle;
  std::string rule;
};

/// `at_bound`: as `decide_at_bound` is asked.
answer expected(const policy& p, const situation& s, const notification& n, time_point now,
                bool at_bound = false);

} // namespace interject::delivery::oracle
