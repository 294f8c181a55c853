#include "gateway/log_format.hpp"

#include "protocols/codec/json_append.hpp"
#include "protocols/time.hpp"

#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace interject::gateway {

namespace {

class json_lines final : public spdlog::formatter {
public:
  void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& to) override {
    std::string line = "{\"time\":\"";
    append_time(line, std::chrono::time_point_cast<duration>(msg.time));
    line += "\",\"level\":\"";
    auto level = spdlog::level::to_string_view(msg.level);
    line.append(level.data(), level.size());
    line += "\",";
    append_log_members(line, {msg.payload.data(), msg.payload.size()});
    line += "}\n";
    to.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<json_lines>();
  }
};

// Up to the next space outside quotes.
std::string_view next_word(std::string_view& rest) {
  while (!rest.empty() && rest.front() == ' ')
    rest.remove_prefix(1);
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size() && (quoted || rest[end] != ' '); ++end)
    if (rest[end] == '"')
      quoted = !quoted;
  auto word = rest.substr(0, end);
  rest.remove_prefix(end);
  return word;
}

} // namespace

void append_log_members(std::string& out, std::string_view line) {
  out += "\"event\":";
  append_json_string(out, next_word(line));
  std::string text;
  while (true) {
    auto word = next_word(line);
    if (word.empty())
      break;
    auto sign = word.find('=');
    if (sign == word.npos || sign == 0) {
      if (!text.empty())
        text += ' ';
      text.append(word);
      continue;
    }
    auto what = word.substr(sign + 1);
    if (what.size() >= 2 && what.front() == '"' && what.back() == '"')
      what = what.substr(1, what.size() - 2);
    out += ',';
    append_json_string(out, word.substr(0, sign));
    out += ':';
    append_json_string(out, what);
  }
  if (!text.empty()) {
    out += ",\"text\":";
    append_json_string(out, text);
  }
}

void set_up_log(const std::string& format, const std::string& level) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  if (format == "json")
    sink->set_formatter(std::make_unique<json_lines>());
  else
    sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%Y-%m-%dT%H:%M:%S.%eZ %-5l %v", spdlog::pattern_time_type::utc));
  auto logger = std::make_shared<spdlog::logger>("interject", std::move(sink));
  logger->set_level(spdlog::level::from_str(level == "error" ? "err" : level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

} // namespace interject::gateway
