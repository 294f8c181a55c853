// Bodies of the management API: every fault has its place, and what is taken can be written.
#include "tests/fuzz/fuzz.hpp"

#include "config/bot_loader.hpp"
#include "gateway/notification_json.hpp"

using namespace interject;
using namespace interject::gateway;

namespace {

const dialog::bot& the_bot() {
  static const auto it = config::bot_from_source(
      R"({"id": "b", "name": "B", "locales": ["en", "fr"], "dialogs": {"offer":
    {"params": {"price": "number"}, "steps": [{"do": "ask", "type": "yes_no", "into": "ok", "text": "{price}?"}]}}})");
  return *it;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto body = parse_json(fuzz::text_of(data, size));
  if (!body) {
    fuzz::must(!body.error().what.empty(), "a refusal says why");
    return 0;
  }
  field_faults faults;
  object_reader in(*body, "", faults);
  notification n;
  read_notification(in, the_bot(), {"symbol", "price"}, faults, n);
  (void)in.text("id", 128);
  (void)in.length("in");
  (void)in.instant("at");
  (void)in.number("price");
  (void)in.whole("limit", 1, 1000);
  in.finish();
  for (auto& f : faults)
    fuzz::must(!f.detail.empty(), "a fault says what is wrong");
  if (!faults.empty())
    return 0;
  std::string out;
  append_notification(out, n);
  fuzz::must(parse_json(out).has_value(), "a notification is written as JSON");
  return 0;
}
