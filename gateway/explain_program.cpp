#include "gateway/client.hpp"
#include "gateway/explain.hpp"
#include "gateway/json.hpp"
#include "protocols/notification.hpp"

#include <iostream>

namespace interject::gateway {

int explain_program(const explain_options& how) {
  auto cannot = [](const std::string& why) {
    std::cerr << "interject explain: " << why << '\n';
    return 1;
  };
  if (!is_notification_id(how.id))
    return cannot("\"" + how.id +
                  "\" is no id of a notification: 1 to 128 characters of A-Z a-z 0-9 . _ : -");
  auto at = reach_management(how.url, how.secrets, how.data);
  if (!at)
    return cannot(at.error().what);
  auto answer = call(at->to, "GET", "/api/v1/notifications/" + how.id, at->key, "");
  if (!answer)
    return cannot(answer.error().what);
  auto json = parse_json(answer->body);
  if (!json)
    return cannot("the server's answer cannot be read (" + std::to_string(answer->status) + ")");
  if (answer->status >= 300) {
    auto* detail = json->find("detail");
    return cannot("refused (" + std::to_string(answer->status) +
                  "): " + (detail ? display(*detail) : ""));
  }
  std::cout << in_words(*json);
  return 0;
}

} // namespace interject::gateway
