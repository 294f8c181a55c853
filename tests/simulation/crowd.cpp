#include "tests/support/caf_test.hpp"

#include "tests/simulation/crowd.hpp"

#include "actors/conversation/local_messages.hpp"
#include "actors/conversation/state.hpp"
#include "actors/monitors/http_client.hpp"
#include "protocols/codec/binary.hpp"
#include "tests/simulation/crowd_record.hpp"
#include "tests/simulation/simulated_node.hpp"
#include "tests/support/bots.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>

namespace interject::simulation {

namespace {

using namespace std::chrono_literals;

constexpr const char* bot_text = R"json({
  "id": "crowd", "name": "Crowd", "locales": ["en"], "start": "hello",
  "channels": { "directline": {}, "sms": { "url": "http://sms.test/in", "secret": "${env:SMS_SECRET}",
    "session_window": "1m", "otherwise": "directline" } },
  "delivery": { "budget": { "per": "5s", "burst": 5 }, "topics": ["offers"],
    "caps": [ { "topic": "offers", "per": "10m", "at_most": 2 } ] },
  "dialogs": {
    "hello": { "steps": [ { "do": "say", "text": "Hello." } ] },
    "order": { "intents": ["order"], "steps": [
      { "do": "ask", "type": "text", "into": "item", "text": "Which item?" },
      { "do": "say", "text": "Ordered: {item}" } ] },
    "fewer": { "intents": ["stop offers"], "steps": [
      { "do": "prefer", "topics": { "offers": "muted" } }, { "do": "say", "text": "No offers." } ] },
    "more": { "intents": ["want offers"], "steps": [
      { "do": "prefer", "topics": { "offers": "on" } }, { "do": "say", "text": "Offers." } ] }
  } })json";

/// Keeps what is posted until the world answers.
class receiver final : public monitors::http_client {
public:
  struct delivery {
    conversation_id conversation;
    std::uint64_t seq = 0;
    callback done;
  };
  std::uint64_t start(monitors::http_request what, callback done) override {
    delivery d{"", 0, std::move(done)};
    for (auto& [name, key] : what.headers) // d-CONVERSATION-NUMBER
      if (auto dash = key.rfind('-'); name == "Idempotency-Key") {
        d.conversation = key.substr(2, dash - 2);
        d.seq = std::stoull(key.substr(dash + 1));
      }
    open[++last_] = std::move(d);
    return last_;
  }
  void cancel(std::uint64_t call) override { open.erase(call); }
  std::map<std::uint64_t, delivery> open;

private:
  std::uint64_t last_ = 0;
};

struct talker {
  talker(conversation_id name, std::size_t whose) : id(std::move(name)), member(whose) {}
  conversation_id id;
  std::size_t member;
  bool opened = false;
  int sent = 0;
  std::string last;                     ///< what it has said last
  std::optional<post_activity> sending; ///< until it is acknowledged
  std::uint64_t acknowledged = 0;       ///< the last one's place in the conversation
  bool ordering = false;                ///< its next words answer a question
  bool parked = false;                  ///< by what was committed last
};

/// A setting on its way, said or set: sent until it is acknowledged.
struct change {
  std::string key;
  value to;
  ticket set_as = 0; ///< 0: said in a conversation
};

class crowd final : simulated_node {
public:
  explicit crowd(const crowd_plan& how)
      : simulated_node(how.seed, kept_by(how.spoil_store)), how_(how) {
    store_->saw = [this](const journal::commit& c) { saw(c); };
    store_->refuses = [](const journal::commit& c) {
      return std::any_of(c.notifications.begin(), c.notifications.end(),
                         [](auto& n) { return n.id.starts_with("poison-"); });
    };
    // Each has a conversation, the first two have one on each channel.
    for (auto& [user, ids] : std::vector<member>{{"u0", {"web0", "sms0"}},
                                                 {"u1", {"web1", "sms1"}},
                                                 {"u2", {"sms2"}},
                                                 {"u3", {"web3"}}}) {
      for (auto& id : ids)
        talkers_.emplace_back(id, seen_.members.size());
      seen_.members.push_back({user, ids});
    }
    on_way_.resize(seen_.members.size());
    live();
  }
  ~crowd() override { finish(); }

