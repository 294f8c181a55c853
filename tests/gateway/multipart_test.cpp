// What browsers and programs send, and what they must not.
#define CAF_SUITE multipart
#include "tests/support/caf_test.hpp"

#include "gateway/multipart.hpp"

using namespace interject;
using namespace interject::gateway;

namespace {

// Written with \n, sent with CR LF.
std::string wire(std::string_view text) {
  std::string out;
  for (char c : text)
    out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

std::string fault_of(const std::string& body) {
  auto read = read_multipart("XX", body, 3);
  return read ? "(taken)" : read.error().what;
}

} // namespace

CAF_TEST(what a browser sends is read part by part) {
  auto body =
      wire("--XX\nContent-Disposition: form-data; name=\"activity\"; filename=\"blob\"\n"
           "Content-Type: application/vnd.microsoft.activity\n\n{\"type\":\"message\"}\n"
           "--XX\nContent-Disposition: form-data; name=\"file\"; filename=\"a %22b%22.png\"\n"
           "Content-Type: image/png\n\n") +
      std::string("\x89PNG\r\n--X\0--XX", 14) + wire("\n--XX--\n");
  auto read = read_multipart("XX", body, 3);
  CAF_REQUIRE(read);
  auto& parts = *read;
  CAF_REQUIRE_EQUAL(parts.size(), 2u);
  CAF_CHECK_EQUAL(parts[0].name, "activity");
  CAF_CHECK_EQUAL(parts[0].body, "{\"type\":\"message\"}");
  CAF_CHECK_EQUAL(parts[1].file_name, "a \"b\".png");
  CAF_CHECK_EQUAL(parts[1].content_type, "image/png");
  CAF_CHECK_EQUAL(parts[1].body.size(), 14u);
}

CAF_TEST(parts without a disposition and empty ones are read) {
  auto read = read_multipart("XX", wire("--XX\nContent-Type: text/plain\n\n\n--XX\n\n--XX--"), 3);
  CAF_REQUIRE(read);
  auto& parts = *read;
  CAF_REQUIRE_EQUAL(parts.size(), 2u);
  CAF_CHECK(parts[0].name.empty() && parts[0].body.empty() && parts[1].body.empty());
}

CAF_TEST(a file is called by its last component and never by a path) {
  struct row {
    const char* sent;
    const char* read;
  };
  const row table[] = {
      {"../../etc/passwd", "passwd"},
      {"C:\\\\temp\\\\x.doc", "x.doc"},
      {"C:\\temp\\x.doc", "x.doc"},
      {"..", ""},
      {"a/..", ""},
      {"a%0D%0Ab", "ab"},
      {"say \\\"hi\\\"", "say \"hi\""},
      {"%2e%2e", "%2e%2e"},
  };
  for (auto& r : table) {
    auto body = wire("--XX\nContent-Disposition: form-data; name=f; filename=\"") + r.sent +
                wire("\"\n\nx\n--XX--");
    auto read = read_multipart("XX", body, 3);
    CAF_REQUIRE(read);
    CAF_CHECK_EQUAL(read->front().file_name, r.read);
  }
}

CAF_TEST(hostile and broken bodies are refused in words) {
  struct row {
    std::string body;
    const char* says;
  };
  std::string ok = "--XX\nContent-Disposition: form-data; name=f\n\nx\n";
  const row table[] = {
      {"", "does not begin with the boundary"},
      {"--", "does not begin with the boundary"},
      {wire("hello\n--XX\n\nx\n--XX--"), "does not begin with the boundary"},
      {wire("--XY\n\nx\n--XY--"), "does not begin with the boundary"},
      {"--XX", "a line end is missing"},
      {"--XXY\r\n\r\nx\r\n--XX--", "a line end is missing"},
      {"--XX\n\nx\n--XX--", "a line end is missing"}, // bare line feeds
      {wire(ok), "cut off"},
      {wire(ok + "--X"), "cut off"},
      {wire(ok + "--XX"), "a line end is missing"},
      {wire(ok + "--XX-"), "a line end is missing"},
      {wire(ok + "--XX--\nmore"), "follows the last boundary"},
      {wire(ok + ok + ok + ok + "--XX--"), "At most 3 parts"},
      {wire("--XX\nContent-Disposition\n\nx\n--XX--"), "\"Name: value\""},
      {wire("--XX\n: form-data\n\nx\n--XX--"), "\"Name: value\""},
      {wire("--XX\nA B: c\n\nx\n--XX--"), "\"Name: value\""},
      {wire("--XX\nA: b\n folded\n\nx\n--XX--"), "\"Name: value\""},
      {wire("--XX\nContent-Disposition: form-data; name=\"f\n\nx\n--XX--"), "malformed"},
      {wire("--XX\nContent-Disposition: form-data; name\n\nx\n--XX--"), "malformed"},
      {wire("--XX\nContent-Disposition: form-data; name=f name=g\n\nx\n--XX--"), "malformed"},
      {wire("--XX\nContent-Disposition: form-data; name=f; name=g\n\nx\n--XX--"), "malformed"},
      {wire("--XX\nContent-Disposition: form-data; name=f\nContent-Disposition: form-data; "
            "name=g\n\nx\n--XX--"),
       "twice"},
      {wire("--XX\nContent-Type: a/b\nContent-Type: c/d\n\nx\n--XX--"), "twice"},
      {wire("--XX\nContent-Transfer-Encoding: base64\n\nx\n--XX--"), "as they are"},
      {wire(std::string("--XX\nA: b\x01\n\nx\n--XX--")), "control character"},
      {wire("--XX\nA: " + std::string(5000, 'a') + "\n\nx\n--XX--"), "larger than 4096"},
      {wire("--XX\nA: b"), "does not end"},
  };
  for (auto& r : table) {
    auto said = fault_of(r.body);
    CAF_MESSAGE(said);
    CAF_CHECK(said.find(r.says) != said.npos);
  }
  std::string many = "--XX\n";
  for (int i = 0; i < 20; ++i)
    many += "A: b\n";
  CAF_CHECK(fault_of(wire(many + "\nx\n--XX--")).find("16 lines") != std::string::npos);
}

CAF_TEST(a content type names its boundary or is refused) {
  CAF_CHECK_EQUAL(*boundary_of("multipart/form-data; boundary=abc"), std::string("abc"));
  auto quoted = boundary_of("Multipart/Form-Data; charset=utf-8; boundary=\"a b?\"");
  CAF_REQUIRE(quoted);
  CAF_CHECK_EQUAL(*quoted, "a b?");
  for (auto other :
       {"", "application/json", "multipart/mixed; boundary=a", "multipart/form-datas; boundary=a"})
    CAF_CHECK(boundary_of(other).error().code == errc::invalid_fields);
  for (auto wrong :
       {"multipart/form-data", "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"a", "multipart/form-data; boundary=\"a \"",
        "multipart/form-data; boundary=\"a\\\"b\"", "multipart/form-data; boundary=a; boundary=b"})
    CAF_CHECK(boundary_of(wrong).error().code == errc::bad_input);
  CAF_CHECK(boundary_of("multipart/form-data; boundary=" + std::string(71, 'a')).error().code ==
            errc::bad_input);
}
