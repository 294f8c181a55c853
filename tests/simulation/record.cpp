#include "tests/simulation/record.hpp"

#include "tests/simulation/history.hpp"
#include "tests/simulation/promises.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

namespace interject::simulation {

namespace {

using nlohmann::json;

struct checker {
  const record& seen;
  journal::reader& stored;
  std::vector<std::string> broken;

  void say(const std::string& what) { broken.push_back(what); }

  /// Nothing acknowledged is lost, doubled or out of order.
  void posts(const conversation_id& id, const std::vector<line>& lines) {
    auto known = seen.posts.find(id);
    if (known == seen.posts.end())
      return;
    std::map<std::string, std::vector<std::uint64_t>> places;
    for (auto& l : lines) {
      if (!l.from_bot && !known->second.contains(l.client))
        say(id + ": post \"" + l.client + "\" is stored, and nobody sent it");
      if (!l.client.empty())
        places[l.client].push_back(l.seq);
    }
    std::uint64_t last = 0;
    for (auto& client : seen.post_order.at(id)) {
      auto& post = known->second.at(client);
      auto& at = places[client];
      if (at.size() > 1)
        say(id + ": post " + client + " was taken " + std::to_string(at.size()) + " times");
      if (post.activity.empty())
        continue;
      if (at.empty()) {
        say(id + ": acknowledged post " + client + " is lost");
        continue;
      }
      if (post.activity != activity_id(id, at[0]))
        say(id + ": post " + client + " was acknowledged under another id");
      if (at[0] < last)
        say(id + ": post " + client + " is out of order");
      last = at[0];
    }
  }

  /// A client sees each activity once per life, in order, and only what is committed.
  void stream(const conversation_id& id, const std::vector<line>& lines) {
    auto it = seen.streams.find(id);
    if (it == seen.streams.end())
      return;
    std::uint64_t last = 0;
    for (auto& p : it->second) {
      if (p.seq <= last)
        say(id + ": activity " + std::to_string(p.seq) + " was published again or out of order");
      if (p.seq > lines.size() || json::parse(*p.body).value("text", "") != lines[p.seq - 1].text)
        say(id + ": activity " + std::to_string(p.seq) + " was published but is not stored");
      last = std::max(last, p.seq);
    }
  }

  /// An item is never a yes, a quantity never an item.
  void bindings(const conversation_id& id, const std::vector<line>& lines) {
    for (auto& l : lines)
      if (l.from_bot && l.text.starts_with("Ordered, ") &&
          (l.text.find(": item-") == std::string::npos || l.text.find(" x ") == std::string::npos))
        say(id + ": an answer was bound to a wrong question: " + l.text);
  }

  /// "v2" of "Which item, v2?" and of "Sorry, … How many, v2?"; empty for what is no part of an
  /// order.
  static std::string version_in(const std::string& text) {
    for (auto& v : versions)
      if (text.ends_with(", " + v + "?") || text.starts_with("Ordered, " + v + ":"))
        return v;
    return {};
  }
  static std::string question_in(const std::string& text) {
    for (auto* name : {"Which item, ", "How many, "})
      if (auto at = text.find(name); at != std::string::npos && text.ends_with("?"))
        return text.substr(at);
    return {};
  }

  /// What an interruption returns to is the question that it interrupted, and an order ends on the
  /// version of the bot that it began on. Orders nest, as an offer's question lets the user change
  /// the subject.
  void resumption(const conversation_id& id, const std::vector<line>& lines) {
    std::vector<std::string> waiting;
    std::string before;
    for (auto& l : lines) {
      if (!l.from_bot)
        continue;
      auto question = question_in(l.text);
      auto version = version_in(l.text);
      if (!version.empty() && !waiting.empty() && version != version_in(waiting.back()) &&
          question != l.text)
        say(id + ": an order changed its version at \"" + l.text + "\"");
      if (before == "Back to your order.") {
        if (waiting.empty() || l.text != waiting.back())
          say(id + ": it resumed at \"" + l.text + "\" instead of \"" +
              (waiting.empty() ? "" : waiting.back()) + "\"");
      } else if (question.starts_with("Which item")) {
        if (question == l.text) // or a retry
          waiting.push_back(question);
      } else if (!question.empty() && !waiting.empty()) {
        if (version_in(waiting.back()) != version)
          say(id + ": an order changed its version at \"" + l.text + "\"");
        waiting.back() = question;
      } else if (l.text.starts_with("Ordered, ") && !waiting.empty()) {
        waiting.pop_back();
      }
      before = l.text;
    }
  }

  std::map<std::string, int> tokens(const std::vector<line>& lines) {
    std::map<std::string, int> out; // "[n17]" → how often the bot opened with it
    for (auto& l : lines)
      if (l.from_bot && l.text.starts_with("["))
        ++out[l.text.substr(0, l.text.find(']') + 1) + (l.text.ends_with("?") ? "?" : "")];
    return out;
  }

