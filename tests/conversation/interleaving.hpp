// Explores all orders of two notices and three inputs of the user on the pure turn, and says what
// is broken.
#pragma once

#include "protocols/notification.hpp"

#include <string>
#include <vector>

namespace interject::conversation::interleaving {

/// One kind of notice.
struct kind {
  const char* name;
  delivery_mode mode;
  bool asks; ///< it has a dialog with a question
  urgency level = urgency::normal;
  return_mode returns = return_mode::resume;
};
const std::vector<kind>& kinds();

/// Planted into the world around the turn, to see that the checks find it.
enum class fault {
  none,
  taps_lose_their_prompt,
  flow_restarts,
  notice_doubled,
  queue_loses,
  held_on
};

struct plan {
  std::string flow; ///< of the bot in interleaving.cpp
  kind first;
  kind second;
  int pauses = 1; ///< how often time may pass within one order
  fault planted = fault::none;
};

struct outcome {
  std::size_t orders = 0;
  std::vector<std::string> broken; ///< at most 20, each with its order
};

/// What must hold: no answer is bound to another question than it was meant for; no question of a
/// step is asked anew, and a flow comes back to the question at which it was left; each word of the
/// user and each notice is said once and nothing waits in the end; after each turn nothing is held
/// that could be released.
outcome explore(const plan& how);

} // namespace interject::conversation::interleaving
