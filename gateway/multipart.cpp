#include "gateway/multipart.hpp"

#include "gateway/http.hpp"

#include <algorithm>
#include <optional>

namespace interject::gateway {

namespace {

error bad(std::string what) {
  return {errc::bad_input, std::move(what)};
}

bool is_token(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c + 32);
  return out;
}

struct parameterized {
  std::string type; ///< lower case: "form-data", "multipart/form-data"
  parameters with;  ///< names in lower case
};

// `type; name=token; name="quoted \" string"`; nothing when it has another form.
std::optional<parameterized> read_parameterized(std::string_view text) {
  parameterized out;
  auto end = std::min(text.find(';'), text.size());
  out.type = lower(trimmed(text.substr(0, end)));
  text.remove_prefix(end);
  while (!(text = trimmed(text)).empty()) {
    if (text.front() != ';')
      return std::nullopt;
    text = trimmed(text.substr(1));
    if (text.empty())
      break; // a last semicolon
    std::size_t n = 0;
    while (n < text.size() && is_token(text[n]))
      ++n;
    if (n == 0 || n == text.size() || text[n] != '=')
      return std::nullopt;
    auto name = lower(text.substr(0, n));
    text.remove_prefix(n + 1);
    std::string value;
    if (!text.empty() && text.front() == '"') {
      std::size_t i = 1;
      for (; i < text.size() && text[i] != '"'; ++i) {
        // Browsers send \ as it is and " as %22: only \" and \\ are escapes.
        if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\'))
          ++i;
        value += text[i];
      }
      if (i == text.size())
        return std::nullopt;
      text.remove_prefix(i + 1);
    } else {
      n = 0;
      while (n < text.size() && is_token(text[n]))
        ++n;
      if (n == 0)
        return std::nullopt;
      value = text.substr(0, n);
      text.remove_prefix(n);
    }
    for (auto& [known, ignored] : out.with)
      if (known == name)
        return std::nullopt;
    out.with.emplace_back(std::move(name), std::move(value));
  }
  return out;
}

const std::string* find(const parameters& in, std::string_view name) {
  for (auto& [key, text] : in)
    if (key == name)
      return &text;
  return nullptr;
}

// What a file is called, not where it lies; what browsers escaped is put back.
std::string file_name_of(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto three = text.substr(i, 3);
    if (three == "%22") {
      out += '"';
      i += 2;
    } else if (three == "%0D" || three == "%0A") {
      i += 2;
    } else if (static_cast<unsigned char>(text[i]) >= 0x20 && text[i] != 0x7f) {
      out += text[i];
    }
  }
  if (auto slash = out.find_last_of("/\\"); slash != out.npos)
    out.erase(0, slash + 1);
  return out == "." || out == ".." ? std::string() : out;
}

class reader {
public:
  reader(std::string_view boundary, std::string_view body)
      : delimiter_("\r\n--" + std::string(boundary)), rest_(body) {}

  result<std::vector<part>> all(std::size_t max_parts) {
    auto first = std::string_view(delimiter_).substr(2);
    if (rest_.starts_with("\r\n"))
      rest_.remove_prefix(2);
    if (!rest_.starts_with(first))
      return bad("The body does not begin with the boundary that Content-Type names.");
    rest_.remove_prefix(first.size());
    std::vector<part> out;
    for (;; ++number_) {
      if (rest_.starts_with("--"))
        return finish(std::move(out));
      auto padding = std::min(rest_.find_first_not_of(" \t"), rest_.size());
      if (!rest_.substr(padding).starts_with("\r\n"))
        return bad(in_part("a line end is missing after the boundary that begins it"));
      if (out.size() == max_parts)
        return error{errc::too_large, "At most " + std::to_string(max_parts) + " parts are taken."};
      rest_.remove_prefix(padding + 2);
      auto one = next();
      if (!one)
        return one.error();
      out.push_back(std::move(*one));
    }
  }

private:
  std::string in_part(const std::string& what) const {
    return "Part " + std::to_string(number_) + " of the body: " + what + ".";
  }

