// What is refused when a notification is created, all faults at once.
#include "actors/delivery/decide.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace interject::delivery {

namespace {

constexpr auto longest_life = std::chrono::hours(24 * 366);
constexpr std::size_t longest_name = 128; ///< bytes of a topic or key
constexpr std::size_t most_inhibits = 32;

bool has_empty_words(const notification& n) {
  return std::any_of(n.text.begin(), n.text.end(), [](auto& each) {
    return each.second.find_first_not_of(" \t\r\n") == std::string::npos;
  });
}

void check_meaning(const notification& n, std::vector<refusal>& out) {
  const bool has_dialog = !n.dialog.empty();
  if (n.mode == delivery_mode::ad_hoc && n.needs_answer)
    out.push_back({has_dialog ? "/dialog" : "/needs_answer",
                   "an ad_hoc notice cannot take an answer: use \"deferred\", \"interrupt\" or "
                   "\"auto\", or leave this out"});
  if (n.returns == return_mode::reset && n.mode != delivery_mode::interrupt)
    out.push_back({"/return", "\"reset\" cancels the running flow and needs \"delivery\": "
                              "\"interrupt\"; otherwise use \"resume\""});
  if (n.text.empty() && (!has_dialog || n.mode == delivery_mode::ad_hoc))
    out.push_back({"/text", "is missing: only a notice with a dialog whose delivery is not ad_hoc "
                            "may leave it out"});
  if (has_empty_words(n))
    out.push_back({"/text", "has no words: a sentence is expected, in each locale that it names"});
}

void check_name(const std::string& name, const char* pointer, std::vector<refusal>& out) {
  if (name.size() > longest_name)
    out.push_back({pointer, "has more than 128 bytes"});
}

void check_bounds(const notification& n, std::vector<refusal>& out) {
  if (!n.id.empty() && !is_notification_id(n.id))
    out.push_back({"/id", "must have 1 to 128 characters of A-Z a-z 0-9 . _ : -"});
  if (n.lifetime <= duration(0) || n.lifetime > longest_life)
    out.push_back({"/expires_in", "must be longer than 0 and at most 366 days"});
  if (n.repeat_window < duration(0) || n.repeat_window > longest_life)
    out.push_back({"/repeat_window", "must be between 0 and 366 days"});
  if (n.priority < 1 || n.priority > 100)
    out.push_back({"/priority", "must be between 1 and 100; 1 goes first"});
  check_name(n.topic, "/topic", out);
  check_name(n.collapse_key, "/collapse_key", out);
  check_name(n.digest_key, "/digest_key", out);
  check_name(n.template_id, "/template", out);
  if (n.inhibits.size() > most_inhibits)
    out.push_back({"/inhibits", "names more than 32 topics"});
  for (std::size_t i = 0; i < n.inhibits.size() && i < most_inhibits; ++i)
    check_name(n.inhibits[i], ("/inhibits/" + std::to_string(i)).c_str(), out);
}

} // namespace

std::vector<refusal> check(const notification& n) {
  std::vector<refusal> out;
  check_meaning(n, out);
  check_bounds(n, out);
  return out;
}

} // namespace interject::delivery
