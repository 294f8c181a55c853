// The step `ask`: ask.cpp is what it does, ask_parse.cpp how it is read.
#pragma once

#include "actors/dialog/machine.hpp"
#include "actors/dialog/operand.hpp"

#include <re2/re2.h>

namespace interject::dialog {

enum class ask_type : std::uint8_t { text, number, yes_no, choice, date, datetime, duration };

inline constexpr std::size_t choices_limit = 200;
/// Up to here clients show buttons: more, or longer titles, become a numbered list in the text.
inline constexpr std::size_t buttons_limit = 100, title_limit = 20;

struct choice {
  value what; ///< what the variable gets
  text title;
  std::vector<std::string> synonyms;
};

struct offered {
  value what;
  std::string title;
  std::vector<std::string> synonyms;
};

/// A day or an instant as a bound is written or computed; a day in its zone.
std::optional<time_point> bound_time(const value& v, bool of_day, const std::string& zone);

class ask_step final : public step {
public:
  const char* kind() const override { return "ask"; }
  void run(machine& m) const override;
  bool answer(machine& m, const heard& h) const override;
  void retry(machine& m) const override;
  question ask(const scene& in) const override;

  ask_type type = ask_type::text;
  text words, retry_words;
  std::uint32_t into = 0;
  int tries = 3;
  operand least, most;
  bool bounded_below = false, bounded_above = false;
  operand zone; ///< of date and datetime; null: UTC
  std::unique_ptr<RE2> pattern;
  expression check;
  std::vector<choice> choices;
  expression choices_from;
  bool optional = false;
  bool has_else = false;
  std::uint16_t else_target = 0;

private:
  std::vector<offered> offers(const scene& in) const;
  std::optional<value> recognise(const heard& h, const scene& in, time_point now) const;
  bool within(const value& v, const scene& in) const;
  bool within_times(const value& v, const scene& in) const;
  std::string zone_name(const scene& in) const;
  void dress(question& q, const scene& in) const;
};

} // namespace interject::dialog
