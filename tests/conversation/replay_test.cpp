// Replays the same conversations and the same news under each mode, and holds the table of
// docs/reference/delivery-modes.md against what comes out. To write it anew:
//   INTERJECT_WRITE_DOCS=1 ctest --preset dev -R '^conversation\.replay$'
#define CAF_SUITE replay
#include "tests/support/caf_test.hpp"

#include "actors/conversation/turn.hpp"
#include "tests/support/bots.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

using namespace interject;
using namespace interject::conversation;
using namespace std::chrono_literals;

namespace {

constexpr const char* bot_text = R"json({
  "id": "replay", "delivery": { "budget": { "per": "1m", "burst": 2 } },
  "dialogs": {
    "book": { "intents": ["book"], "resume": "Back to your trip.", "steps": [
      { "do": "ask", "type": "text", "into": "city", "text": "Where to?" },
      { "do": "ask", "type": "text", "into": "day", "text": "When?" },
      { "do": "ask", "type": "text", "into": "nights", "text": "For how long?" },
      { "do": "ask", "type": "text", "into": "who", "text": "Who comes along?" },
      { "do": "say", "text": "Booked." } ] },
    "offer": { "steps": [
      { "do": "ask", "type": "text", "into": "ok", "text": "There is an offer. Do you want it?" },
      { "do": "say", "text": "Noted." } ] }
  } })json";

constexpr int conversations = 60;
constexpr auto length = std::chrono::hours(1);

/// SplitMix64: the same on every machine.
struct dice {
  std::uint64_t state;
  std::uint64_t next() {
    auto z = (state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(most - least + 1));
  }
  duration pause(duration least, duration most) {
    return duration(between(least.count(), most.count()));
  }
};

enum class strategy { ad_hoc, deferred, interrupt, reset, automatic };
struct way {
  strategy how;
  const char* name;
};
constexpr way ways[] = {{strategy::ad_hoc, "`ad_hoc`"},
                        {strategy::deferred, "`deferred`"},
                        {strategy::interrupt, "`interrupt`"},
                        {strategy::reset, "`interrupt`, `return: reset`"},
                        {strategy::automatic, "`auto`"}};

struct score {
  int news = 0, said = 0;
  int mid_prompt = 0; ///< a dialog was pushed over a question that somebody was answering
  int wrong = 0;      ///< an answer was taken by another question than the one that was read
  int again = 0;      ///< answers that were lost with their dialog
  int unseen = 0;
  int bursts = 0; ///< three messages that nobody asked for within ten seconds
  std::map<urgency, std::vector<duration>> delays;
};

/// One person at one desk for an hour: reads the question on the screen, thinks, types, sends.
class visit {
public:
  visit(const dialog::bot& bot, strategy how, std::uint64_t seed, score& into)
      : policy_(policy_of(bot)), by_{bot, policy_},
        how_(how), person_{seed}, sender_{seed ^ 0xabcdef}, score_(into) {
    s_.talk.id = "0a1-r" + std::to_string(seed);
    give(open_conversation{1, s_.talk.id, "ann", "", "en", "directline"});
    act_at_ = now_ + person_.pause(1s, 20s);
    news_at_ = now_ + sender_.pause(10s, 4min);
  }

  void live() {
    const auto end = now_ + length;
    while (now_ < end) {
      auto wake_at = next_wake(by_, s_);
      auto next = std::min({act_at_, news_at_, end, wake_at.value_or(end)});
      now_ = std::max(now_, next);
      if (now_ >= end)
        return;
      if (now_ == news_at_)
        news();
      else if (now_ == act_at_)
        act();
      else
        give(wake{1, s_.talk.id});
    }
  }

private:
  struct known {
    time_point born;
    urgency level;
  };

  std::uint32_t open_prompt() const {
    auto& stack = s_.talk.stack;
    return !stack.empty() && stack.back().waiting == dialog::waiting::answer ? stack.back().prompt
                                                                             : 0;
  }
  std::size_t answered() const {
    std::size_t n = 0;
    for (auto& f : s_.talk.stack)
      if (f.began != dialog::began_as::interrupter)
        n += static_cast<std::size_t>(
            std::count_if(f.locals.begin(), f.locals.end(), [](auto& v) { return !v.is_null(); }));
    return n;
  }

  void give(input in) {
    outcome out;
    take(by_, s_, exists_, seq_, in, now_, out);
    for (auto& row : out.trail)
      for (auto& d : row.decisions)
        judge(row.id, d);
  }

  void judge(const notification_id& id, const decision& d) {
    auto it = pending_.find(id);
    if (it == pending_.end())
      return;
    if (d.code == delivery_code::expired_unseen) {
      ++score_.unseen;
      pending_.erase(it);
    } else if (d.action == delivery_action::sent || d.action == delivery_action::pushed) {
      ++score_.said;
      note_proactive();
      score_.delays[it->second.level].push_back(now_ - it->second.born);
      if (d.action == delivery_action::pushed && was_open_ != 0 &&
          d.code != delivery_code::abandoned)
        ++score_.mid_prompt;
      pending_.erase(it);
    }
  }

  void note_proactive() {
    std::erase_if(recent_, [&](auto at) { return now_ - at >= 10s; });
    recent_.push_back(now_);
    if (recent_.size() == 3)
      ++score_.bursts;
  }

