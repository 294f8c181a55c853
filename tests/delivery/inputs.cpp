#include "tests/delivery/inputs.hpp"

namespace interject::delivery::inputs {

// Out of line: seen inline, the assignments to its empty strings trip GCC 12's overflow warning.
notification news(delivery_mode mode, interject::urgency level) {
  notification n;
  n.id = "n1";
  n.mode = mode;
  n.urgency = level;
  n.created = start;
  n.lifetime = 1000s;
  n.text = {{"", "Your hotel is down to 158 $."}};
  return n;
}

} // namespace interject::delivery::inputs
