// Expressions of bots: parsed, or refused with a place; evaluated without a crash on values of
// every kind.
#include "tests/fuzz/fuzz.hpp"

#include "actors/dialog/expression.hpp"

#include <array>

using namespace interject;
using namespace interject::dialog;

namespace {

struct things final : variables {
  std::array<value, 6> all{
      value(),
      value(true),
      value(decimal::parse("-12.5").value()),
      value(std::string("Caf\u00e9 4")),
      value(value::list{value(1), value(std::string("two")), value()}),
      value(value::object{{"name", value(std::string("ann"))}, {"n", value(3)}})};
  const value* get(std::uint32_t slot) const override { return &all[slot % all.size()]; }
};

std::optional<resolved_name> resolve(std::span<const std::string_view> path) {
  if (path.empty() || path[0].size() > 3)
    return {};
  return resolved_name{static_cast<std::uint32_t>(path[0][0]), 1};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto source = fuzz::text_of(data, size);
  expression_fault fault;
  auto parsed = expression::parse(source, resolve, fault);
  if (!parsed) {
    fuzz::must(!fault.what.empty() && fault.column >= 1 && fault.column <= size + 1,
               "a fault says what and where");
    return 0;
  }
  static const things in;
  auto first = parsed->evaluate(in);
  auto second = parsed->evaluate(in);
  fuzz::must(first.has_value() == second.has_value(), "an expression has no side effects");
  fuzz::must(first ? *first == *second : !first.error().what.empty(),
             "a result is always the same, a failure says why");
  return 0;
}
