// The rows of watches by id. Most are quiet for most of their lives: those lie in their binary
// form, a tenth of the size, until somebody changes them. Pure.
#pragma once

#include "protocols/monitoring.hpp"

#include <optional>
#include <string>
#include <unordered_map>

namespace interject::monitors {

/// Whether a row needs nothing but a price: it is armed, and nothing is to be told of it.
bool is_quiet(const watch_row& row);

/// A row from its binary form, which is this process's own.
watch_row unpacked(const std::string& bytes);

class row_table {
public:
  bool has(const std::string& id) const { return open_.count(id) || packed_.count(id); }
  /// A copy; none when there is none.
  std::optional<watch_row> copy(const std::string& id) const;
  /// To change it; null when there is none. Valid until it is erased, replaced or packed.
  watch_row* find(const std::string& id);
  /// New, or in place of the one of that id.
  watch_row& put(watch_row row);
  /// In place of the one of that id; nothing happens when there is none.
  void replace(const std::string& id, watch_row&& row);
  /// The binary form of a row. False, and nothing happens, when the id is known.
  bool put_packed(const std::string& id, std::string row);
  bool erase(const std::string& id) { return packed_.erase(id) + open_.erase(id) > 0; }
  /// Puts a quiet one back into its binary form.
  void pack(const std::string& id);

  std::size_t size() const { return packed_.size() + open_.size(); }
  /// Room for so many more packed ones, so that many that come part by part do not move the others
  /// often.
  void make_room(std::size_t more);

private:
  std::unordered_map<std::string, std::string> packed_;
  std::unordered_map<std::string, watch_row> open_; ///< no id is in both
};

} // namespace interject::monitors
