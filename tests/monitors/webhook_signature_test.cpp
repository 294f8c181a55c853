#define CAF_SUITE webhook_signature
#include "tests/support/caf_test.hpp"

#include "actors/monitors/webhook_signature.hpp"

using namespace interject;
using namespace interject::monitors;
using std::chrono::seconds;

namespace {

const time_point now{seconds(1'790'000'000)};

std::string judged(std::string_view header, std::string_view body = "{}", time_point at = now,
                   std::string_view secret = "key") {
  auto* wrong = wrong_signature(secret, header, body, at);
  return wrong ? wrong : "";
}

} // namespace

CAF_TEST(a signature is what openssl makes of time and body) {
  // printf '1790000000.{}' | openssl dgst -sha256 -hmac key
  CAF_CHECK_EQUAL(
      sign("key", "{}", now),
      "t=1790000000,v1=099d33989336226b12c85da813adf6100e1bbab1e91bede9a41ddeb7882d66b8");
  CAF_CHECK_EQUAL(sign("key", "{}", now + std::chrono::milliseconds(999)), sign("key", "{}", now));
}

CAF_TEST(a signature fits its body its secret and its time only) {
  auto good = sign("key", "{}", now);
  CAF_CHECK_EQUAL(judged(good), "");
  CAF_CHECK_EQUAL(judged(good, "{} "), "Interject-Signature does not fit the body");
  CAF_CHECK_EQUAL(judged(good, "{}", now, "kex"), "Interject-Signature does not fit the body");
  auto later = good;
  later.replace(2, 10, "1790000001");
  CAF_CHECK_EQUAL(judged(later), "Interject-Signature does not fit the body");
}

CAF_TEST(five minutes are tolerated to the second) {
  auto good = sign("key", "{}", now);
  const char* old =
      "Interject-Signature is more than five minutes old, or ahead: look at the clocks";
  CAF_CHECK_EQUAL(judged(good, "{}", now + seconds(300)), "");
  CAF_CHECK_EQUAL(judged(good, "{}", now + seconds(301)), old);
  CAF_CHECK_EQUAL(judged(good, "{}", now - seconds(300)), "");
  CAF_CHECK_EQUAL(judged(good, "{}", now - seconds(301)), old);
  auto far = sign("key", "{}", time_point(seconds(9'000'000'000)));
  CAF_CHECK_EQUAL(judged(far), old);
}

CAF_TEST(malformed headers are told so) {
  CAF_CHECK_EQUAL(judged(""), "Interject-Signature: t=…,v1=… is required");
  for (auto* header : {"x", "t=1790000000", "v1=00", "t=,v1=00", "t=1e3,v1=00",
                       "t=99999999999999999999,v1=00", ",,,"})
    CAF_CHECK_EQUAL(judged(header), "Interject-Signature is not of the form t=…,v1=…");
  CAF_CHECK_EQUAL(judged("t=1790000000,v1="), "Interject-Signature does not fit the body");
}

CAF_TEST(while a secret is changed either may sign) {
  auto good = sign("key", "{}", now);
  auto mine = good.substr(good.find("v1="));
  CAF_CHECK_EQUAL(judged("t=1790000000,v1=00, " + mine), "");
  CAF_CHECK_EQUAL(judged("v0=zz," + mine + ",t=1790000000"), "");
}
