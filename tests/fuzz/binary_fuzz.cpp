// The binary codec on rows that are damaged or of another release: refused, or read into what is
// written back the same.
#include "tests/fuzz/fuzz.hpp"

#include "actors/conversation/state.hpp"
#include "protocols/codec/binary.hpp"
#include "protocols/monitoring.hpp"

using namespace interject;

namespace {

template <class T> void try_as(std::string_view bytes) {
  T read;
  if (!decode_all(bytes, read))
    return;
  std::string once, twice;
  encode(once, read);
  T again;
  fuzz::must(decode_all(once, again), "what was read can be written");
  encode(twice, again);
  fuzz::must(once == twice, "what was written is read back the same");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  auto bytes = fuzz::text_of(data + 1, size - 1);
  switch (data[0] % 6) {
  case 0:
    try_as<conversation::state>(bytes);
    break;
  case 1:
    try_as<notification>(bytes);
    break;
  case 2:
    try_as<value>(bytes);
    break;
  case 3:
    try_as<watch_row>(bytes);
    break;
  case 4:
    try_as<call_row>(bytes);
    break;
  default:
    try_as<std::vector<decision>>(bytes);
    break;
  }
  return 0;
}
