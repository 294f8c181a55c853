// A body that a client posts: what is taken is echoed to every reader, so the echo must be sound
// whatever came.
#include "tests/fuzz/fuzz.hpp"

#include "protocols/codec/activity_json.hpp"
#include "protocols/codec/json_answer.hpp"

using namespace interject;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto read = read_activity(fuzz::text_of(data, size));
  if (!read) {
    fuzz::must(!read.error().what.empty(), "a refusal says why");
    return 0;
  }
  auto echo = write_user_activity(*read, "c-1", 7, time_point(std::chrono::hours(1)));
  auto parsed = read_json_answer(*echo);
  fuzz::must(parsed.has_value(), "an echo is JSON");
  auto id = at_pointer(*parsed, "/id");
  fuzz::must(id.as_text() && *id.as_text() == activity_id("c-1", 7),
             "an echo carries the server's id");
  auto again = read_activity(*echo);
  fuzz::must(again && again->text == read->text && again->type == read->type &&
                 again->tapped == read->tapped,
             "an echo says what was posted");
  return 0;
}
