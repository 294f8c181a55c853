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

CAF_TEST(keys with scopes come from the file and from the environment) {
  auto file = write("INTERJECT_API_KEY=file-key-0123456789\n"
                    "INTERJECT_API_KEY_SHOP=read,notify:shop-key-0123456789\n"
                    "INTERJECT_API_KEY_FEED=manage:feed-key-0123456789\n");
  ::setenv("INTERJECT_API_KEY_FEED", "ingest:feed-key-9876543210", 1);
  auto keys = known_secrets(file, {});
  ::unsetenv("INTERJECT_API_KEY_FEED");
  CAF_REQUIRE(keys);
  auto& scoped = keys->scoped_keys;
  CAF_REQUIRE_EQUAL(scoped.size(), 2u);
  CAF_CHECK_EQUAL(scoped[0].name, "SHOP");
  CAF_CHECK_EQUAL(scoped[0].key, "shop-key-0123456789");
  CAF_CHECK(scoped[0].may.has(scope::read) && scoped[0].may.has(scope::notify));
  CAF_CHECK(!scoped[0].may.has(scope::manage) && !scoped[0].may.has(scope::ingest));
  CAF_CHECK_EQUAL(scoped[1].key, "feed-key-9876543210");
  CAF_CHECK(scoped[1].may.has(scope::ingest) && !scoped[1].may.has(scope::manage));
  for (auto wrong : {"shop-key-0123456789", "all:shop-key-0123456789", ":shop-key-0123456789",
                     "read,:shop-key-0123456789", "open:shop-key-0123456789", "read:short"}) {
    auto refused = known_secrets(write(std::string("INTERJECT_API_KEY_SHOP=") + wrong), {});
    CAF_REQUIRE(!refused);
    CAF_CHECK(refused.error().what.find("INTERJECT_API_KEY_SHOP") != std::string::npos);
    CAF_CHECK(refused.error().what.find("shop-key") == std::string::npos);
  }
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
