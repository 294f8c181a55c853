#include "gateway/outcomes.hpp"

#include "gateway/notification_json.hpp"
#include "gateway/problem.hpp"
#include "gateway/write.hpp"

namespace interject::gateway {

namespace {

/// Of one request, at once: below what a single conversation keeps waiting, so that many for one
/// are not refused.
constexpr std::size_t max_under_way = 16;

struct batch : std::enable_shared_from_this<batch> {
  exchange_ptr x;
  std::vector<interject::notify> items;
  std::vector<told> answers;
  std::function<void(std::vector<told>)> then;
  std::size_t next = 0;
  std::size_t open = 0;

  void go_on() {
    while (next < items.size() && open < max_under_way) {
      auto at = next++;
      ++open;
      answers[at] = {items[at].what.id, items[at].conversation, done{}};
      x->via.ask(x->with.router, std::move(items[at]), x->with.how.decision_timeout,
                 [self = shared_from_this(), at](answer a) {
                   self->answers[at].what = std::move(a);
                   --self->open;
                   self->go_on();
                 });
    }
    if (next == items.size() && open == 0 && then)
      std::exchange(then, nullptr)(std::move(answers));
  }
};

} // namespace

const refused* real_refusal(const answer& a) {
  auto no = std::get_if<refused>(&a);
  return no && no->code != errc::timed_out ? no : nullptr;
}

void tell_all(const exchange_ptr& x, std::vector<interject::notify> items,
              std::function<void(std::vector<told>)> then) {
  auto all = std::make_shared<batch>();
  all->x = x;
  all->items = std::move(items);
  all->answers.resize(all->items.size());
  all->then = std::move(then);
  all->go_on();
}

void append_outcome(std::string& out, const told& t, time_point now) {
  object_writer o(out);
  o.text("id", t.id);
  auto yes = std::get_if<decided>(&t.what);
  auto& where = yes ? yes->conversation : t.conversation;
  if (where.empty())
    o.raw("conversation") += "null";
  else
    o.text("conversation", where);
  decision accepted;
  accepted.at = now;
  append_decision(o.raw("decision"), yes ? yes->what : accepted, false);
  o.end();
}

void append_refused_item(std::string& out, const notification_id& id, unsigned status,
                         std::string_view detail, const field_faults& faults) {
  object_writer o(out);
  if (!id.empty())
    o.text("id", id);
  append_problem(o.raw("error"), status, detail, faults);
  o.end();
}

void append_told(std::string& out, const told& t, time_point now) {
  if (auto no = real_refusal(t.what))
    append_refused_item(out, t.id, status_of(no->code), no->what, {});
  else
    append_outcome(out, t, now);
}

} // namespace interject::gateway