  void notices(std::map<conversation_id, std::map<std::string, int>>& said) {
    for (auto& [id, notice] : seen.notices) {
      auto found = stored.find_notification(id);
      if (!notice.acknowledged)
        continue;
      if (!found || !*found) {
        say("acknowledged notice " + id + " is lost");
        continue;
      }
      auto& last = (*found)->trail.back();
      auto waits = last.action == delivery_action::queued || last.action == delivery_action::held;
      if (waits)
        say("notice " + id + " still waits after its deadline: " + to_string(last.code));
      auto question = notice.what.dialog.empty() ? "" : "?";
      auto times = said[(*found)->conversation]["[" + id + "]" + question];
      auto should = last.action == delivery_action::sent || last.action == delivery_action::pushed;
      if (should && times == 0)
        say("notice " + id + " counts as " + to_string(last.code) + " but was not said");
      if (!should && times > 0)
        say("notice " + id + " counts as " + to_string(last.code) + " but was said");
      if (notice.what.dialog.empty() && times > 1)
        say("notice " + id + " was said " + std::to_string(times) + " times");
    }
  }

  bool cancels(const line& l) {
    if (!l.from_bot || !l.text.starts_with("[n"))
      return false;
    auto notice = stored.find_notification(l.text.substr(1, l.text.find(']') - 1));
    return notice && *notice &&
           std::any_of((*notice)->trail.begin(), (*notice)->trail.end(),
                       [](auto& d) { return d.code == delivery_code::flow_cancelled; });
  }

  /// A call that was begun ends once, with its own answer, unless a notice cancelled its flow.
  void calls(const conversation_id& id, const std::vector<line>& lines) {
    std::map<std::string, int> begun, ended;
    std::set<std::string> under_way; // one dialog that calls may lie under another
    for (auto& l : lines) {
      if (l.from_bot && l.text.starts_with("Looking for ")) {
        under_way.insert(l.text.substr(12));
        ++begun[l.text.substr(12)];
      }
      if (cancels(l))
        for (auto& token : std::exchange(under_way, {}))
          begun.erase(token);
      if (l.from_bot && l.text.starts_with("Found ")) {
        auto colon = l.text.find(": ");
        auto token = l.text.substr(6, colon - 6);
        ++ended[token];
        under_way.erase(token);
        if (l.text.substr(colon + 2) != "answer to " + token)
          say(id + ": call " + token + " got the answer of another: " + l.text);
      }
    }
    for (auto& [token, times] : begun)
      if (times != 1 || ended[token] != 1)
        say(id + ": call " + token + " was begun " + std::to_string(times) + " times and ended " +
            std::to_string(ended[token]) + " times");
    for (auto& [token, times] : ended)
      if (begun[token] == 0)
        say(id + ": call " + token + " ended and was not under way");
  }

  /// Each try of a call carried the same key.
  void keys() {
    for (auto& [url, keys] : seen.calls)
      if (keys.size() != 1)
        say("a call of " + url + " was repeated under another key");
  }
};

} // namespace

std::vector<line> history(const conversation_id& id, journal::reader& stored) {
  std::vector<line> out;
  auto rows = stored.history(id, 0, 100'000);
  if (!rows)
    return out;
  for (auto& row : *rows) {
    auto j = json::parse(*row.body);
    out.push_back({row.seq, j["from"].value("role", "") == "bot", row.client_id,
                   j.value("text", ""), j.value("inputHint", "") == "expectingInput"});
  }
  return out;
}

std::vector<std::string> check(const record& seen, journal::reader& stored) {
  checker c{seen, stored, {}};
  std::map<conversation_id, std::map<std::string, int>> said;
  for (auto& id : seen.conversations) {
    auto lines = history(id, stored);
    for (auto& l : std::getenv("INTERJECT_TALK") ? lines : std::vector<line>())
      std::fprintf(stderr, "%s %llu %s %s\n", id.c_str(), static_cast<unsigned long long>(l.seq),
                   l.from_bot ? "bot>" : "user>", l.text.c_str());
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (lines[i].seq != i + 1)
        c.say(id + ": the stored activities have a gap at " + std::to_string(i + 1));
    c.posts(id, lines);
    c.stream(id, lines);
    c.bindings(id, lines);
    c.resumption(id, lines);
    said[id] = c.tokens(lines);
    check_promises(seen, stored, id, lines, said[id], [&](auto& what) { c.say(id + ": " + what); });
    c.calls(id, lines);
  }
  c.notices(said);
  c.keys();
  return c.broken;
}

} // namespace interject::simulation
