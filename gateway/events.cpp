// POST of events: the bot's rules make notices of them. A notice's id follows from the event's
// source and id, so that an event that comes again within 7 days is answered as the first time.
#include "actors/dialog/bot_sections.hpp"
#include "gateway/broadcasts.hpp"
#include "gateway/cloud_events.hpp"
#include "gateway/management.hpp"
#include "gateway/outcomes.hpp"
#include "protocols/codec/json_answer.hpp"

#include <openssl/evp.h>

#include <array>
#include <variant>

namespace interject::gateway::management {

namespace {

/// Of all events of one request.
constexpr std::size_t max_notices = 10'000;

/// Of a rule: a notice by its place in the list of all, or the problem that it found nobody.
using outcome_of_rule = std::variant<std::size_t, std::string>;

/// What one event led to, or why to nothing.
struct outcome_of_event {
  const cloud_event* it = nullptr;
  field_faults faults;
  std::vector<outcome_of_rule> notices; ///< in the order of the rules
  std::vector<std::size_t> broadcasts;  ///< by their place in the list of all of them
};

struct all_events {
  read_events read;
  std::vector<outcome_of_event> outcomes;
  std::vector<interject::notify> notices;
  std::vector<person::broadcast> broadcasts;
};

/// `e-{160 bits of SHA-256}.{rule}`: short enough for an id, and nobody can find a second event for
/// it.
notification_id id_of(const cloud_event& e, std::size_t rule) {
  std::array<unsigned char, 32> hash{};
  auto text = std::to_string(e.source.size()) + ":" + e.source + e.id;
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), hash.data(), &size, EVP_sha256(), nullptr);
  constexpr char digits[] = "0123456789abcdef";
  std::string out = "e-";
  for (std::size_t i = 0; i < 20; ++i) {
    out += digits[hash[i] >> 4U];
    out += digits[hash[i] & 15U];
  }
  return out + "." + std::to_string(rule);
}

/// A user or a conversation: a text, or a number as its digits. Empty when it is neither.
std::string name_at(const value& event, const std::string& pointer) {
  auto v = at_pointer(event, pointer);
  if (auto* text = v.as_text())
    return text->size() <= 256 ? *text : std::string();
  return v.as_number() ? display(v) : std::string();
}

/// It has an id and a date, and nobody whom it is for yet.
notification notice_of(const exchange& x, const dialog::event_rule& rule, std::size_t number,
                       const cloud_event& e) {
  named_values with;
  for (auto& [name, where] : rule.with)
    with.emplace_back(name, at_pointer(e.all, where));
  auto what = dialog::notice_of(rule, with, dialog::locales(*x.with.bot).front());
  what.id = id_of(e, number);
  what.created = x.with.clock->now();
  return what;
}

void apply(const exchange& x, const dialog::event_rule& rule, std::size_t number,
           const cloud_event& e, all_events& all, outcome_of_event& out) {
  if (rule.to_everybody) {
    person::broadcast b;
    b.what = notice_of(x, rule, number, e);
    b.id = b.what.id;
    b.to = *rule.to_everybody;
    b.created = b.what.created;
    out.broadcasts.push_back(all.broadcasts.size());
    all.broadcasts.push_back(std::move(b));
    return;
  }
  bool to_user = rule.to_conversation.empty();
  auto& pointer = to_user ? rule.to_user : rule.to_conversation;
  auto whom = name_at(e.all, pointer);
  if (whom.empty()) {
    std::string problem;
    append_refused_item(problem, id_of(e, number), 422,
                        pointer + " names no " + (to_user ? "user" : "conversation") +
                            ": a text of at most 256 bytes or a number is expected there",
                        {});
    out.notices.emplace_back(std::move(problem));
    return;
  }
  interject::notify n;
  (to_user ? n.user : n.conversation) = std::move(whom);
  n.what = notice_of(x, rule, number, e);
  out.notices.emplace_back(all.notices.size());
  all.notices.push_back(std::move(n));
}

void apply_rules(const exchange& x, all_events& all) {
  auto bot = x.with.bot.get(); // its rules are walked, whatever is loaded meanwhile
  auto& rules = dialog::sections(*bot).events;
  for (auto& each : all.read.items) {
    auto& out = all.outcomes.emplace_back();
    out.it = &each.it;
    out.faults = each.faults;
    std::size_t number = 0; // among those for the type, so that other rules may come and go
    for (auto& rule : rules)
      if (out.faults.empty() && rule.type == each.it.type)
        apply(x, rule, ++number, each.it, all, out);
  }
}

void append_event(std::string& out, const outcome_of_event& e, const std::vector<told>& all,
                  const std::vector<begun>& broadcasts, time_point now) {
  object_writer o(out);
  for (auto& [name, text] : {std::pair("source", &e.it->source), std::pair("id", &e.it->id)})
    if (!text->empty())
      o.text(name, *text);
  if (!e.faults.empty()) {
    append_problem(o.raw("error"), 422, "the event is not as CloudEvents 1.0 says", e.faults);
    return o.end();
  }
  append_list(o.raw("notifications"), e.notices, [&](auto& to, auto& each) {
    if (auto* at = std::get_if<std::size_t>(&each))
      append_told(to, all[*at], now);
    else
      to += std::get<std::string>(each);
  });
  if (!e.broadcasts.empty())
    append_list(o.raw("broadcasts"), e.broadcasts,
                [&](auto& to, auto at) { append_begun(to, broadcasts[at]); });
  o.end();
}

bool may_pass(const refused& no) {
  return status_of(no.code) >= 429 && status_of(no.code) != 431;
}

/// Whether it may pass: then the sender of a single event must hear so, and send it again.
const refused* passing_refusal(const std::vector<told>& all, const std::vector<begun>& broadcasts) {
  for (auto& each : all)
    if (auto* no = real_refusal(each.what); no && may_pass(*no))
      return no;
  for (auto& each : broadcasts)
    if (each.no && may_pass(*each.no))
      return &*each.no;
  return nullptr;
}

void answer_with(const exchange_ptr& x, const all_events& all, const std::vector<told>& told,
                 const std::vector<begun>& broadcasts) {
  auto now = x->with.clock->now();
  if (auto* no = passing_refusal(told, broadcasts); no && !all.read.batch)
    return x->answer(problem({no->code, no->what}));
  std::string body;
  if (!all.read.batch) {
    append_event(body, all.outcomes[0], told, broadcasts, now);
  } else {
    object_writer out(body);
    append_list(out.raw("items"), all.outcomes,
                [&](auto& to, auto& each) { append_event(to, each, told, broadcasts, now); });
    out.end();
  }
  x->answer(json_response(202, std::move(body)));
}

} // namespace

void post_events(exchange_ptr x) {
  auto all = std::make_shared<all_events>();
  all->read = read_cloud_events(x->in);
  if (all->read.status)
    return x->answer(problem(all->read.status, all->read.why));
  if (!all->read.batch && refuse_fields(x, all->read.items[0].faults))
    return;
  apply_rules(*x, *all);
  if (all->notices.size() > max_notices)
    return x->answer(
        problem(413, "its events lead to more than 10,000 notices: send fewer at once"));
  tell_all(x, std::move(all->notices), [x, all](std::vector<told> told) {
    begin_all(x, std::move(all->broadcasts), [x, all, told](std::vector<begun> broadcasts) {
      answer_with(x, *all, told, broadcasts);
    });
  });
}

} // namespace interject::gateway::management
