// The context of one turn: what it may change, and the steps in which it does. Private to
// turn*.cpp.
#pragma once

#include "actors/conversation/turn.hpp"

#include <optional>
#include <string>
#include <vector>

namespace interject::conversation {

/// Speaks, pushes and records for one commit. Members are the context of a turn, not state that
/// outlives it.
class turn {
public:
  turn(const rules& by, state& s, std::uint64_t& last_seq, time_point now, outcome& out,
       const recognition* meant = nullptr)
      : by_(by), s_(s), last_seq_(last_seq), now_(now), out_(out), meant_(meant) {}

  answer begin(const open_conversation& in);
  answer operator()(const open_conversation& in) { return opened{in.ticket, s_.talk.id, false}; }
  answer operator()(const post_activity& in);
  answer operator()(const notify& in);
  answer operator()(const withdraw& in);
  answer operator()(const reset_conversation& in);
  answer operator()(const create_watch& in);
  answer operator()(const create_reminder& in);
  answer operator()(const cancel_watch& in);
  answer operator()(const cancel_reminder& in);
  answer operator()(const call_answered& in);
  answer operator()(const wake& in);
  answer operator()(const retract& in);
  answer operator()(const delivery_failed& in);

  /// The answer of a parked conversation; none where parking makes no difference.
  std::optional<answer> while_parked(const input& in);

private:
  using maybe_push = std::optional<dialog::input>;

  // the dialogs
  void run(dialog::input in);
  dialog::stop step(dialog::input in, bool may_pause = true);
  void carry_out(dialog::effect&& e);
  void speak(utterance&& u);
  std::uint64_t echo(const incoming_activity& in);
  void met(const user_id& user, const std::string& name);
  void here_now();
  void take_back(const retract& in);
  bool not_delivered(const delivery_failed& in);
  void change(person_change c);
  void prefer(person_change c);
  std::string own_name();
  void send_on(dialog::send_notice&& e);
  void take_own_notices();
  void clear_by_hand();

  // the notices
  decision take_notice(notification what);
  maybe_push act(const decision& d, notification what);
  maybe_push release(bool boundary);
  bool said_in_digest(const notification& first, bool boundary);
  void hold(const decision& d, const delivery::situation& in, notification what,
            const delivery::queued* heir_of);
  void record(const notification_id& id, const decision& d);
  void record(const notification& what, const decision& d); ///< that may wait by it
  journal::notification_row& row_of(const notification_id& id);
  void acknowledge(const notification& what);
  void left_queue(const notification& what);
  void pay(const notification& what, const decision& d);
  bool hand_over(const decision& d, const notification& what);
  void left_unsaid(const notification& what) {
    uninhibited_ = uninhibited_ || !what.inhibits.empty();
  }
  void release_inhibited();

  const rules& by_;
  state& s_;
  std::uint64_t& last_seq_;
  time_point now_;
  outcome& out_;
  const recognition* meant_;
  std::uint64_t answering_ = 0;  ///< the user's activity that the bot's words answer
  notification_id speaking_for_; ///< the notice whose first words come next
  std::string speaking_of_;      ///< its topic
  bool speaking_paid_ = false;   ///< it cost a token
  bool uninhibited_ = false;     ///< a notice is gone that held others back
  std::vector<notification> own_notices_;
};

} // namespace interject::conversation
