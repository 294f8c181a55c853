// One dialog: its variables, its steps as a flat program, the phases around them.
#include "actors/dialog/compiler.hpp"
#include "actors/dialog/fold.hpp"
#include "actors/dialog/nearest.hpp"
#include "actors/dialog/registry.hpp"
#include "actors/dialog/steps/phase_step.hpp"

#include <algorithm>

namespace interject::dialog {

namespace {

constexpr std::string_view dialog_keys[] = {"intents", "params", "interruptible",
                                            "resume",  "steps",  "result"};
constexpr std::string_view common_keys[] = {"do", "id", "interruptible", "boundary"};
constexpr std::string_view nested_keys[] = {"then",  "else",       "before",    "after",
                                            "steps", "on_failure", "on_timeout"};

std::optional<param_type> parse_param_type(std::string_view text) {
  constexpr std::pair<std::string_view, param_type> known[] = {
      {"any", param_type::any},        {"text", param_type::text},
      {"number", param_type::number},  {"boolean", param_type::boolean},
      {"yes_no", param_type::boolean}, {"time", param_type::time},
      {"list", param_type::list},      {"object", param_type::object}};
  for (auto& [name, type] : known)
    if (name == text)
      return type;
  return std::nullopt;
}

bool is_name(std::string_view text) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && letter(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9');
  });
}

} // namespace

std::optional<interruptible> parse_interruptible(std::string_view text) {
  if (text == "anywhere")
    return interruptible::anywhere;
  if (text == "boundary")
    return interruptible::boundary;
  if (text == "never")
    return interruptible::never;
  return std::nullopt;
}

void dialog_compiler::prepare(const value& spec) {
  current_.pointer = root_;
  check_keys(faults, spec, root_, dialog_keys);
  params(spec);
  intents(spec);
  if (auto* steps = spec.find("steps"))
    declare_targets(*steps);
}

/// Phrases and patterns; the named groups of a pattern are variables.
void dialog_compiler::intents(const value& spec) {
  constexpr std::string_view keys[] = {"pattern"};
  auto* all = list_member(faults, spec, root_, "intents");
  if (!all)
    return;
  auto self = static_cast<std::uint16_t>(&into_ - b_.dialogs.data());
  for (std::size_t i = 0; i < all->size(); ++i) {
    auto& item = (*all)[i];
    auto at = below(below(root_, "intents"), i);
    if (auto* phrase = item.as_text()) {
      into_.intents.push_back(*phrase);
      if (fold(*phrase).empty())
        faults.fault(at, "the phrase has no words");
      else if (auto taken = b_.intents.add_phrase(*phrase, self))
        faults.fault(at, "\"" + *phrase + "\" leads to dialog \"" + b_.dialogs[*taken].id +
                             "\" already");
      continue;
    }
    check_keys(faults, item, at, keys);
    auto* pattern = text_member(faults, item, at, "pattern");
    if (!pattern) {
      faults.fault(at, "expected a phrase, or {\"pattern\": \"…\"}");
      continue;
    }
    into_.intents.push_back(*pattern);
    std::vector<std::string> groups;
    if (auto why = b_.intents.add_pattern(*pattern, self, groups); !why.empty())
      faults.fault(below(at, "pattern"), "RE2 refuses the pattern: " + why);
    for (auto& name : groups)
      declare(name);
  }
}

void dialog_compiler::compile(const value& spec) {
  if (auto* word = text_member(faults, spec, root_, "interruptible")) {
    if (auto guard = parse_interruptible(*word))
      current_.guard = *guard;
    else
      faults.fault(pointer("interruptible"), "\"" + *word + "\" is unknown",
                   "anywhere, boundary or never");
  }
  into_.resume = text_of(spec, "resume");
  into_.result = expression_of(spec, "result");
  auto* steps = spec.find("steps");
  if (!steps)
    faults.fault(root_, "the dialog has no steps", "add \"steps\": [ … ]");
  else
    block_at(*steps, below(root_, "steps"));
  if (into_.program.size() >= 0xFFFF)
    faults.fault(below(root_, "steps"), "the dialog is too long", "split it with \"call\"");
}

