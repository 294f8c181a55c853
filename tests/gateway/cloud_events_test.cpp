// Events against the rules of CloudEvents 1.0 and of its HTTP binding.
#define CAF_SUITE cloud_events
#include "tests/support/caf_test.hpp"

#include "gateway/cloud_events.hpp"

using namespace interject;
using namespace interject::gateway;

namespace {

request structured(std::string body, std::string type = "application/cloudevents+json") {
  request r;
  r.content_type = std::move(type);
  r.body = std::move(body);
  return r;
}

request binary(parameters headers, std::string body = {}, std::string type = {}) {
  request r;
  r.event_headers = std::move(headers);
  r.content_type = std::move(type);
  r.body = std::move(body);
  return r;
}

const parameters least{{"specversion", "1.0"}, {"id", "1"}, {"source", "/shop"}, {"type", "t"}};

/// "" when it is right, else its faults or its refusal.
std::string judged(const request& in) {
  auto read = read_cloud_events(in);
  if (read.status)
    return std::to_string(read.status) + " " + read.why;
  std::string out;
  for (auto& item : read.items)
    for (auto& f : item.faults)
      out += (out.empty() ? "" : "; ") + f.pointer + " " + f.detail;
  return out;
}

std::string with_member(const std::string& member) {
  return R"({"specversion": "1.0", "id": "1", "source": "/shop", "type": "t", )" + member + "}";
}

std::string seen(const request& in, std::string_view member) {
  auto read = read_cloud_events(in);
  CAF_REQUIRE_EQUAL(read.items.size(), 1u);
  auto* v = read.items[0].it.all.find(member);
  return v ? display(*v) : "(none)";
}

} // namespace

CAF_TEST(a structured event is read) {
  auto in = structured(
      with_member(
          R"("subject": "8841", "time": "2026-11-22T18:00:00Z", "datacontenttype": "application/json",
    "dataschema": "https://shop.example/s", "partition": 7, "urgent": true, "note": "x", "data": {"a": [1]})"),
      "Application/CloudEvents+JSON; charset=utf-8");
  CAF_CHECK_EQUAL(judged(in), "");
  auto read = read_cloud_events(in);
  CAF_CHECK(!read.batch);
  auto& e = read.items.at(0).it;
  CAF_CHECK_EQUAL(e.id + e.source + e.type, "1/shopt");
  CAF_CHECK_EQUAL(seen(in, "data"), R"({"a":[1]})");
  CAF_CHECK_EQUAL(seen(in, "partition"), "7");
}

CAF_TEST(attributes are checked one by one) {
  struct row {
    const char* body;
    const char* judged;
  };
  const char* extension = "/x an extension is a text, true or false, or a whole number of 32 bits";
  std::string no =
      "/specversion is required; /id is required; /source is required; /type is required";
  CAF_CHECK_EQUAL(judged(structured("{}")), no);
  CAF_CHECK_EQUAL(judged(structured("[]")), " an event is an object");
  CAF_CHECK_EQUAL(judged(structured("7")), " an event is an object");
  CAF_CHECK_EQUAL(
      judged(structured(R"({"specversion": "0.3", "id": "", "source": 7, "type": null})")),
      "/specversion \"1.0\" is expected, the version that this server takes; /id it may not be "
      "empty; "
      "/source a text is expected; /type is required");
  for (auto& r : std::vector<row>{
           {R"("subject": "")", "/subject it may not be empty"},
           {R"("subject": null)", ""},
           {R"("time": "yesterday")",
            "/time a time by RFC 3339 is expected, such as \"2026-11-22T18:00:00Z\""},
           {R"("time": "2026-11-22T18:00:00+01:00")", ""},
           {R"("dataschema": "schema.json")", "/dataschema an absolute URI is expected"},
           {R"("datacontenttype": "json")",
            "/datacontenttype a media type is expected, such as \"application/json\""},
           {R"("Partition": "x")", "/Partition names of attributes are of a–z and 0–9"},
           {R"("my_key": "x")", "/my_key names of attributes are of a–z and 0–9"},
           {R"("x": {})", extension},
           {R"("x": 1.5)", extension},
           {R"("x": 2147483647)", ""},
           {R"("x": -2147483648)", ""},
           {R"("x": 2147483648)", extension},
           {R"("x": "")", ""},
           {R"("x": 1, "x": 2)", "/x it is given twice"},
           {R"("data": null)", ""},
           {R"("data_base64": "AAEC")", ""},
           {R"("data_base64": "")", ""},
           {R"("data_base64": "A?")", "/data_base64 base64 is expected"},
           {R"("data_base64": 7)", "/data_base64 base64 is expected"},
           {R"("data": 1, "data_base64": "AAEC")",
            "/data_base64 either data or data_base64 is expected"},
       })
    CAF_CHECK_EQUAL(r.body + (": " + judged(structured(with_member(r.body)))),
                    r.body + std::string(": ") + r.judged);
  CAF_CHECK_EQUAL(judged(structured(with_member(R"("x": ")" + std::string(2049, 'y') + "\""))),
                  "/x at most 2,048 bytes are expected");
  std::string extensions = "\"data\": 1";
  for (int i = 0; i < 123; ++i)
    extensions += ", \"x" + std::to_string(i) + "\": 1";
  CAF_CHECK_EQUAL(judged(structured(with_member(extensions.c_str()))), "");
  CAF_CHECK_EQUAL(judged(structured(with_member((extensions + ", \"y\": 1").c_str()))),
                  " an event has at most 128 attributes");
}

