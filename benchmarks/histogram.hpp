// Latencies in the manner of HdrHistogram (which Debian 12 packages for other languages only):
// buckets that grow with the value, so that every percentile is right to a thousandth from 1 µs to
// an hour, in a fixed 200 KB.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace interject::bench {

class histogram {
public:
  /// Of microseconds; what is longer than an hour counts as an hour.
  void record(double us) {
    auto value = static_cast<std::uint64_t>(std::clamp(us, 0.0, 3.6e9));
    ++counts_[place_of(value)];
    ++count_;
    max_ = std::max(max_, value);
  }

  void add(const histogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i)
      counts_[i] += other.counts_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
  }

  /// The p-th percentile, p in 0…1; 0 when nothing was recorded.
  double percentile(double p) const {
    auto wanted = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(std::ceil(p * static_cast<double>(count_))));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size() && count_; ++i)
      if ((seen += counts_[i]) >= wanted)
        return static_cast<double>(std::min(highest_in(i), max_));
    return 0;
  }

  std::uint64_t count() const { return count_; }
  double max() const { return static_cast<double>(max_); }

private:
  // 2^11 places for the smallest values, then 2^10 for each doubling.
  static constexpr unsigned fine = 11;
  static constexpr std::size_t half = std::size_t(1) << (fine - 1);

  static std::size_t place_of(std::uint64_t value) {
    auto width = static_cast<unsigned>(std::bit_width(value));
    auto shift = width > fine ? width - fine : 0;
    return shift * half + static_cast<std::size_t>(value >> shift);
  }
  static std::uint64_t highest_in(std::size_t place) {
    auto shift = place < 2 * half ? 0 : place / half - 1;
    return ((static_cast<std::uint64_t>(place - shift * half) + 1) << shift) - 1;
  }

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(24 * half);
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

} // namespace interject::bench
