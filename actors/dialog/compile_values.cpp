// Texts, expressions, operands and names, as a dialog's steps use them.
#include "actors/dialog/compiler.hpp"

#include "actors/dialog/nearest.hpp"
#include "protocols/secret_reference.hpp"

#include <algorithm>

namespace interject::dialog {

namespace {

constexpr std::pair<std::string_view, std::uint32_t> user_specials[] = {{"name", slots::user_name},
                                                                        {"id", slots::user_id}};
constexpr std::pair<std::string_view, std::uint32_t> conversation_specials[] = {
    {"id", slots::conversation_id}, {"locale", slots::conversation_locale}};

std::optional<std::uint32_t> find(std::span<const std::pair<std::string_view, std::uint32_t>> in,
                                  std::string_view name) {
  for (auto& [key, slot] : in)
    if (key == name)
      return slot;
  return std::nullopt;
}

std::uint32_t index_of(std::vector<std::string>& names, std::string_view name) {
  auto it = std::find(names.begin(), names.end(), name);
  if (it == names.end())
    it = names.insert(names.end(), std::string(name));
  return static_cast<std::uint32_t>(it - names.begin());
}

std::string joined(std::span<const std::string_view> path) {
  std::string out;
  for (auto part : path)
    out += (out.empty() ? "" : ".") + std::string(part);
  return out;
}

} // namespace

name_resolver dialog_compiler::names(bool with_facts, bool checked) {
  return [this, with_facts,
          checked](std::span<const std::string_view> path) -> std::optional<resolved_name> {
    if (path.empty())
      return std::nullopt;
    if (with_facts)
      for (std::size_t i = 0; i < facts.size(); ++i)
        if (facts[i] == path[0])
          return resolved_name{slots::fact | static_cast<std::uint32_t>(i), 1};
    if (checked && path[0] == "value")
      return resolved_name{slots::checked, 1};
    if (path[0] == "user" && path.size() > 1) {
      if (auto slot = find(user_specials, path[1]))
        return resolved_name{*slot, 2};
      return resolved_name{slots::user | index_of(b_.user_names, path[1]), 2};
    }
    if (path[0] == "conversation" && path.size() > 1) {
      if (auto slot = find(conversation_specials, path[1]))
        return resolved_name{*slot, 2};
      return resolved_name{slots::conversation | index_of(b_.conversation_names, path[1]), 2};
    }
    auto it = std::find(into_.locals.begin(), into_.locals.end(), path[0]);
    if (it != into_.locals.end())
      return resolved_name{slots::local | static_cast<std::uint32_t>(it - into_.locals.begin()), 1};
    if (path[0] == "now" && path.size() == 1)
      return resolved_name{slots::now, 1};
    unknown_ = joined(path);
    return std::nullopt;
  };
}

/// The remedy of a fault that an unknown name caused, else `otherwise`.
std::string dialog_compiler::suggestion(std::string otherwise) {
  auto word = std::exchange(unknown_, {});
  if (word.empty() || !otherwise.empty())
    return otherwise;
  std::vector<std::string_view> known(into_.locals.begin(), into_.locals.end());
  known.insert(known.end(), facts.begin(), facts.end());
  for (auto name : {"user.name", "user.id", "conversation.id", "conversation.locale", "now"})
    known.push_back(name);
  std::string all;
  for (auto& name : facts)
    all += (all.empty() ? "known here are " : ", ") + name;
  for (auto& name : into_.locals)
    if (!name.empty())
      all += (all.empty() ? "the dialog knows " : ", ") + name;
  return suggest(word, known,
                 !all.empty()    ? all
                 : root_.empty() ? "no dialog runs here: user.NAME and conversation.NAME are known"
                                 : "the dialog has no variables yet: ask or set one");
}

text dialog_compiler::compile_text(const value& spec, const std::string& at, bool with_facts) {
  std::vector<text_fault> found;
  unknown_.clear();
  auto compiled = text::compile(spec, b_.locales, names(with_facts, false), found);
  for (auto& f : found) {
    auto remedy = f.remedy.empty() && !f.warning ? suggestion({}) : f.remedy;
    faults.all.push_back({at + f.pointer, f.what, remedy, f.warning});
  }
  return compiled;
}

text dialog_compiler::text_of(const value& spec, std::string_view key, bool required) {
  auto* words = spec.find(key);
  if (words)
    return compile_text(*words, pointer(key));
  if (required)
    faults.fault(pointer(), "\"" + std::string(key) + "\" is missing");
  return {};
}

expression dialog_compiler::compile_expression(const value& source, const std::string& at,
                                               bool with_facts, bool checked) {
  // A literal boolean or number is an expression too.
  std::string words;
  if (auto* t = source.as_text())
    words = *t;
  else if (source.as_bool() || source.as_number())
    words = display(source);
  else {
    faults.fault(at,
                 std::string("expected an expression as text, found ") + to_string(source.type()));
    return {};
  }
  expression_fault why;
  unknown_.clear();
  auto parsed = expression::parse(words, names(with_facts, checked), why);
  if (parsed)
    return std::move(*parsed);
  faults.fault(at, "column " + std::to_string(why.column) + ": " + why.what, suggestion({}));
  return {};
}

expression dialog_compiler::expression_of(const value& spec, std::string_view key, bool required) {
  auto* source = spec.find(key);
  if (source)
    return compile_expression(*source, pointer(key));
  if (required)
    faults.fault(pointer(), "\"" + std::string(key) + "\" is missing");
  return {};
}

operand dialog_compiler::compile_operand(const value& spec, const std::string& at,
                                         bool with_facts) {
  if (auto* object = spec.as_object();
      object && object->size() == 1 && object->front().first == "=")
    return operand(compile_expression(object->front().second, below(at, "="), with_facts));
  if (auto* words = spec.as_text(); words && words->find_first_of("{'") != std::string::npos) {
    operand made(compile_text(spec, at, with_facts));
    if (made.deferred())
      faults.fault(at,
                   "what a watch brings is known only when it fires: a template cannot wait for it",
                   "write an expression, such as {\"=\": \"price\"}");
    return made;
  }
  if (auto* object = spec.as_object())
    for (auto& [key, member] : *object)
      if (member.find("="))
        faults.fault(below(at, key), "an expression stands only at the top of a value here",
                     "set a variable first");
  return operand(spec);
}

std::vector<std::pair<std::string, operand>>
dialog_compiler::operands_of(const value& spec, std::string_view key, bool with_facts) {
  std::vector<std::pair<std::string, operand>> out;
  if (auto* all = object_member(faults, spec, pointer(), key))
    for (auto& [name, what] : *all->as_object())
      out.emplace_back(name, compile_operand(what, below(pointer(key), name), with_facts));
  return out;
}

substitution dialog_compiler::substituted(const std::string& source, const std::string& at,
                                          substitution::encoding how) {
  std::string unknown;
  bool lenient = how == substitution::encoding::body;
  auto marked = mark_references(source);
  if (!marked) {
    faults.fault(at, marked.error().what,
                 "a secret is written ${env:NAME} or ${file:/absolute/path}");
    return {};
  }
  auto made = substitution::parse(*marked, how, names(false, false), lenient, unknown);
  if (!unknown.empty()) {
    unknown_ = unknown;
    faults.fault(at, "there is no variable \"" + unknown + "\"", suggestion({}));
  }
  unknown_.clear();
  return made;
}

std::optional<std::uint32_t> dialog_compiler::slot_of(const std::string& name) {
  auto dot = name.find('.');
  if (dot != std::string::npos) {
    auto rest = std::string_view(name).substr(dot + 1);
    if (rest.empty() || rest.find('.') != std::string_view::npos)
      return std::nullopt;
    if (name.starts_with("user.") && !find(user_specials, rest))
      return slots::user | index_of(b_.user_names, rest);
    if (name.starts_with("conversation.") && !find(conversation_specials, rest))
      return slots::conversation | index_of(b_.conversation_names, rest);
    return std::nullopt;
  }
  auto it = std::find(into_.locals.begin(), into_.locals.end(), name);
  if (it == into_.locals.end())
    return std::nullopt;
  return slots::local | static_cast<std::uint32_t>(it - into_.locals.begin());
}

std::optional<std::uint32_t> dialog_compiler::target_of(const value& spec, std::string_view key) {
  auto* name = text_member(faults, spec, pointer(), key);
  return name ? target(*name, pointer(key)) : std::nullopt;
}

std::optional<std::uint32_t> dialog_compiler::target(const std::string& name,
                                                     const std::string& at) {
  auto slot = slot_of(name);
  if (!slot)
    faults.fault(at, "\"" + name + "\" cannot be set",
                 "a name of letters, digits and _, or user.NAME, or conversation.NAME");
  return slot;
}

std::optional<std::uint16_t> dialog_compiler::dialog_of(const value& spec, std::string_view key) {
  auto* id = text_member(faults, spec, pointer(), key);
  return id ? dialog_named(*id, pointer(key)) : std::nullopt;
}

std::optional<std::uint16_t> dialog_compiler::dialog_named(const std::string& id,
                                                           const std::string& at) {
  auto found = find_dialog(b_, id);
  if (found) {
    faults.leads.emplace_back(into_.id, *found);
    return found;
  }
  std::vector<std::string_view> known;
  for (auto& [name, index] : b_.by_id)
    known.push_back(name);
  faults.fault(at, "there is no dialog \"" + id + "\"", suggest(id, known));
  return std::nullopt;
}

void dialog_compiler::check_params(std::uint16_t dialog,
                                   const std::vector<std::pair<std::string, operand>>& given,
                                   const std::string& at) {
  auto& wanted = b_.dialogs[dialog].params;
  std::vector<std::string_view> known;
  known.reserve(wanted.size());
  for (auto& p : wanted)
    known.push_back(p.name);
  for (auto& [name, what] : given)
    if (std::find(known.begin(), known.end(), name) == known.end())
      faults.fault(below(at, name),
                   "dialog \"" + b_.dialogs[dialog].id + "\" has no parameter \"" + name + "\"",
                   suggest(name, known, known.empty() ? "it has none" : ""));
}

} // namespace interject::dialog