  std::vector<std::string> go() {
    for (int i = 0; i < how_.steps; ++i) {
      act();
      step_some(pick(40));
      take_answers();
    }
    settle();
    return check(seen_, *store_->open_reader(), reached_);
  }
  const reached& came_up() const { return reached_; }

private:
  // ---- life and death of the process

  void live() {
    static const auto bot = interject::test::bot_of(bot_text);
    runtime::node_options o;
    o.bot = bot;
    http_ = std::make_shared<receiver>();
    o.http = http_;
    o.idle_after = 20s;
    o.broadcasts.per_second = 5;
    begin(std::move(o), begun_ticket);
    step_some(pick(60));
  }
  void die() {
    ++reached_["deaths"];
    auto running = store_->open_reader()->running_broadcasts();
    reached_["broadcasts cut off"] += running && !running->empty();
    reached_["deliveries cut off"] += static_cast<int>(http_->open.size());
    reached_["hand-overs cut off"] += hand_overs_on_way();
    end();
    take_answers();
    advancing_ = takes_broadcasts_ = false;
    rest(200'000);
  }

  int hand_overs_on_way() {
    auto rows = store_->open_reader();
    return static_cast<int>(
        std::count_if(seen_.handed_over.begin(), seen_.handed_over.end(), [&](auto& row) {
          auto taken = rows->find_notification(taken_as(row));
          return taken && !*taken && !seen_.erased.contains(row.conversation);
        }));
  }

  void publish(const publication& p) override {
    if (seen_.erased.contains(p.conversation))
      seen_.seen_broken.push_back(p.conversation + " was erased and something was said there");
  }

  /// Every commit that the disk has taken.
  void saw(const journal::commit& c) {
    for (auto& row : c.reminders) { // nothing else sets one here
      seen_.handed_over.push_back(row);
      cut_off_soon_ = cut_off_soon_ || row.notify.id.starts_with("b");
    }
    for (auto& call : c.calls)
      if (call.dead_at) {
        seen_.had_dead_letters.insert(call.conversation);
        ++reached_["dead letters"];
      }
    auto it = std::find_if(talkers_.begin(), talkers_.end(),
                           [&](auto& t) { return t.id == c.conversation; });
    conversation::state s;
    if (it == talkers_.end() || c.state.empty() || !decode_all(c.state, s))
      return;
    for (auto& a : c.activities)
      if (it->parked && s.parked && !a.client_id.empty())
        seen_.seen_broken.push_back(c.conversation + " took a message while it was parked");
    if (it->parked && !s.parked && !resetting_.contains(it->id))
      seen_.seen_broken.push_back(c.conversation + " was parked and is not, and nobody reset it");
    reached_["parked"] += s.parked && !it->parked;
    it->parked = s.parked.has_value();
    it->ordering = !s.talk.stack.empty();
  }

  // ---- what happens

  bool is_gone(const talker& t) const {
    return seen_.erased.contains(t.id) || erasing_.contains(t.id) ||
           seen_.erased.contains(user_of(t)) || erasing_.contains(user_of(t));
  }
  bool is_gone(const member& m) const {
    return seen_.erased.contains(m.user) || erasing_.contains(m.user);
  }
  const user_id& user_of(const talker& t) const { return seen_.members[t.member].user; }

  void act() {
    if (cut_off_soon_ && chance(30)) {
      cut_off_soon_ = false;
      die();
      live();
      return erase_under_broadcast();
    }
    auto what = pick(100);
    if (what < 22)
      speak(any(talkers_));
    else if (what < 42)
      tell(static_cast<std::size_t>(pick(static_cast<int>(seen_.members.size()))));
    else if (what < 54)
      set(static_cast<std::size_t>(pick(static_cast<int>(seen_.members.size()))));
    else if (what < 60)
      begin_or_cancel();
    else if (what < 70)
      answer_delivery(pick(10));
    else if (what < 71)
      fail_deliveries();
    else if (what < 84)
      pass(std::chrono::milliseconds(chance(30) ? pick(400'000) : pick(20'000)));
    else if (what < 89)
      store_->failing = !store_->failing;
    else if (what < 92) {
      die();
      live();
    } else if (what < 95)
      poison();
    else if (what < 97)
      reset(any(talkers_));
    else if (what < 98 && chance(50))
      erase();
    else
      send_again();
  }

  void speak(talker& t) {
    if (is_gone(t))
      return;
    if (!t.opened)
      return send(node_.router, open_conversation{ticket_for(t), t.id, user_of(t), "", "en",
                                                  t.id.starts_with("sms") ? "sms" : "directline"});
    if (!t.sending)
      compose(t);
    send(node_.router, *t.sending);
  }
  void compose(talker& t) {
    incoming_activity a;
    a.client_id = t.id + "+" + std::to_string(++t.sent);
    a.from = user_of(t);
    auto& settings = on_way_[t.member];
    if (t.ordering)
      a.text = "tea";
    else if (chance(40) && !find_change(settings, "topic.offers")) {
      a.text = chance(50) ? "stop offers" : "want offers";
      begin_change(t.member, {"topic.offers", value(a.text == "stop offers" ? "muted" : "on"), 0});
    } else
      a.text = "order";
    t.last = a.text;
    a.rest = R"("type":"message","text":")" + a.text + "\"";
    t.sending = post_activity{ticket_for(t), t.id, a};
  }

