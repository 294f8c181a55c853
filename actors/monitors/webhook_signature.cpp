#include "actors/monitors/webhook_signature.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <vector>

namespace interject::monitors {
namespace {

constexpr std::size_t longest_header = 1024;

std::string hmac(std::string_view secret, std::string_view time, std::string_view body) {
  std::string text(time);
  text += '.';
  text += body;
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data(), &size);
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += digits[hash[i] >> 4U];
    out += digits[hash[i] & 15U];
  }
  return out;
}

std::string seconds(time_point at) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
}

} // namespace

std::string sign(std::string_view secret, std::string_view body, time_point at) {
  auto t = seconds(at);
  return "t=" + t + ",v1=" + hmac(secret, t, body);
}

const char* wrong_signature(std::string_view secret, std::string_view header, std::string_view body,
                            time_point now) {
  if (header.empty())
    return "Interject-Signature: t=…,v1=… is required";
  std::string_view time;
  std::vector<std::string_view> given;
  for (auto rest = header.substr(0, longest_header); !rest.empty();) {
    auto end = std::min(rest.find(','), rest.size());
    auto part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (part.starts_with(' '))
      part.remove_prefix(1);
    if (part.starts_with("t="))
      time = part.substr(2);
    else if (part.starts_with("v1="))
      given.push_back(part.substr(3));
  }
  std::int64_t at = 0;
  auto [end, failed] = std::from_chars(time.data(), time.data() + time.size(), at);
  if (time.empty() || failed != std::errc() || end != time.data() + time.size() || given.empty())
    return "Interject-Signature is not of the form t=…,v1=…";
  auto expected = hmac(secret, time, body);
  bool fits = false;
  for (auto each : given)
    fits = (each.size() == expected.size() &&
            CRYPTO_memcmp(each.data(), expected.data(), expected.size()) == 0) ||
           fits;
  if (!fits)
    return "Interject-Signature does not fit the body";
  constexpr std::int64_t most = std::chrono::seconds(signature_tolerance).count();
  auto here = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (at < here - most || at > here + most)
    return "Interject-Signature is more than five minutes old, or ahead: look at the clocks";
  return nullptr;
}

} // namespace interject::monitors