  void news() {
    news_at_ = now_ + sender_.pause(30s, 6min);
    notification n;
    n.id = "n" + std::to_string(++names_);
    n.created = now_;
    n.lifetime = 10min;
    auto roll = sender_.between(0, 99);
    n.urgency = roll < 20   ? urgency::passive
                : roll < 75 ? urgency::normal
                : roll < 95 ? urgency::time_sensitive
                            : urgency::critical;
    n.text = {{"", "News."}};
    const bool asks = sender_.between(0, 9) < 3;
    if (asks && how_ != strategy::ad_hoc) {
      n.dialog = "offer";
      n.needs_answer = true;
    }
    n.mode = how_ == strategy::ad_hoc      ? delivery_mode::ad_hoc
             : how_ == strategy::deferred  ? delivery_mode::deferred
             : how_ == strategy::automatic ? delivery_mode::automatic
                                           : delivery_mode::interrupt;
    if (how_ == strategy::reset)
      n.returns = return_mode::reset;
    ++score_.news;
    pending_[n.id] = {now_, n.urgency};
    was_open_ = open_prompt();
    auto before = answered();
    give(notify{1, s_.talk.id, "", n});
    auto after = answered();
    if (after < before)
      score_.again += static_cast<int>(before - after);
    was_open_ = 0;
  }

  /// Reads the question, then types for a while; what is sent is the answer to what was read.
  void act() {
    if (typing_) {
      typing_ = false;
      auto open = open_prompt();
      if (read_ != 0 && open != 0 && open != read_)
        ++score_.wrong;
      write("something");
      act_at_ = now_ + person_.pause(2s, 15s);
      return;
    }
    if (s_.talk.stack.empty()) {
      read_ = 0;
      write("book");
      act_at_ = now_ + person_.pause(2s, 10s);
      if (person_.between(0, 9) == 0)
        act_at_ += person_.pause(1min, 20min); // called away
      return;
    }
    read_ = open_prompt();
    typing_ = true;
    incoming_activity a;
    a.type = activity_type::typing;
    a.from = "ann";
    give(post_activity{1, s_.talk.id, a});
    act_at_ = now_ + person_.pause(1s, 6s);
  }

  void write(const char* text) {
    incoming_activity a;
    a.text = text;
    a.from = "ann";
    give(post_activity{1, s_.talk.id, a});
  }

  delivery::policy policy_;
  rules by_;
  strategy how_;
  dice person_, sender_;
  score& score_;
  state s_;
  bool exists_ = false, typing_ = false;
  std::uint64_t seq_ = 0;
  std::uint32_t read_ = 0, was_open_ = 0;
  int names_ = 0;
  time_point now_{std::chrono::sys_days{std::chrono::January / 5 / 2026} + 12h}, act_at_, news_at_;
  std::map<notification_id, known> pending_;
  std::vector<time_point> recent_;
};

std::string percentile(std::vector<duration> all, double share) {
  if (all.empty())
    return "–";
  std::sort(all.begin(), all.end());
  auto at =
      std::min(all.size() - 1, static_cast<std::size_t>(share * static_cast<double>(all.size())));
  auto seconds = (all[at].count() + 500) / 1000;
  return std::to_string(seconds) + " s";
}

std::string table() {
  auto bot = test::bot_of(bot_text);
  std::string out = "| mode | said | over a question | wrong bindings | answers lost | expired "
                    "unseen | bursts |\n"
                    "|---|---|---|---|---|---|---|\n";
  std::string delays =
      "| mode | passive | normal | time_sensitive | critical |\n|---|---|---|---|---|\n";
  for (auto& w : ways) {
    score total;
    for (int i = 0; i < conversations; ++i)
      visit(*bot, w.how, static_cast<std::uint64_t>(i) + 1, total).live();
    auto cell = [](auto n) { return " | " + std::to_string(n); };
    out += "| " + std::string(w.name) + cell(total.said) + " of " + std::to_string(total.news) +
           cell(total.mid_prompt) + cell(total.wrong) + cell(total.again) + cell(total.unseen) +
           cell(total.bursts) + " |\n";
    delays += "| " + std::string(w.name);
    for (auto level :
         {urgency::passive, urgency::normal, urgency::time_sensitive, urgency::critical})
      delays += " | " + percentile(total.delays[level], 0.5) + " / " +
                percentile(total.delays[level], 0.99);
    delays += " |\n";
  }
  return out + "\nFrom the news to the words, median / 99th percentile:\n\n" + delays;
}

constexpr const char* begin_mark = "<!-- replay -->\n\n";
constexpr const char* end_mark = "\n<!-- end -->";

} // namespace

CAF_TEST(the table of the modes is what a replay gives) {
  const std::string path = std::string(INTERJECT_SOURCE_DIR) + "/docs/reference/delivery-modes.md";
  std::ifstream in(path);
  std::string page(std::istreambuf_iterator<char>(in), {});
  auto from = page.find(begin_mark), to = page.find(end_mark);
  CAF_REQUIRE(from != page.npos);
  CAF_REQUIRE(to != page.npos);
  from += std::string(begin_mark).size();
  auto now = table();
  if (std::getenv("INTERJECT_WRITE_DOCS")) {
    page.replace(from, to - from, now);
    std::ofstream(path) << page;
    return;
  }
  CAF_CHECK_EQUAL(page.substr(from, to - from), now);
}
