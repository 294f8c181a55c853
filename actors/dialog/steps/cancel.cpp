#include "actors/dialog/steps/parse.hpp"

namespace interject::dialog {

namespace {

class cancel_step final : public step {
public:
  const char* kind() const override { return "cancel"; }
  void run(machine& m) const override {
    for (auto& [what, name] : which) {
      auto got = name.evaluate(m.here());
      if (!got)
        return m.fail(got.error().what);
      m.unsubscribe(what, display(*got));
    }
    m.next();
  }
  std::vector<std::pair<origin, operand>> which;
};

} // namespace

void parse_cancel(dialog_compiler& c, const value& spec) {
  constexpr std::pair<const char*, origin> kinds[] = {
      {"watch", origin::watch}, {"reminder", origin::reminder}, {"request", origin::call}};
  auto s = std::make_unique<cancel_step>();
  for (auto& [key, what] : kinds)
    if (auto* name = spec.find(key))
      s->which.emplace_back(what, c.compile_operand(*name, c.pointer(key)));
  if (s->which.empty())
    c.faults.fault(c.pointer(), "\"cancel\" needs \"watch\", \"reminder\" or \"request\"",
                   "a name, or \"*\" for all");
  c.emit(std::move(s));
}

} // namespace interject::dialog
