#include "actors/dialog/steps/parse.hpp"
#include "actors/dialog/steps/phase_step.hpp"

namespace interject::dialog {

namespace {

class say_step final : public step {
public:
  const char* kind() const override { return "say"; }
  void run(machine& m) const override {
    auto in = m.here();
    std::vector<card_action> buttons;
    buttons.reserve(suggest.size());
    for (auto& s : suggest) {
      auto title = s.format(in.locale(), in.turn(), in);
      buttons.push_back({title, title});
    }
    m.say(words.format(in.locale(), in.turn(), in), std::move(buttons));
    m.next();
  }
  text words;
  std::vector<text> suggest;
};

} // namespace

void parse_say(dialog_compiler& c, const value& spec) {
  if (c.before_actions(spec))
    c.emit(std::make_unique<end_phase_step>());
  auto s = std::make_unique<say_step>();
  s->words = c.text_of(spec, "text");
  if (auto* list = list_member(c.faults, spec, c.pointer(), "suggest"))
    for (std::size_t i = 0; i < list->size(); ++i)
      s->suggest.push_back(c.compile_text((*list)[i], below(c.pointer("suggest"), i)));
  c.emit(std::move(s));
  c.after_actions(spec);
}

} // namespace interject::dialog
