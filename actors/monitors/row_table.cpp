#include "actors/monitors/row_table.hpp"

#include "protocols/codec/binary.hpp"

namespace interject::monitors {

watch_row unpacked(const std::string& bytes) {
  watch_row row;
  ensure(decode_all(bytes, row), "a row that was packed cannot be read");
  return row;
}

bool is_quiet(const watch_row& row) {
  bool in_place = row.state == watch_state::armed || row.state == watch_state::pending ||
                  row.state == watch_state::rearming;
  return in_place && row.order != 0 && row.baseline && row.firings <= row.taken &&
         row.ended <= row.retracted;
}

std::optional<watch_row> row_table::copy(const std::string& id) const {
  if (auto it = packed_.find(id); it != packed_.end())
    return unpacked(it->second);
  auto it = open_.find(id);
  return it == open_.end() ? std::nullopt : std::optional(it->second);
}

watch_row* row_table::find(const std::string& id) {
  if (auto it = open_.find(id); it != open_.end())
    return &it->second;
  auto it = packed_.find(id);
  if (it == packed_.end())
    return nullptr;
  auto row = unpacked(it->second);
  packed_.erase(it);
  return &open_.emplace(id, std::move(row)).first->second;
}

watch_row& row_table::put(watch_row row) {
  packed_.erase(row.id);
  auto id = row.id;
  return open_[id] = std::move(row);
}

bool row_table::put_packed(const std::string& id, std::string row) {
  return !open_.count(id) && packed_.try_emplace(id, std::move(row)).second;
}

void row_table::replace(const std::string& id, watch_row&& row) {
  if (packed_.erase(id) > 0)
    open_.emplace(id, std::move(row));
  else if (auto it = open_.find(id); it != open_.end())
    it->second = std::move(row);
}

void row_table::pack(const std::string& id) {
  auto it = open_.find(id);
  if (it == open_.end() || !is_quiet(it->second))
    return;
  packed_.insert_or_assign(id, encode(it->second));
  open_.erase(it);
}

void row_table::make_room(std::size_t more) {
  if (auto wanted = packed_.size() + more; wanted > packed_.bucket_count())
    packed_.reserve(4 * wanted);
}

} // namespace interject::monitors
