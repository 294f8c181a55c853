#include "gateway/client.hpp"
#include "gateway/explain.hpp"
#include "gateway/json.hpp"
#include "gateway/secrets.hpp"
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
  auto to = parse_server_url(how.url);
  if (!to)
    return cannot(to.error().what);
  auto keys = known_secrets(how.secrets, how.data);
  if (!keys)
    return cannot(keys.error().what);
  if (keys->api_key.empty())
    return cannot(
        std::string("an API key is needed: set ") + api_key_name +
        ", or give --secrets FILE, or --data with the data folder of a server on this machine");
  auto answer = call(*to, "GET", "/api/v1/notifications/" + how.id, keys->api_key, "");
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
