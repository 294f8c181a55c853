#define CAF_SUITE log_format
#include "tests/support/caf_test.hpp"

#include "gateway/log_format.hpp"

using namespace interject::gateway;

CAF_TEST(a line of the log becomes members of an object) {
  struct row {
    const char* line;
    const char* members;
  };
  const row rows[] = {
      {"serve.started listen=127.0.0.1:8080 bot=demo",
       R"("event":"serve.started","listen":"127.0.0.1:8080","bot":"demo")"},
      {"x.failed why=\"two words\" n=5", R"("event":"x.failed","why":"two words","n":"5")"},
      {"x.plain some text k=v", R"("event":"x.plain","k":"v","text":"some text")"},
      {"alone", R"("event":"alone")"},
      {"", R"("event":"")"},
      {"x.tab why=\"a\tb\"", R"("event":"x.tab","why":"a\tb")"},
  };
  for (auto& r : rows) {
    std::string out;
    append_log_members(out, r.line);
    CAF_CHECK_EQUAL(out, r.members);
  }
}
