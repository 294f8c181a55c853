#include "actors/dialog/steps/parse.hpp"

namespace interject::dialog {

namespace {

/// Goes on when the condition holds, else jumps. Anything but true does not hold; an error fails
/// the dialog.
class unless_step final : public step {
public:
  const char* kind() const override { return "branch"; }
  void run(machine& m) const override {
    auto got = when.evaluate(m.here());
    if (!got)
      return m.fail(got.error().what);
    auto* holds = got->as_bool();
    if (holds && *holds)
      m.next();
    else
      m.jump(target);
  }
  expression when;
  std::uint16_t target = 0;
};

struct one_case {
  const value* when;
  std::string when_at;
  const value* then;
  std::string then_at;
};

} // namespace

void parse_branch(dialog_compiler& c, const value& spec) {
  constexpr std::string_view keys[] = {"when", "then"};
  std::vector<one_case> cases;
  if (auto* list = list_member(c.faults, spec, c.pointer(), "cases")) {
    if (spec.find("when") || spec.find("then"))
      c.faults.fault(c.pointer("when"), "\"when\" and \"cases\" exclude each other",
                     "keep one of them");
    for (std::size_t i = 0; i < list->size(); ++i) {
      auto at = below(c.pointer("cases"), i);
      auto& item = (*list)[i];
      check_keys(c.faults, item, at, keys);
      auto *when = item.find("when"), *then = item.find("then");
      if (!when || !then)
        c.faults.fault(at, "a case needs \"when\" and \"then\"");
      else
        cases.push_back({when, below(at, "when"), then, below(at, "then")});
    }
  } else {
    auto *when = spec.find("when"), *then = spec.find("then");
    if (!when || !then)
      return c.faults.fault(c.pointer(), "\"branch\" needs \"when\" and \"then\", or \"cases\"");
    cases.push_back({when, c.pointer("when"), then, c.pointer("then")});
  }
  std::vector<jump_step*> ends;
  for (auto& one : cases) {
    auto s = std::make_unique<unless_step>();
    s->when = c.compile_expression(*one.when, one.when_at);
    auto& unless = c.emit(std::move(s));
    c.block_at(*one.then, one.then_at);
    ends.push_back(&c.emit(std::make_unique<jump_step>()));
    unless.target = c.here();
  }
  c.block(spec, "else");
  for (auto* jump : ends)
    jump->target = c.here();
}

} // namespace interject::dialog
