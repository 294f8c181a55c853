#include "actors/dialog/nearest.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace interject::dialog {

namespace {

/// Letters added, left out, changed, or swapped with their neighbour.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, last, row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before = std::exchange(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

} // namespace

std::string nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  auto limit = std::max<std::size_t>(1, (word.size() + 2) / 3);
  for (auto candidate : candidates)
    if (auto d = distance(word, candidate); d <= limit && d < candidate.size()) {
      best = candidate;
      limit = d == 0 ? 0 : d - 1;
    }
  return std::string(best);
}

std::string suggest(std::string_view word, std::span<const std::string_view> candidates,
                    std::string otherwise) {
  auto best = nearest(word, candidates);
  return best.empty() ? std::move(otherwise) : "did you mean \"" + best + "\"?";
}

} // namespace interject::dialog