void dialog_compiler::params(const value& spec) {
  auto* all = object_member(faults, spec, root_, "params");
  if (!all)
    return;
  for (auto& [name, kind] : *all->as_object()) {
    auto at = below(below(root_, "params"), name);
    constexpr std::string_view types[] = {"text", "number", "boolean", "time",
                                          "list", "object", "any"};
    constexpr auto which = "text, number, boolean, time, list, object or any";
    std::optional<param_type> type;
    if (auto* word = kind.as_text(); !word)
      faults.fault(at, "a parameter needs a type", which);
    else if (type = parse_param_type(*word); !type)
      faults.fault(at, "\"" + *word + "\" is unknown", suggest(*word, types, which));
    if (!is_name(name))
      faults.fault(at, "\"" + name + "\" is no name", "letters, digits and _, a letter first");
    // A named group of a pattern may have declared it: parameters are put in place before that.
    into_.params.push_back({name, type.value_or(param_type::any)});
    declare(name);
  }
}

void dialog_compiler::declare(const std::string& name) {
  if (std::find(into_.locals.begin(), into_.locals.end(), name) == into_.locals.end())
    into_.locals.push_back(name);
}

/// Variables exist in the whole dialog, wherever they are set.
void dialog_compiler::declare_targets(const value& steps) {
  if (!steps.as_list())
    return;
  for (auto& s : *steps.as_list()) {
    for (auto key : {"into", "for"})
      if (auto* name = s.find(key); name && name->as_text() && is_name(*name->as_text()))
        declare(*name->as_text());
    auto* mode = s.find("mode");
    bool background = mode && mode->as_text() && *mode->as_text() == "background";
    if (auto* read = s.find("read"); read && read->as_object() && !background)
      for (auto& [name, where] : *read->as_object())
        declare(name);
    if (auto* kind = s.find("do"); kind && *kind == value("request"))
      declare("reason");
    for (auto key : nested_keys)
      if (auto* nested = s.find(key))
        declare_targets(*nested);
    if (auto* cases = s.find("cases"); cases && cases->as_list())
      for (auto& c : *cases->as_list())
        if (auto* then = c.find("then"))
          declare_targets(*then);
  }
}

void dialog_compiler::add(std::unique_ptr<step> s) {
  s->id = current_.id;
  s->pointer = current_.pointer.substr(std::min(root_.size() + 1, current_.pointer.size()));
  s->guard = current_.guard;
  s->boundary = std::exchange(current_.boundary, false);
  into_.program.push_back(std::move(s));
}

void dialog_compiler::block(const value& spec, std::string_view key) {
  if (auto* list = spec.find(key))
    block_at(*list, pointer(key));
}

void dialog_compiler::block_at(const value& list, const std::string& at) {
  if (!list.as_list())
    return faults.fault(at,
                        std::string("expected a list of steps, found ") + to_string(list.type()));
  if (at.size() > 1024)
    return faults.fault(at, "steps are nested too deep",
                        "move the inner ones to a dialog of their own");
  for (std::size_t i = 0; i < list.as_list()->size(); ++i)
    one((*list.as_list())[i], below(at, i));
}

void dialog_compiler::one(const value& spec, const std::string& at) {
  ++into_.steps;
  if (!spec.as_object())
    return faults.fault(at, std::string("expected a step, found ") + to_string(spec.type()));
  auto* name = spec.find("do");
  if (!name || !name->as_text())
    return faults.fault(at, "a step needs \"do\"", "such as {\"do\": \"say\", \"text\": \"…\"}");
  auto* kind = find_step(*name->as_text());
  if (!kind) {
    auto all = step_names();
    return faults.fault(below(at, "do"), "there is no step \"" + *name->as_text() + "\"",
                        suggest(*name->as_text(), all, "known are say, ask, set, branch, …"));
  }
  std::vector<std::string_view> known(std::begin(common_keys), std::end(common_keys));
  known.insert(known.end(), kind->keys.begin(), kind->keys.end());
  check_keys(faults, spec, at, known, kind->later);
  auto outer = current_;
  current_.pointer = at;
  current_.id.clear();
  for (auto key : kind->required)
    if (!spec.find(key))
      faults.fault(at, "\"" + std::string(kind->name) + "\" needs \"" + std::string(key) + "\"");
  if (auto* id = text_member(faults, spec, at, "id"))
    current_.id = *id;
  if (auto* word = text_member(faults, spec, at, "interruptible")) {
    if (auto guard = parse_interruptible(*word))
      current_.guard = *guard;
    else
      faults.fault(pointer("interruptible"), "\"" + *word + "\" is unknown",
                   "anywhere, boundary or never");
  }
  current_.boundary = bool_member(faults, spec, at, "boundary").value_or(false);
  kind->parse(*this, spec);
  current_ = std::move(outer);
}

