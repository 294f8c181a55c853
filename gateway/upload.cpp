#include "gateway/upload.hpp"

#include "gateway/directline.hpp"
#include "gateway/multipart.hpp"
#include "gateway/problem.hpp"
#include "gateway/write.hpp"
#include "protocols/codec/activity_json.hpp"

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <algorithm>

namespace interject::gateway::directline {

namespace {

constexpr std::string_view activity_media = "application/vnd.microsoft.activity";

/// What a browser may show in place. Anything else, SVG and HTML first, could run in our name: it
/// is served as bytes to be saved.
constexpr std::string_view shown[] = {"image/png",  "image/jpeg", "image/gif",       "image/webp",
                                      "audio/mpeg", "audio/ogg",  "audio/wav",       "audio/webm",
                                      "video/mp4",  "video/webm", "application/pdf", "text/plain"};

std::string media_of(std::string_view content_type) {
  std::string out(content_type.substr(0, content_type.find_first_of("; ")));
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c + 32);
  return out;
}

struct uploaded {
  std::string activity; ///< JSON
  std::vector<attached_file> files;
};

result<void> take_file(const part& p, const config::settings& how, uploaded& out) {
  auto number = "File " + std::to_string(out.files.size() + 1);
  if (out.files.size() == static_cast<std::size_t>(how.upload_files))
    return error{errc::too_large,
                 "At most " + std::to_string(how.upload_files) + " files are taken."};
  if (p.body.size() > static_cast<std::size_t>(how.upload_file))
    return error{errc::too_large,
                 number + " is larger than " + std::to_string(how.upload_file) + " bytes."};
  if (p.file_name.size() > 255 || !simdjson::validate_utf8(p.file_name.data(), p.file_name.size()))
    return error{errc::bad_input,
                 number + " has a name that is no UTF-8, or longer than 255 bytes."};
  auto media = media_of(p.content_type);
  if (media.size() > 127 ||
      std::any_of(media.begin(), media.end(), [](char c) { return c <= 0x20 || c >= 0x7f; }))
    return error{errc::bad_input, number + " has a malformed Content-Type."};
  attached_file f;
  f.id = new_id("f-") + new_id("");
  f.name = p.file_name.empty() ? "file" : p.file_name;
  f.content_type = media.empty() ? "application/octet-stream" : media;
  f.body = std::string(p.body);
  out.files.push_back(std::move(f));
  return {};
}

result<uploaded> read_upload(const exchange& x) {
  auto boundary = boundary_of(x.in.content_type);
  if (!boundary)
    return boundary.error();
  auto parts =
      read_multipart(*boundary, x.in.body, static_cast<std::size_t>(x.with.how.upload_files) + 1);
  if (!parts)
    return parts.error();
  uploaded out;
  for (auto& p : *parts) {
    bool activity = p.name == "activity" || media_of(p.content_type) == activity_media;
    if (activity && !out.activity.empty())
      return error{errc::bad_input, "There are two activity parts."};
    if (activity)
      out.activity = std::string(p.body);
    else if (auto ok = take_file(p, x.with.how, out); !ok)
      return ok.error();
  }
  if (out.files.empty())
    return error{errc::bad_input, "There is no file part."};
  return out;
}

std::string url_of(const exchange& x, const attached_file& f) {
  return (x.in.secure ? "https://" : "http://") + host_of(x) + "/v3/directline/files/" + f.id +
         "/" + percent_encode(f.name);
}

// Each file stands for the next attachment that the client announced without content, or is added.
std::string with_files(const exchange& x, const std::string& text,
                       const std::vector<attached_file>& files) {
  using json = nlohmann::ordered_json;
  auto activity = json::parse(text);
  auto announced = activity.find("attachments");
  auto list = announced != activity.end() && announced->is_array() ? *announced : json::array();
  auto next = list.begin();
  auto added = json::array();
  for (auto& f : files) {
    next = std::find_if(next, list.end(), [](const json& a) {
      return a.is_object() && !a.contains("content") && !a.contains("contentUrl");
    });
    json one{{"contentType", f.content_type}, {"name", f.name}};
    auto& to = next != list.end() ? *next++ : added.emplace_back(json::object());
    one.update(to);
    one["contentUrl"] = url_of(x, f);
    to = std::move(one);
  }
  for (auto& a : added)
    list.push_back(std::move(a));
  activity["attachments"] = std::move(list);
  return activity.dump();
}

} // namespace

bool may_upload(const services& with, const request& in) {
  auto& s = in.target.segments;
  return s.size() == 5 && s[0] == "v3" && s[1] == "directline" && s[2] == "conversations" &&
         s[4] == "upload" && with.tokens.check_header(in.authorization);
}

void upload(exchange_ptr x) {
  auto sent = read_upload(*x);
  if (!sent)
    return x->answer(sent.error().code == errc::invalid_fields
                         ? directline_error(415, "An upload is multipart/form-data.")
                         : directline_error(sent.error()));
  if (sent->activity.empty())
    sent->activity = R"({"type":"message"})";
  auto activity = read_activity(sent->activity); // before anything walks it
  if (activity)
    activity = read_activity(with_files(*x, sent->activity, sent->files));
  if (!activity)
    return x->answer(directline_error(activity.error()));
  if (activity->type != activity_type::message)
    return x->answer(directline_error(400, "Files come with a message."));
  auto user = x->in.find("userId");
  if (user && user->size() > 256)
    return x->answer(directline_error(400, "userId must have at most 256 bytes."));
  if (user && activity->from.empty())
    activity->from = *user;
  post(x, std::move(*activity), std::move(sent->files));
}

void get_file(exchange_ptr x) {
  x->via.read(
      x->with.reader, [id = x->captures.front()](journal::reader& rows) { return rows.file(id); },
      [x](result<std::optional<attached_file>> found) {
        if (!found)
          return x->answer(directline_error(found.error()));
        if (!*found || (*found)->name != x->captures[1])
          return x->answer(directline_error(404, "there is no such file"));
        auto& f = **found;
        bool show =
            std::find(std::begin(shown), std::end(shown), f.content_type) != std::end(shown);
        response r;
        r.content_type = !show                            ? "application/octet-stream"
                         : f.content_type == "text/plain" ? "text/plain; charset=utf-8"
                                                          : f.content_type;
        r.headers.emplace_back("Content-Disposition", std::string(show ? "inline" : "attachment") +
                                                          "; filename*=UTF-8''" +
                                                          percent_encode(f.name));
        r.headers.emplace_back("Accept-Ranges", "none");
        r.headers.emplace_back("Content-Security-Policy", "default-src 'none'; sandbox");
        r.body = std::move(f.body);
        x->answer(std::move(r));
      });
}

} // namespace interject::gateway::directline