  result<std::vector<part>> finish(std::vector<part> parts) {
    rest_.remove_prefix(2);
    if (!rest_.empty() && rest_ != "\r\n")
      return bad("Something follows the last boundary.");
    return parts;
  }

  result<part> next() {
    part out;
    if (auto ok = headers(out); !ok)
      return ok.error();
    auto end = rest_.find(delimiter_);
    if (rest_.starts_with(std::string_view(delimiter_).substr(2))) {
      // An empty body may share its line end with the blank line before it.
      rest_.remove_prefix(delimiter_.size() - 2);
      return out;
    }
    if (end == rest_.npos)
      return bad(in_part("no boundary ends it; the body may have been cut off"));
    out.body = rest_.substr(0, end);
    rest_.remove_prefix(end + delimiter_.size());
    return out;
  }

  result<void> headers(part& out) {
    bool disposed = false;
    bool typed = false;
    std::size_t bytes = 0;
    for (std::size_t count = 0;; ++count) {
      auto end = rest_.find("\r\n");
      bytes += std::min(end, rest_.size()) + 2;
      if (end == rest_.npos || bytes > max_part_header_bytes || count > max_part_headers)
        return bad(in_part("its header does not end, or is larger than " +
                           std::to_string(max_part_header_bytes) + " bytes or " +
                           std::to_string(max_part_headers) + " lines"));
      auto line = rest_.substr(0, end);
      rest_.remove_prefix(end + 2);
      if (line.empty())
        return {};
      auto colon = line.find(':');
      if (colon == line.npos || colon == 0 ||
          !std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon), is_token))
        return bad(in_part("a header line is not of the form \"Name: value\""));
      if (std::any_of(line.begin(), line.end(), [](char c) {
            return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
          }))
        return bad(in_part("a header holds a control character"));
      auto name = lower(line.substr(0, colon));
      auto text = trimmed(line.substr(colon + 1));
      if (name == "content-disposition") {
        auto read = read_parameterized(text);
        if (std::exchange(disposed, true) || !read || read->type.empty())
          return bad(in_part("its Content-Disposition is malformed or stands twice"));
        if (auto field = find(read->with, "name"))
          out.name = *field;
        if (auto file = find(read->with, "filename"))
          out.file_name = file_name_of(*file);
      } else if (name == "content-type") {
        if (std::exchange(typed, true))
          return bad(in_part("its Content-Type stands twice"));
        out.content_type = std::string(text);
      } else if (name == "content-transfer-encoding") {
        auto how = lower(text);
        if (how != "binary" && how != "8bit" && how != "7bit")
          return bad(in_part("Content-Transfer-Encoding: " + how.substr(0, 40) +
                             " is not taken; send the bytes as they are"));
      }
    }
  }

  std::string delimiter_;
  std::string_view rest_;
  std::size_t number_ = 1;
};

} // namespace

result<std::string> boundary_of(std::string_view content_type) {
  auto read = read_parameterized(content_type);
  if (lower(trimmed(content_type.substr(
          0, std::min(content_type.find(';'), content_type.size())))) != "multipart/form-data")
    return error{errc::invalid_fields, "multipart/form-data is expected"};
  auto boundary = read ? find(read->with, "boundary") : nullptr;
  auto fine = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
  };
  if (!boundary || boundary->empty() || boundary->size() > 70 || boundary->back() == ' ' ||
      !std::all_of(boundary->begin(), boundary->end(), fine))
    return bad("Content-Type must name a boundary of 1 to 70 characters.");
  return *boundary;
}

result<std::vector<part>> read_multipart(std::string_view boundary, std::string_view body,
                                         std::size_t max_parts) {
  return reader(boundary, body).all(max_parts);
}

} // namespace interject::gateway
