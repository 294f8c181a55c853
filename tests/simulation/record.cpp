#include "tests/simulation/record.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

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
    out.push_back({row.seq, j["from"].value("role", "") == "bot", row.client_id, j.value("text", ""),
                   j.value("inputHint", "") == "expectingInput"});
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
    for (auto& l : lines)
      if (!l.client.empty())
        places[l.client].push_back(l.seq);
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
      if (l.from_bot && l.text.starts_with("Ordered: ") &&
          (l.text.find("Ordered: item-") != 0 || l.text.find(" x ") == std::string::npos))
        say(id + ": an answer was bound to a wrong question: " + l.text);
  }

  /// What an interruption returns to is the question that it interrupted. Orders nest, as an offer's question lets
  /// the user change the subject.
  void resumption(const conversation_id& id, const std::vector<line>& lines) {
    std::vector<std::string> waiting;
    std::string before;
    for (auto& l : lines) {
      if (!l.from_bot)
        continue;
      auto question = l.text == "Which item?" || l.text == "How many?";
      if (before == "Back to your order.") {
        if (waiting.empty() || l.text != waiting.back())
          say(id + ": it resumed at \"" + l.text + "\" instead of \"" +
              (waiting.empty() ? "" : waiting.back()) + "\"");
      } else if (l.text == "Which item?") {
        waiting.push_back(l.text);
      } else if (question && !waiting.empty()) {
        waiting.back() = l.text;
      } else if (l.text.starts_with("Ordered: ") && !waiting.empty()) {
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

  /// Each reminder that the bot took on is said once. (A "remind …" that came when an order asked for its item is
  /// an item: that question takes any text.)
  void reminders(const std::vector<line>& lines, std::map<std::string, int>& said) {
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
      if (lines[i].from_bot || !lines[i].text.starts_with("remind ") || lines[i + 1].text != "Noted.")
        continue;
      auto token = lines[i].text.substr(7);
      if (auto times = said["[" + token + "]"]; times != 1)
        say("reminder " + token + " was said " + std::to_string(times) + " times");
    }
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
    c.reminders(lines, said[id]);
  }
  c.notices(said);
  return c.broken;
}

} // namespace interject::simulation
