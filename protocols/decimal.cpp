#include "protocols/decimal.hpp"

#include <cstdlib>
#include <limits>

namespace interject {

namespace {

__extension__ using wide = __int128;

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

/// The range is symmetric, so that a negation cannot overflow.
std::optional<decimal> narrow(wide units) {
  if (units > most || units < -wide{most})
    return std::nullopt;
  return decimal{static_cast<std::int64_t>(units)};
}

std::optional<decimal> divide_half_even(wide numerator, wide denominator) {
  bool negative = (numerator < 0) != (denominator < 0);
  if (numerator < 0)
    numerator = -numerator;
  if (denominator < 0)
    denominator = -denominator;
  wide quotient = numerator / denominator;
  wide twice = (numerator % denominator) * 2;
  if (twice > denominator || (twice == denominator && (quotient & 1) != 0))
    ++quotient;
  return narrow(negative ? -quotient : quotient);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

} // namespace

std::optional<decimal> decimal::parse(std::string_view text) {
  std::size_t i = 0;
  bool negative = false;
  if (i < text.size() && (text[i] == '-' || text[i] == '+'))
    negative = text[i++] == '-';
  // Leading and trailing zeros do not count, so that "1.500000000000" is fine and 20 digits that
  // matter are not.
  std::uint64_t digits = 0;
  int kept = 0;
  long pending_zeros = 0, seen = 0, last = 0, whole = -1; // positions count digits from the left
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && whole < 0) {
      whole = seen;
      continue;
    }
    if (!is_digit(text[i]))
      break;
    ++seen;
    if (text[i] == '0') {
      pending_zeros += kept > 0;
      continue;
    }
    if (pending_zeros > 19 || kept + pending_zeros + 1 > 19)
      return std::nullopt;
    kept += static_cast<int>(pending_zeros) + 1;
    for (; pending_zeros > 0; --pending_zeros)
      digits *= 10;
    digits = digits * 10 + static_cast<std::uint64_t>(text[i] - '0');
    last = seen;
  }
  if (seen == 0 || whole == seen) // no digit, or none after the point
    return std::nullopt;
  long exponent = 0;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    bool down = false;
    if (i < text.size() && (text[i] == '-' || text[i] == '+'))
      down = text[i++] == '-';
    if (i == text.size())
      return std::nullopt;
    for (; i < text.size() && is_digit(text[i]); ++i)
      if (exponent < 1'000'000)
        exponent = exponent * 10 + (text[i] - '0');
    if (down)
      exponent = -exponent;
  }
  if (i != text.size())
    return std::nullopt;
  if (digits == 0)
    return decimal{};
  long power = (whole < 0 ? seen : whole) - last + exponent + 8; // of the last digit kept, in units
  if (power < 0 || power > 19)
    return std::nullopt;
  wide units = digits;
  for (; power > 0; --power)
    units *= 10;
  return narrow(negative ? -units : units);
}

std::string to_string(decimal number) {
  char buffer[24];
  char* end = buffer + sizeof buffer;
  char* at = end;
  auto left = number.units < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(number.units)
                               : static_cast<std::uint64_t>(number.units);
  auto fraction = left % decimal::scale;
  left /= decimal::scale;
  if (fraction != 0) {
    bool written = false;
    for (int i = 0; i < 8; ++i, fraction /= 10) {
      if (fraction % 10 != 0)
        written = true;
      if (written)
        *--at = static_cast<char>('0' + fraction % 10);
    }
    *--at = '.';
  }
  do {
    *--at = static_cast<char>('0' + left % 10);
    left /= 10;
  } while (left != 0);
  if (number.units < 0)
    *--at = '-';
  return std::string(at, end);
}

std::optional<decimal> add(decimal a, decimal b) {
  return narrow(wide{a.units} + b.units);
}
std::optional<decimal> subtract(decimal a, decimal b) {
  return narrow(wide{a.units} - b.units);
}

std::optional<decimal> multiply(decimal a, decimal b) {
  return divide_half_even(wide{a.units} * b.units, decimal::scale);
}

std::optional<decimal> divide(decimal a, decimal b) {
  if (b.units == 0)
    return std::nullopt;
  return divide_half_even(wide{a.units} * decimal::scale, b.units);
}

std::optional<decimal> remainder(decimal a, decimal b) {
  if (b.units == 0)
    return std::nullopt;
  return narrow(wide{a.units} % wide{b.units});
}

// Both sides are compared as products of whole numbers; they stay below 2¹²⁷ for every pair of
// decimals.
bool dropped_by(decimal price, decimal baseline, decimal percent) {
  constexpr wide hundred = wide{100} * decimal::scale;
  return wide{price.units} * hundred <= (hundred - percent.units) * wide{baseline.units};
}

bool gained_by(decimal price, decimal baseline, decimal percent) {
  constexpr wide hundred = wide{100} * decimal::scale;
  return wide{price.units} * hundred >= (hundred + percent.units) * wide{baseline.units};
}

} // namespace interject