  void tell(std::size_t whom) {
    auto& m = seen_.members[whom];
    notification n;
    n.id = "n" + std::to_string(seen_.notices.size() + 1);
    n.mode = chance(50) ? delivery_mode::ad_hoc : delivery_mode::deferred;
    n.urgency = static_cast<urgency>(pick(4));
    n.lifetime = std::chrono::seconds(60 + pick(1200));
    n.created = clock_->now();
    n.topic = chance(60) ? "offers" : "";
    n.text = {{"", "[" + n.id + "]"}};
    seen_.notices[n.id] = {n, m.user, false};
    send(node_.router, notify{0, "", m.user, n});
  }
  /// No row can hold it: its turn fails.
  void poison() {
    auto& t = any(talkers_);
    if (is_gone(t) || !t.opened)
      return;
    for (int i = 0; i < 3; ++i) {
      notification n;
      n.id = "poison-" + std::to_string(++poisons_);
      n.mode = delivery_mode::ad_hoc;
      n.created = clock_->now();
      n.text = {{"", "Poison."}};
      send(node_.router, notify{0, t.id, "", n});
      step_some(60);
    }
  }
  void reset(talker& t) {
    if (is_gone(t) || !t.parked)
      return;
    resetting_.insert(t.id);
    send(node_.router, reset_conversation{0, t.id});
  }

  // ---- settings

