#define CAF_SUITE json
#include "tests/support/caf_test.hpp"

#include "gateway/json.hpp"
#include "gateway/problem.hpp"

using namespace interject;
using namespace interject::gateway;

namespace {

std::string again(std::string_view text) {
  auto v = parse_json(text);
  if (!v)
    return "! " + v.error().what;
  std::string out;
  append_json(out, *v);
  return out;
}

} // namespace

CAF_TEST(numbers keep every digit that was written) {
  for (auto text : {"0.1", "158", "-12.00000001", "90000000000", "0.30000001"})
    CAF_CHECK_EQUAL(again(text), text);
  CAF_CHECK_EQUAL(again("1.2e3"), "1200");
  CAF_CHECK_EQUAL(again("[0.1, 0.2]"), "[0.1,0.2]");
}

CAF_TEST(what is no JSON of ours is refused with its place) {
  CAF_CHECK(again("0.000000001").find("eight decimals") != std::string::npos);
  CAF_CHECK(again("100000000000").find("out of range") != std::string::npos);
  CAF_CHECK(again(R"({"a": {"b": [1, 1e300]}})").find("/a/b") != std::string::npos);
  CAF_CHECK(again(R"({"a": 1, "a": 2})").find("\"a\" stands twice") != std::string::npos);
  CAF_CHECK(again(std::string(65, '[')).find("64 levels") != std::string::npos);
  for (auto text :
       {"", "{", "[1,]", "{\"a\":}", "nul", "1 2", "\"\xff\"", "\"\\ud800\"", "{'a':1}"})
    CAF_CHECK_EQUAL(again(text).substr(0, 2), "! ");
}

CAF_TEST(a name twice is found among very many) {
  auto members = [](int many) {
    std::string out = "{";
    for (int i = 0; i < many; ++i)
      out += "\"n" + std::to_string(i) + "\": 1, ";
    return out;
  };
  for (auto* name : {"n0", "n15", "n16", "n39"})
    CAF_CHECK(
        again(members(40) + "\"" + name + "\": 1}").find(name + std::string("\" stands twice")) !=
        std::string::npos);
  auto all =
      parse_json(members(100'000) + "\"last\": 1}"); // looking at each pair would take minutes
  CAF_REQUIRE(all);
  CAF_CHECK_EQUAL(all->as_object()->size(), 100'001u);
}

CAF_TEST(a reader collects every fault and names unknown fields) {
  auto v = parse_json(
      R"({"name": 5, "count": 11, "price": "12.5", "late": "soon", "odd": 1, "for": "90s"})");
  CAF_REQUIRE(v);
  field_faults faults;
  object_reader in(*v, "/items/3", faults);
  CAF_CHECK(!in.text("name"));
  CAF_CHECK(!in.whole("count", 1, 10));
  CAF_CHECK_EQUAL(to_string(*in.number("price")), "12.5");
  CAF_CHECK(!in.instant("late"));
  CAF_CHECK(*in.length("for") == std::chrono::seconds(90));
  in.require("missing");
  in.finish();
  std::vector<std::string> pointers;
  for (auto& f : faults)
    pointers.push_back(f.pointer);
  CAF_CHECK_EQUAL(pointers,
                  (std::vector<std::string>{"/items/3/name", "/items/3/count", "/items/3/late",
                                            "/items/3/missing", "/items/3/odd"}));
  CAF_CHECK_EQUAL(faults.back().detail, "unknown field; known are: count, for, late, name, price");
}

CAF_TEST(an unknown field that is nearly a known one is set right) {
  auto v = parse_json(R"({"delivry": 1})");
  CAF_REQUIRE(v);
  field_faults faults;
  object_reader in(*v, "", faults);
  in.take("delivery");
  in.take("id");
  in.take("id");
  in.finish();
  CAF_REQUIRE_EQUAL(faults.size(), 1u);
  CAF_CHECK_EQUAL(faults[0].detail, "unknown field; did you mean \"delivery\"?");
}

CAF_TEST(pointers escape their names) {
  auto v = parse_json(R"({"a/b~c": 1})");
  field_faults faults;
  object_reader in(*v, "", faults);
  in.finish();
  CAF_REQUIRE_EQUAL(faults.size(), 1u);
  CAF_CHECK_EQUAL(faults[0].pointer, "/a~1b~0c");
}

CAF_TEST(a problem holds all that RFC 9457 names and every fault) {
  auto r = problem(422, "two \"fields\"", {{"/a", "is required"}, {"/b", "too long"}});
  CAF_CHECK_EQUAL(r.status, 422u);
  CAF_CHECK_EQUAL(r.content_type, "application/problem+json");
  CAF_CHECK_EQUAL(r.body,
                  R"({"type":"about:blank","title":"Unprocessable Content","status":422,)"
                  R"("detail":"two \"fields\"","errors":[{"pointer":"/a","detail":"is required"},)"
                  R"({"pointer":"/b","detail":"too long"}]})");
}

CAF_TEST(every error of ours has a status and those that pass say when to come back) {
  for (int i = 0; i <= static_cast<int>(errc::internal); ++i)
    CAF_CHECK(gateway::status_of(static_cast<errc>(i)) >= 400);
  for (auto code :
       {errc::busy, errc::unavailable, errc::fenced, errc::stale_version, errc::timed_out}) {
    auto r = problem(error{code, "later"});
    CAF_CHECK(r.status == 429 || r.status == 503);
    CAF_REQUIRE_EQUAL(r.headers.size(), 1u);
    CAF_CHECK_EQUAL(r.headers[0].first, "Retry-After");
  }
}
