// `interject explain`: what became of a notification, step by step, in plain words.
#pragma once

#include "protocols/value.hpp"

#include <string>

namespace interject::gateway {

struct explain_options {
  std::string url = "http://127.0.0.1:8080";
  std::string secrets;
  std::string data;
  std::string id;
};
int explain_program(const explain_options& how);

/// The answer of GET /api/v1/notifications/{id} in words.
std::string in_words(const value& trail);

} // namespace interject::gateway