  static change* find_change(std::vector<change>& in, std::string_view key) {
    auto it = std::find_if(in.begin(), in.end(), [&](auto& c) { return c.key == key; });
    return it == in.end() ? nullptr : &*it;
  }
  /// From here on what held before may hold or not.
  void begin_change(std::size_t whom, change c) {
    for (auto& s : seen_.settings)
      if (s.user == seen_.members[whom].user && s.key == c.key && s.until == time_point::max())
        s.until = clock_->now();
    on_way_[whom].push_back(std::move(c));
  }
  /// What lay before the news of a change in a mailbox may still be decided as it was, however
  /// late: a change surely holds when no message is on its way any more.
  void sure_of_settings() {
    for (auto& i : unsure_)
      seen_.settings[i].from = clock_->now();
    if (sched.jobs.empty())
      unsure_.clear();
  }
  void end_change(std::size_t whom, change* c) {
    unsure_.push_back(seen_.settings.size());
    ++reached_["settings"];
    seen_.settings.push_back({seen_.members[whom].user, c->key, c->to, clock_->now()});
    on_way_[whom].erase(on_way_[whom].begin() + (c - on_way_[whom].data()));
  }
  void set(std::size_t whom) {
    if (is_gone(seen_.members[whom]))
      return;
    change c;
    switch (pick(4)) {
    case 0:
      c = {"contact", value(chance(60))};
      break;
    case 1:
      c = {"topic.offers", value(chance(50) ? "muted" : "on")};
      break;
    case 2:
      c = {"attr.plan", value(chance(50) ? "gold" : "tin")};
      break;
    default:
      c = {"quiet", some_quiet()};
    }
    if (find_change(on_way_[whom], c.key))
      return;
    c.set_as = setting_ticket + static_cast<ticket>(++settings_);
    begin_change(whom, c);
    send_change(whom, c);
  }
  void send_change(std::size_t whom, const change& c) {
    send(node_.people, set_person{c.set_as, seen_.members[whom].user, {{c.key, c.to}}});
  }
  /// Around the present, so that runs fall into it.
  value some_quiet() {
    if (chance(40))
      return {};
    quiet_hours q;
    q.zone = chance(50) ? "UTC" : "Asia/Tokyo";
    auto local = clock_->now().time_since_epoch() + (q.zone == "UTC" ? 0h : 9h);
    auto minute =
        static_cast<int>(std::chrono::floor<std::chrono::minutes>(local).count() % (24 * 60));
    q.from = (minute + 24 * 60 - 5 + pick(10)) % (24 * 60);
    q.to = (q.from + 5 + pick(30)) % (24 * 60);
    return to_value(q);
  }

  // ---- broadcasts

  void begin_or_cancel() {
    auto& all = seen_.broadcasts;
    if (!all.empty() && chance(30)) {
      return send(node_.broadcasts,
                  person::cancel_broadcast{cancel_ticket + static_cast<ticket>(all.size() - 1),
                                           all.back().what.id});
    }
    if (all.size() >= 4)
      return;
    sent_broadcast b;
    b.what.id = "b" + std::to_string(all.size() + 1);
    b.what.what.mode = delivery_mode::ad_hoc;
    b.what.what.urgency = static_cast<urgency>(pick(4));
    b.what.what.lifetime = 15min;
    b.what.what.topic = chance(50) ? "offers" : "";
    if (chance(40))
      b.what.to = {{{{"plan", person::filter_op::eq, value("gold")}}}};
    if (chance(50))
      b.what.per_second = 1;
    b.what.created = clock_->now();
    b.what.until = *store_->open_reader()->newest_person();
    for (auto& m : seen_.members)
      if (auto p = store_->open_reader()->person(m.user); p && *p)
        b.known.insert(m.user);
    b.what.what.text = {{"", "[" + b.what.id + "]"}};
    all.push_back(b);
    send_broadcast(all.size() - 1);
  }
  /// As the gateway does: once the node has begun, and not when its row is there already.
  void send_broadcast(std::size_t which) {
    if (!takes_broadcasts_)
      return;
    if (auto row = store_->open_reader()->broadcast(seen_.broadcasts[which].what.id); row && *row) {
      seen_.broadcasts[which].begun = true;
      return;
    }
    send(node_.broadcasts, person::begin_broadcast{begin_ticket + static_cast<ticket>(which),
                                                   seen_.broadcasts[which].what});
  }
  std::set<user_id> decided_by(const sent_broadcast& b) {
    std::set<user_id> out;
    auto rows = store_->open_reader();
    for (auto& m : seen_.members)
      if (auto found = rows->find_notification(person::id_for(b.what, m.user)); found && *found)
        out.insert(m.user);
    return out;
  }

  // ---- erasing

