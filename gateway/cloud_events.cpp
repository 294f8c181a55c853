#include "gateway/cloud_events.hpp"

#include "protocols/codec/json_answer.hpp"

#include <boost/url/parse.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <limits>

namespace interject::gateway {
namespace {

/// What the specification defines; anything else in an event is an extension.
constexpr std::string_view required[] = {"specversion", "id", "source", "type"};
constexpr std::size_t longest = 2048;        ///< bytes of an attribute
constexpr std::size_t most_attributes = 128; ///< data included

std::string media_type(std::string_view field) {
  auto end = std::min(field.find_first_of("; \t"), field.size());
  std::string out(field.substr(0, end));
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// `application/json`, or what ends in `+json`; absent means JSON.
bool is_json_type(std::string_view field) {
  auto type = media_type(field);
  return type.empty() || type == "application/json" || type == "text/json" ||
         type.ends_with("+json");
}

bool is_attribute_name(std::string_view name) {
  auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && std::all_of(name.begin(), name.end(), fits);
}

bool is_media_type(std::string_view text) {
  auto type = media_type(text);
  auto slash = type.find('/');
  return slash != type.npos && slash > 0 && slash + 1 < type.size() &&
         type.find('/', slash + 1) == type.npos;
}

std::string base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  auto n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                           reinterpret_cast<const unsigned char*>(bytes.data()),
                           static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(n));
  return out;
}

bool is_base64(const std::string& text) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  return text.size() % 4 == 0 &&
         (text.empty() || EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                          reinterpret_cast<const unsigned char*>(text.data()),
                                          static_cast<int>(text.size())) >= 0);
}

/// What came in headers or as text; JSON is checked by its reader.
bool is_utf8(std::string_view text) {
  std::string quoted;
  append_json(quoted, value(text));
  return read_json_answer(quoted).has_value();
}

/// Null when it fits, else what would be right.
const char* wrong_text(std::string_view name, const std::string& text) {
  if (text.empty())
    return "it may not be empty";
  if (text.size() > longest)
    return "at most 2,048 bytes are expected";
  if (!is_utf8(text))
    return "UTF-8 is expected";
  if (name == "specversion" && text != "1.0")
    return "\"1.0\" is expected, the version that this server takes";
  if (name == "source" && boost::urls::parse_uri_reference(text).has_error())
    return "a URI reference is expected";
  if (name == "dataschema" && boost::urls::parse_uri(text).has_error())
    return "an absolute URI is expected";
  if (name == "time" && !parse_time(text))
    return "a time by RFC 3339 is expected, such as \"2026-11-22T18:00:00Z\"";
  if (name == "datacontenttype" && !is_media_type(text))
    return "a media type is expected, such as \"application/json\"";
  return nullptr;
}

bool is_text_attribute(std::string_view name) {
  for (auto known :
       {"specversion", "id", "source", "type", "subject", "time", "dataschema", "datacontenttype"})
    if (name == known)
      return true;
  return false;
}

/// An attribute of the JSON form. Null when it fits.
const char* wrong_attribute(std::string_view name, const value& v) {
  if (!is_attribute_name(name))
    return "names of attributes are of a–z and 0–9";
  if (is_text_attribute(name))
    return v.as_text() ? wrong_text(name, *v.as_text()) : "a text is expected";
  if (auto text = v.as_text())
    return text->empty() ? nullptr : wrong_text(name, *text);
  if (v.as_bool())
    return nullptr;
  if (auto number = v.as_number()) {
    auto shown = to_string(*number);
    bool whole = shown.find('.') == shown.npos && shown.size() <= 11;
    auto n = whole ? std::stoll(shown) : 0;
    if (whole && n >= std::numeric_limits<std::int32_t>::min() &&
        n <= std::numeric_limits<std::int32_t>::max())
      return nullptr;
  }
  return "an extension is a text, true or false, or a whole number of 32 bits";
}

void check_data(const value& all, const std::string& at, field_faults& faults) {
  auto* encoded = all.find("data_base64");
  if (!encoded || encoded->is_null())
    return;
  if (all.find("data"))
    faults.push_back({at + "/data_base64", "either data or data_base64 is expected"});
  else if (!encoded->as_text() || !is_base64(*encoded->as_text()))
    faults.push_back({at + "/data_base64", "base64 is expected"});
}

