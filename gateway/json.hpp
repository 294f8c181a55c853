// JSON of the management API, read into values: numbers exactly as they are written, never as
// binary floats.
#pragma once

#include "protocols/result.hpp"
#include "protocols/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace interject::gateway {

/// At most 64 levels deep; a name twice in one object and a number that is no `decimal` are errors
/// that say where they stand.
/// `serial`: the name of members whose numbers may be longer than a decimal; such a one comes as
/// its text.
result<value> parse_json(std::string_view text, std::string_view serial = {});

/// What is wrong with one field.
struct field_fault {
  std::string pointer; ///< "/items/3/price"
  std::string detail;
};
using field_faults = std::vector<field_fault>;

/// Reads an object's members by name and collects every fault; `finish` reports the members that
/// nobody asked for. A getter gives nothing when the member is absent or wrong; only the latter is
/// a fault, unless it is required.
class object_reader {
public:
  object_reader(const value& object, std::string pointer, field_faults& faults);

  const value* take(std::string_view name); ///< null when absent
  std::optional<std::string> text(std::string_view name, std::size_t max_bytes = 1024);
  std::optional<bool> boolean(std::string_view name);
  std::optional<std::int64_t> whole(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<decimal> number(std::string_view name);       ///< a JSON number, or one in a string
  std::optional<std::uint64_t> serial(std::string_view name); ///< the same, whole, below 2⁶³
  std::optional<duration> length(std::string_view name);
  std::optional<time_point> instant(std::string_view name);
  void require(std::string_view name); ///< a fault when absent
  void fault(std::string_view name, std::string detail);
  std::string at(std::string_view name) const; ///< its pointer
  void finish();

private:
  const value* it_;
  std::string pointer_;
  field_faults& faults_;
  std::vector<std::string> known_;
};

} // namespace interject::gateway
