#include "protocols/consent.hpp"

#include <charconv>

namespace interject {

namespace {

std::optional<int> digits(std::string_view text) {
  int n = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (text.empty() || text.size() > 2 || code != std::errc() || end != text.data() + text.size() ||
      n < 0)
    return std::nullopt;
  return n;
}

} // namespace

std::optional<int> parse_day_minutes(std::string_view text) {
  auto colon = text.find(':');
  auto hours = digits(text.substr(0, colon));
  auto minutes =
      colon == std::string_view::npos ? std::optional(0) : digits(text.substr(colon + 1));
  if (!hours || !minutes || *minutes > 59 || *hours > 24 || (*hours == 24 && *minutes > 0))
    return std::nullopt;
  if (colon != std::string_view::npos && text.size() - colon != 3)
    return std::nullopt;
  return (*hours * 60 + *minutes) % (24 * 60);
}

std::string format_day_minutes(int minutes) {
  std::string out = "00:00";
  auto two = [&](std::size_t at, int n) {
    out[at] = static_cast<char>('0' + n / 10);
    out[at + 1] = static_cast<char>('0' + n % 10);
  };
  two(0, minutes / 60);
  two(3, minutes % 60);
  return out;
}

value to_value(const quiet_hours& q) {
  return value::object{{"from", value(format_day_minutes(q.from))},
                       {"to", value(format_day_minutes(q.to))},
                       {"zone", value(q.zone)},
                       {"break_through", value(q.break_through)}};
}

std::optional<quiet_hours> read_quiet(const value& v, const quiet_hours& otherwise) {
  auto q = otherwise;
  if (!v.as_object())
    return std::nullopt;
  for (auto* end : {"from", "to"})
    if (auto* given = v.find(end); given && !given->is_null()) {
      auto at = parse_day_minutes(display(*given));
      if (!at)
        return std::nullopt;
      (end[0] == 'f' ? q.from : q.to) = *at;
    }
  if (auto* zone = v.find("zone"); zone && !zone->is_null()) {
    if (!zone->as_text())
      return std::nullopt;
    q.zone = *zone->as_text();
  }
  if (auto* through = v.find("break_through"); through && !through->is_null()) {
    if (!through->as_bool())
      return std::nullopt;
    q.break_through = *through->as_bool();
  }
  return q.from == q.to ? std::nullopt : std::optional(q);
}

} // namespace interject
