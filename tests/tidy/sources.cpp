#include "tests/tidy/sources.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

namespace interject::tidy {

namespace {

std::string_view trimmed(std::string_view text) {
  const auto start = text.find_first_not_of(" \t");
  return start == std::string_view::npos ? std::string_view{} : text.substr(start);
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word))
    return false;
  text = trimmed(text.substr(word.size()));
  return true;
}

std::optional<include> read_line(std::string_view line, std::size_t number) {
  line = trimmed(line);
  if (!take(line, "#") || !take(line, "include") || line.empty())
    return std::nullopt;
  const char close = line[0] == '"' ? '"' : line[0] == '<' ? '>' : '\0';
  const auto end = close ? line.find(close, 1) : std::string_view::npos;
  if (end == std::string_view::npos)
    return std::nullopt;
  return include{number, std::string(line.substr(1, end - 1)), close == '"'};
}

bool skipped(const std::filesystem::path& folder) {
  const auto name = folder.filename().string();
  return name == "build" || name == "data" || name == "node_modules" ||
         (name.starts_with(".") && name != ".ci");
}

} // namespace

source parse(std::string path, std::string text) {
  source file{std::move(path), std::move(text), 0, {}};
  file.size = file.text.size();
  if (!file.path.ends_with(".cpp") && !file.path.ends_with(".hpp"))
    return file;
  std::size_t number = 1;
  for (std::size_t at = 0; at < file.text.size(); ++number) {
    const auto end = std::min(file.text.find('\n', at), file.text.size());
    if (auto line = read_line(std::string_view(file.text).substr(at, end - at), number))
      file.includes.push_back(std::move(*line));
    at = end + 1;
  }
  return file;
}

std::vector<source> read_tree(const std::filesystem::path& root) {
  std::vector<source> files;
  for (auto it = std::filesystem::recursive_directory_iterator(root);
       it != std::filesystem::recursive_directory_iterator(); ++it) {
    if (it->is_directory() && skipped(it->path()))
      it.disable_recursion_pending();
    if (!it->is_regular_file() || it->is_symlink())
      continue;
    std::ifstream in(it->path(), std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    files.push_back(parse(it->path().lexically_relative(root).generic_string(), std::move(text)));
  }
  std::sort(files.begin(), files.end(),
            [](const source& a, const source& b) { return a.path < b.path; });
  return files;
}

bool matches(std::string_view pattern, std::string_view text) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos)
    return pattern == text;
  if (!text.starts_with(pattern.substr(0, star)))
    return false;
  const auto rest = pattern.substr(star + 1);
  for (auto at = star; at <= text.size(); ++at)
    if (matches(rest, text.substr(at)))
      return true;
  return false;
}

std::size_t line_of(std::string_view text, std::size_t at) {
  const auto upto = text.substr(0, at);
  return 1 + static_cast<std::size_t>(std::count(upto.begin(), upto.end(), '\n'));
}

} // namespace interject::tidy
