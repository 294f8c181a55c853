// Loops. The bound is per step and run; the 500 steps of a turn bound the rest.
#include "actors/dialog/steps/parse.hpp"

namespace interject::dialog {

namespace {

class start_step final : public step {
public:
  const char* kind() const override { return "repeat"; }
  void run(machine& m) const override {
    m.assign(counter, value(0));
    m.next();
  }
  std::uint32_t counter = 0;
};

class turn_step final : public step {
public:
  const char* kind() const override { return "repeat"; }
  void run(machine& m) const override {
    auto in = m.here();
    auto* v = in.get(counter);
    auto round = v && v->as_number() ? v->as_number()->whole() : 0;
    auto got = (list ? list : condition).evaluate(in);
    if (!got)
      return m.fail(got.error().what);
    bool more = false;
    value item;
    if (list) {
      auto* items = got->as_list();
      if (!items)
        return m.fail(std::string("expected a list, found ") + to_string(got->type()));
      more = static_cast<std::size_t>(round) < items->size();
      if (more)
        item = (*items)[static_cast<std::size_t>(round)];
    } else {
      more = got->as_bool() && *got->as_bool();
    }
    if (!more)
      return m.jump(target);
    if (round >= limit)
      return m.fail("it was repeated more than " + std::to_string(limit) + " times");
    m.assign(counter, value(static_cast<int>(round + 1)));
    if (list)
      m.assign(item_slot, std::move(item));
    m.next();
  }
  expression condition, list;
  std::uint32_t counter = 0, item_slot = 0;
  std::int64_t limit = 100;
  std::uint16_t target = 0;
};

} // namespace

void parse_repeat(dialog_compiler& c, const value& spec) {
  bool each = spec.find("for") || spec.find("in");
  if (each == (spec.find("while") != nullptr))
    return c.faults.fault(c.pointer(), "\"repeat\" needs either \"while\", or \"for\" and \"in\"");
  auto counter = c.hidden();
  auto begin = std::make_unique<start_step>();
  begin->counter = counter;
  c.emit(std::move(begin));
  auto s = std::make_unique<turn_step>();
  s->counter = counter;
  if (each) {
    if (!spec.find("for"))
      c.faults.fault(c.pointer(), "\"for\" is missing", "the variable that takes each item");
    s->item_slot = c.target_of(spec, "for").value_or(0);
    s->list = c.expression_of(spec, "in", true);
  } else {
    s->condition = c.expression_of(spec, "while");
  }
  s->limit = whole_member(c.faults, spec, c.pointer(), "limit", 1, 500).value_or(100);
  auto back = c.here();
  auto& turn = c.emit(std::move(s));
  c.block(spec, "steps");
  c.emit(std::make_unique<jump_step>()).target = back;
  turn.target = c.here();
}

} // namespace interject::dialog