// ---- phases

void dialog_compiler::progress_texts(progress_plan& plan, const value& list,
                                     const std::string& at) {
  constexpr std::string_view keys[] = {"at", "text"};
  if (!list.as_list())
    return faults.fault(at, "expected a list of {\"at\": \"3s\", \"text\": …}");
  for (std::size_t i = 0; i < list.as_list()->size(); ++i) {
    auto& item = (*list.as_list())[i];
    auto here = below(at, i);
    check_keys(faults, item, here, keys);
    auto* words = item.find("text");
    auto when = duration_member(faults, item, here, "at");
    if (!words || !item.find("at"))
      faults.fault(here, "a progress text needs \"at\" and \"text\"");
    if (words)
      plan.texts.push_back({when.value_or(duration{}), compile_text(*words, below(here, "text"))});
  }
  std::stable_sort(plan.texts.begin(), plan.texts.end(),
                   [](auto& a, auto& b) { return a.at < b.at; });
}

progress_plan dialog_compiler::plan_of(const value& spec, std::string_view phase) {
  constexpr std::string_view keys[] = {"pre", "post", "every"};
  constexpr std::string_view every_keys[] = {"first", "then", "text"};
  progress_plan plan;
  auto* progress = spec.find("progress");
  if (!progress)
    return plan;
  auto at = pointer("progress");
  if (progress->as_list()) {
    if (phase == "pre")
      progress_texts(plan, *progress, at);
    return plan;
  }
  if (!progress->as_object()) {
    if (phase == "pre")
      faults.fault(at, "expected a list of texts, or an object with pre, post and every");
    return plan;
  }
  if (phase == "pre")
    check_keys(faults, *progress, at, keys);
  if (auto* list = progress->find(phase))
    progress_texts(plan, *list, below(at, phase));
  if (auto* every = object_member(faults, *progress, at, "every")) {
    auto here = below(at, "every");
    if (phase == "pre")
      check_keys(faults, *every, here, every_keys);
    plan.first = duration_member(faults, *every, here, "first");
    plan.then = duration_member(faults, *every, here, "then");
    if (!plan.first)
      plan.first = plan.then;
    if ((plan.first && *plan.first < std::chrono::seconds(1)) ||
        (plan.then && *plan.then < std::chrono::seconds(1)))
      faults.fault(here, "more often than once a second", "\"1s\" or longer");
    auto* words = every->find("text");
    if (!plan.first || !words)
      faults.fault(here, "\"every\" needs \"text\", and \"first\" or \"then\"");
    else
      plan.periodic = compile_text(*words, below(here, "text"));
  }
  return plan;
}

bool dialog_compiler::before_actions(const value& spec) {
  auto plan = plan_of(spec, "pre");
  bool open = !plan.empty();
  if (open)
    emit(std::make_unique<begin_phase_step>(std::move(plan)));
  block(spec, "before");
  return open;
}

void dialog_compiler::after_actions(const value& spec) {
  if (!spec.find("after"))
    return;
  auto plan = plan_of(spec, "post");
  bool open = !plan.empty();
  if (open)
    emit(std::make_unique<begin_phase_step>(std::move(plan)));
  block(spec, "after");
  if (open)
    emit(std::make_unique<end_phase_step>());
}

} // namespace interject::dialog
