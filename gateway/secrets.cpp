#include "gateway/secrets.hpp"

#include "protocols/ids.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <system_error>

namespace interject::gateway {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t least_length = 16;
constexpr std::string_view scoped_prefix = "INTERJECT_API_KEY_";

std::string from_environment(const char* name) {
  auto text = std::getenv(name);
  return text ? text : "";
}

// "read,notify:KEY" under a name that begins like that of the first key.
result<void> take_scoped(credentials& to, std::string_view name, std::string_view text) {
  auto colon = text.find(':');
  auto may = scope_set::parse(text.substr(0, colon));
  if (colon == text.npos || !may)
    return error{errc::bad_input, std::string(name) +
                                      " must be some of read, notify, ingest and manage, and the "
                                      "key: read,notify:KEY"};
  auto key = text.substr(colon + 1);
  if (key.size() < least_length)
    return error{errc::bad_input, std::string(name) + " is shorter than " +
                                      std::to_string(least_length) + " characters"};
  name.remove_prefix(scoped_prefix.size());
  std::erase_if(to.scoped_keys, [&](auto& known) { return known.name == name; });
  if (to.scoped_keys.size() == 64)
    return error{errc::bad_input, "more than 64 API keys"};
  to.scoped_keys.push_back({std::string(name), *may, std::string(key)});
  return {};
}

result<void> take_scoped_from_environment(credentials& to) {
  for (auto entry = environ; *entry; ++entry) {
    std::string_view text = *entry;
    auto sign = text.find('=');
    if (text.starts_with(scoped_prefix) && sign != text.npos)
      if (auto ok = take_scoped(to, text.substr(0, sign), text.substr(sign + 1)); !ok)
        return ok;
  }
  return {};
}

result<void> long_enough(const credentials& c) {
  for (auto& [name, text] : {std::pair{api_key_name, &c.api_key},
                             std::pair{directline_secret_name, &c.directline_secret}})
    if (!text->empty() && text->size() < least_length)
      return error{errc::bad_input, std::string(name) + " is shorter than " +
                                        std::to_string(least_length) + " characters"};
  return {};
}

// The file exists with mode 600 from its first byte on, and a crash leaves the old one or the new
// one.
result<void> keep(const credentials& c, const fs::path& file) {
  auto text = std::string(api_key_name) + "=" + c.api_key + "\n" + directline_secret_name + "=" +
              c.directline_secret + "\n";
  for (auto& one : c.scoped_keys) {
    std::string may;
    for (auto s : {scope::read, scope::notify, scope::ingest, scope::manage})
      if (one.may.has(s))
        may += (may.empty() ? "" : ",") + std::string(to_string(s));
    text += std::string(scoped_prefix) + one.name + "=" + may + ":" + one.key + "\n";
  }
  auto fresh = file.string() + ".new";
  ::unlink(fresh.c_str());
  int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool ok = fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
            ::fsync(fd) == 0;
  if (fd >= 0)
    ::close(fd);
  if (ok && ::rename(fresh.c_str(), file.c_str()) == 0)
    return {};
  return error{errc::unavailable, "cannot write " + file.string() + ": " + std::strerror(errno)};
}

} // namespace

result<credentials> read_secrets(const fs::path& file) {
  std::ifstream in(file);
  if (!in)
    return error{errc::not_found, "cannot read " + file.string()};
  credentials out;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
      line.pop_back();
    if (line.empty() || line.front() == '#')
      continue;
    auto sign = line.find('=');
    auto name = line.substr(0, sign);
    if (sign != line.npos && name == api_key_name)
      out.api_key = line.substr(sign + 1);
    else if (sign != line.npos && name == directline_secret_name)
      out.directline_secret = line.substr(sign + 1);
    else if (sign != line.npos && name.starts_with(scoped_prefix)) {
      if (auto ok = take_scoped(out, name, line.substr(sign + 1)); !ok)
        return error{errc::bad_input,
                     file.string() + ":" + std::to_string(number) + ": " + ok.error().what};
    } else
      return error{errc::bad_input, file.string() + ":" + std::to_string(number) + ": " +
                                        api_key_name + "=… or " + directline_secret_name +
                                        "=… is expected"};
  }
  if (auto ok = long_enough(out); !ok)
    return error{errc::bad_input, file.string() + ": " + ok.error().what};
  return out;
}

result<credentials> known_secrets(const fs::path& file, const fs::path& data) {
  credentials out;
  auto kept = data / "secrets";
  std::error_code ec;
  if (!file.empty() || (!data.empty() && fs::exists(kept, ec))) {
    auto read = read_secrets(file.empty() ? kept : file);
    if (!read)
      return read;
    out = std::move(*read);
  }
  if (auto text = from_environment(api_key_name); !text.empty())
    out.api_key = text;
  if (auto text = from_environment(directline_secret_name); !text.empty())
    out.directline_secret = text;
  if (auto ok = take_scoped_from_environment(out); !ok)
    return ok.error();
  if (auto ok = long_enough(out); !ok)
    return ok.error();
  return out;
}

result<credentials> find_secrets(const fs::path& file, const fs::path& data) {
  auto known = known_secrets(file, data);
  if (!known)
    return known;
  auto& c = *known;
  if (!c.api_key.empty() && !c.directline_secret.empty())
    return known;
  if (!file.empty())
    return error{errc::bad_input, file.string() + " must give both " + api_key_name + " and " +
                                      directline_secret_name};
  c.made_now = true;
  // Two ids of 96 random bits each.
  if (c.api_key.empty())
    c.api_key = new_id("ik-") + new_id("");
  if (c.directline_secret.empty())
    c.directline_secret = new_id("ds-") + new_id("");
  if (auto ok = keep(c, data / "secrets"); !ok)
    return ok.error();
  return known;
}

} // namespace interject::gateway
