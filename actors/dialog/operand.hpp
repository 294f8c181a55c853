// A value wherever one may stand: a literal, a text template, or an expression `{"=": "…"}`.
#pragma once

#include "actors/dialog/expression.hpp"
#include "actors/dialog/scene.hpp"
#include "actors/dialog/text.hpp"

#include <string>
#include <utility>
#include <vector>

namespace interject::dialog {

class operand {
public:
  operand() = default;
  explicit operand(value literal) : literal_(std::move(literal)) {}
  explicit operand(expression e) : expression_(std::move(e)) {}
  explicit operand(text t) : text_(std::move(t)) {}

  result<value> evaluate(const scene& in) const;
  /// Needs facts that are known only when a notice is taken.
  bool deferred() const;
  /// `{"=": source}`, for an operand that is deferred.
  value source() const;
  std::vector<std::uint32_t> reads() const;
  const value& literal() const { return literal_; }
  bool is_literal() const { return !expression_ && text_.empty(); }

private:
  value literal_;
  expression expression_;
  text text_;
};

using named_operands = std::vector<std::pair<std::string, operand>>;

/// All of them, deferred ones as their source.
result<named_values> evaluate(const named_operands& all, const scene& in);

/// The variables in `slots` by name, as a notice's texts and expressions find them: `user.city` as
/// a member of `user`. Facts are left out.
named_values capture(const bot& b, const std::vector<std::string>& local_names,
                     const std::vector<std::uint32_t>& slots, const scene& in);

} // namespace interject::dialog
