#include "actors/dialog/expression.hpp"

#include "actors/dialog/expression_program.hpp"

#include <algorithm>

namespace interject::dialog {

namespace detail {

std::size_t column_of(std::string_view source, std::size_t offset) {
  auto before = source.substr(0, offset);
  return 1 + static_cast<std::size_t>(std::count_if(before.begin(), before.end(),
                                                    [](char c) { return (c & 0xc0) != 0x80; }));
}

} // namespace detail

struct expression::compiled {
  detail::program program;
};

std::optional<expression> expression::parse(std::string_view source, const name_resolver& names,
                                            expression_fault& fault) {
  if (source.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    fault = {1, "the expression is empty"};
    return std::nullopt;
  }
  if (detail::column_of(source, source.size()) - 1 > detail::max_source_characters ||
      source.size() > 4 * detail::max_source_characters) {
    fault = {detail::max_source_characters + 1, "an expression has at most 4,096 characters"};
    return std::nullopt;
  }
  auto made = std::make_shared<compiled>();
  made->program.source = source;
  if (!detail::parse(made->program, names, fault))
    return std::nullopt;
  expression out;
  out.it_ = std::move(made);
  return out;
}

result<value> expression::evaluate(const variables& in) const {
  if (!it_)
    return error{errc::internal, "an expression that was never parsed"};
  detail::evaluation run(it_->program, &in);
  value room;
  auto* found = run.run(it_->program.root, room);
  if (!found)
    return error{errc::invalid_fields,
                 "column " + std::to_string(detail::column_of(it_->program.source, run.offset)) +
                     ": " + run.what};
  if (found == &room)
    return room;
  return *found;
}

bool expression::holds(const variables& in) const {
  if (!it_)
    return false;
  detail::evaluation run(it_->program, &in);
  value room;
  auto* found = run.run(it_->program.root, room);
  auto* b = found ? found->as_bool() : nullptr;
  return b && *b;
}

const std::string& expression::source() const {
  static const std::string none;
  return it_ ? it_->program.source : none;
}

const std::vector<std::uint32_t>& expression::reads() const {
  static const std::vector<std::uint32_t> none;
  return it_ ? it_->program.reads : none;
}

std::span<const std::string_view> expression_functions() {
  static constexpr std::string_view names[] = {"size",     "contains", "startsWith",
                                               "endsWith", "matches",  "has"};
  return names;
}

} // namespace interject::dialog
