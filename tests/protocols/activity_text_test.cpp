#define CAF_SUITE activity_text
#include "tests/support/caf_test.hpp"

#include "protocols/activity_text.hpp"

using namespace interject;

namespace {

utterance hotel() {
  utterance u;
  u.text = "A hotel:";
  u.cards = {{"Grand",
              "",
              "By the sea.",
              {"https://a.test/1.png"},
              {{"Book", "book"}, {"Site", "https://a.test", action_type::open_url}}}};
  u.attachments = {{"application/pdf", "https://a.test/t.pdf", "Terms", ""}};
  u.suggested = {{"Not now", "no"}};
  return u;
}

} // namespace

CAF_TEST(a card becomes lines and its buttons join the others) {
  auto u = hotel();
  cards_as_text(u);
  CAF_CHECK_EQUAL(
      u.text, "A hotel:\nGrand\nBy the sea.\nhttps://a.test/1.png\nTerms: https://a.test/t.pdf");
  CAF_CHECK(u.cards.empty() && u.attachments.empty());
  CAF_REQUIRE_EQUAL(u.suggested.size(), 3u);
  CAF_CHECK_EQUAL(u.suggested[0].title, "Book");
  CAF_CHECK_EQUAL(u.suggested[2].title, "Not now");
}

CAF_TEST(buttons become a numbered list and pages their address) {
  auto u = hotel();
  cards_as_text(u);
  auto question = u;
  buttons_as_text(u);
  CAF_CHECK(u.suggested.empty());
  CAF_CHECK_EQUAL(u.text.substr(u.text.find("• ")), "• Book\nSite: https://a.test\n• Not now");
  u = question;
  u.expects_input = true;
  buttons_as_text(u);
  CAF_CHECK_EQUAL(u.text.substr(u.text.find("1. ")), "1. Book\nSite: https://a.test\n2. Not now");
}

CAF_TEST(what has none of it stays as it is) {
  utterance u;
  u.text = "Hello.";
  cards_as_text(u);
  buttons_as_text(u);
  CAF_CHECK_EQUAL(u.text, "Hello.");
}
