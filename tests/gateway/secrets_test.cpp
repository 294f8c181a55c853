#define CAF_SUITE secrets
#include "tests/support/caf_test.hpp"

#include "gateway/secrets.hpp"

#include <stdlib.h>

#include <fstream>

using namespace interject;
using namespace interject::gateway;
namespace fs = std::filesystem;

namespace {

struct folder_fixture {
  fs::path data;
  folder_fixture() {
    ::unsetenv(api_key_name);
    ::unsetenv(directline_secret_name);
    std::string name = (fs::temp_directory_path() / "interject-secrets-XXXXXX").string();
    data = ::mkdtemp(name.data());
  }
  ~folder_fixture() {
    ::unsetenv(api_key_name);
    ::unsetenv(directline_secret_name);
    fs::remove_all(data);
  }
  fs::path write(const std::string& text) {
    std::ofstream(data / "given") << text;
    return data / "given";
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(secret_tests, folder_fixture)

CAF_TEST(the first start makes them up and the second finds them) {
  auto first = find_secrets({}, data);
  CAF_REQUIRE(first);
  CAF_CHECK(first->made_now);
  CAF_CHECK(first->api_key.size() >= 32);
  CAF_CHECK(first->directline_secret.size() >= 32);
  CAF_CHECK_NOT_EQUAL(first->api_key, first->directline_secret);
  CAF_CHECK(fs::status(data / "secrets").permissions() ==
            (fs::perms::owner_read | fs::perms::owner_write));
  auto second = find_secrets({}, data);
  CAF_REQUIRE(second);
  CAF_CHECK(!second->made_now);
  CAF_CHECK_EQUAL(second->api_key, first->api_key);
  CAF_CHECK_EQUAL(second->directline_secret, first->directline_secret);
}

CAF_TEST(the environment goes before a file) {
  auto file = write("# "
                    "ours\nINTERJECT_API_KEY=file-key-0123456789\r\n\nINTERJECT_DIRECTLINE_SECRET="
                    "file-secret-0123456789\n");
  ::setenv(api_key_name, "environment-key-0123456789", 1);
  auto keys = known_secrets(file, {});
  CAF_REQUIRE(keys);
  CAF_CHECK_EQUAL(keys->api_key, "environment-key-0123456789");
  CAF_CHECK_EQUAL(keys->directline_secret, "file-secret-0123456789");
}

CAF_TEST(a bad file is refused with its line and without its secrets) {
  auto file = write("INTERJECT_API_KEY=file-key-0123456789\nAPI_SECRET=hidden-hidden-hidden\n");
  auto keys = known_secrets(file, {});
  CAF_REQUIRE(!keys);
  CAF_CHECK(keys.error().what.find(":2:") != std::string::npos);
  CAF_CHECK(keys.error().what.find("hidden") == std::string::npos);
  CAF_CHECK(!known_secrets(data / "no-such-file", {}));
}

CAF_TEST(short values are refused) {
  auto file = write("INTERJECT_API_KEY=short\n");
  auto keys = known_secrets(file, {});
  CAF_REQUIRE(!keys);
  CAF_CHECK(keys.error().what.find(api_key_name) != std::string::npos);
}

CAF_TEST(a file that gives one of two is no way to start) {
  auto file = write("INTERJECT_API_KEY=file-key-0123456789\n");
  CAF_CHECK(!find_secrets(file, data));
  CAF_CHECK(!fs::exists(data / "secrets"));
}

CAF_TEST(clients generate nothing) {
  auto keys = known_secrets({}, data);
  CAF_REQUIRE(keys);
  CAF_CHECK(keys->api_key.empty());
  CAF_CHECK(!fs::exists(data / "secrets"));
}

CAF_TEST_FIXTURE_SCOPE_END()
