#include "actors/monitors/call_queue.hpp"

#include <algorithm>
#include <cctype>

namespace interject::monitors {

std::string host_key(const std::string& url) {
  auto from = url.find("//");
  if (from == std::string::npos)
    return {};
  from += 2;
  auto out = url.substr(from, url.find_first_of("/?#", from) - from);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

const char* call_queue::put(const std::string& host, const std::string& id) {
  if (waiting_ >= limits_.waiting)
    return "too many calls wait";
  auto& at = lanes_.try_emplace(host, breaker_).first->second;
  if (at.waiting.size() >= limits_.waiting_per_host)
    return "too many calls wait for this host";
  at.waiting.push_back(id);
  ++waiting_;
  return nullptr;
}

void call_queue::erase(const std::string& host, const std::string& id) {
  auto it = lanes_.find(host);
  if (it == lanes_.end())
    return;
  waiting_ -= std::erase(it->second.waiting, id);
  tidy(host);
}

call_queue::verdict call_queue::next(time_point now) {
  auto it = lanes_.upper_bound(last_);
  for (auto left = lanes_.size(); left > 0; --left, ++it) {
    if (it == lanes_.end())
      it = lanes_.begin();
    auto& [host, at] = *it;
    if (at.waiting.empty())
      continue;
    auto take = [&, &at = at] {
      auto id = std::move(at.waiting.front());
      at.waiting.pop_front();
      --waiting_;
      return id;
    };
    if (auto until = at.breaker.opens_at(now))
      return turned_away{take(), *until};
    if (running_ >= limits_.running || at.running >= limits_.running_per_host)
      continue;
    auto permit = at.breaker.admit(now);
    if (!permit)
      continue;
    ++at.running;
    ++running_;
    last_ = host;
    return go{take(), *permit};
  }
  return {};
}

void call_queue::ended(const std::string& host, std::uint64_t permit, circuit_breaker::verdict how,
                       time_point now) {
  auto it = lanes_.find(host);
  if (it == lanes_.end())
    return;
  it->second.breaker.ended(permit, how, now);
  --it->second.running;
  --running_;
  tidy(host);
}

circuit_breaker::state call_queue::state_of(const std::string& host, time_point now) const {
  auto it = lanes_.find(host);
  return it == lanes_.end() ? circuit_breaker::state::closed : it->second.breaker.at(now);
}

/// So that what is kept follows the hosts that fail or are busy, not all that were ever called.
void call_queue::tidy(const std::string& host) {
  auto it = lanes_.find(host);
  if (it != lanes_.end() && it->second.waiting.empty() && it->second.running == 0 &&
      it->second.breaker.pristine())
    lanes_.erase(it);
}

} // namespace interject::monitors
