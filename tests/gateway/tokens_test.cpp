#define CAF_SUITE tokens
#include "tests/support/caf_test.hpp"

#include "gateway/tokens.hpp"

using namespace interject;
using namespace interject::gateway;

namespace {

const std::string secret = "a-secret-of-sixteen-or-more";

struct office_fixture {
  std::shared_ptr<runtime::test_clock> clock =
      std::make_shared<runtime::test_clock>(*parse_time("2031-01-01T00:00:00Z"));
  token_office office{secret, clock};

  grant ann() const {
    grant g;
    g.conversation = "0a1-abc";
    g.user = "dl_ann";
    g.user_name = "Ann \"A\"";
    g.origins = {"https://shop.test"};
    return g;
  }
};

std::string with_bearer(const std::string& credential) {
  return "Bearer " + credential;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(token_tests, office_fixture)

CAF_TEST(a token gives back what it was issued for) {
  auto g = office.check_header(with_bearer(office.issue(ann())));
  CAF_REQUIRE(g);
  CAF_CHECK(!g->by_secret);
  CAF_CHECK_EQUAL(g->conversation, "0a1-abc");
  CAF_CHECK_EQUAL(g->user, "dl_ann");
  CAF_CHECK_EQUAL(g->user_name, "Ann \"A\"");
  CAF_CHECK_EQUAL(g->origins, std::vector<std::string>{"https://shop.test"});
  CAF_CHECK(g->expires == clock->now() + token_lifetime);
}

CAF_TEST(the secret opens everything and is no token of a stream) {
  auto g = office.check_header(with_bearer(secret));
  CAF_REQUIRE(g);
  CAF_CHECK(g->by_secret);
  CAF_CHECK(!office.check_token(secret));
}

CAF_TEST(a token that was seen before is measured against the clock again) {
  auto token = office.issue(ann());
  for (int i = 0; i < 3; ++i) {
    auto g = office.check_token(token);
    CAF_REQUIRE(g);
    CAF_CHECK_EQUAL(g->user, "dl_ann");
  }
  clock->advance_to(clock->now() + token_lifetime);
  for (int i = 0; i < 2; ++i) {
    auto g = office.check_token(token);
    CAF_REQUIRE(!g);
    CAF_CHECK_EQUAL(g.error().what, token_office::expired);
  }
}

CAF_TEST(a seen token with a byte changed is not ours) {
  auto token = office.issue(ann());
  CAF_REQUIRE(office.check_token(token));
  for (std::size_t i = 0; i < token.size(); i += 7) {
    auto other = token;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    if (i + 1 < token.size()) // the last character's low bits carry nothing
      CAF_CHECK(!office.check_token(other));
  }
}

CAF_TEST(more tokens than are remembered still open what they should) {
  token_office small(secret, clock, 8);
  std::vector<std::string> all;
  for (int i = 0; i < 50; ++i) {
    auto g = ann();
    g.conversation = "c" + std::to_string(i);
    all.push_back(small.issue(g));
  }
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 50; ++i) {
      auto g = small.check_token(all[static_cast<std::size_t>(i)]);
      CAF_REQUIRE(g);
      CAF_CHECK_EQUAL(g->conversation, "c" + std::to_string(i));
    }
}

CAF_TEST(a token lives for 1800 s of our clock and not of the machine) {
  auto token = office.issue(ann());
  clock->advance_to(clock->now() + token_lifetime - std::chrono::milliseconds(1));
  CAF_CHECK(office.check_token(token));
  clock->advance_to(clock->now() + std::chrono::milliseconds(1));
  auto g = office.check_token(token);
  CAF_REQUIRE(!g);
  CAF_CHECK(g.error().code == errc::forbidden);
  CAF_CHECK_EQUAL(g.error().what, token_office::expired);
}

CAF_TEST(a restart with the same secret knows its tokens and one with another knows none) {
  auto token = office.issue(ann());
  CAF_CHECK(token_office(secret, clock).check_token(token));
  CAF_CHECK(!token_office(secret + "!", clock).check_token(token));
}

CAF_TEST(forged and broken tokens are unauthorized) {
  auto token = office.issue(ann());
  auto first = token.find('.');
  auto last = token.rfind('.');
  auto head = token.substr(0, first);
  auto body = token.substr(first, last - first);
  auto mac = token.substr(last);
  auto other = ann();
  other.user = "dl_eve";
  auto eves = office.issue(other);
  auto eves_body = eves.substr(eves.find('.'), eves.rfind('.') - eves.find('.'));
  std::string none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";      // {"alg":"none","typ":"JWT"}
  std::string odd_type = "eyJhbGciOiJIUzI1NiIsInR5cCI6IlhYWCJ9"; // {"alg":"HS256","typ":"XXX"}
  auto flipped = token;
  flipped.back() = flipped.back() == 'A' ? 'B' : 'A';
  flipped[last + 3] = flipped[last + 3] == 'x' ? 'y' : 'x';
  for (auto& bad :
       {std::string(), std::string("."), std::string(".."), std::string("x"), head, head + body,
        head + body + ".", none + body + ".", none + body + mac, odd_type + body + mac,
        head + eves_body + mac, flipped, token + "A", std::string(5000, 'a')}) {
    auto g = office.check_token(bad);
    CAF_REQUIRE(!g);
    CAF_CHECK(g.error().code == errc::unauthorized);
  }
}

CAF_TEST(a header without a bearer is unauthorized) {
  for (auto header : {"", "Bearer", "Bearer ", "Basic abc", "bearer\tabc", "Token x"}) {
    auto g = office.check_header(header);
    CAF_REQUIRE(!g);
    CAF_CHECK(g.error().code == errc::unauthorized);
  }
  CAF_CHECK(office.check_header("bearer " + secret));
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(secrets compare by their bytes) {
  CAF_CHECK(equal_secrets("abc", "abc"));
  CAF_CHECK(!equal_secrets("abc", "abd"));
  CAF_CHECK(!equal_secrets("abc", "abcd"));
  CAF_CHECK(!equal_secrets("abc", ""));
}
