#include "tests/simulation/record.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace interject::simulation {

namespace {

using nlohmann::json;

struct line {
  std::uint64_t seq = 0;
  bool from_bot = false;
  std::string client;
  std::string text;
  bool asks = false;
};

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

  /// What the bot took on, "Noted." say, is done once. (A "remind …" that came when an order asked
  /// for its item is an item: that question takes any text.)
  void promises(const conversation_id& id, const std::vector<line>& lines,
                std::map<std::string, int>& said, const std::string& verb,
                const std::string& promise, const std::string& what) {
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
      if (lines[i].from_bot || !lines[i].text.starts_with(verb) || lines[i + 1].text != promise)
        continue;
      auto token = lines[i].text.substr(verb.size());
      if (auto times = said["[" + token + "]"];
          times != 1 && !(times == 0 && was_withdrawn(id, token)))
        say(what + " " + token + " was said " + std::to_string(times) + " times");
    }
  }

  /// The price rose again while the watch's alert still waited: it was taken back, unheard.
  bool was_withdrawn(const conversation_id& id, const std::string& symbol) {
    constexpr int most = 1000; // ids of a conversation in one run
    for (int n = 1; n <= most; ++n) {
      auto alert = stored.find_notification("w-" + id + "-" + std::to_string(n) + ".1");
      if (!alert || !*alert || (*alert)->trail.empty())
        continue;
      for (auto& [name, v] : (*alert)->what.params)
        if (name == "symbol" && v == value(symbol))
          return (*alert)->trail.back().code == delivery_code::withdrawn;
    }
    return false;
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

std::vector<std::string> check(const record& seen, journal::reader& stored) {
  checker c{seen, stored, {}};
  std::map<conversation_id, std::map<std::string, int>> said;
  for (auto& id : seen.conversations) {
    auto lines = history(id, stored);
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (lines[i].seq != i + 1)
        c.say(id + ": the stored activities have a gap at " + std::to_string(i + 1));
    c.posts(id, lines);
    c.stream(id, lines);
    c.bindings(id, lines);
    c.resumption(id, lines);
    said[id] = c.tokens(lines);
    c.promises(id, lines, said[id], "remind ", "Noted.", "reminder");
    c.promises(id, lines, said[id], "watch ", "Watching.", "watch");
    c.calls(id, lines);
  }
  c.notices(said);
  c.keys();
  return c.broken;
}

} // namespace interject::simulation
