#include "tests/simulation/market.hpp"

namespace interject::simulation {

void market::quote(const std::string& symbol, int about) {
  stalls_[symbol].waiting.push_back(
      {about * decimal::scale + ++quotes_ * decimal::scale / 100'000});
}

void market::pump(time_point now, const std::function<void(take_prices)>& send) {
  for (auto& [symbol, s] : stalls_) {
    if (s.waiting.empty() || s.under_way != 0)
      continue;
    s.under_way = ++last_;
    s.sent = s.sent.value_or(now);
    send({s.under_way, {price_sample{symbol, s.waiting.front(), {}, s.taken + 1}}});
  }
}

void market::taken(ticket t, record& into, time_point now) {
  for (auto& [symbol, s] : stalls_) {
    if (s.under_way != t)
      continue;
    into.prices[symbol].push_back({s.waiting.front(), *s.sent, now});
    s.waiting.pop_front();
    s.sent.reset();
    s.under_way = 0;
    ++s.taken;
  }
}

void market::refused(ticket t) {
  for (auto& [symbol, s] : stalls_)
    if (s.under_way == t)
      s.under_way = 0;
}

void market::cut_off() {
  for (auto& [symbol, s] : stalls_)
    s.under_way = 0;
}

bool market::idle() const {
  for (auto& [symbol, s] : stalls_)
    if (!s.waiting.empty())
      return false;
  return true;
}

std::size_t market::sent(const std::string& symbol) const {
  auto it = stalls_.find(symbol);
  return it == stalls_.end() ? 0 : it->second.taken + (it->second.sent ? 1 : 0);
}

} // namespace interject::simulation
