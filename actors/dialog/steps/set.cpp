#include "actors/dialog/steps/parse.hpp"

namespace interject::dialog {

namespace {

class set_step final : public step {
public:
  const char* kind() const override { return "set"; }
  void run(machine& m) const override {
    auto got = to.evaluate(m.here());
    if (!got)
      return m.fail(got.error().what);
    m.assign(into, std::move(*got));
    m.next();
  }
  std::uint32_t into = 0;
  expression to;
};

} // namespace

void parse_set(dialog_compiler& c, const value& spec) {
  auto s = std::make_unique<set_step>();
  s->into = c.target_of(spec, "into").value_or(0);
  s->to = c.expression_of(spec, "to");
  c.emit(std::move(s));
}

} // namespace interject::dialog
