#include "actors/dialog/steps/parse.hpp"

namespace interject::dialog {

namespace {

class end_step final : public step {
public:
  const char* kind() const override { return "end"; }
  void run(machine& m) const override {
    if (all)
      return m.cancel_all();
    value with;
    if (result) {
      auto got = result.evaluate(m.here());
      if (!got)
        return m.fail(got.error().what);
      with = std::move(*got);
    }
    m.end(std::move(with));
  }
  expression result;
  bool all = false;
};

} // namespace

void parse_end(dialog_compiler& c, const value& spec) {
  auto s = std::make_unique<end_step>();
  // Without a result of its own, the dialog's.
  s->result = spec.find("result") ? c.expression_of(spec, "result") : c.model().result;
  s->all = bool_member(c.faults, spec, c.pointer(), "all").value_or(false);
  c.emit(std::move(s));
}

} // namespace interject::dialog
