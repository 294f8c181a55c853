// The source of all prices in a run: of each symbol one price is on its way at a time, and sent
// again until it was taken, so that the order in which the monitor has seen them is known.
#pragma once

#include "tests/simulation/record.hpp"

#include <deque>
#include <functional>

namespace interject::simulation {

class market {
public:
  /// The prices of a symbol are told apart by their fraction.
  void quote(const std::string& symbol, int about);
  /// Sends what is not on its way.
  void pump(time_point now, const std::function<void(take_prices)>& send);
  void taken(ticket t, record& into, time_point now);
  void refused(ticket t);
  /// Nobody ran any more: what was on its way is sent again.
  void cut_off();
  bool idle() const;
  /// How many prices of a symbol were sent at least once.
  std::size_t sent(const std::string& symbol) const;
  bool is_its(ticket t) const { return t >= first_ticket; }

private:
  static constexpr ticket first_ticket = 2'000'000;
  struct stall {
    std::deque<decimal> waiting; ///< the first may be on its way
    std::optional<time_point> sent;
    ticket under_way = 0;
    std::uint64_t taken = 0;
  };
  std::map<std::string, stall> stalls_;
  ticket last_ = first_ticket;
  std::int64_t quotes_ = 0;
};

} // namespace interject::simulation
