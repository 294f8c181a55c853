// CloudEvents from other programs, in the three modes: the first line is the content type, lines
// `name: value` up to an empty one are the event's headers, and what follows is the body.
#include "tests/fuzz/fuzz.hpp"

#include "gateway/cloud_events.hpp"

using namespace interject;
using namespace interject::gateway;

namespace {

std::string_view line_of(std::string_view& all) {
  auto end = all.find('\n');
  auto line = all.substr(0, end);
  all.remove_prefix(end == std::string_view::npos ? all.size() : end + 1);
  return line;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto all = fuzz::text_of(data, size);
  request in;
  in.method = "POST";
  in.content_type = line_of(all);
  for (auto line = line_of(all); !line.empty(); line = line_of(all))
    if (auto colon = line.find(": "); colon != std::string_view::npos)
      in.event_headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  in.body = all;
  auto read = read_cloud_events(in);
  if (read.status != 0) {
    fuzz::must(read.items.empty() && !read.why.empty(), "a refusal says why");
    return 0;
  }
  fuzz::must(read.items.size() <= max_events && (read.batch || read.items.size() == 1),
             "as many events as were sent");
  for (auto& one : read.items) {
    for (auto& f : one.faults)
      fuzz::must(!f.detail.empty(), "a fault says what is wrong");
    fuzz::must(!one.faults.empty() ||
                   (!one.it.id.empty() && !one.it.source.empty() && !one.it.type.empty()),
               "an event that is taken has an id, a source and a type");
  }
  return 0;
}
