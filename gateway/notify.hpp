// `interject notify`: posts a notification, and says in words what was decided.
#pragma once

#include <string>
#include <vector>

namespace interject::gateway {

struct notify_options {
  std::string url = "http://127.0.0.1:8080";
  std::string secrets;
  std::string data;
  std::string file; ///< the whole notification as JSON; "-" is standard input
  std::string user;
  std::string conversation;
  std::string id;
  std::string text;
  std::string delivery;
  std::string urgency;
  std::string returns;
  std::string expires_in;
  std::string topic;
  std::string dialog;
  std::vector<std::string> params; ///< name=value
};
int notify_program(const notify_options& how);

} // namespace interject::gateway
