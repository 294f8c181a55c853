#include "benchmarks/crowd.hpp"

#include "benchmarks/harness.hpp"
#include "benchmarks/orders.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

namespace interject::bench {

namespace {

constexpr std::size_t opened_at_once = 64;
constexpr auto give_up_after = std::chrono::minutes(2); ///< a server that answers no more

double us_between(std::chrono::steady_clock::time_point a,
                  std::chrono::steady_clock::time_point b) {
  return std::chrono::duration<double, std::micro>(b - a).count();
}

std::chrono::steady_clock::duration seconds_of(double s) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(s));
}

} // namespace

crowd::crowd(unsigned short port, std::size_t customers, std::uint64_t seed)
    : customers_(customers), order_(customers), seed_(seed), dice_(seed), port_(port) {
  for (auto& c : customers_)
    c.voice = std::make_unique<talker>(io_, port_);
  std::iota(order_.begin(), order_.end(), 0U);
  std::shuffle(order_.begin(), order_.end(), dice_);
}

void crowd::open(bool lines) {
  while (opening_ < std::min(opened_at_once, customers_.size()))
    open_next(lines);
  // Streams are read for ever, so the end is when all are open.
  run();
}

void crowd::open_next(bool lines) {
  ++under_way_;
  customers_[opening_++].voice->open(lines, [this, lines] {
    --under_way_;
    ++opened_;
    if (opening_ < customers_.size())
      open_next(lines);
  });
}

bool crowd::is_over() const {
  return under_way_ == 0 && !arriving_;
}

void crowd::run() {
  run_until([this] { return is_over(); });
}

void crowd::run_until(const std::function<bool()>& done) {
  io_.restart();
  auto give_up = clock::now() + give_up_after;
  for (std::size_t handled = 0; !done();) {
    auto some = io_.run_one_for(std::chrono::milliseconds(100));
    if (some && ++handled % 1024 != 0)
      continue;
    auto progress = now_.answered + now_.refused + opened_;
    if (std::exchange(progress_, progress) != progress)
      give_up = clock::now() + give_up_after;
    else if (clock::now() > give_up)
      throw std::runtime_error("the server answers no more");
  }
}

void crowd::watch(double seconds, std::function<void()> then) {
  watch_every_ = seconds;
  on_watch_ = std::move(then);
  tick();
}

void crowd::tick() {
  watch_.expires_after(seconds_of(watch_every_));
  watch_.async_wait([this](boost::system::error_code ec) {
    if (ec)
      return;
    on_watch_();
    tick();
  });
}

stretch crowd::closed(std::size_t orders, std::size_t customers) {
  now_ = {};
  auto begin = clock::now();
  auto cpu = cpu_seconds();
  last_turn_ = customers_.front().turn + orders * turns_per_order;
  for (std::size_t i = 0; i < (customers ? std::min(customers, size()) : size()); ++i)
    say(i, begin);
  run();
  last_turn_ = 0;
  now_.cpu = cpu_seconds() - cpu;
  now_.wall = us_between(begin, clock::now()) / 1e6;
  return now_;
}

stretch crowd::in_turn(std::size_t at_once, double seconds) {
  now_ = {};
  auto begin = clock::now();
  auto cpu = cpu_seconds();
  end_ = begin + seconds_of(seconds);
  in_turn_ = true;
  for (std::size_t i = 0; i < std::min(at_once, size()); ++i)
    say_next();
  run();
  in_turn_ = false;
  now_.cpu = cpu_seconds() - cpu;
  now_.wall = us_between(begin, clock::now()) / 1e6;
  return now_;
}

void crowd::say_next() {
  say(next_free(), clock::now());
}

/// The next in the round who does not wait; one who does when all of them wait.
std::size_t crowd::next_free() {
  auto next = [&] { return order_[arrived_++ % order_.size()]; };
  auto who = next();
  while (customers_[who].waits && under_way_ < size())
    who = next();
  return who;
}

stretch crowd::open_loop(double rate, double seconds, when_late late) {
  now_ = {};
  rate_ = rate;
  late_ = late;
  auto begin = clock::now();
  auto cpu = cpu_seconds();
  next_ = begin;
  end_ = begin + seconds_of(seconds);
  arriving_ = true;
  arm();
  run();
  now_.cpu = cpu_seconds() - cpu;
  now_.wall = us_between(begin, clock::now()) / 1e6;
  return now_;
}

void crowd::arm() {
  arrivals_.expires_at(next_);
  arrivals_.async_wait([this](boost::system::error_code) { arrive(); });
}

void crowd::arrive() {
  std::exponential_distribution<double> gap(rate_);
  for (auto now = clock::now(); next_ <= now && next_ < end_; next_ += seconds_of(gap(dice_))) {
    auto who = late_ == when_late::pass ? next_free() : order_[arrived_++ % order_.size()];
    if (auto& c = customers_[who]; !c.waits)
      say(who, next_);
    else if (late_ == when_late::pass)
      ++now_.unsaid;
    else
      c.due.push_back(next_);
  }
  if (next_ < end_)
    return arm();
  arriving_ = false;
  if (late_ == when_late::stop)
    for (auto& c : customers_) {
      now_.unsaid += c.due.size();
      c.due.clear();
    }
}

void crowd::say(std::size_t who, clock::time_point since) {
  auto& c = customers_[who];
  c.waits = true;
  c.since = since;
  c.sent = clock::now();
  ++under_way_;
  auto words = make_order(seed_, who, c.turn / turns_per_order);
  c.voice->say(words.says[c.turn % turns_per_order],
               [this, who](int status, std::string_view text) { over(who, status, text); });
}

void crowd::over(std::size_t who, int status, std::string_view text) {
  auto now = clock::now();
  auto& c = customers_[who];
  c.waits = false;
  --under_way_;
  if (status == 429 || status == 503) {
    ++now_.refused;
    now_.refusal.record(us_between(c.sent, now));
  } else if (status == 200) {
    ++now_.answered;
    now_.latency.record(us_between(c.since, now));
    interval_.record(us_between(c.since, now));
    checksum_ = add_text(checksum_, text);
    auto order = make_order(seed_, who, c.turn / turns_per_order);
    expected_ = add_text(expected_, order.hears[c.turn % turns_per_order]);
    ++c.turn;
  } else {
    throw std::runtime_error("a turn was answered " + std::to_string(status));
  }
  if (last_turn_ && c.turn < last_turn_)
    return say(who, now);
  if (in_turn_ && now < end_)
    return say_next();
  if (!c.due.empty()) {
    auto due = c.due.front();
    c.due.pop_front();
    say(who, due);
  }
}

} // namespace interject::bench
