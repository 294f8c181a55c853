#include "actors/dialog/silence.hpp"

#include <algorithm>

namespace interject::dialog {

silence_due next_silence(const bot& b, const conversation& c, time_point now) {
  silence_due next;
  auto consider = [&](silence_act what, time_point at) {
    if (at < next.at)
      next = {what, at};
  };
  auto& rules = b.sections.inactivity;
  bool known = c.heard != time_point{};
  if (rules.end_after && known && !c.ended) {
    auto over = c.heard + *rules.end_after;
    if (now >= over)
      return {silence_act::end, over};
    consider(silence_act::end, over);
  }
  if (c.stack.empty() || c.resume_pending)
    return next;
  auto& top = c.stack.back();
  if (rules.nudge_after && known && !c.nudged && top.waiting == waiting::answer)
    consider(silence_act::nudge, std::max(c.heard, top.since) + *rules.nudge_after);
  if (top.waiting == waiting::call)
    if (auto* channel = find_channel(b.sections, c.channel); channel && channel->max_silence)
      consider(silence_act::fill, std::max(c.spoke, top.since) + *channel->max_silence);
  return next;
}

} // namespace interject::dialog
