// Exact decimal numbers: what prices, money and every number of a bot are. Never binary floating
// point.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace interject {

/// A multiple of 10⁻⁸ within ±92,233,720,368.54775807.
struct decimal {
  static constexpr std::int64_t scale = 100'000'000;

  std::int64_t units = 0; ///< the number times 10⁸

  static constexpr decimal of(std::int64_t whole) { return {whole * scale}; }
  /// From a JSON or typed number ("158", "-0.5", "1.2e3"); nothing when it is no number, has more
  /// than eight decimals that matter, or is out of range.
  static std::optional<decimal> parse(std::string_view text);

  bool is_whole() const { return units % scale == 0; }
  std::int64_t whole() const { return units / scale; } ///< cut towards zero
  double approximate() const { return static_cast<double>(units) / static_cast<double>(scale); }

  auto
  operator<=>(const decimal&) const = default; // NOLINT(modernize-use-nullptr): its 0 is no pointer
};

/// Shortest form: "158", "0.5", "-12.00000001".
std::string to_string(decimal number);

/// Nothing on overflow, and on division by zero; products and quotients round half to even.
std::optional<decimal> add(decimal a, decimal b);
std::optional<decimal> subtract(decimal a, decimal b);
std::optional<decimal> multiply(decimal a, decimal b);
std::optional<decimal> divide(decimal a, decimal b);
std::optional<decimal> remainder(decimal a, decimal b);

/// `price ≤ (1 − percent/100) × baseline` and its mirror, exact and inclusive: "drops 20 %" holds
/// at 0.8.
bool dropped_by(decimal price, decimal baseline, decimal percent);
bool gained_by(decimal price, decimal baseline, decimal percent);

} // namespace interject
