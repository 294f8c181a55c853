// The OpenAPI 3.1 document, made from the table of routes and the shapes in api_schemas.json.
#pragma once

#include "gateway/routes.hpp"

#include <string>
#include <string_view>

namespace interject::gateway {

/// The text of api_schemas.json.
std::string_view api_schemas();

/// Throws std::logic_error when a row names a shape or a parameter that is not there.
std::string openapi_document(std::span<const route> rows);

} // namespace interject::gateway
