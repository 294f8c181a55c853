#include "gateway/idempotency.hpp"

#include "gateway/http.hpp"
#include "gateway/services.hpp"
#include "protocols/ids.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace interject::gateway {

namespace {

constexpr std::size_t longest = 255;

error no_key() {
  return {
      errc::bad_input,
      "header Idempotency-Key: 1 to 255 printable ASCII characters are expected, in one header"};
}

/// Hexadecimal. Each part goes in with its length, so that none can pass for the end of another.
std::string digest(const std::vector<std::string_view>& parts) {
  std::string all;
  for (auto part : parts) {
    all += std::to_string(part.size()) + ':';
    all += part;
  }
  std::array<unsigned char, 32> hash{};
  unsigned size = 0;
  EVP_Digest(all.data(), all.size(), hash.data(), &size, EVP_sha256(), nullptr);
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (auto byte : hash) {
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

void add(std::vector<std::string_view>& to, const parameters& all) {
  for (auto& [name, text] : all) {
    to.push_back(name);
    to.push_back(text);
  }
}

} // namespace

result<std::string> read_idempotency_key(std::string_view field) {
  std::string key(field);
  if (field.size() >= 2 && field.front() == '"' && field.back() == '"') {
    key.clear();
    field = field.substr(1, field.size() - 2);
    for (std::size_t i = 0; i < field.size(); ++i) {
      bool escaped = field[i] == '\\' && i + 1 < field.size();
      key += field[escaped ? ++i : i];
    }
  }
  auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (key.empty() || key.size() > longest || !std::all_of(key.begin(), key.end(), printable))
    return no_key();
  return key;
}

write_id identify(const request& in, std::string_view caller, std::string_view key) {
  std::vector<std::string_view> who{caller, key, in.method};
  who.insert(who.end(), in.target.segments.begin(), in.target.segments.end());
  std::vector<std::string_view> what{in.content_type, in.body};
  add(what, in.event_headers);
  what.emplace_back("?");
  add(what, in.target.query);
  return {digest(who), digest(what)};
}

write_verdict judge(std::string_view print, const std::string* running, const std::string* kept) {
  auto* known = running ? running : kept;
  if (!known)
    return write_verdict::run;
  if (*known != print)
    return write_verdict::other_body;
  return running ? write_verdict::under_way : write_verdict::replay;
}

write_verdict writes_under_way::enter(const write_id& id) {
  std::lock_guard hold(guard_);
  auto [it, fresh] = prints_.try_emplace(id.key, id.print);
  return judge(id.print, fresh ? nullptr : &it->second, nullptr);
}

void writes_under_way::leave(const std::string& key) {
  std::lock_guard hold(guard_);
  prints_.erase(key);
}

std::string exchange::row_id(std::string_view prefix) const {
  if (repeat.key.empty())
    return new_id(prefix);
  // With what was sent, so that a key that is used anew for something else, a day later, makes
  // another row.
  return std::string(prefix) + digest({repeat.key, repeat.print}).substr(0, 32);
}

} // namespace interject::gateway
