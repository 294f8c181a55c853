// Runs CAF test, and fails when the asked-for suite does not exist: CAF's own runner would leave
// with 0.
#define CAF_TEST_NO_MAIN
#include <caf/test/unit_test_impl.hpp>

#include <cstdio>
#include <cstring>
#include <regex>
#include <string>

int main(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], "-s") != 0)
      continue;
    std::regex wanted(argv[i + 1]);
    bool found = false;
    for (auto& name : caf::test::engine::available_suites())
      found = found || std::regex_search(name, wanted);
    if (!found) {
      std::fprintf(stderr, "no test suite matches '%s'\n", argv[i + 1]);
      return 1;
    }
  }
  return caf::test::main(argc, argv);
}