  void erase() {
    if (erased_ >= 2)
      return;
    ++erased_;
    auto& t = any(talkers_);
    if (may_go(t))
      erase(chance(50) ? t.id : user_of(t));
  }
  bool may_go(const talker& t) const {
    return !is_gone(t) && std::all_of(talkers_.begin(), talkers_.end(), [&](auto& each) {
      return each.opened || each.member != t.member;
    });
  }
  void erase(const std::string& id) {
    erasing_.insert(id);
    send_erasures();
  }
  /// A broadcast that was cut off sends its slice again: mostly without the conversation that had
  /// handed its notice over.
  void erase_under_broadcast() {
    auto running = store_->open_reader()->running_broadcasts();
    if (!running || chance(30))
      return;
    for (auto& b : *running)
      for (auto& row : seen_.handed_over)
        for (auto& t : talkers_)
          if (row.notify.id.starts_with(b.id + ".") && t.id == handed_by(row) && may_go(t))
            return erase(t.id);
  }
  void send_erasures() {
    for (auto& id : erasing_)
      if (id.starts_with("u"))
        send(node_.people, erase_person{erase_ticket_of(id), id});
      else
        send(node_.router, erase_conversation{erase_ticket_of(id), id});
  }
  ticket erase_ticket_of(const std::string& id) {
    auto at = std::find(erase_names_.begin(), erase_names_.end(), id);
    if (at == erase_names_.end())
      at = erase_names_.insert(at, id);
    return erase_ticket + static_cast<ticket>(at - erase_names_.begin());
  }
  void erased(const std::string& id) {
    ++reached_[id.starts_with("u") ? "persons erased" : "conversations erased"];
    erasing_.erase(id);
    seen_.erased.insert(id);
    for (auto& t : talkers_)
      if (user_of(t) == id && t.opened)
        seen_.erased.insert(t.id);
  }

  // ---- the webhook

  /// Mostly well; else it fails, or breaks off after it has taken the delivery.
  void answer_delivery(int how) {
    if (http_->open.empty())
      return;
    auto it = http_->open.begin();
    std::advance(it, pick(static_cast<int>(http_->open.size())));
    auto d = std::move(it->second);
    http_->open.erase(it);
    monitors::http_answer a;
    if (how != 9 && how != 8) {
      if (!how_.spoil_receiver || how_.spoil_receiver(d.seq))
        seen_.received[d.conversation].push_back(d.seq);
      a.how = monitors::http_answer::kind::answered;
      a.status = how == 7 ? 500 : 202; // it may say so and have taken it
    } else {
      a.how = how == 8 ? monitors::http_answer::kind::timed_out
                       : monitors::http_answer::kind::unreachable;
      a.reason = "the line is cut";
    }
    d.done(std::move(a));
  }

  /// The webhook is down for longer than a delivery is tried.
  void fail_deliveries() {
    for (int i = 0; i < 10; ++i) {
      while (!http_->open.empty())
        answer_delivery(8);
      pass(3min);
      step_some(300);
      take_answers();
    }
  }

  // ---- answers

  static constexpr ticket advance_ticket = 1'000, begun_ticket = 1'001, cancel_ticket = 1'050,
                          begin_ticket = 1'100, erase_ticket = 1'200, setting_ticket = 10'000;
  ticket ticket_for(const talker& t) { return static_cast<ticket>(&t - talkers_.data()) + 1; }

  void send_again() {
    for (auto& [id, n] : seen_.notices)
      if (!n.acknowledged && chance(50))
        send(node_.router, notify{0, "", n.user, n.what});
    for (std::size_t i = 0; i < on_way_.size(); ++i)
      for (auto& c : on_way_[i])
        if (c.set_as && !is_gone(seen_.members[i]))
          send_change(i, c);
    for (std::size_t i = 0; i < seen_.broadcasts.size(); ++i)
      if (!seen_.broadcasts[i].begun)
        send_broadcast(i);
    send_erasures();
  }
  void pass(duration d) {
    if (advancing_)
      return;
    advancing_ = true;
    send(node_.timers, advance_clock{advance_ticket, d});
  }

