#include "actors/dialog/notice.hpp"

#include <algorithm>

namespace interject::dialog {

namespace {

constexpr std::string_view keys[] = {"delivery",   "urgency",       "text",         "dialog",
                                     "params",     "topic",         "collapse_key", "digest_key",
                                     "expires_in", "return",        "priority",     "needs_answer",
                                     "template",   "repeat_window", "inhibits"};

void add(std::vector<std::uint32_t>& to, const std::vector<std::uint32_t>& slots) {
  for (auto slot : slots)
    if ((slot & slots::kind_mask) != slots::fact &&
        std::find(to.begin(), to.end(), slot) == to.end())
      to.push_back(slot);
}

template <class T>
void enumerated(report& faults, const value& spec, const std::string& at, std::string_view key,
                T& into, std::initializer_list<std::pair<std::string_view, T>> known) {
  auto* word = text_member(faults, spec, at, key);
  if (!word)
    return;
  std::string all;
  for (auto& [name, what] : known) {
    if (name == *word) {
      into = what;
      return;
    }
    all += (all.empty() ? "" : ", ") + std::string(name);
  }
  faults.fault(below(at, key), "\"" + *word + "\" is unknown", all);
}

void words(dialog_compiler& c, const value& spec, const std::string& at, notice_template& t) {
  auto* source = spec.find("text");
  if (!source)
    return;
  auto compiled = c.compile_text(*source, below(at, "text"), true);
  t.base.text = compiled.patterns();
  add(t.captured, compiled.reads());
}

void opened_dialog(dialog_compiler& c, const value& spec, const std::string& at,
                   notice_template& t) {
  constexpr std::string_view dialog_keys[] = {"id", "params"};
  auto* dialog = spec.find("dialog");
  if (!dialog)
    return;
  auto here = below(at, "dialog");
  if (!dialog->as_object())
    return c.faults.fault(here, "expected an object", "{\"id\": \"…\", \"params\": {…}}");
  check_keys(c.faults, *dialog, here, dialog_keys);
  auto* id = text_member(c.faults, *dialog, here, "id");
  if (!id)
    return c.faults.fault(here, "\"id\" is missing", "the dialog that opens");
  t.base.dialog = *id;
  t.base.needs_answer = true;
  auto index = c.dialog_named(*id, below(here, "id"));
  auto* params = object_member(c.faults, *dialog, here, "params");
  if (!params)
    return;
  for (auto& [name, what] : *params->as_object())
    t.dialog_params.emplace_back(name,
                                 c.compile_operand(what, below(below(here, "params"), name), true));
  if (index)
    c.check_params(*index, t.dialog_params, below(here, "params"));
  for (auto& [name, what] : t.dialog_params)
    if (what.deferred())
      add(t.captured, what.reads());
}

text key_text(dialog_compiler& c, const value& spec, const std::string& at, std::string_view key,
              bool late) {
  auto* word = text_member(c.faults, spec, at, key);
  auto made = word ? c.compile_text(*spec.find(key), below(at, key), late) : text();
  return late ? text() : made;
}

/// What the API refuses with 422, refused at load.
void consistent(dialog_compiler& c, const std::string& at, const notification& n, bool has_text) {
  if (n.mode == delivery_mode::ad_hoc && n.needs_answer)
    c.faults.fault(below(at, "delivery"),
                   "ad_hoc leaves the stack untouched, so it cannot need an answer",
                   "\"interrupt\", \"deferred\" or \"auto\"");
  if (n.returns == return_mode::reset && n.mode != delivery_mode::interrupt)
    c.faults.fault(below(at, "return"),
                   "\"reset\" cancels the flow: only an interruption does that",
                   "\"delivery\": \"interrupt\"");
  if (!has_text && (n.dialog.empty() || n.mode == delivery_mode::ad_hoc))
    c.faults.fault(at, "the notice says nothing", "add \"text\"");
}

} // namespace

std::span<const std::string_view> notice_keys() {
  return keys;
}

notice_template compile_notice(dialog_compiler& c, const value& spec, const std::string& at,
                               bool keys_late) {
  notice_template t;
  auto& n = t.base;
  auto& faults = c.faults;
  if (!spec.as_object()) {
    faults.fault(at, "expected a notification", "{\"delivery\": \"auto\", \"text\": …}");
    return t;
  }
  // A notify step is the notice itself: its keys were checked with the step's own.
  if (at != c.pointer())
    check_keys(faults, spec, at, keys);
  enumerated(faults, spec, at, "delivery", n.mode,
             {{"ad_hoc", delivery_mode::ad_hoc},
              {"deferred", delivery_mode::deferred},
              {"interrupt", delivery_mode::interrupt},
              {"auto", delivery_mode::automatic}});
  enumerated(faults, spec, at, "urgency", n.urgency,
             {{"passive", urgency::passive},
              {"normal", urgency::normal},
              {"time_sensitive", urgency::time_sensitive},
              {"critical", urgency::critical}});
  enumerated(faults, spec, at, "return", n.returns,
             {{"resume", return_mode::resume}, {"reset", return_mode::reset}});
  // Its own parameters are there, too, when its texts are rendered.
  auto known = c.facts.size();
  if (auto* params = object_member(faults, spec, at, "params"))
    for (auto& [name, what] : *params->as_object()) {
      t.params.emplace_back(name, c.compile_operand(what, below(below(at, "params"), name)));
      c.facts.push_back(name);
    }
  words(c, spec, at, t);
  opened_dialog(c, spec, at, t);
  if (auto needs = bool_member(faults, spec, at, "needs_answer"))
    n.needs_answer = *needs;
  if (auto* topic = text_member(faults, spec, at, "topic"))
    n.topic = *topic;
  if (auto* name = text_member(faults, spec, at, "template"))
    n.template_id = *name;
  t.collapse_key = key_text(c, spec, at, "collapse_key", keys_late);
  t.digest_key = key_text(c, spec, at, "digest_key", keys_late);
  if (auto length = duration_member(faults, spec, at, "expires_in"))
    n.lifetime = *length;
  if (auto length = duration_member(faults, spec, at, "repeat_window"))
    n.repeat_window = *length;
  if (auto priority = whole_member(faults, spec, at, "priority", 1, 100))
    n.priority = static_cast<std::uint8_t>(*priority);
  if (auto* topics = list_member(faults, spec, at, "inhibits"))
    for (auto& topic : *topics)
      n.inhibits.push_back(display(topic));
  c.facts.resize(known);
  consistent(c, at, n, spec.find("text") != nullptr);
  return t;
}

result<notification> fill(const notice_template& t, const std::vector<std::string>& local_names,
                          const scene& in) {
  auto n = t.base;
  if (!t.collapse_key.empty())
    n.collapse_key = t.collapse_key.format(in.locale(), 0, in);
  if (!t.digest_key.empty())
    n.digest_key = t.digest_key.format(in.locale(), 0, in);
  n.params = capture(in.of(), local_names, t.captured, in);
  auto own = evaluate(t.params, in);
  if (!own)
    return own.error();
  for (auto& p : *own) {
    std::erase_if(n.params, [&](auto& old) { return old.first == p.first; });
    n.params.push_back(std::move(p));
  }
  auto late = evaluate(t.dialog_params, in);
  if (!late)
    return late.error();
  n.dialog_params = std::move(*late);
  return n;
}

} // namespace interject::dialog
