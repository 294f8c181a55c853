#include "gateway/lane.hpp"

#include <boost/asio/post.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace interject::gateway {

namespace {
constexpr auto tick_every = admission::tick_every;
constexpr std::size_t most_kept = 256; ///< places of a list that are kept for the next time

/// An exception of one session must not take the others with it.
template <class Work> void guarded(Work work) {
  try {
    work();
  } catch (const std::exception& e) {
    spdlog::error("gateway.session_failed why=\"{}\"", e.what());
  }
}

template <class T> void empty(std::vector<T>& list) {
  list.clear();
  if (list.capacity() > most_kept)
    std::vector<T>().swap(list);
}
} // namespace

lane::lane(services& shared, caf::actor_system& sys) : with(shared) {
  inbox_ = std::make_shared<inbox>();
  inbox_->to = this;
  auto share =
      std::max<std::int64_t>(1, shared.how.max_requests / config::threads_of(shared.how.threads));
  via = std::make_unique<bridge>(
      sys, [to = inbox_](std::function<void()> work) { to->put(std::move(work)); },
      static_cast<std::size_t>(share), shared.how.max_wait);
  auto& how = shared.how;
  auto shortest = std::min({how.read_timeout, how.idle_timeout, how.stream_idle});
  look_every_ = std::clamp<std::chrono::steady_clock::duration>(shortest / 4, tick_every,
                                                                std::chrono::seconds(1));
}

lane::~lane() {
  std::vector<std::function<void()>> left; // may hold the last of a session
  {
    std::lock_guard hold(inbox_->mutex);
    inbox_->to = nullptr;
    left.swap(inbox_->work);
  }
  left.clear();
  taken_.clear();
  to_flush_.clear();
}

void lane::add(session* s) {
  if (sessions.insert(s).second)
    ++open_sessions;
  if (!std::exchange(ticking_, true))
    tick_later();
}

void lane::remove(session* s) {
  if (sessions.erase(s))
    --open_sessions;
}

// ---- what other threads give

void lane::inbox::put(std::function<void()> one) {
  std::lock_guard hold(mutex);
  if (!to)
    return;
  work.push_back(std::move(one));
  if (work.size() == 1)
    boost::asio::post(to->io, [it = to] { it->take_work(); });
}

void lane::give(std::function<void()> work) {
  inbox_->put(std::move(work));
}

void lane::take_work() {
  {
    std::lock_guard hold(inbox_->mutex);
    taken_.swap(inbox_->work);
  }
  taking_ = true;
  for (auto& work : taken_)
    guarded(std::exchange(work, nullptr));
  taking_ = false;
  empty(taken_);
  flush_all();
}

void lane::flush_soon(std::shared_ptr<session> who) {
  to_flush_.push_back(std::move(who));
  if (!taking_ && to_flush_.size() == 1)
    boost::asio::post(io, [this] { flush_all(); });
}

void lane::flush_all() {
  for (std::size_t i = 0; i < to_flush_.size(); ++i)
    guarded([who = to_flush_[i]] { who->flush(); });
  empty(to_flush_);
}

// ---- time

void lane::leave_all(bool streams) {
  boost::asio::post(io, [this, streams] {
    std::vector<session*> all(sessions.begin(), sessions.end());
    for (auto* s : all)
      if (sessions.contains(s) && s->is_stream() == streams)
        s->leave();
  });
}

void lane::look_for_late(instant now) {
  next_look_ = now + look_every_;
  std::vector<session*> late;
  for (auto* s : sessions)
    if (s->deadline <= now)
      late.push_back(s);
  for (auto* s : late)
    if (sessions.contains(s))
      s->late(now);
}

void lane::tick_later() {
  ticker_.expires_after(tick_every);
  ticker_.async_wait([this](boost::system::error_code ec) {
    if (ec)
      return;
    auto now = std::chrono::steady_clock::now();
    via->tick(now, now - ticker_.expiry());
    if (now >= next_look_)
      look_for_late(now);
    ticking_ = !sessions.empty() || !via->is_at_rest();
    if (ticking_)
      tick_later();
  });
}

} // namespace interject::gateway
