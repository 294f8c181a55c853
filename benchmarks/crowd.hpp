// The load generator for Direct Line: many customers, each with a conversation, who order one thing
// after another. Every answer is compared with what the seed says that the bot must say.
//   closed loop: each says the next thing as soon as the bot has answered.
//   open loop: things are said at a fixed rate, whether or not the server keeps up. A latency
//   counts from the instant at which the words were due, so a stall shows in every turn that it
//   delays, also in those that could not be sent.
#pragma once

#include "benchmarks/histogram.hpp"
#include "benchmarks/talker.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace interject::bench {

/// What becomes of words in an open loop that are due while their customer still waits for an
/// answer.
enum class when_late {
  say,  ///< said once the answer is there
  stop, ///< the same, but not after the end of the load
  pass, ///< the next customer who does not wait says something; nobody does when all wait
};

/// What came of a stretch of load.
struct stretch {
  double wall = 0; ///< seconds, until the last answer
  double cpu = 0;  ///< seconds of this process, which asks
  std::uint64_t answered = 0;
  std::uint64_t refused = 0; ///< 429 or 503
  std::uint64_t unsaid = 0;  ///< due, but late, or all waited: see when_late
  histogram latency; ///< of the answered: from when it was due to the bot's words on the stream
  histogram refusal; ///< of the refused: from the POST to its answer
};

class crowd {
public:
  crowd(unsigned short port, std::size_t customers, std::uint64_t seed);

  /// All conversations and streams; `lines`: with a connection each to talk on.
  void open(bool lines = true);
  /// Each of the first `customers` orders that often; 0: all do.
  stretch closed(std::size_t orders, std::size_t customers = 0);
  /// `at_once` talk at any time, each of the customers in turn, for so long.
  stretch in_turn(std::size_t at_once, double seconds);
  /// Poisson arrivals, `rate` a second of all together, each for the next customer in a shuffled
  /// round. Refused words are said again at that customer's next turn.
  stretch open_loop(double rate, double seconds, when_late late = when_late::say);
  /// Calls `then` about every `seconds` while load runs.
  void watch(double seconds, std::function<void()> then);
  /// Latencies since it was last called, for `watch`.
  histogram take_interval() { return std::exchange(interval_, {}); }

  std::uint64_t checksum() const { return checksum_; } ///< of all that the bot answered
  std::uint64_t expected() const { return expected_; }
  std::size_t size() const { return customers_.size(); }
  talker& at(std::size_t i) { return *customers_[i].voice; }
  boost::asio::io_context& io() { return io_; }
  /// Until nothing is under way, or for so long.
  void run();
  void run_until(const std::function<bool()>& done);

private:
  using clock = std::chrono::steady_clock;
  struct customer {
    std::unique_ptr<talker> voice;
    std::size_t turn = 0; ///< the next one
    bool waits = false;
    std::deque<clock::time_point> due; ///< while it waits
    clock::time_point since{}, sent{};
  };

  void open_next(bool lines);
  void say(std::size_t who, clock::time_point since);
  void say_next();
  std::size_t next_free();
  void over(std::size_t who, int status, std::string_view text);
  void arrive();
  void arm();
  void tick();
  bool is_over() const;

  boost::asio::io_context io_{1};
  boost::asio::steady_timer arrivals_{io_}, watch_{io_};
  std::vector<customer> customers_;
  std::vector<std::uint32_t> order_; ///< whose turn it is, round and round
  std::uint64_t seed_;
  std::mt19937_64 dice_;
  unsigned short port_;
  std::size_t opened_ = 0, opening_ = 0;
  std::size_t under_way_ = 0;
  std::uint64_t progress_ = 0;
  std::size_t last_turn_ = 0; ///< closed loop: up to which each talks; 0: open loop
  double rate_ = 0;
  clock::time_point next_{}, end_{};
  bool in_turn_ = false; ///< until `end_`
  std::uint64_t arrived_ = 0;
  bool arriving_ = false;
  when_late late_ = when_late::say;
  stretch now_;
  histogram interval_;
  std::uint64_t checksum_ = 0, expected_ = 0;
  std::function<void()> on_watch_;
  double watch_every_ = 0;
};

} // namespace interject::bench
