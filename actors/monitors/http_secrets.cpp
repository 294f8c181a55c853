#include "actors/monitors/http_client.hpp"

#include <cstdlib>
#include <fstream>

namespace interject::monitors {
namespace {

constexpr std::size_t max_secret = 64 * 1024;

result<std::string> read_secret(const std::string& path) {
  auto refuse = [&](const char* why) {
    return error{errc::not_found, "the secret ${file:" + path + "} " + why};
  };
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return refuse("cannot be read");
  std::string out(max_secret + 1, '\0');
  in.read(out.data(), static_cast<std::streamsize>(out.size()));
  out.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad())
    return refuse("cannot be read");
  if (out.size() > max_secret)
    return refuse("is larger than 64 KB");
  if (out.ends_with('\n'))
    out.pop_back();
  if (out.ends_with('\r'))
    out.pop_back();
  if (out.empty())
    return refuse("is empty");
  return out;
}

result<std::string> find_secret(std::string_view kind, std::string_view name) {
  if (kind == "file")
    return read_secret(std::string(name));
  const char* found = std::getenv(std::string(name).c_str());
  if (kind != "env" || !found || !*found)
    return error{errc::not_found,
                 "the secret ${" + std::string(kind) + ":" + std::string(name) + "} is not set"};
  return std::string(found);
}

} // namespace

secret_source system_secrets() {
  return find_secret;
}

} // namespace interject::monitors
