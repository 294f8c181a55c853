// Notices on their way to the router, and what became of each, as the management API tells it.
#pragma once

#include "gateway/json.hpp"
#include "gateway/services.hpp"

#include <functional>
#include <vector>

namespace interject::gateway {

struct told {
  notification_id id;
  conversation_id conversation; ///< as it was asked for; may be empty
  answer what;
};

/// A refusal other than that no decision came in time: then it is taken in, and its trail tells the
/// rest.
const refused* real_refusal(const answer& a);

/// Sends all, a few at a time, and gives what became of each, in their order.
void tell_all(const exchange_ptr& x, std::vector<interject::notify> items,
              std::function<void(std::vector<told>)> then);

/// `{"id", "conversation", "decision"}`
void append_outcome(std::string& out, const told& t, time_point now);
/// The same, or `{"id", "error"}`.
void append_told(std::string& out, const told& t, time_point now);
void append_refused_item(std::string& out, const notification_id& id, unsigned status,
                         std::string_view detail, const field_faults& faults);

} // namespace interject::gateway
