// The tree as the tidy test sees it: files, and their include lines.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace interject::tidy {

struct include {
  std::size_t number = 0; ///< line, from 1
  std::string header;     ///< without quotes or brackets
  bool quoted = false;
};

struct source {
  std::string path; ///< from the repository's root
  std::string text;
  std::size_t size = 0;
  std::vector<include> includes; ///< of C++ files
};

source parse(std::string path, std::string text);

/// Every file of the repository, without what is built, fetched or stored: hidden folders but
/// `.ci`, and `build`, `data` and `node_modules` wherever they stand.
std::vector<source> read_tree(const std::filesystem::path& root);

/// `*` stands for any text, slashes included.
bool matches(std::string_view pattern, std::string_view text);

std::size_t line_of(std::string_view text, std::size_t at);

} // namespace interject::tidy
