#include "actors/dialog/steps/card.hpp"
#include "actors/dialog/steps/parse.hpp"
#include "actors/dialog/steps/phase_step.hpp"

namespace interject::dialog {

namespace {

class say_step final : public step {
public:
  const char* kind() const override { return "say"; }
  void run(machine& m) const override {
    auto in = m.here();
    utterance u;
    u.text = words.format(in.locale(), in.turn(), in);
    for (auto& s : suggest) {
      auto title = s.format(in.locale(), in.turn(), in);
      u.suggested.push_back({title, title});
    }
    if (card)
      u.cards.push_back(card->fill(in));
    for (auto& a : attachments)
      u.attachments.push_back(a.fill(in));
    m.say(std::move(u));
    m.next();
  }
  text words;
  std::optional<card_template> card;
  std::vector<attachment_template> attachments;
  std::vector<text> suggest;
};

/// A list of texts, or one list per locale, all of the same length.
void parse_suggest(dialog_compiler& c, const value& spec, std::vector<text>& into) {
  auto* all = spec.find("suggest");
  if (!all)
    return;
  auto at = c.pointer("suggest");
  if (auto* list = all->as_list()) {
    for (std::size_t i = 0; i < list->size(); ++i)
      into.push_back(c.compile_text((*list)[i], below(at, i)));
    return;
  }
  if (!all->as_object() || all->as_object()->empty())
    return c.faults.fault(at, "expected a list of texts, or one list per locale");
  std::vector<value::object> by_place;
  for (auto& [locale, list] : *all->as_object()) {
    if (!list.as_list())
      return c.faults.fault(below(at, locale), "expected a list of texts");
    if (&list == &all->as_object()->front().second)
      by_place.resize(list.as_list()->size());
    else if (list.as_list()->size() != by_place.size())
      return c.faults.fault(below(at, locale), "the lists differ in length",
                            "one text per suggestion in each locale");
    for (std::size_t i = 0; i < by_place.size(); ++i)
      by_place[i].emplace_back(locale, (*list.as_list())[i]);
  }
  for (auto& place : by_place)
    into.push_back(c.compile_text(value(std::move(place)), at));
}

} // namespace

void parse_say(dialog_compiler& c, const value& spec) {
  if (c.before_actions(spec))
    c.emit(std::make_unique<end_phase_step>());
  auto s = std::make_unique<say_step>();
  s->words = c.text_of(spec, "text");
  parse_suggest(c, spec, s->suggest);
  s->card = compile_card(c, spec);
  s->attachments = compile_attachments(c, spec);
  c.emit(std::move(s));
  c.after_actions(spec);
}

} // namespace interject::dialog
