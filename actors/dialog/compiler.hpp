// How a bot's document becomes programs. Every fault is collected, each with its place and what
// would be right.
#pragma once

#include "actors/dialog/bot_model.hpp"
#include "actors/dialog/operand.hpp"
#include "actors/dialog/substitution.hpp"

#include <initializer_list>
#include <span>
#include <utility>

namespace interject::dialog {

class report {
public:
  void fault(std::string pointer, std::string what, std::string remedy = {}) {
    all.push_back({std::move(pointer), std::move(what), std::move(remedy), false});
  }
  void warn(std::string pointer, std::string what, std::string remedy = {}) {
    all.push_back({std::move(pointer), std::move(what), std::move(remedy), true});
  }
  std::vector<dialog::fault> all;
  /// From a dialog's id, empty for what is no dialog, to one that it opens.
  std::vector<std::pair<std::string, std::uint16_t>> leads;
};

/// "/a~1b": a member's name as part of a JSON pointer.
std::string below(const std::string& pointer, std::string_view key);
std::string below(const std::string& pointer, std::size_t index);

/// Unknown members are faults; those of `later` are known to the format, but not to this version.
void check_keys(report& faults, const value& object, const std::string& pointer,
                std::span<const std::string_view> known,
                std::span<const std::string_view> later = {});

// The member of that name if it has the right type; another type is a fault.
const std::string* text_member(report& faults, const value& object, const std::string& pointer,
                               std::string_view key);
const value::list* list_member(report& faults, const value& object, const std::string& pointer,
                               std::string_view key);
const value* object_member(report& faults, const value& object, const std::string& pointer,
                           std::string_view key);
std::optional<bool> bool_member(report& faults, const value& object, const std::string& pointer,
                                std::string_view key);
std::optional<int> whole_member(report& faults, const value& object, const std::string& pointer,
                                std::string_view key, int least, int most);
std::optional<duration> duration_member(report& faults, const value& object,
                                        const std::string& pointer, std::string_view key);

/// {"per": "1m", "burst": 2}, of a conversation, a topic or a channel.
void check_budget(report& faults, const value& budget, const std::string& pointer);

/// One dialog's compilation.
class dialog_compiler {
public:
  dialog_compiler(bot& b, dialog_model& into, report& to, std::string pointer)
      : faults(to), b_(b), into_(into), root_(std::move(pointer)) {}

  /// Declares parameters and variables, so that other dialogs can be checked against them.
  void prepare(const value& spec);
  void compile(const value& spec);

  report& faults;
  /// What is known only when a notice is taken; set while one is compiled.
  std::vector<std::string> facts;

  // ---- for the parse functions of steps
  /// The step being parsed, in the whole document.
  const std::string& pointer() const { return current_.pointer; }
  std::string pointer(std::string_view key) const { return below(current_.pointer, key); }
  const bot& of() const { return b_; }
  const dialog_model& model() const { return into_; }

  template <class Step> Step& emit(std::unique_ptr<Step> s) {
    auto& it = *s;
    add(std::move(s));
    return it;
  }
  /// Where the next operation will stand.
  std::uint16_t here() const { return static_cast<std::uint16_t>(into_.program.size()); }
  /// The steps under a key of the step being parsed; nothing when it has none.
  void block(const value& spec, std::string_view key);
  void block_at(const value& list, const std::string& at);

  /// `before`, with the progress texts of its phase. True: a phase is open.
  bool before_actions(const value& spec);
  void after_actions(const value& spec);

  text compile_text(const value& spec, const std::string& pointer, bool with_facts = false);
  text text_of(const value& spec, std::string_view key, bool required = false);
  /// The source is the text of an expression.
  expression compile_expression(const value& source, const std::string& pointer,
                                bool with_facts = false, bool checked = false);
  expression expression_of(const value& spec, std::string_view key, bool required = false);
  operand compile_operand(const value& spec, const std::string& pointer, bool with_facts = false);
  std::vector<std::pair<std::string, operand>> operands_of(const value& spec, std::string_view key,
                                                           bool with_facts = false);
  substitution substituted(const std::string& source, const std::string& at,
                           substitution::encoding how);
  /// A variable that the step sets.
  std::optional<std::uint32_t> target_of(const value& spec, std::string_view key);
  std::optional<std::uint32_t> target(const std::string& name, const std::string& at);
  std::optional<std::uint16_t> dialog_of(const value& spec, std::string_view key);
  std::optional<std::uint16_t> dialog_named(const std::string& id, const std::string& at);
  /// Reports parameters that the dialog does not have.
  void check_params(std::uint16_t dialog, const std::vector<std::pair<std::string, operand>>& given,
                    const std::string& at);
  /// A slot that no name reaches.
  std::uint32_t hidden() {
    into_.locals.push_back({});
    return slots::local | static_cast<std::uint32_t>(into_.locals.size() - 1);
  }
  name_resolver names(bool with_facts, bool checked);
  std::string suggestion(std::string otherwise);

private:
  struct place {
    std::string id, pointer;
    interruptible guard = interruptible::anywhere;
    bool boundary = false; ///< for the first operation only
  };
  void add(std::unique_ptr<step> s);
  void one(const value& spec, const std::string& at);
  void declare_targets(const value& steps);
  void declare(const std::string& name);
  void params(const value& spec);
  void intents(const value& spec);
  progress_plan plan_of(const value& spec, std::string_view phase);
  void progress_texts(progress_plan& plan, const value& list, const std::string& at);
  std::optional<std::uint32_t> slot_of(const std::string& name);

  bot& b_;
  dialog_model& into_;
  std::string root_;
  place current_;
  std::string unknown_; ///< the name that a resolver could not find, for the remedy
};

std::optional<interruptible> parse_interruptible(std::string_view text);

} // namespace interject::dialog
