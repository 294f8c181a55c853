#include "gateway/bridge.hpp"

#include "actors/journal/journal_actor.hpp"
#include "actors/runtime/messages.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

namespace interject::gateway {

namespace {

constexpr std::chrono::seconds read_limit{10};
const refused too_many{0, errc::unavailable, "too many requests are under way; try again"};

// Takes the answers of a node and hands them to the bridge's thread, in the order in which they
// came.
caf::behavior receptionist(caf::event_based_actor* self, std::function<void(ticket, answer)> give) {
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

} // namespace

bridge::bridge(caf::actor_system& sys, post_function post, std::size_t bound)
    : self_(std::make_shared<bridge*>(this)), post_(std::move(post)), bound_(bound) {
  auto give = [to = self_, work = post_](ticket t, answer a) {
    work([to, t, a = std::move(a)]() mutable {
      if (*to)
        (*to)->arrived(t, std::move(a));
    });
  };
  actor_ = sys.spawn(receptionist, std::function<void(ticket, answer)>(give));
}

bridge::~bridge() {
  *self_ = nullptr;
  caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
}

ticket bridge::wait(std::chrono::milliseconds limit, std::function<void(answer)> then) {
  auto t = ++last_;
  auto deadline = deadlines_.emplace(std::chrono::steady_clock::now() + limit, t);
  waiting_.emplace(t, waiting{std::move(then), deadline});
  return t;
}

void bridge::arrived(ticket t, answer a) {
  auto it = waiting_.find(t);
  if (it == waiting_.end())
    return; // given up already
  auto then = std::move(it->second.then);
  deadlines_.erase(it->second.deadline);
  waiting_.erase(it);
  then(std::move(a));
}

void bridge::ask(const caf::actor& to, question what, std::chrono::milliseconds limit,
                 std::function<void(answer)> then) {
  if (waiting_.size() >= bound_)
    return then(too_many);
  auto t = wait(limit, std::move(then));
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
  auto t = wait(read_limit, [then = std::move(then)](answer a) { then(std::get_if<refused>(&a)); });
  auto run = [to = self_, work = post_, t, job = std::move(job)](journal::reader& rows) {
    job(rows);
    work([to, t] {
      if (*to)
        (*to)->arrived(t, done{t});
    });
  };
  runtime::send_as(actor_, reader,
                   journal::read_job{std::make_shared<const std::function<void(journal::reader&)>>(
                       std::move(run))});
}

void bridge::tick(std::chrono::steady_clock::time_point now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    auto t = deadlines_.begin()->second;
    arrived(t, refused{t, errc::timed_out, "no answer in time; the request may still take effect"});
  }
}

} // namespace interject::gateway
