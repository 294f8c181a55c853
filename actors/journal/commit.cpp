#include "actors/journal/commit.hpp"

#include "protocols/codec/json_append.hpp"

#include <openssl/sha.h>

namespace interject::journal {
namespace {

std::size_t size_of(const named_values& values) {
  std::size_t n = 0;
  for (auto& [name, v] : values)
    n += name.size() + 48 + (v.as_text() ? v.as_text()->size() : 0);
  return n;
}

std::size_t size_of(const notification& n) {
  auto size = sizeof n + n.id.size() + size_of(n.params) + size_of(n.dialog_params);
  for (auto& [locale, text] : n.text)
    size += locale.size() + text.size();
  return size;
}

} // namespace

std::size_t commit::bytes() const {
  auto n = sizeof *this + state.size();
  for (auto& a : activities)
    n += sizeof a + a.client_id.size() + (a.body ? a.body->size() : 0);
  for (auto& f : files)
    n += sizeof f + f.name.size() + f.content_type.size() + f.body.size();
  for (auto& row : notifications) {
    n += sizeof row + (row.what ? size_of(*row.what) : 0);
    for (auto& d : row.decisions)
      n += sizeof d + d.inputs.size();
  }
  for (auto& w : watches)
    n += sizeof w + size_of(w.notify);
  for (auto& r : reminders)
    n += sizeof r + size_of(r.notify);
  for (auto& c : calls)
    n += sizeof c + c.url.size() + c.body.size() + size_of(c.notify);
  for (auto& k : kept)
    n += sizeof k + k.key.size() + k.body.size();
  for (auto& v : person_values)
    n += sizeof v + v.key.size() + display(v.to).size();
  for (auto& b : broadcasts)
    n += sizeof b + b.body.size();
  return n + persons.size() * sizeof(person_row) + symbols.size() * sizeof(symbol_row);
}

result<void> check_epoch(const fence& f, std::uint64_t newest) {
  if (f.epoch < newest)
    return error{errc::fenced, "shard " + std::to_string(f.shard) + " has moved on to epoch " +
                                   std::to_string(newest) + ", the commit has " +
                                   std::to_string(f.epoch)};
  return {};
}

result<void> check_turn(const commit& c, std::uint64_t version, std::uint64_t last_seq) {
  if (c.conversation.empty()) {
    if (!c.activities.empty())
      return error{errc::conflict, "activities without a conversation"};
    return {};
  }
  if (c.expected_version != version)
    return error{errc::stale_version, "the conversation is at version " + std::to_string(version) +
                                          ", the commit expects " +
                                          std::to_string(c.expected_version)};
  auto next = last_seq;
  for (auto& a : c.activities)
    if (a.seq != ++next || !a.body)
      return error{errc::conflict, "activity " + std::to_string(a.seq) + " stands where " +
                                       std::to_string(next) + " is next, or has no body"};
  return {};
}

std::string in_json(std::string_view id) {
  std::string out;
  append_json_string(out, id);
  return out;
}

std::string tombstone_of(const std::string& salt, std::string_view id) {
  std::string salted = salt;
  salted += id;
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(salted.data()), salted.size(),
         reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

std::string new_salt() {
  return new_id("");
}

void append_trail(std::vector<decision>& trail, const std::vector<decision>& more) {
  trail.insert(trail.end(), more.begin(), more.end());
  if (trail.size() > trail_limit)
    trail.erase(trail.begin() + trail_limit / 2,
                trail.begin() + static_cast<std::ptrdiff_t>(trail.size() - trail_limit / 2));
}

} // namespace interject::journal
