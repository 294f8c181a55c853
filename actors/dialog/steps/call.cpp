// Another dialog on top of this one, or in its place.
#include "actors/dialog/steps/parse.hpp"

namespace interject::dialog {

namespace {

class call_step final : public step {
public:
  const char* kind() const override { return "call"; }
  void run(machine& m) const override {
    auto params = evaluate(with, m.here());
    if (!params)
      return m.fail(params.error().what);
    m.top().waiting = waiting::child;
    m.push(dialog, began_as::child, *params);
  }
  void returned(machine& m, value result) const override {
    if (into)
      m.assign(*into, std::move(result));
    m.next();
  }
  std::uint16_t dialog = 0;
  named_operands with;
  std::optional<std::uint32_t> into;
};

class replace_step final : public step {
public:
  const char* kind() const override { return "replace"; }
  void run(machine& m) const override {
    auto params = evaluate(with, m.here());
    if (!params)
      return m.fail(params.error().what);
    m.replace(dialog, *params);
  }
  std::uint16_t dialog = 0;
  named_operands with;
};

template <class Step> void parse_target(dialog_compiler& c, const value& spec, Step& s) {
  s.with = c.operands_of(spec, "with");
  if (auto dialog = c.dialog_of(spec, "dialog")) {
    s.dialog = *dialog;
    c.check_params(*dialog, s.with, c.pointer("with"));
  }
}

} // namespace

void parse_call(dialog_compiler& c, const value& spec) {
  auto s = std::make_unique<call_step>();
  parse_target(c, spec, *s);
  s->into = c.target_of(spec, "into");
  c.emit(std::move(s));
}

void parse_replace(dialog_compiler& c, const value& spec) {
  auto s = std::make_unique<replace_step>();
  parse_target(c, spec, *s);
  c.emit(std::move(s));
}

} // namespace interject::dialog