/// From the JSON form. An attribute that is null is one that is absent.
read_event take_event(const value& given, const std::string& at) {
  read_event out;
  if (!given.as_object()) {
    out.faults.push_back({at, "an event is an object"});
    return out;
  }
  if (given.as_object()->size() > most_attributes) {
    out.faults.push_back({at, "an event has at most 128 attributes"});
    return out;
  }
  value::object kept;
  for (auto& [name, v] : *given.as_object()) {
    if (std::any_of(kept.begin(), kept.end(),
                    [&name = name](auto& k) { return k.first == name; })) {
      out.faults.push_back({at + "/" + name, "it is given twice"});
      continue;
    }
    if (name != "data" && v.is_null())
      continue;
    if (name != "data" && name != "data_base64")
      if (auto* why = wrong_attribute(name, v)) {
        out.faults.push_back({at + "/" + name, why});
        continue;
      }
    kept.emplace_back(name, v);
  }
  out.it.all = value(std::move(kept));
  auto text = [&](std::string_view name) {
    auto* v = out.it.all.find(name);
    return v && v->as_text() ? *v->as_text() : std::string();
  };
  for (auto name : required) {
    auto* v = given.find(name);
    if (!v || v->is_null())
      out.faults.push_back({at + "/" + std::string(name), "is required"});
  }
  out.it.id = text("id");
  out.it.source = text("source");
  out.it.type = text("type");
  check_data(given, at, out.faults);
  return out;
}

/// Header values are percent-encoded where HTTP cannot carry them, and may stand in quotes.
std::string header_text(std::string_view field) {
  if (field.size() >= 2 && field.front() == '"' && field.back() == '"')
    field = field.substr(1, field.size() - 2);
  auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '%' && i + 2 < field.size() && digit(field[i + 1]) >= 0 &&
        digit(field[i + 2]) >= 0) {
      out += static_cast<char>(digit(field[i + 1]) * 16 + digit(field[i + 2]));
      i += 2;
    } else {
      out += field[i];
    }
  }
  return out;
}

std::string malformed(std::string_view body) {
  auto why = parse_json(body);
  return why ? "the body is no JSON that can be read" : why.error().what;
}

read_events refuse(unsigned status, std::string why) {
  return {false, {}, status, std::move(why)};
}

read_events read_binary(const request& in) {
  if (in.event_headers.empty())
    return refuse(
        415, "an event comes as application/cloudevents+json, a list of them as "
             "application/cloudevents-batch+json, or one in headers ce-id, ce-source, ce-type and "
             "ce-specversion with its data as the body");
  value::object all;
  field_faults misplaced;
  for (auto& [name, field] : in.event_headers)
    if (name == "data" || name == "data_base64")
      misplaced.push_back({"/" + name, "the data is the body"});
    else if (name == "datacontenttype")
      misplaced.push_back({"/" + name, "it is the header Content-Type"});
    else
      all.emplace_back(name, value(header_text(field)));
  if (!in.content_type.empty())
    all.emplace_back("datacontenttype", value(in.content_type));
  read_events out;
  if (!in.body.empty()) {
    if (is_json_type(in.content_type)) {
      auto data = read_json_answer(in.body);
      if (!data)
        return refuse(400, malformed(in.body));
      all.emplace_back("data", *std::move(data));
    } else if (media_type(in.content_type).starts_with("text/") && is_utf8(in.body)) {
      all.emplace_back("data", value(in.body));
    } else {
      all.emplace_back("data_base64", value(base64(in.body)));
    }
  }
  out.items.push_back(take_event(value(std::move(all)), ""));
  auto& faults = out.items[0].faults;
  faults.insert(faults.end(), misplaced.begin(), misplaced.end());
  for (auto& fault : faults) // as the sender knows them
    if (!fault.pointer.empty() && fault.pointer != "/datacontenttype")
      fault.detail = "header ce-" + fault.pointer.substr(1) + ": " + fault.detail;
  return out;
}

read_events read_batch(const value& body) {
  read_events out;
  out.batch = true;
  if (!body.as_list())
    return refuse(400, "a batch is a list of events");
  if (body.as_list()->size() > max_events)
    return refuse(413, "a batch has at most 1,000 events");
  for (auto& each : *body.as_list())
    out.items.push_back(take_event(each, "/" + std::to_string(out.items.size())));
  return out;
}

} // namespace

read_events read_cloud_events(const request& in) {
  auto type = media_type(in.content_type);
  if (!type.starts_with("application/cloudevents"))
    return read_binary(in);
  bool batch = type == "application/cloudevents-batch+json";
  if (!batch && type != "application/cloudevents+json")
    return refuse(
        415, "of the formats of events, this server takes JSON: application/cloudevents+json and "
             "application/cloudevents-batch+json");
  auto body = read_json_answer(in.body);
  if (!body)
    return refuse(400, malformed(in.body));
  if (batch)
    return read_batch(*body);
  read_events out;
  out.items.push_back(take_event(*body, ""));
  return out;
}

} // namespace interject::gateway