  void take_answers() {
    for (auto& a : std::exchange(answers_.of<opened>(), {}))
      for (auto& t : talkers_)
        t.opened = t.opened || t.id == a.conversation;
    for (auto& a : std::exchange(answers_.of<posted>(), {}))
      take_posted(talkers_[a.ticket - 1], a);
    for (auto& a : std::exchange(answers_.of<decided>(), {}))
      if (auto it = seen_.notices.find(a.id); it != seen_.notices.end())
        it->second.acknowledged = true;
    for (auto& a : std::exchange(answers_.of<done>(), {}))
      take_done(a.ticket);
    for (auto& a : std::exchange(answers_.of<refused>(), {}))
      if (a.ticket == advance_ticket)
        advancing_ = false;
  }
  void take_posted(talker& t, const posted& a) {
    auto seq = seq_of(t.id, a.activity);
    if (!t.sending || seq <= t.acknowledged)
      return; // an answer to a repeat
    t.acknowledged = seq;
    t.sending.reset();
    if (auto* c = find_change(on_way_[t.member], "topic.offers");
        c && !c->set_as && t.last.ends_with(" offers"))
      end_change(t.member, c);
  }
  void take_done(ticket of) {
    if (of == advance_ticket)
      advancing_ = false;
    takes_broadcasts_ = takes_broadcasts_ || of == begun_ticket;
    for (std::size_t i = 0; i < on_way_.size() && of >= setting_ticket; ++i)
      if (auto it = std::find_if(on_way_[i].begin(), on_way_[i].end(),
                                 [&](auto& c) { return c.set_as == of; });
          it != on_way_[i].end())
        return end_change(i, &*it);
    if (of >= cancel_ticket && of < cancel_ticket + seen_.broadcasts.size()) {
      auto& b = seen_.broadcasts[of - cancel_ticket];
      if (!std::exchange(b.cancelled, true))
        b.decided_then = decided_by(b);
    } else if (of >= begin_ticket && of < begin_ticket + seen_.broadcasts.size()) {
      seen_.broadcasts[of - begin_ticket].begun = true;
    } else if (of >= erase_ticket && of < erase_ticket + erase_names_.size()) {
      erased(erase_names_[of - erase_ticket]);
    }
  }

  // ---- the end

  /// Heals everything, repeats what was not acknowledged, and lets all deadlines pass.
  void settle() {
    store_->failing = false;
    die();
    live();
    for (int i = 0; i < 70; ++i) {
      run();
      take_answers();
      for (auto& t : talkers_) {
        if (t.parked)
          reset(t);
        if (t.sending || (t.ordering && t.opened))
          speak(t);
      }
      send_again();
      resend_dead_letters();
      while (!http_->open.empty()) {
        answer_delivery(0);
        run();
      }
      pass(1min);
    }
    run();
    take_answers();
  }
  void resend_dead_letters() {
    auto rows = store_->open_reader()->calls("");
    if (!rows)
      return;
    for (auto& row : *rows)
      if (row.dead_at)
        send(node_.webhooks, resend_delivery{0, row.id});
  }

  crowd_plan how_;
  std::shared_ptr<receiver> http_;
  std::vector<talker> talkers_;
  std::vector<std::vector<change>> on_way_; ///< by member
  std::set<conversation_id> resetting_;     ///< was asked for once
  std::set<std::string> erasing_;
  std::vector<std::string> erase_names_;
  std::size_t settings_ = 0;
  std::vector<std::size_t> unsure_; ///< settings that not everybody may have heard of
  int poisons_ = 0, erased_ = 0;
  bool cut_off_soon_ = false; ///< a broadcast's notice was handed over
  bool advancing_ = false;
  bool takes_broadcasts_ = false; ///< the broadcaster has read its rows
  crowd_record seen_;
  reached reached_;
};

} // namespace

std::vector<std::string> run(const crowd_plan& how, reached* into) {
  spdlog::set_level(spdlog::level::off); // a failing store is the point here
  crowd c(how);
  auto broken = c.go();
  if (into)
    for (auto& [name, times] : c.came_up())
      (*into)[name] += times;
  return broken;
}

} // namespace interject::simulation
