#include "protocols/ids.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

#include <sys/random.h>

namespace interject {

namespace {

constexpr std::string_view base32 = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view hex = "0123456789abcdef";
constexpr std::size_t random_length = 20; // 96 bits in base 32

void append_random(std::string& out) {
  std::array<unsigned char, 12> bytes{};
  for (std::size_t have = 0; have < bytes.size();) {
    auto n = ::getrandom(bytes.data() + have, bytes.size() - have, 0);
    if (n > 0)
      have += static_cast<std::size_t>(n);
    else if (errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "the system gives no random bytes");
  }
  unsigned bits = 0, held = 0;
  for (auto byte : bytes) {
    bits = (bits << 8) | byte;
    for (held += 8; held >= 5; held -= 5)
      out += base32[(bits >> (held - 5)) & 31];
  }
  out += base32[(bits << (5 - held)) & 31];
}

/// `{3 hex digits}-{20 of base 32}`: strict, so that an embedder's "abc-order" is hashed as a
/// whole.
bool has_our_form(std::string_view id) {
  return id.size() == 4 + random_length && id[3] == '-' &&
         id.substr(0, 3).find_first_not_of(hex) == std::string_view::npos &&
         id.substr(4).find_first_not_of(base32) == std::string_view::npos;
}

} // namespace

std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 14695981039346656037U;
  for (char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211U;
  }
  return hash;
}

shard_id shard_of_user(std::string_view user) {
  return static_cast<shard_id>(stable_hash(user) % shard_count);
}

shard_id shard_of(std::string_view conversation) {
  if (!has_our_form(conversation))
    return static_cast<shard_id>(stable_hash(conversation) % shard_count);
  shard_id shard = 0;
  std::from_chars(conversation.data(), conversation.data() + 3, shard, 16);
  return shard;
}

conversation_id new_conversation_id(std::string_view user) {
  conversation_id random;
  append_random(random);
  shard_id shard = shard_of_user(user.empty() ? std::string_view(random) : user);
  conversation_id id;
  id.reserve(4 + random_length);
  id += hex[(shard >> 8) & 15];
  id += hex[(shard >> 4) & 15];
  id += hex[shard & 15];
  id += '-';
  return id += random;
}

std::string new_id(std::string_view prefix) {
  std::string id(prefix);
  append_random(id);
  return id;
}

bool is_notification_id(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == ':' || c == '-';
  });
}

activity_number write_activity_number(std::uint64_t seq) {
  activity_number out{{"|0000000"}, 8};
  char digits[24];
  auto* end = std::to_chars(digits, digits + sizeof digits, seq).ptr;
  auto length = static_cast<std::size_t>(end - digits);
  auto places = std::max<std::size_t>(length, 7);
  std::copy(digits, digits + length, out.text + 1 + places - length);
  out.size = 1 + places;
  return out;
}

std::string activity_id(std::string_view conversation, std::uint64_t seq) {
  auto number = write_activity_number(seq);
  std::string id;
  id.reserve(conversation.size() + number.size);
  id += conversation;
  id += number.view();
  return id;
}

std::uint64_t seq_of(std::string_view conversation, std::string_view activity) {
  if (activity.size() < conversation.size() + 8 || !activity.starts_with(conversation) ||
      activity[conversation.size()] != '|')
    return 0;
  auto digits = activity.substr(conversation.size() + 1);
  std::uint64_t seq = 0;
  auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), seq);
  if (fault != std::errc{} || end != digits.data() + digits.size())
    return 0;
  return digits.size() > 7 && digits.front() == '0' ? 0 : seq; // one spelling a number
}

} // namespace interject
