// multipart/form-data (RFC 7578), read strictly from a body that is there as a whole. Pure.
#pragma once

#include "protocols/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace interject::gateway {

struct part {
  std::string name;      ///< of the form's field; may be empty
  std::string file_name; ///< its last component, without control characters; may be empty
  std::string content_type;
  std::string_view body; ///< into the body that was read
};

inline constexpr std::size_t max_part_headers = 16;
inline constexpr std::size_t max_part_header_bytes = 4096;

/// The `boundary` of a Content-Type; → invalid_fields when the type is another one, bad_input when
/// the boundary is missing or malformed.
result<std::string> boundary_of(std::string_view content_type);

/// → bad_input in a sentence that says which part is wrong; too_large beyond `max_parts`. Nothing
/// may stand before the first boundary or after the last but a line end; a last boundary must be
/// there, so that a body that was cut off is not taken for a whole one.
result<std::vector<part>> read_multipart(std::string_view boundary, std::string_view body,
                                         std::size_t max_parts);

} // namespace interject::gateway
