#include "protocols/secret_reference.hpp"

#include "protocols/value.hpp"

#include <algorithm>

namespace interject {
namespace {

constexpr char opens = '\x01', closes = '\x02';

bool is_name(std::string_view text) {
  auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), fits);
}

bool is_path(std::string_view text) {
  return text.size() > 1 && text.size() <= 1024 && text.front() == '/' &&
         text.find_first_of("\"\\") == text.npos;
}

void append_encoded(std::string& out, std::string_view text) {
  constexpr char hex[] = "0123456789ABCDEF";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (is_name(std::string_view(&c, 1)) || c == '-' || c == '.' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += hex[byte >> 4U];
      out += hex[byte & 15U];
    }
  }
}

void append_secret(std::string& out, std::string_view secret, secret_place where) {
  if (where == secret_place::url)
    return append_encoded(out, secret);
  if (where == secret_place::header) {
    out += secret;
    return;
  }
  std::string quoted;
  append_json(quoted, value(std::string(secret)));
  out.append(quoted, 1, quoted.size() - 2);
}

/// Hands the text between references to `plain` and each reference to `found`, which may end it by
/// false.
template <class Plain, class Found> void walk(std::string_view marked, Plain plain, Found found) {
  for (;;) {
    auto open = std::min(marked.find(opens), marked.size());
    plain(marked.substr(0, open));
    if (open == marked.size())
      return;
    auto close = std::min(marked.find(closes, open), marked.size());
    if (!found(marked.substr(open + 1, close - open - 1)))
      return;
    marked.remove_prefix(std::min(close + 1, marked.size()));
  }
}

} // namespace

result<std::string> mark_references(std::string_view written) {
  if (written.find_first_of("\x01\x02") != written.npos)
    return error{errc::bad_input, "control characters may not stand here"};
  std::string out;
  while (!written.empty()) {
    auto dollar = std::min(written.find("${"), written.size());
    out += written.substr(0, dollar);
    written.remove_prefix(dollar);
    bool env = written.starts_with("${env:"), file = written.starts_with("${file:");
    if (!env && !file) {
      auto plain = std::min<std::size_t>(written.size(), 2);
      out += written.substr(0, plain);
      written.remove_prefix(plain);
      continue;
    }
    auto end = written.find('}');
    if (end == written.npos)
      return error{errc::bad_input, std::string(written.substr(0, 20)) + "… lacks its }"};
    auto inner = written.substr(2, end - 2);
    auto name = inner.substr(env ? 4 : 5);
    if (env && !is_name(name))
      return error{errc::bad_input,
                   "\"" + std::string(name) + "\" is no name of an environment variable"};
    if (file && !is_path(name))
      return error{errc::bad_input, "\"" + std::string(name) + "\" is no absolute path"};
    out += opens;
    out += inner;
    out += closes;
    written.remove_prefix(end + 1);
  }
  return out;
}

bool holds_reference(std::string_view marked) {
  return marked.find(opens) != marked.npos;
}

std::string show_references(std::string_view marked) {
  std::string out;
  walk(
      marked, [&](std::string_view plain) { out += plain; },
      [&](std::string_view reference) {
        out += "${" + std::string(reference) + "}";
        return true;
      });
  return out;
}

result<std::string> resolve_references(std::string_view marked, secret_place where,
                                       const secret_source& from) {
  result<std::string> out{std::string()};
  walk(
      marked, [&](std::string_view plain) { *out += plain; },
      [&](std::string_view reference) {
        auto colon = std::min(reference.find(':'), reference.size());
        auto secret = from(reference.substr(0, colon),
                           reference.substr(std::min(colon + 1, reference.size())));
        if (!secret) {
          out = secret.error();
          return false;
        }
        append_secret(*out, *secret, where);
        return true;
      });
  return out;
}

} // namespace interject
