// The server's log, on standard error: one line an event, as text or as JSON.
#pragma once

#include <string>
#include <string_view>

namespace interject::gateway {

/// `format` is "text" or "json", `level` "debug", "info", "warn" or "error".
void set_up_log(const std::string& format, const std::string& level);

/// `serve.started listen=127.0.0.1:8080 why="two words"` as members of an object:
/// "event":"serve.started","listen":"127.0.0.1:8080","why":"two words". What has no `=` is gathered
/// in "text".
void append_log_members(std::string& out, std::string_view line);

} // namespace interject::gateway
