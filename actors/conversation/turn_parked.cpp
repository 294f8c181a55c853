// A parked conversation: its turns failed three times in a row, so nothing is tried until somebody
// resets it. What comes meanwhile is answered, held or taken off its source's hands; none of it
// reaches the dialogs.
#include "actors/conversation/notices.hpp"
#include "actors/conversation/turn_context.hpp"

namespace interject::conversation {

std::optional<answer> turn::while_parked(const input& in) {
  if (auto* post = std::get_if<post_activity>(&in)) {
    if (post->activity.type == activity_type::typing)
      return posted{post->ticket, activity_id(s_.talk.id, 0)};
    return refused{post->ticket, errc::conflict,
                   "this conversation is parked, as it failed three times in a row; it takes "
                   "messages again when an "
                   "operator has reset it"};
  }
  if (auto* gone = std::get_if<retract>(&in)) {
    take_back(*gone);
    return done{gone->ticket};
  }
  if (auto* lost = std::get_if<delivery_failed>(&in)) {
    not_delivered(*lost);
    return done{lost->ticket};
  }
  if (auto* woken = std::get_if<wake>(&in))
    return done{woken->ticket};
  if (auto* call = std::get_if<call_answered>(&in); call && call->mode == call_mode::foreground) {
    out_.calls_gone.push_back(call->call); // the reset clears the step that waits for it
    out_.changed = true;
    return done{call->ticket};
  }
  return std::nullopt;
}

/// Without the dialogs, which may be what failed. The notices are weighed in a turn of their own:
/// one of them may be.
void turn::clear_by_hand() {
  for (auto& f : s_.talk.stack) {
    if (f.waiting == dialog::waiting::call && !f.call.empty())
      out_.calls_gone.push_back(f.call);
    if (f.began == dialog::began_as::interrupter && !f.notice.empty())
      row_of(f.notice).ended = interruption_end::resume_declined;
  }
  s_.talk.stack.clear();
  s_.talk.resume_pending = false;
  s_.talk.resumed_prompt = 0;
  for (auto& held : s_.queue.items)
    held.look_at = now_;
}

bool count_failure(state& s, time_point now, outcome& out) {
  out.changed = true;
  ++s.failures;
  if (s.parked || s.failures < failures_until_parked)
    return false;
  s.parked = now;
  for (auto& held : s.queue.items) {
    auto d = parked_until(held.what.expires(), now);
    delivery::note(held, d, held.what.expires(), now);
    journal::notification_row row;
    row.id = held.what.id;
    row.conversation = s.talk.id;
    row.at = kept_since(d, held.what, now);
    row.decisions.push_back(std::move(d));
    out.trail.push_back(std::move(row));
  }
  return true;
}

} // namespace interject::conversation
