// What each code means to those who carry a decision out.
#include "actors/delivery/decide.hpp"

namespace interject::delivery {

delivery_action action_of(delivery_code code) {
  using enum delivery_action;
  if (code <= delivery_code::escalated_expiry)
    return sent;
  if (code <= delivery_code::flow_cancelled)
    return pushed;
  if (code <= delivery_code::uncancellable)
    return queued;
  if (code <= delivery_code::parked)
    return held;
  if (code <= delivery_code::superseded)
    return merged;
  return dropped;
}

const char* retry_of(delivery_code code) {
  switch (code) {
  case delivery_code::user_typing:
    return "typing_end";
  case delivery_code::await_boundary:
    return "dialog_end";
  case delivery_code::step_protected:
    return "step_end";
  case delivery_code::interruption_active:
  case delivery_code::depth_limit:
    return "interruption_end";
  case delivery_code::uncancellable:
    return "call_end";
  case delivery_code::inhibited:
    return "inhibition_end";
  case delivery_code::no_channel:
    return "channel";
  case delivery_code::window_closed:
    return "window";
  case delivery_code::quiet:
    return "quiet_end";
  case delivery_code::rate_limited:
    return "token";
  case delivery_code::spaced:
    return "spacing";
  case delivery_code::parked:
    return "reset";
  default:
    return "";
  }
}

bool reaches_replacement(delivery_code code) {
  switch (code) {
  case delivery_code::dup_id:
  case delivery_code::expired:
  case delivery_code::expired_unseen:
  case delivery_code::withdrawn:
  case delivery_code::no_optin:
  case delivery_code::muted:
  case delivery_code::freq_cap:
  case delivery_code::repeat_window:
    return false;
  default:
    return true;
  }
}

bool costs_token(const notification& n, const decision& d) {
  const bool goes = d.action == delivery_action::sent || d.action == delivery_action::pushed;
  return goes && !n.solicited;
}

decision outcome(delivery_code code, time_point at, std::string rule) {
  decision d;
  d.action = action_of(code);
  d.code = code;
  d.at = at;
  d.retry = retry_of(code);
  d.rule = std::move(rule);
  return d;
}

} // namespace interject::delivery
