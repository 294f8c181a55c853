// What the delivery rule sees of a conversation, and small questions about its notices. Pure.
#pragma once

#include "actors/conversation/turn.hpp"

namespace interject::conversation {

/// The rule's inputs for `what`; `waiting` is its place in the queue, null for one that has just
/// come.
delivery::situation situate(const rules& by, const state& s, const notification& what,
                            const delivery::queued* waiting, bool boundary, time_point now);

/// Since when the record of it may age: what waits is not forgotten before it has expired.
time_point kept_since(const decision& d, const notification& what, time_point now);
/// Within 7 days, or for as long as it waits.
bool was_taken(const state& s, const notification_id& id, time_point now);
void remember_taken(state& s, const notification_id& id, time_point now);
/// The id under which it was taken here when another conversation had taken it as `first` and
/// handed it over; for as long as `was_taken` knows that.
std::optional<notification_id> taken_as(const state& s, const notification_id& first,
                                        time_point now);
void remember_other_name(state& s, const notification& what, time_point now);

/// For the repeat window of its collapse key.
void remember_said(state& s, const notification& what, time_point now);

/// Held until a reset frees the conversation; what has expired by then is dropped.
decision parked_until(time_point expires, time_point now);

/// Takes a token of each budget that `what` counts in, or puts one back.
void spend_tokens(const rules& by, state& s, const std::string& topic, time_point now);
void give_tokens_back(const rules& by, state& s, const std::string& topic);

/// The profile of the conversation's channel; null when the bot says nothing of it.
const delivery::channel* channel_of(const rules& by, const state& s);
bool window_open(const rules& by, const state& s, time_point now);

void forget_subscription(state& s, origin kind, const std::string& id);

/// The text that a sending row says: its own, else the first that its dialog would say.
std::string words_of(const rules& by, const state& s, const notification& what, time_point now);

/// One message for several notices: the bot's `delivery.digest_text` with `{count}` and `{items}`.
std::string digest_of(const dialog::bot& b, const std::string& locale,
                      const std::vector<std::string>& items);

/// What its dialog is given: the facts by their names, then the declared values, expressions
/// evaluated.
named_values params_of(const notification& what);

} // namespace interject::conversation
