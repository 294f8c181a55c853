#include "gateway/lane.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <vector>

namespace interject::gateway {

lane::lane(services& shared, caf::actor_system& sys) : with(shared) {
  gate_ = std::make_shared<gate>();
  gate_->io = &io;
  auto post = [to = gate_](std::function<void()> work) {
    std::lock_guard hold(to->mutex);
    if (to->io)
      boost::asio::post(*to->io, std::move(work));
  };
  auto share = std::max<std::int64_t>(1, shared.how.max_requests / shared.how.threads);
  via = std::make_unique<bridge>(sys, post, static_cast<std::size_t>(share));
}

lane::~lane() {
  std::lock_guard hold(gate_->mutex);
  gate_->io = nullptr;
}

void lane::add(session* s) {
  if (sessions.insert(s).second)
    ++open_sessions;
}

void lane::remove(session* s) {
  if (sessions.erase(s))
    --open_sessions;
}

void lane::leave_all(bool streams) {
  boost::asio::post(io, [this, streams] {
    std::vector<session*> all(sessions.begin(), sessions.end());
    for (auto* s : all)
      if (sessions.contains(s) && s->is_stream() == streams)
        s->leave();
  });
}

void lane::start_ticking() {
  ticker_.expires_after(std::chrono::milliseconds(100));
  ticker_.async_wait([this](boost::system::error_code ec) {
    if (ec)
      return;
    via->tick(std::chrono::steady_clock::now());
    start_ticking();
  });
}

} // namespace interject::gateway
