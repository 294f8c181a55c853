#include "gateway/notification_json.hpp"

#include "actors/delivery/decide.hpp"
#include "actors/dialog/text.hpp"
#include "gateway/write.hpp"

#include <algorithm>

namespace interject::gateway {

namespace {

constexpr std::size_t max_text = 4096;
constexpr std::size_t max_locales = 64;
constexpr std::size_t max_params = 64;

template <class Enum>
void read_word(object_reader& in, const char* name, std::optional<Enum> (*parse)(std::string_view),
               const char* known, Enum& out) {
  auto text = in.text(name);
  if (!text)
    return;
  if (auto found = parse(*text))
    out = *found;
  else
    in.fault(name, std::string("one of ") + known + " is expected");
}

std::optional<return_mode> parse_return(std::string_view text) {
  if (text == "resume")
    return return_mode::resume;
  if (text == "reset")
    return return_mode::reset;
  return std::nullopt;
}

void read_values(object_reader& in, const char* name, named_values& out) {
  auto v = in.take(name);
  if (!v)
    return;
  auto members = v->as_object();
  if (!members || members->size() > max_params)
    in.fault(name, "an object of at most " + std::to_string(max_params) + " members is expected");
  else
    out = *members;
}

// The pattern must be one that ICU takes, over names that are there.
void check_pattern(const std::string& pattern, const std::string& locale,
                   const std::string& pointer, const std::vector<std::string_view>& facts,
                   const named_values& params, field_faults& faults) {
  std::string why;
  auto names = dialog::pattern_names(pattern, locale.empty() ? "en" : locale, why);
  if (!names) {
    faults.push_back({pointer, why});
    return;
  }
  for (auto& name : *names) {
    auto root = std::string_view(name).substr(0, name.find('.'));
    bool known =
        std::find(facts.begin(), facts.end(), root) != facts.end() ||
        std::any_of(params.begin(), params.end(), [&](auto& p) { return p.first == root; });
    if (!known)
      faults.push_back({pointer, "uses {" + name + "}, which `params` does not give"});
  }
}

} // namespace

void check_patterns(const localized_text& text, const std::string& pointer,
                    const std::vector<std::string_view>& facts, const named_values& params,
                    field_faults& faults) {
  for (auto& [locale, pattern] : text)
    check_pattern(pattern, locale, pointer + (locale.empty() ? "" : "/" + locale), facts, params,
                  faults);
}

void read_localized(object_reader& in, const char* name, localized_text& out) {
  auto v = in.take(name);
  if (!v)
    return;
  auto fits = [](const value& t) { return t.as_text() && t.as_text()->size() <= max_text; };
  if (fits(*v)) {
    out.emplace_back("", *v->as_text());
    return;
  }
  auto members = v->as_object();
  if (!members || members->empty() || members->size() > max_locales ||
      !std::all_of(members->begin(), members->end(), [&](auto& m) { return fits(m.second); }))
    return in.fault(
        name, "a string of at most 4096 bytes, or one per locale ({\"en\": \"…\"}), is expected");
  for (auto& [locale, text] : *members)
    out.emplace_back(locale, *text.as_text());
}

namespace {

void read_dialog(object_reader& in, const dialog::bot& bot, field_faults& faults,
                 notification& out) {
  auto v = in.take("dialog");
  if (!v)
    return;
  if (!v->as_object())
    return in.fault("dialog", "an object is expected: {\"id\": …, \"params\": {…}}");
  object_reader inner(*v, in.at("dialog"), faults);
  inner.require("id");
  out.dialog = inner.text("id").value_or("");
  read_values(inner, "params", out.dialog_params);
  inner.finish();
  if (out.dialog.empty())
    return;
  for (auto& d : dialog::dialogs(bot)) {
    if (d.id != out.dialog)
      continue;
    for (auto& [name, given] : out.dialog_params)
      if (std::find(d.params.begin(), d.params.end(), name) == d.params.end())
        faults.push_back(
            {in.at("dialog") + "/params/" + name, "dialog " + d.id + " has no such param"});
    return;
  }
  inner.fault("id", "the bot has no such dialog");
}

void read_inhibits(object_reader& in, std::vector<std::string>& out) {
  auto v = in.take("inhibits");
  if (!v)
    return;
  auto list = v->as_list();
  if (!list || list->size() > 32)
    return in.fault("inhibits", "a list of at most 32 topics is expected");
  for (auto& topic : *list)
    if (auto text = topic.as_text(); text && text->size() <= 128)
      out.push_back(*text);
    else
      return in.fault("inhibits", "topics are strings of at most 128 bytes");
}

} // namespace

void read_notification(object_reader& in, const dialog::bot& bot,
                       const std::vector<std::string_view>& facts, field_faults& faults,
                       notification& n) {
  auto before = faults.size();
  read_word(in, "delivery", &parse_delivery_mode, "auto, ad_hoc, deferred, interrupt", n.mode);
  read_word(in, "return", &parse_return, "resume, reset", n.returns);
  read_word(in, "urgency", &parse_urgency, "passive, normal, time_sensitive, critical", n.urgency);
  n.lifetime = in.length("expires_in").value_or(n.lifetime);
  if (n.lifetime <= duration::zero() || n.lifetime > std::chrono::hours(24 * 366))
    in.fault("expires_in", "more than nothing and at most 366 days");
  n.topic = in.text("topic", 128).value_or("");
  n.collapse_key = in.text("collapse_key", 128).value_or("");
  n.digest_key = in.text("digest_key", 128).value_or("");
  n.repeat_window = in.length("repeat_window").value_or(duration::zero());
  n.priority = static_cast<std::uint8_t>(in.whole("priority", 1, 100).value_or(n.priority));
  n.template_id = in.text("template", 128).value_or("");
  read_inhibits(in, n.inhibits);
  read_localized(in, "text", n.text);
  read_dialog(in, bot, faults, n);
  n.needs_answer = in.boolean("needs_answer").value_or(!n.dialog.empty());
  read_values(in, "params", n.params);
  check_patterns(n.text, in.at("text"), facts, n.params, faults);
  if (faults.size() != before)
    return; // what follows would only repeat them
  auto base = in.at("");
  base.pop_back();
  for (auto& refused : delivery::check(n))
    faults.push_back({base + refused.pointer, refused.why});
}

void append_localized(object_writer& o, const char* name, const localized_text& text) {
  if (text.size() == 1 && text.front().first.empty()) {
    o.text(name, text.front().second);
  } else if (!text.empty()) {
    object_writer texts(o.raw(name));
    for (auto& [locale, words] : text)
      texts.text(locale, words);
    texts.end();
  }
}

void append_notification(std::string& out, const notification& n) {
  object_writer o(out);
  o.text("delivery", to_string(n.mode)).text("urgency", to_string(n.urgency));
  o.text("return", n.returns == return_mode::reset ? "reset" : "resume");
  o.length("expires_in", n.lifetime).number("priority", static_cast<int>(n.priority));
  for (auto& [name, text] :
       {std::pair{"topic", &n.topic}, std::pair{"collapse_key", &n.collapse_key},
        std::pair{"digest_key", &n.digest_key}, std::pair{"template", &n.template_id}})
    if (!text->empty())
      o.text(name, *text);
  if (n.repeat_window > duration::zero())
    o.length("repeat_window", n.repeat_window);
  if (!n.inhibits.empty())
    append_list(o.raw("inhibits"), n.inhibits,
                [](auto& to, auto& t) { append_json_string(to, t); });
  append_localized(o, "text", n.text);
  o.flag("needs_answer", n.needs_answer);
  if (!n.dialog.empty()) {
    object_writer d(o.raw("dialog"));
    d.text("id", n.dialog).values("params", n.dialog_params).end();
  }
  if (!n.params.empty())
    o.values("params", n.params);
  o.end();
}

void append_decision(std::string& out, const decision& d, bool with_inputs) {
  object_writer o(out);
  o.text("action", to_string(d.action));
  if (d.action != delivery_action::accepted)
    o.text("code", to_string(d.code));
  o.time("at", d.at);
  if (!d.retry.empty())
    o.text("retry", d.retry);
  if (d.latest)
    o.time("latest", *d.latest);
  if (with_inputs) {
    o.text("rule", d.rule);
    if (!d.inputs.empty())
      o.raw("inputs") += d.inputs;
  }
  o.end();
}

std::string status_of(const journal::stored_notification& n) {
  if (n.ended)
    return *n.ended == interruption_end::answered ? "answered" : "resumed";
  return n.trail.empty() ? "accepted" : to_string(n.trail.back().action);
}

void append_trail(std::string& out, const journal::stored_notification& n) {
  object_writer o(out);
  o.text("id", n.what.id).text("conversation", n.conversation).text("status", status_of(n));
  if (n.activity.empty())
    o.raw("activity") += "null";
  else
    o.text("activity", n.activity);
  if (n.ended)
    o.text("ended", to_string(*n.ended));
  o.time("created", n.what.created).time("expires", n.what.expires());
  append_notification(o.raw("notification"), n.what);
  append_list(o.raw("trail"), n.trail, [](auto& to, auto& d) { append_decision(to, d, true); });
  o.end();
}

} // namespace interject::gateway
