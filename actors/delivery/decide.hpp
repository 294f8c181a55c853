// The delivery rule: what becomes of a notification that reaches a conversation. One pure function,
// no clock, no I/O, no randomness. Source: docs/reference/delivery.md; the rows there are the rows
// here.
#pragma once

#include "protocols/notification.hpp"

#include <optional>
#include <string>
#include <vector>

namespace interject::delivery {

/// How often something may be said: one more in `per`, `burst` at once.
struct rate {
  duration per = std::chrono::minutes(1);
  int burst = 2;
};
struct topic_budget {
  std::string topic;
  rate how;
};
/// At most so many notices in any time of that length, counted per person.
struct cap {
  std::string topic; ///< empty: all notices
  duration per{};
  int at_most = 0;
};
/// What a channel allows, by its profile in the bot.
struct channel {
  std::string name;
  std::optional<rate> budget;
  std::optional<duration>
      session_window;          ///< after it, only templates may be sent until the person writes
  bool only_connected = false; ///< reaches nobody without an open stream
  std::vector<std::pair<std::string, localized_text>> templates;
  std::string otherwise; ///< another channel to take when this one does not reach the person
};

/// The bot's `delivery` section over these defaults.
struct policy {
  duration budget_per = std::chrono::minutes(1); ///< one token comes back in this time
  int budget_burst = 2;                          ///< tokens at most; one more is kept for critical
  int max_depth = 1;                             ///< interrupters at once; one more for critical
  duration interrupter_timeout = std::chrono::minutes(2);
  duration spacing = std::chrono::seconds(5);
  duration typing_window = std::chrono::seconds(3);
  duration typing_limit = std::chrono::seconds(10); ///< a notice waits for typing this long in all
  duration abandoned_after = std::chrono::minutes(15);
  duration auto_time_sensitive = std::chrono::seconds(30);
  duration auto_normal = std::chrono::minutes(10);
  std::size_t queue_limit = 64; ///< per conversation
  std::vector<topic_budget> topics;
  std::vector<cap> caps;
  std::vector<channel> channels;
};

enum class stack_state : std::uint8_t { empty, awaiting_input, awaiting_call, boundary };
enum class interruptible : std::uint8_t { anywhere, boundary, never };

/// Everything outside the notification that the rule looks at. The defaults are those of a
/// conversation about which nothing is known that would hold news back.
struct situation {
  // the conversation
  stack_state stack = stack_state::empty;
  interruptible step = interruptible::anywhere;
  int interrupters = 0; ///< depth
  urgency interrupter_level = urgency::normal;
  bool call_cancellable = true;
  std::optional<duration> since_wrote;    ///< none: never
  std::optional<duration> since_typed;    ///< typing signal
  std::optional<duration> since_question; ///< how long the question has waited
  // this notice's own past
  bool seen = false;                      ///< its id was taken before; not looked at once queued
  bool queued = false;                    ///< it has waited in the queue
  std::optional<time_point> queued_since; ///< or the notice whose place it took
  duration typing_waited{0};              ///< held for typing so far
  bool retracted = false;                 ///< withdrawn, or its source's condition has ended
  bool repeat_hit = false; ///< same collapse key delivered within its window, urgency not raised
  bool pending_same_key = false;
  // the person
  bool interacted = false;
  bool consented = false;
  bool muted = false;
  bool cap_reached = false;
  bool inhibited = false;
  bool quiet = false;
  bool break_through = true; ///< time_sensitive may break quiet hours
  std::optional<time_point> quiet_until;
  // the channel
  bool reachable = true;
  bool window_open = true;
  bool template_known = true; ///< the channel has the template that the notice names
  bool other_channel = false;
  int tokens = 1; ///< left, without the one kept for critical
  bool critical_token = true;
  std::optional<time_point> token_at;      ///< when the next comes
  std::optional<duration> since_proactive; ///< last release, for spacing; none: not in a release
  // where it comes from, when that is no ordinary notice
  bool progress = false; ///< of a running step
  bool campaign = false; ///< on a page that the visitor has open: deferred, and never row A4
};

/// What `automatic` stands for, and until when a notice may wait at most.
struct effective {
  delivery_mode mode = delivery_mode::deferred;
  time_point bound{}; ///< from here on a waiting notice is tried as C says
  time_point last{};  ///< half the margin before expiry: its text goes ad hoc
};
/// The limits of `automatic` count from `queued_since`, from the notice's creation while it has
/// none.
effective resolve(const policy& p, const notification& n, std::optional<time_point> queued_since);

/// The first row that matches answers; `decision.rule` names it, `decision.latest` says until when
/// a held notice waits at most: none is ever held without one. From its bound on, a notice that is
/// deferred or that has waited is answered as by `decide_at_bound`. Row A8 is carried out by the
/// queue (`queue.hpp`).
decision decide(const policy& p, const situation& s, const notification& n, time_point now);

/// A notice at its bound (section C): ad hoc if it needs no answer, else interrupt with the
/// boundary row waived; refused again, its text ad hoc at half the margin; `never` outlasts even
/// that.
decision decide_at_bound(const policy& p, const situation& s, const notification& n,
                         time_point now);

/// The earliest instant at which time alone may change the answer `d`, which held or queued `n`:
/// the end of typing or quiet hours, a token, abandonment, else `d.latest`. Always after `now`,
/// never after `d.latest`.
time_point look_again(const policy& p, const situation& s, const decision& d, time_point now);

/// A decision that is made outside the rows: `coalesced`, `superseded`, `queue_full`, `withdrawn`,
/// `parked`, `failed`.
decision outcome(delivery_code code, time_point at, std::string rule);

/// The family that a code belongs to. `abandoned` and `escalated_expiry` are pushed, too: there the
/// decision's own `action` tells.
delivery_action action_of(delivery_code code);
/// What a held or queued notice waits for: "typing_end", "dialog_end", …; empty for the other
/// codes.
const char* retry_of(delivery_code code);
/// False for what rows A1–A7 drop: such a notice does not replace the pending one of its collapse
/// key.
bool reaches_replacement(delivery_code code);
/// Whether carrying out `d` costs a token. A solicited notice is not counted.
bool costs_token(const notification& n, const decision& d);

/// What is refused when it is created (422): the field's pointer and why; empty when it is fine.
struct refusal {
  std::string pointer;
  std::string why;
};
std::vector<refusal> check(const notification& n);

/// Order of release: urgency, earliest expiry, priority, arrival.
bool before(const notification& a, time_point a_arrived, const notification& b,
            time_point b_arrived);

/// A token bucket as a value: no timer, tokens come back as time is asked for.
struct bucket {
  std::int64_t spent_until_ms = 0; ///< generic cell rate: when all tokens are back, in epoch ms
  INTERJECT_FIELDS(bucket, spent_until_ms)
};
inline rate budget_of(const policy& p) {
  return {p.budget_per, p.budget_burst};
}
int tokens(const rate& r, const bucket& b, time_point now);          ///< 0 … burst
bool critical_token(const rate& r, const bucket& b, time_point now); ///< the reserve
bucket spend(const rate& r, bucket b, time_point now);
bucket give_back(const rate& r, bucket b);
/// When the next token for a notice that is not critical is there.
time_point token_at(const rate& r, const bucket& b, time_point now);

inline int tokens(const policy& p, const bucket& b, time_point now) {
  return tokens(budget_of(p), b, now);
}
inline bool critical_token(const policy& p, const bucket& b, time_point now) {
  return critical_token(budget_of(p), b, now);
}
inline bucket spend(const policy& p, bucket b, time_point now) {
  return spend(budget_of(p), b, now);
}
inline bucket give_back(const policy& p, bucket b) {
  return give_back(budget_of(p), b);
}
inline time_point token_at(const policy& p, const bucket& b, time_point now) {
  return token_at(budget_of(p), b, now);
}

} // namespace interject::delivery
