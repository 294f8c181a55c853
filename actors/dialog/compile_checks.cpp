// What is no fault of one place, but of the whole: steps and dialogs that nothing reaches, and
// silence that a channel does not allow. All of it warnings: the bot still does what it says.
#include "actors/dialog/compile_checks.hpp"

#include <algorithm>

namespace interject::dialog {

namespace {

constexpr std::string_view nested_keys[] = {"then",  "else",       "before",    "after",
                                            "steps", "on_failure", "on_timeout"};
constexpr auto request_timeout = std::chrono::seconds(30); ///< as in steps/request.cpp
constexpr int most_times =
    1000; ///< of a text that is said again and again; then it counts as enough

bool is(const value& step, std::string_view key, std::string_view word) {
  auto* member = step.find(key);
  return member && member->as_text() && *member->as_text() == word;
}

bool all_end(const value* steps);

/// The steps after this one are never run.
bool ends(const value& step) {
  if (is(step, "do", "end") || is(step, "do", "replace"))
    return true;
  if (!is(step, "do", "branch") || !all_end(step.find("else")))
    return false;
  auto* cases = step.find("cases");
  if (!cases || !cases->as_list())
    return all_end(step.find("then"));
  return std::all_of(cases->as_list()->begin(), cases->as_list()->end(),
                     [](auto& c) { return all_end(c.find("then")); });
}

bool all_end(const value* steps) {
  return steps && steps->as_list() &&
         std::any_of(steps->as_list()->begin(), steps->as_list()->end(), ends);
}

class checker {
public:
  checker(const bot& b, report& faults) : b_(b), faults_(faults) {}

  void block(const value& steps, const std::string& at) {
    if (!steps.as_list())
      return;
    auto& all = *steps.as_list();
    for (std::size_t i = 0; i < all.size(); ++i) {
      auto here = below(at, i);
      if (i > 0 && ends(all[i - 1]))
        faults_.warn(here, "this step is never reached",
                     "the one before it ends the dialog in every case");
      step(all[i], here);
    }
  }

private:
  void step(const value& spec, const std::string& at) {
    if (is(spec, "do", "request") && !is(spec, "mode", "background"))
      silence(spec, at);
    for (auto key : nested_keys)
      if (auto* nested = spec.find(key))
        block(*nested, below(at, key));
    if (auto* cases = spec.find("cases"); cases && cases->as_list())
      for (std::size_t i = 0; i < cases->as_list()->size(); ++i)
        if (auto* then = (*cases->as_list())[i].find("then"))
          block(*then, below(below(below(at, "cases"), i), "then"));
  }

  static std::optional<duration> length(const value& object, std::string_view key) {
    auto* member = object.find(key);
    return member && member->as_text() ? parse_duration(*member->as_text()) : std::nullopt;
  }

  /// When something is said while the call runs.
  static std::vector<duration> said_at(const value& spec, duration timeout) {
    std::vector<duration> times;
    auto* progress = spec.find("progress");
    auto* texts = progress && progress->as_object() ? progress->find("pre") : progress;
    if (texts && texts->as_list())
      for (auto& text : *texts->as_list())
        if (auto at = length(text, "at"))
          times.push_back(*at);
    auto* every = progress ? progress->find("every") : nullptr;
    if (every) {
      auto then = length(*every, "then");
      auto first = length(*every, "first");
      auto at = first ? first : then;
      for (int i = 0; at && *at < timeout && i < most_times; ++i) {
        times.push_back(*at);
        at = then && then->count() > 0 ? std::optional(*at + *then) : std::nullopt;
      }
    }
    times.push_back(timeout);
    std::sort(times.begin(), times.end());
    return times;
  }

  void silence(const value& spec, const std::string& at) {
    auto timeout = length(spec, "timeout").value_or(request_timeout);
    duration last{}, longest{}, from{};
    for (auto time : said_at(spec, timeout)) {
      time = std::min(time, timeout);
      if (time - last > longest) {
        longest = time - last;
        from = last;
      }
      last = time;
    }
    for (auto& channel : b_.sections.channels)
      if (channel.max_silence && longest > *channel.max_silence)
        faults_.warn(at,
                     "up to " + format_duration(longest) + " without a word, but \"" +
                         channel.name + "\" allows " + format_duration(*channel.max_silence),
                     "add a \"progress\" text at " + format_duration(from + *channel.max_silence) +
                         " or before");
  }

  const bot& b_;
  report& faults_;
};

/// Dialogs that begin by themselves, and what can be reached from there.
void unreached(const bot& b, report& faults) {
  // A bot without any entry of its own is there for notifications only.
  bool entered = b.start || std::any_of(b.dialogs.begin(), b.dialogs.end(),
                                        [](auto& d) { return !d.intents.empty(); });
  if (!entered)
    return;
  std::vector<bool> reached(b.dialogs.size());
  std::vector<std::uint16_t> open;
  auto reach = [&](std::uint16_t dialog) {
    if (!reached[dialog])
      open.push_back(dialog);
    reached[dialog] = true;
  };
  for (auto& entry : {b.start, b.fallback, b.help})
    if (entry)
      reach(*entry);
  for (std::size_t i = 0; i < b.dialogs.size(); ++i)
    // A dialog with parameters is there to be opened by a notification from outside.
    if (!b.dialogs[i].intents.empty() || !b.dialogs[i].params.empty())
      reach(static_cast<std::uint16_t>(i));
  for (auto& [from, to] : faults.leads)
    if (from.empty())
      reach(to);
  while (!open.empty()) {
    auto& id = b.dialogs[open.back()].id;
    open.pop_back();
    for (auto& [from, to] : faults.leads)
      if (from == id)
        reach(to);
  }
  for (std::size_t i = 0; i < b.dialogs.size(); ++i)
    if (!reached[i])
      faults.warn(below("/dialogs", b.dialogs[i].id), "nothing in the bot leads to this dialog",
                  "give it \"intents\", or \"call\" it; a notification from outside can open it");
}

} // namespace

void check_whole(const bot& b, const value& document, report& faults) {
  auto* dialogs = document.find("dialogs");
  if (!dialogs || !dialogs->as_object())
    return;
  checker c(b, faults);
  for (auto& [id, spec] : *dialogs->as_object())
    if (auto* steps = spec.find("steps"))
      c.block(*steps, below(below("/dialogs", id), "steps"));
  unreached(b, faults);
}

} // namespace interject::dialog
