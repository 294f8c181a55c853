#include "gateway/bridge.hpp"

#include "actors/journal/journal_actor.hpp"
#include "actors/runtime/caf_compat.hpp"
#include "actors/runtime/messages.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#if !INTERJECT_CAF1
#include <caf/actor_config.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>
#endif

#include <algorithm>
#include <vector>

namespace interject::gateway {

namespace {

constexpr std::chrono::seconds read_limit{10};
const refused too_many{0, errc::unavailable, "too many requests are under way; try again"};
const refused too_late{0, errc::unavailable, std::string(bridge::crowded)};

bool is_said(const question& q) {
  return std::holds_alternative<post_activity>(q) || std::holds_alternative<open_conversation>(q);
}

using give_function = std::function<void(ticket, answer)>;

// Takes the answers of a node and hands them to the bridge's thread, in the order in which they
// came.
#if INTERJECT_CAF1
caf::behavior receptionist(caf::event_based_actor* self, give_function give) {
  self->set_default_handler(caf::drop);
  return {
      [give](const opened& a) { give(a.ticket, a); },
      [give](const posted& a) { give(a.ticket, a); },
      [give](const decided& a) { give(a.ticket, a); },
      [give](const done& a) { give(a.ticket, a); },
      [give](const prices_taken& a) { give(a.ticket, a); },
      [give](const refused& a) { give(a.ticket, a); },
  };
}

caf::actor spawn_receptionist(caf::actor_system& sys, give_function give) {
  return sys.spawn(receptionist, std::move(give));
}
#else
/// On the thread that answers: a mailbox would only wake another one on the way. The answers of
/// one actor keep their order.
class receptionist final : public caf::monitorable_actor {
public:
  receptionist(caf::actor_config& cfg, give_function give)
      : monitorable_actor(cfg), give_(std::move(give)) {}

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    take<opened, posted, decided, done, prices_taken, refused>(what->content());
  }

private:
  template <class... Ts> void take(const caf::type_erased_tuple& what) const {
    (void)((what.match_elements<Ts>() && (give(what.get_as<Ts>(0)), true)) || ...);
  }
  template <class T> void give(const T& a) const { give_(a.ticket, a); }
  const give_function give_;
};

caf::actor spawn_receptionist(caf::actor_system& sys, give_function give) {
  caf::actor_config cfg;
  return caf::make_actor<receptionist, caf::actor>(sys.next_actor_id(), sys.node(), &sys, cfg,
                                                   std::move(give));
}
#endif

} // namespace

bridge::bridge(caf::actor_system& sys, post_function post, std::size_t bound,
               std::chrono::milliseconds most_wait)
    : self_(std::make_shared<bridge*>(this)), post_(std::move(post)), bound_(bound),
      admission_(most_wait) {
  auto give = [to = self_, work = post_](ticket t, answer a) {
    work([to, t, a = std::move(a)]() mutable {
      if (*to)
        (*to)->arrived(t, std::move(a));
    });
  };
  actor_ = spawn_receptionist(sys, give);
}

bridge::~bridge() {
  *self_ = nullptr;
  caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
}

ticket bridge::wait(std::chrono::milliseconds limit, std::function<void(answer)> then, bool said) {
  auto t = ++last_;
  auto now = std::chrono::steady_clock::now();
  waiting_.emplace(t, waiting{std::move(then), now, now + limit, said});
  return t;
}

void bridge::arrived(ticket t, answer a) {
  auto it = waiting_.find(t);
  if (it == waiting_.end())
    return; // given up already
  auto then = std::move(it->second.then);
  // A refusal is quick and says nothing of the others' wait.
  if (it->second.said && std::holds_alternative<refused>(a))
    admission_.dropped();
  else if (it->second.said)
    admission_.answered(std::chrono::steady_clock::now() - it->second.since);
  waiting_.erase(it);
  then(std::move(a));
}

void bridge::ask(const caf::actor& to, question what, std::chrono::milliseconds limit,
                 std::function<void(answer)> then) {
  if (waiting_.size() >= bound_)
    return then(too_many);
  auto said = is_said(what);
  if (said && !admission_.admits())
    return then(too_late);
  if (said)
    admission_.taken();
  auto t = wait(limit, std::move(then), said);
  std::visit([t](auto& q) { q.ticket = t; }, what);
  tell(to, std::move(what));
}

void bridge::tell(const caf::actor& to, question what) {
  std::visit([&](auto& q) { runtime::send_as(actor_, to, std::move(q)); }, what);
}

void bridge::read_erased(const caf::actor& reader, std::function<void(journal::reader&)> job,
                         std::function<void(const refused*)> then) {
  if (waiting_.size() >= bound_)
    return then(&too_many);
  auto t = wait(
      read_limit, [then = std::move(then)](answer a) { then(std::get_if<refused>(&a)); }, false);
  auto run = [to = self_, work = post_, t, job = std::move(job)](journal::reader& rows) {
    job(rows);
    work([to, t] {
      if (*to)
        (*to)->arrived(t, done{t});
    });
  };
  journal::read(reader, std::move(run));
}

void bridge::tick(instant now, std::chrono::steady_clock::duration lag) {
  std::vector<ticket> overdue;
  auto oldest = now;
  for (auto& [t, w] : waiting_) {
    if (w.until <= now)
      overdue.push_back(t);
    if (w.said)
      oldest = std::min(oldest, w.since);
  }
  admission_.tick(lag, now - oldest);
  std::sort(overdue.begin(), overdue.end());
  for (auto t : overdue)
    arrived(t, refused{t, errc::timed_out, "no answer in time; the request may still take effect"});
}

} // namespace interject::gateway
