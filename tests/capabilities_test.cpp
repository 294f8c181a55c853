// Every test that docs/reference/capabilities.md names exists under that name.
#define CAF_SUITE capabilities
#include "tests/support/caf_test.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace fs = std::filesystem;

namespace {

std::string read(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// CAF writes a test's name bare, the end-to-end tests in quotes.
bool has_test(const std::string& source, const std::string& name) {
  return source.find("CAF_TEST(" + name + ")") != source.npos ||
         source.find("test('" + name + "'") != source.npos ||
         source.find("test(\"" + name + "\"") != source.npos;
}

std::string wrong_with(const fs::path& root, const std::string& reference) {
  auto colon = reference.find(": ");
  auto file = root / reference.substr(0, colon);
  if (!fs::exists(file))
    return "there is no such file";
  if (colon == reference.npos)
    return {};
  return has_test(read(file), reference.substr(colon + 2)) ? ""
                                                           : "the file has no test of that name";
}

} // namespace

CAF_TEST(every capability names tests that exist) {
  const fs::path root(INTERJECT_SOURCE_DIR);
  auto page = read(root / "docs/reference/capabilities.md");
  int seen = 0;
  for (auto at = page.find("`tests/"); at != page.npos; at = page.find("`tests/", at)) {
    auto end = page.find('`', at + 1);
    auto reference = page.substr(at + 1, end - at - 1);
    ++seen;
    if (auto why = wrong_with(root, reference); !why.empty())
      CAF_ERROR(reference << ": " << why);
    at = end + 1;
  }
  CAF_CHECK(seen > 30);
}

CAF_TEST(a test that does not exist is found) {
  const fs::path root(INTERJECT_SOURCE_DIR);
  CAF_CHECK(
      wrong_with(root, "tests/capabilities_test.cpp: a test that does not exist is found").empty());
  CAF_CHECK(!wrong_with(root, "tests/capabilities_test.cpp: no such test").empty());
  CAF_CHECK(!wrong_with(root, "tests/no_such_file.cpp: x").empty());
}
