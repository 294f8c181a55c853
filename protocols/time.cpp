#include "protocols/time.hpp"

#include "protocols/decimal.hpp"

#include <algorithm>

namespace interject {

namespace {

using namespace std::chrono;

constexpr duration longest = days(36'500); // sums with an instant stay far from overflow

/// Reads exactly `count` digits from the front.
std::optional<int> digits(std::string_view& text, std::size_t count) {
  if (text.size() < count)
    return std::nullopt;
  int number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9')
      return std::nullopt;
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return number;
}

bool skip(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos)
    return false;
  text.remove_prefix(1);
  return true;
}

std::optional<sys_days> parse_date(std::string_view& text) {
  auto y = digits(text, 4);
  if (!y || !skip(text, "-"))
    return std::nullopt;
  auto m = digits(text, 2);
  if (!m || !skip(text, "-"))
    return std::nullopt;
  auto d = digits(text, 2);
  if (!d)
    return std::nullopt;
  year_month_day date{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
  if (!date.ok())
    return std::nullopt;
  return sys_days{date};
}

std::optional<duration> parse_clock(std::string_view& text) {
  auto h = digits(text, 2);
  if (!h || *h > 23 || !skip(text, ":"))
    return std::nullopt;
  auto m = digits(text, 2);
  if (!m || *m > 59 || !skip(text, ":"))
    return std::nullopt;
  auto s = digits(text, 2);
  if (!s || *s > 60) // 60: a leap second, which Unix time counts as the next one
    return std::nullopt;
  int ms = 0;
  if (skip(text, ".")) {
    int place = 100;
    std::size_t length = 0;
    for (; length < text.size() && text[length] >= '0' && text[length] <= '9';
         ++length, place /= 10)
      ms += (text[length] - '0') * place;
    if (length == 0)
      return std::nullopt;
    text.remove_prefix(length);
  }
  return hours(*h) + minutes(*m) + seconds(*s) + milliseconds(ms);
}

std::optional<duration> parse_zone(std::string_view& text) {
  if (skip(text, "Zz"))
    return duration{0};
  bool west = !text.empty() && text.front() == '-';
  if (!skip(text, "+-"))
    return std::nullopt;
  auto h = digits(text, 2);
  if (!h || *h > 23 || !skip(text, ":"))
    return std::nullopt;
  auto m = digits(text, 2);
  if (!m || *m > 59)
    return std::nullopt;
  duration offset = hours(*h) + minutes(*m);
  return west ? -offset : offset;
}

/// `number` times `unit`, when that is a whole, bearable number of milliseconds.
std::optional<duration> times(std::string_view number, duration unit) {
  if (number.empty() || number.front() < '0' || number.front() > '9' ||
      number.find_first_of("eE") != std::string_view::npos)
    return std::nullopt;
  auto n = decimal::parse(number);
  if (!n || n->whole() > longest / unit)
    return std::nullopt;
  auto fraction = n->units % decimal::scale * unit.count();
  if (fraction % decimal::scale != 0)
    return std::nullopt;
  auto length = n->whole() * unit + duration{fraction / decimal::scale};
  if (length > longest)
    return std::nullopt;
  return length;
}

std::optional<duration> parse_iso_duration(std::string_view text) {
  struct unit {
    char letter;
    bool of_time;
    duration length;
  };
  static constexpr unit units[] = {{'W', false, weeks(1)},
                                   {'D', false, days(1)},
                                   {'H', true, hours(1)},
                                   {'M', true, minutes(1)},
                                   {'S', true, seconds(1)}};
  duration sum{0};
  bool in_time = false, any = false;
  const unit* next = std::begin(units);
  for (text.remove_prefix(1); !text.empty(); any = true) {
    if (!in_time && text.front() == 'T') {
      in_time = true;
      text.remove_prefix(1);
    }
    auto length = text.find_first_not_of("0123456789.");
    if (length == std::string_view::npos)
      return std::nullopt;
    next = std::find_if(next, std::end(units), [&](const unit& u) {
      return u.letter == text[length] && u.of_time == in_time;
    });
    if (next == std::end(units))
      return std::nullopt;
    auto part = times(text.substr(0, length), next->length);
    if (!part)
      return std::nullopt;
    sum += *part;
    ++next;
    text.remove_prefix(length + 1);
  }
  if (!any || sum > longest)
    return std::nullopt;
  return sum;
}

template <int Count> void put_digits(char* to, unsigned number) {
  for (int i = Count; i-- > 0; number /= 10)
    to[i] = static_cast<char>('0' + number % 10);
}

} // namespace

std::optional<time_point> parse_time(std::string_view text) {
  auto date = parse_date(text);
  if (!date || !skip(text, "Tt"))
    return std::nullopt;
  auto clock = parse_clock(text);
  if (!clock)
    return std::nullopt;
  auto zone = parse_zone(text);
  if (!zone || !text.empty())
    return std::nullopt;
  return time_point{*date} + *clock - *zone;
}

written_time write_time(time_point at) {
  constexpr time_point first = sys_days{year{0} / 1 / 1};
  constexpr time_point last = sys_days{year{10000} / 1 / 1} - milliseconds(1);
  at = std::clamp(at, first, last); // "never" is stored as the largest instant
  auto day_start = floor<days>(at);
  year_month_day date{day_start};
  hh_mm_ss clock{at - day_start};
  written_time out{{"0000-00-00T00:00:00.000Z"}};
  auto* to = out.text;
  put_digits<4>(to, static_cast<unsigned>(static_cast<int>(date.year())));
  put_digits<2>(to + 5, static_cast<unsigned>(date.month()));
  put_digits<2>(to + 8, static_cast<unsigned>(date.day()));
  put_digits<2>(to + 11, static_cast<unsigned>(clock.hours().count()));
  put_digits<2>(to + 14, static_cast<unsigned>(clock.minutes().count()));
  put_digits<2>(to + 17, static_cast<unsigned>(clock.seconds().count()));
  put_digits<3>(to + 20, static_cast<unsigned>(clock.subseconds().count()));
  return out;
}

void append_time(std::string& out, time_point at) {
  out += write_time(at).view();
}

std::string format_time(time_point at) {
  return std::string(write_time(at).view());
}

std::optional<duration> parse_duration(std::string_view text) {
  if (text.empty())
    return std::nullopt;
  if (text.front() == 'P')
    return parse_iso_duration(text);
  auto length = text.find_first_not_of("0123456789.");
  if (length == std::string_view::npos)
    return std::nullopt;
  auto unit = text.substr(length);
  auto number = text.substr(0, length);
  if (unit == "ms")
    return times(number, milliseconds(1));
  if (unit == "s")
    return times(number, seconds(1));
  if (unit == "m")
    return times(number, minutes(1));
  if (unit == "h")
    return times(number, hours(1));
  if (unit == "d")
    return times(number, days(1));
  return std::nullopt;
}

std::string format_duration(duration length) {
  auto n = length.count();
  auto in = [&](std::int64_t unit, const char* letter) {
    return std::to_string(n / unit) + letter;
  };
  if (n == 0)
    return "0s";
  if (n % 86'400'000 == 0 && n / 86'400'000 != 1) // people say 24 h
    return in(86'400'000, "d");
  if (n % 3'600'000 == 0)
    return in(3'600'000, "h");
  if (n % 60'000 == 0)
    return in(60'000, "m");
  if (n % 1000 == 0)
    return in(1000, "s");
  return in(1, "ms");
}

} // namespace interject
