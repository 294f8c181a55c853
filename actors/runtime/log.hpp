// One line an event: a stable name, then `key=value`. Never what people wrote, tokens or addresses.
//   error: a person must act   warn: healing itself   info: life cycle   debug: per message
#pragma once

#include <spdlog/spdlog.h>

#include <utility>

namespace interject::runtime {

template <class... Args>
void log_at(spdlog::level::level_enum level, const char* event, fmt::format_string<Args...> text,
            Args&&... args) {
  if (auto* to = spdlog::default_logger_raw(); to->should_log(level))
    to->log(level, "{} {}", event, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(const char* event, fmt::format_string<Args...> text, Args&&... args) {
  log_at(spdlog::level::err, event, text, std::forward<Args>(args)...);
}
template <class... Args>
void log_warn(const char* event, fmt::format_string<Args...> text, Args&&... args) {
  log_at(spdlog::level::warn, event, text, std::forward<Args>(args)...);
}
template <class... Args>
void log_info(const char* event, fmt::format_string<Args...> text, Args&&... args) {
  log_at(spdlog::level::info, event, text, std::forward<Args>(args)...);
}

} // namespace interject::runtime
