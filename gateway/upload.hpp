// Files that come with an activity: kept in the commit that says it, and served from an address
// that cannot be guessed.
#pragma once

#include "gateway/services.hpp"

namespace interject::gateway::directline {

void upload(exchange_ptr x);
void get_file(exchange_ptr x);

/// Whether this request's body may be as large as an upload's: the path is an upload's and the
/// credential is good.
bool may_upload(const services& with, const request& in);

} // namespace interject::gateway::directline