CAF_TEST(a binary event is read from its headers) {
  auto headers = least;
  headers.emplace_back("subject", "caf%C3%A9 %25 100%");
  headers.emplace_back("note", "\"quoted\"");
  auto in = binary(headers, R"({"a": 1})", "application/json");
  CAF_CHECK_EQUAL(judged(in), "");
  CAF_CHECK_EQUAL(seen(in, "subject"), "café % 100%");
  CAF_CHECK_EQUAL(seen(in, "note"), "quoted");
  CAF_CHECK_EQUAL(seen(in, "data"), R"({"a":1})");
  CAF_CHECK_EQUAL(seen(in, "datacontenttype"), "application/json");
}

CAF_TEST(data of a binary event follows its content type) {
  struct row {
    const char* type;
    const char* body;
    const char* data;
    const char* base64;
  };
  for (auto& r : std::vector<row>{{"application/vnd.x+json", "[1]", "[1]", "(none)"},
                                  {"", "[1]", "[1]", "(none)"},
                                  {"text/plain; charset=utf-8", "[1]", "[1]", "(none)"},
                                  {"text/plain", "\xff", "(none)", "/w=="},
                                  {"application/octet-stream", "abcd", "(none)", "YWJjZA=="},
                                  {"application/json", "", "(none)", "(none)"}}) {
    auto in = binary(least, r.body, r.type);
    CAF_CHECK_EQUAL(judged(in), "");
    CAF_CHECK_EQUAL(seen(in, "data"), r.data);
    CAF_CHECK_EQUAL(seen(in, "data_base64"), r.base64);
  }
}

CAF_TEST(faults of a binary event name the header) {
  CAF_CHECK_EQUAL(
      judged(binary({{"id", "1"}, {"source", "a b"}, {"specversion", "1.0"}})),
      "/source header ce-source: a URI reference is expected; /type header ce-type: is required");
  auto twice = least;
  twice.emplace_back("id", "2");
  CAF_CHECK_EQUAL(judged(binary(twice)), "/id header ce-id: it is given twice");
  auto misplaced = least;
  misplaced.emplace_back("data", "7");
  misplaced.emplace_back("data_base64", "AAEC");
  misplaced.emplace_back("datacontenttype", "text/plain");
  CAF_CHECK_EQUAL(judged(binary(misplaced)),
                  "/data header ce-data: the data is the body; /data_base64 header ce-data_base64: "
                  "the data is the "
                  "body; /datacontenttype it is the header Content-Type");
  auto many = least;
  for (int i = 0; i < 128; ++i)
    many.emplace_back("x" + std::to_string(i), "1");
  CAF_CHECK_EQUAL(judged(binary(many)), " an event has at most 128 attributes");
  CAF_CHECK(judged(binary(least, "{", "application/json")).starts_with("400 "));
  auto odd = least;
  odd.emplace_back("note", "%ff");
  CAF_CHECK_EQUAL(judged(binary(odd)), "/note header ce-note: UTF-8 is expected");
}

CAF_TEST(a batch is judged event by event) {
  auto batch = [](std::string body) {
    return structured(std::move(body), "application/cloudevents-batch+json");
  };
  auto read = read_cloud_events(batch("[" + with_member("\"data\": 1") + ", {\"id\": \"2\"}]"));
  CAF_CHECK(read.batch);
  CAF_REQUIRE_EQUAL(read.items.size(), 2u);
  CAF_CHECK(read.items[0].faults.empty());
  CAF_REQUIRE_EQUAL(read.items[1].faults.size(), 3u);
  CAF_CHECK_EQUAL(read.items[1].faults[0].pointer, "/1/specversion");
  CAF_CHECK_EQUAL(judged(batch("[]")), "");
  CAF_CHECK_EQUAL(judged(batch("{}")), "400 a batch is a list of events");
  std::string many = "[";
  for (int i = 0; i < 1001; ++i)
    many += i ? ",{}" : "{}";
  CAF_CHECK_EQUAL(judged(batch(many + "]")), "413 a batch has at most 1,000 events");
}

CAF_TEST(other forms are refused with what would be right) {
  for (auto* type : {"application/cloudevents+avro", "application/cloudevents",
                     "application/cloudevents-batch+xml"})
    CAF_CHECK(judged(structured("{}", type))
                  .starts_with("415 of the formats of events, this server takes JSON"));
  for (auto* type : {"application/json", "", "text/plain"})
    CAF_CHECK(judged(structured("{}", type))
                  .starts_with("415 an event comes as application/cloudevents+json"));
  for (auto* body : {"", "{", "{} x", "\"\xff\""})
    CAF_CHECK(judged(structured(body)).starts_with("400 "));
}

CAF_TEST(numbers of any size may stand in data) {
  auto in = structured(with_member(R"("data": {"order": 12345678901234567890, "rate": 1e300})"));
  CAF_CHECK_EQUAL(judged(in), "");
  CAF_CHECK_EQUAL(seen(in, "data"), R"({"order":"12345678901234567890","rate":"1e300"})");
}
