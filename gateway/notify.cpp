#include "gateway/notify.hpp"

#include "actors/delivery/explain.hpp"
#include "gateway/client.hpp"
#include "gateway/json.hpp"
#include "gateway/write.hpp"

#include <fstream>
#include <iostream>
#include <iterator>

namespace interject::gateway {

namespace {

// In the order of delivery_code.
std::optional<std::string> body_from_options(const notify_options& how, std::string& why) {
  std::string body;
  object_writer o(body);
  object_writer to(o.raw("to"));
  to.text(how.user.empty() ? "conversation" : "user",
          how.user.empty() ? how.conversation : how.user)
      .end();
  for (auto& [name, text] :
       {std::pair{"id", &how.id}, std::pair{"text", &how.text},
        std::pair{"delivery", &how.delivery}, std::pair{"urgency", &how.urgency},
        std::pair{"return", &how.returns}, std::pair{"expires_in", &how.expires_in},
        std::pair{"topic", &how.topic}})
    if (!text->empty())
      o.text(name, *text);
  std::string params;
  object_writer p(params);
  for (auto& param : how.params) {
    auto sign = param.find('=');
    if (sign == param.npos || sign == 0) {
      why = "--param takes NAME=VALUE, not \"" + param + "\"";
      return std::nullopt;
    }
    auto text = param.substr(sign + 1);
    if (auto number = decimal::parse(text))
      p.number(param.substr(0, sign), *number);
    else
      p.text(param.substr(0, sign), text);
  }
  p.end();
  if (!how.dialog.empty()) {
    object_writer d(o.raw("dialog"));
    d.text("id", how.dialog);
    d.raw("params") += params;
    d.end();
  }
  if (!how.params.empty())
    o.raw("params") += params;
  o.end();
  return body;
}

std::optional<std::string> body_from_file(const std::string& file, std::string& why) {
  if (file == "-")
    return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream in(file);
  if (in)
    return std::string(std::istreambuf_iterator<char>(in), {});
  why = "cannot read " + file;
  return std::nullopt;
}

std::string member(const value& of, std::string_view name) {
  auto v = of.find(name);
  return v && v->as_text() ? *v->as_text() : std::string();
}

void print_problem(const value& json, unsigned status) {
  std::cerr << "interject notify: refused (" << status << "): " << member(json, "detail") << '\n';
  if (auto faults = json.find("errors"); faults && faults->as_list())
    for (auto& fault : *faults->as_list())
      std::cerr << "  " << member(fault, "pointer") << ": " << member(fault, "detail") << '\n';
}

void print_decision(const value& item) {
  auto decision = item.find("decision");
  if (!decision) {
    if (auto e = item.find("error"))
      print_problem(*e, 422);
    return;
  }
  auto action = member(*decision, "action");
  auto code = member(*decision, "code");
  std::cout << member(item, "id") << ": " << action;
  if (auto known = parse_delivery_code(code))
    std::cout << " (" << code << "): " << delivery::words_of(*known);
  else if (action == "accepted")
    std::cout << ": taken in; GET /api/v1/notifications/" << member(item, "id")
              << " tells what becomes of it";
  if (auto latest = member(*decision, "latest"); !latest.empty())
    std::cout << "; at the latest " << latest;
  std::cout << ".\n";
}

} // namespace

int notify_program(const notify_options& how) {
  auto cannot = [](const std::string& why) {
    std::cerr << "interject notify: " << why << '\n';
    return 1;
  };
  auto at = reach_management(how.url, how.secrets, how.data);
  if (!at)
    return cannot(at.error().what);
  std::string why;
  auto body = how.file.empty() ? body_from_options(how, why) : body_from_file(how.file, why);
  if (!body)
    return cannot(why);
  auto answer = call(at->to, "POST", "/api/v1/notifications", at->key, *body);
  if (!answer)
    return cannot(answer.error().what);
  auto json = parse_json(answer->body);
  if (!json)
    return cannot("the server's answer cannot be read (" + std::to_string(answer->status) + ")");
  if (answer->status >= 300) {
    print_problem(*json, answer->status);
    return 1;
  }
  if (auto items = json->find("items"); items && items->as_list())
    for (auto& item : *items->as_list())
      print_decision(item);
  else
    print_decision(*json);
  return 0;
}

} // namespace interject::gateway
