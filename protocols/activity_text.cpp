#include "protocols/activity_text.hpp"

#include <iterator>

namespace interject {

namespace {

void line(std::string& text, const std::string& words) {
  if (words.empty())
    return;
  text += text.empty() ? "" : "\n";
  text += words;
}

} // namespace

void buttons_as_text(utterance& said) {
  std::size_t number = 0;
  for (auto& b : said.suggested)
    if (b.type == action_type::open_url)
      line(said.text, b.title + ": " + b.value);
    else
      line(said.text, (said.expects_input ? std::to_string(++number) + ". " : "• ") + b.title);
  said.suggested.clear();
}

void cards_as_text(utterance& said) {
  std::vector<card_action> buttons;
  for (auto& card : said.cards) {
    line(said.text, card.title);
    line(said.text, card.subtitle);
    line(said.text, card.text);
    for (auto& url : card.images)
      line(said.text, url);
    buttons.insert(buttons.end(), card.buttons.begin(), card.buttons.end());
  }
  for (auto& a : said.attachments)
    line(said.text, a.name.empty() ? a.url : a.name + ": " + a.url);
  said.suggested.insert(said.suggested.begin(), std::make_move_iterator(buttons.begin()),
                        std::make_move_iterator(buttons.end()));
  said.cards.clear();
  said.attachments.clear();
}

} // namespace interject
