// Notifications and decisions as JSON.
#pragma once

#include "actors/dialog/bot.hpp"
#include "actors/journal/store.hpp"
#include "gateway/json.hpp"
#include "protocols/notification.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace interject::gateway {

class object_writer;

/// Reads the members that a notification has everywhere; not `id` and `to`, and without `finish`.
/// `facts` are the names that its texts may use beside its own `params`. What the delivery rule
/// refuses is a fault too.
void read_notification(object_reader& in, const dialog::bot& bot,
                       const std::vector<std::string_view>& facts, field_faults& faults,
                       notification& out);

/// A text, or one per locale; its patterns are not looked at.
void read_localized(object_reader& in, const char* name, localized_text& out);
/// Whether its patterns are such, over facts and params alone. `pointer` is where the text stands.
void check_patterns(const localized_text& text, const std::string& pointer,
                    const std::vector<std::string_view>& facts, const named_values& params,
                    field_faults& faults);
/// Nothing of an empty one.
void append_localized(object_writer& to, const char* name, const localized_text& text);
void append_notification(std::string& out, const notification& n);
void append_decision(std::string& out, const decision& d, bool with_inputs);

/// "queued" "held" "sent" "pushed" "answered" "resumed" "merged" "dropped" "accepted"
std::string status_of(const journal::stored_notification& n);
/// The notification with its trail.
void append_trail(std::string& out, const journal::stored_notification& n);

} // namespace interject::gateway
