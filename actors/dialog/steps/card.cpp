#include "actors/dialog/steps/card.hpp"
#include "actors/dialog/nearest.hpp"

namespace interject::dialog {

namespace {

constexpr std::string_view card_keys[] = {"title", "subtitle", "text", "images", "buttons"};
constexpr std::string_view button_keys[] = {"title", "value", "type", "url"};
constexpr std::string_view attachment_keys[] = {"type", "url", "name", "thumbnail"};
constexpr std::size_t most_images = 10, most_buttons = 20, most_attachments = 20;

std::string said_in(const scene& in, const text& t) {
  return t.format(in.locale(), in.turn(), in);
}

text text_at(dialog_compiler& c, const value& spec, const std::string& at, std::string_view key) {
  auto* source = spec.find(key);
  return source ? c.compile_text(*source, below(at, key)) : text();
}

/// A web address, variables percent-encoded.
substitution address_at(dialog_compiler& c, const value& source, const std::string& at) {
  auto* url = source.as_text();
  if (url && (url->starts_with("http://") || url->starts_with("https://")))
    return c.substituted(*url, at, substitution::encoding::url);
  c.faults.fault(at, display(source) + " is no web address",
                 "such as \"https://example.test/a.png\"");
  return {};
}

/// The list under a key, of at most so many entries.
const value::list* few(dialog_compiler& c, const value& spec, const std::string& at,
                       std::string_view key, std::size_t most) {
  auto* all = list_member(c.faults, spec, at, key);
  if (all && all->size() > most) {
    c.faults.fault(below(at, key), "more than " + std::to_string(most) + " of them");
    return nullptr;
  }
  return all;
}

action_type action_of(dialog_compiler& c, const value& spec, const std::string& at) {
  constexpr std::pair<std::string_view, action_type> known[] = {
      {"imBack", action_type::im_back},
      {"postBack", action_type::post_back},
      {"messageBack", action_type::message_back},
      {"openUrl", action_type::open_url}};
  auto* name = text_member(c.faults, spec, at, "type");
  if (!name)
    return spec.find("url") ? action_type::open_url : action_type::im_back;
  std::vector<std::string_view> names;
  for (auto& [word, type] : known) {
    if (word == *name)
      return type;
    names.push_back(word);
  }
  c.faults.fault(below(at, "type"), "\"" + *name + "\" is unknown",
                 suggest(*name, names, "imBack, postBack, messageBack or openUrl"));
  return action_type::im_back;
}

button_template button(dialog_compiler& c, const value& spec, const std::string& at) {
  button_template b;
  if (spec.as_text()) {
    b.title = c.compile_text(spec, at);
    return b;
  }
  if (!spec.as_object()) {
    c.faults.fault(at, std::string("expected a button, found ") + to_string(spec.type()),
                   "\"Book it\", or {\"title\": \"Book it\", \"value\": \"book\"}");
    return b;
  }
  check_keys(c.faults, spec, at, button_keys);
  if (!spec.find("title"))
    c.faults.fault(at, "a button needs \"title\"");
  b.title = text_at(c, spec, at, "title");
  b.type = action_of(c, spec, at);
  b.value = text_at(c, spec, at, "value");
  auto* url = spec.find("url");
  if ((url != nullptr) != (b.type == action_type::open_url))
    c.faults.fault(at, url ? "\"url\" fits \"openUrl\" only" : "\"openUrl\" needs \"url\"");
  else if (url)
    b.url = address_at(c, *url, below(at, "url"));
  return b;
}

} // namespace

hero_card card_template::fill(const scene& in) const {
  hero_card card{said_in(in, title), said_in(in, subtitle), said_in(in, words), {}, {}};
  for (auto& url : images)
    card.images.push_back(url.fill(in));
  for (auto& b : buttons) {
    auto shown = said_in(in, b.title);
    auto said = b.type == action_type::open_url ? b.url.fill(in)
                : b.value.empty()               ? shown
                                                : said_in(in, b.value);
    card.buttons.push_back({std::move(shown), std::move(said), b.type});
  }
  return card;
}

attachment attachment_template::fill(const scene& in) const {
  return {content_type, url.fill(in), said_in(in, name), thumbnail.fill(in)};
}

std::optional<card_template> compile_card(dialog_compiler& c, const value& spec) {
  auto* source = object_member(c.faults, spec, c.pointer(), "card");
  if (!source)
    return std::nullopt;
  auto at = c.pointer("card");
  check_keys(c.faults, *source, at, card_keys);
  card_template card;
  card.title = text_at(c, *source, at, "title");
  card.subtitle = text_at(c, *source, at, "subtitle");
  card.words = text_at(c, *source, at, "text");
  if (auto* all = few(c, *source, at, "images", most_images))
    for (std::size_t i = 0; i < all->size(); ++i)
      card.images.push_back(address_at(c, (*all)[i], below(below(at, "images"), i)));
  if (auto* all = few(c, *source, at, "buttons", most_buttons))
    for (std::size_t i = 0; i < all->size(); ++i)
      card.buttons.push_back(button(c, (*all)[i], below(below(at, "buttons"), i)));
  if (source->as_object()->empty())
    c.faults.fault(at, "the card is empty", "title, subtitle, text, images or buttons");
  return card;
}

std::vector<attachment_template> compile_attachments(dialog_compiler& c, const value& spec) {
  std::vector<attachment_template> out;
  auto* all = few(c, spec, c.pointer(), "attachments", most_attachments);
  for (std::size_t i = 0; all && i < all->size(); ++i) {
    auto& item = (*all)[i];
    auto at = below(c.pointer("attachments"), i);
    if (!item.as_object()) {
      c.faults.fault(at, std::string("expected an attachment, found ") + to_string(item.type()),
                     "{\"type\": \"image/png\", \"url\": \"https://…\"}");
      continue;
    }
    check_keys(c.faults, item, at, attachment_keys);
    attachment_template made;
    auto* type = text_member(c.faults, item, at, "type");
    if (!type || type->find('/') == type->npos)
      c.faults.fault(at, "an attachment needs the \"type\" of what it is", "such as \"image/png\"");
    else
      made.content_type = *type;
    if (auto* url = item.find("url"))
      made.url = address_at(c, *url, below(at, "url"));
    else
      c.faults.fault(at, "an attachment needs \"url\"", "such as \"https://example.test/a.png\"");
    if (auto* url = item.find("thumbnail"))
      made.thumbnail = address_at(c, *url, below(at, "thumbnail"));
    made.name = text_at(c, item, at, "name");
    out.push_back(std::move(made));
  }
  return out;
}

} // namespace interject::dialog
