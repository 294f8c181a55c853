// See explain.hpp; the rows stand in admission.cpp, placement.cpp and bound.cpp.
#include "actors/delivery/explain.hpp"

#include <algorithm>
#include <array>

namespace interject::delivery {

namespace {

constexpr std::array<const char*, delivery_code_count> sentences{
    "nothing was under way, so it was said at once",
    "it was said between two steps",
    "it was said beside the question that is waiting",
    "it was critical, so it was said although something is under way",
    "the question had been left alone for long, so it was said",
    "too many interruptions were open, so its text was said beside the flow",
    "it had waited as long as it may, so it was said then",
    "nothing was under way, so its dialog was opened",
    "it interrupted; the dialog below goes on afterwards",
    "it ended the dialog that was under way, as it asked to",
    "the person is writing; it waits a moment",
    "it waits for the dialog's end or its next boundary",
    "the step must not be interrupted; it waits for the next",
    "another interruption is open; it waits for its end",
    "too many interruptions are open; it waits",
    "a call that cannot be cancelled is under way; it waits",
    "a more urgent notice holds its topic back",
    "no channel reaches the person now",
    "the channel's session window is closed and there is no template",
    "the person has quiet hours",
    "enough was said unasked for now; it waits for its turn",
    "another notice has just been said; it follows in a moment",
    "the conversation is parked after failures; a reset frees it",
    "it went into one message with others",
    "a newer notice of the same key took its place",
    "this id was taken before",
    "it had expired",
    "it expired while it waited",
    "it would expire within the quiet hours",
    "it was taken back",
    "the person has never written and never agreed to be written to",
    "the person has muted its topic",
    "the person has had enough of these for now",
    "the same was said within its repeat window",
    "too much was waiting, and it weighed least",
    "it could not be delivered",
};

constexpr row_words rows[] = {
    {"A1", "was this id taken before?"},
    {"A2", "has it expired?"},
    {"A3", "was it taken back, or has the condition behind it ended?"},
    {"A4",
     "has the person written, opened the messenger or agreed, and not asked to be left alone?"},
    {"A5", "is its topic muted?"},
    {"A6", "has the person had as many as a cap allows?"},
    {"A7", "was the same said within its repeat window?"},
    {"A8", "does another of the same collapse key wait?"},
    {"A9", "does something more urgent hold its topic back?"},
    {"A10", "does a channel reach the person, and is its session window open?"},
    {"A10-other", "does a channel reach the person? This one does not, and the bot names another"},
    {"A11", "has the person quiet hours now?"},
    {"A12", "is there a token left in every budget that it counts in?"},
    {"A13", "is it a progress message of a running step?"},
    {"B1", "is nothing under way?"},
    {"B2", "has a dialog just ended, or is the next step marked as a boundary?"},
    {"B3", "was the waiting question left alone for long?"},
    {"B4", "is the step one that must not be interrupted?"},
    {"B5", "is an interruption under way?"},
    {"B6", "does the dialog wait for a call?"},
    {"B7", "does a question wait for its answer?"},
    {"ladder1", "may the step be interrupted at its boundaries only?"},
    {"ladder2", "are as many interruptions open as may be?"},
    {"ladder3", "is the person writing?"},
    {"ladder4", "would it cut off a call that cannot be cancelled?"},
    {"ladder5", "does it ask to end the flow?"},
    {"ladder6", "nothing stood against an interruption"},
    {"C", "what waits was weighed again"},
    {"C-bound", "it had waited as long as it may"},
    {"C-last", "it was about to expire"},
    {"C-spacing", "was another notice said a moment ago?"},
    {"C-failed", "did the channel take it?"},
    {"parked", "is the conversation parked?"},
};

std::string_view words_of_row(std::string_view rule) {
  for (auto& row : rows)
    if (row.rule == rule)
      return row.asks;
  return {};
}

} // namespace

const char* words_of(delivery_code code) {
  auto i = static_cast<std::size_t>(code);
  return i < sentences.size() ? sentences[i] : "unknown";
}

std::span<const row_words> rows_in_words() {
  return rows;
}

std::string rule_in_words(std::string_view rule) {
  std::string out;
  while (!rule.empty()) {
    auto end = std::min(rule.find('/'), rule.size());
    auto words = words_of_row(rule.substr(0, end));
    if (words.empty())
      return {};
    out += (out.empty() ? "" : out.ends_with('?') ? " " : "; ") + std::string(words);
    rule.remove_prefix(std::min(end + 1, rule.size()));
  }
  return out;
}

} // namespace interject::delivery
