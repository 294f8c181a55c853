#include "actors/monitors/retry.hpp"

#include "protocols/ids.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>

namespace interject::monitors {
namespace {

/// Names that differ in one letter must rest differently: FNV's low bits hardly do (the finaliser
/// of SplitMix64).
std::uint64_t mixed(std::uint64_t n) {
  n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9ULL;
  n = (n ^ (n >> 27)) * 0x94d049bb133111ebULL;
  return n ^ (n >> 31);
}

std::optional<time_point> parse_http_date(std::string_view text) {
  std::tm parts{};
  std::string ended(text);
  const char* end = strptime(ended.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (!end || *end)
    return {};
  return time_point(std::chrono::seconds(timegm(&parts)));
}

} // namespace

duration jittered_rest(std::string_view name, std::uint32_t tries, duration first,
                       duration longest) {
  auto doublings = std::clamp<std::uint32_t>(tries, 1, 20) - 1;
  auto most = std::min<duration>(first * (1LL << doublings), longest);
  auto draw = mixed(stable_hash(std::string(name) + "#" + std::to_string(tries)));
  return duration(static_cast<std::int64_t>(draw % static_cast<std::uint64_t>(most.count() + 1)));
}

std::optional<duration> parse_retry_after(std::string_view text, time_point now) {
  constexpr std::int64_t most = 366 * 86'400; // so that nothing overflows
  std::int64_t seconds = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (end == text.data() + text.size() && !text.empty() && text.front() != '-') {
    if (failed == std::errc::result_out_of_range)
      return std::chrono::seconds(most);
    if (failed == std::errc())
      return std::chrono::seconds(std::min(seconds, most));
  }
  auto at = parse_http_date(text);
  if (!at)
    return {};
  return std::clamp<duration>(*at - now, duration::zero(), std::chrono::seconds(most));
}

bool may_pass(const http_answer& a) {
  if (a.how == http_answer::kind::answered)
    return a.status == 408 || a.status == 425 || a.status == 429 || a.status >= 500;
  return a.how == http_answer::kind::unreachable;
}

retry_plan plan_retry(std::string_view name, std::uint32_t tries, std::uint32_t retries,
                      const http_answer& a, duration left, time_point now) {
  if (!may_pass(a) || tries > retries)
    return {};
  auto rest = jittered_rest(name, tries);
  if (auto least = parse_retry_after(a.retry_after, now)) {
    if (*least >= left)
      return {{}, "its host asks to wait longer than the call may take"};
    rest = std::max(rest, *least);
  }
  if (rest >= left)
    return {};
  return {rest, {}};
}

} // namespace interject::monitors
