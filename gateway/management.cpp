#include "gateway/management.hpp"

#include <charconv>

namespace interject::gateway::management {

std::optional<value> read_body(const exchange_ptr& x, std::string_view serial) {
  if (!is_json(x->in.content_type)) {
    x->answer(problem(415, "the body must be JSON, with Content-Type: application/json"));
    return std::nullopt;
  }
  auto body = parse_json(x->in.body, serial);
  if (body)
    return std::move(*body);
  x->answer(problem(body.error()));
  return std::nullopt;
}

bool refuse_fields(const exchange_ptr& x, const field_faults& faults) {
  if (faults.empty())
    return false;
  auto& first = faults.front();
  auto more = faults.size() - 1;
  x->answer(problem(422,
                    (first.pointer.empty() ? "the body" : first.pointer) + ": " + first.detail +
                        (more ? ", and " + std::to_string(more) + " more" : ""),
                    faults));
  return true;
}

std::optional<list_wish> read_list_wish(const exchange_ptr& x, bool by_conversation) {
  list_wish wish;
  for (auto& [name, text] : x->in.target.query) {
    if (name == "limit") {
      auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), wish.limit);
      if (ec == std::errc() && end == text.data() + text.size() && wish.limit >= 1 &&
          wish.limit <= 500)
        continue;
      x->answer(problem(400, "limit must be a whole number from 1 to 500"));
    } else if (name == "cursor") {
      wish.cursor = text;
      continue;
    } else if (name == "conversation" && by_conversation) {
      wish.conversation = text;
      continue;
    } else {
      x->answer(problem(400, by_conversation ? "known parameters are limit, cursor and conversation"
                                             : "known parameters are limit and cursor"));
    }
    return std::nullopt;
  }
  return wish;
}

std::function<void(answer)> when_done(exchange_ptr x, std::function<void()> then) {
  return [x, then = std::move(then)](answer a) {
    if (std::holds_alternative<done>(a))
      then();
    else if (auto no = std::get_if<refused>(&a))
      x->answer(problem({no->code, no->what}));
    else
      x->answer(problem(500, "an unexpected answer"));
  };
}

} // namespace interject::gateway::management
