#include "gateway/tokens.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <jwt/jwt.hpp>

#include <limits>
#include <memory>

namespace interject::gateway {

namespace {

// A long secret is as good as a key, but using one value for two purposes is not.
std::string derive(const std::string& secret, std::string_view purpose) {
  std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr),
                                                        &EVP_KDF_free);
  std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> ctx(EVP_KDF_CTX_new(kdf.get()),
                                                                &EVP_KDF_CTX_free);
  char digest[] = "SHA256";
  auto bytes = [](std::string_view text) { return const_cast<char*>(text.data()); };
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, bytes(secret), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, bytes(purpose), purpose.size()),
      OSSL_PARAM_construct_end()};
  unsigned char key[32];
  ensure(EVP_KDF_derive(ctx.get(), key, sizeof key, params) == 1, "HKDF failed");
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (auto b : key) {
    hex += digits[b >> 4];
    hex += digits[b & 15];
  }
  return hex;
}

std::string text_claim(const nlohmann::json& claims, const char* name) {
  auto it = claims.find(name);
  return it != claims.end() && it->is_string() ? it->get<std::string>() : std::string();
}

const error wrong_token{errc::unauthorized, "the token is not one of this server"};

} // namespace

bool equal_secrets(std::string_view a, std::string_view b) {
  unsigned char x[SHA256_DIGEST_LENGTH];
  unsigned char y[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(a.data()), a.size(), x);
  SHA256(reinterpret_cast<const unsigned char*>(b.data()), b.size(), y);
  return CRYPTO_memcmp(x, y, sizeof x) == 0;
}

std::string_view bearer(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (authorization.size() <= scheme.size())
    return {};
  for (std::size_t i = 0; i < scheme.size(); ++i)
    if ((authorization[i] | 0x20) != scheme[i] && authorization[i] != scheme[i])
      return {};
  auto rest = authorization.substr(scheme.size());
  while (!rest.empty() && rest.front() == ' ')
    rest.remove_prefix(1);
  while (!rest.empty() && rest.back() == ' ')
    rest.remove_suffix(1);
  return rest;
}

token_office::token_office(std::string secret, runtime::clock_ptr clock, std::size_t most_known)
    : secret_(std::move(secret)), key_(derive(secret_, "interject direct line token v1")),
      clock_(std::move(clock)), most_known_(most_known) {
  auto sample = issue({});
  header_ = sample.substr(0, sample.find('.'));
}

std::string token_office::issue(const grant& g) const {
  using namespace jwt::params;
  auto expires = clock_->now() + token_lifetime;
  jwt::jwt_object token{algorithm("HS256"), secret(key_)};
  token.add_claim("conv", g.conversation);
  if (!g.user.empty())
    token.add_claim("user", g.user);
  if (!g.user_name.empty())
    token.add_claim("name", g.user_name);
  if (!g.origins.empty())
    token.add_claim("origins", g.origins);
  // Milliseconds of our own clock beside the registered claim in seconds: the clock may be a test
  // clock.
  token.add_claim(
      "exp", std::chrono::duration_cast<std::chrono::seconds>(expires.time_since_epoch()).count());
  token.add_claim("expms", expires.time_since_epoch().count());
  return token.signature();
}

// Before the library looks at a token: its reader trusts the header's fields, and compares byte by
// byte.
bool token_office::signed_by_us(std::string_view token) const {
  auto first = token.find('.');
  auto last = token.rfind('.');
  if (first == token.npos || last == first || token.substr(0, first) != header_)
    return false;
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(token.data()), last, mac, &size);
  auto given = jwt::base64_uri_decode(token.data() + last + 1, token.size() - last - 1);
  return given.size() == size && CRYPTO_memcmp(given.data(), mac, size) == 0;
}

result<grant> token_office::read(std::string_view token) const {
  using namespace jwt::params;
  if (token.size() > 4096 || !signed_by_us(token))
    return wrong_token;
  try {
    std::error_code ec;
    // The library measures `exp` by the system's clock; ours decides below.
    auto known = jwt::decode(std::string(token), algorithms({"HS256"}), ec, secret(key_),
                             verify(true), leeway(std::numeric_limits<std::uint32_t>::max()));
    if (ec)
      return wrong_token;
    auto& claims = known.payload().create_json_obj();
    grant g;
    g.conversation = text_claim(claims, "conv");
    g.user = text_claim(claims, "user");
    g.user_name = text_claim(claims, "name");
    if (auto it = claims.find("origins"); it != claims.end())
      g.origins = it->get<std::vector<std::string>>();
    g.expires = time_point(duration(claims.at("expms").get<std::int64_t>()));
    return g;
  } catch (const std::exception&) {
    return wrong_token;
  }
}

// Whoever finds a token here by the time that a look-up takes would have to guess a MAC first.
std::optional<grant> token_office::recall(std::string_view token) const {
  std::lock_guard hold(known_guard_);
  auto it = known_.find(token);
  return it == known_.end() ? std::nullopt : std::optional(it->second);
}

void token_office::remember(std::string_view token, const grant& g) const {
  std::lock_guard hold(known_guard_);
  if (known_.size() >= most_known_)
    known_.clear();
  known_.emplace(token, g);
}

result<grant> token_office::unless_expired(result<grant> g) const {
  if (g && g->expires <= clock_->now())
    return error{errc::forbidden, std::string(expired)};
  return g;
}

result<grant> token_office::check_token(std::string_view token) const {
  auto known = recall(token);
  return unless_expired(known ? result<grant>(std::move(*known)) : read(token));
}

result<grant> token_office::check_header(std::string_view authorization) const {
  auto credential = bearer(authorization);
  if (credential.empty())
    return error{errc::unauthorized, "Authorization: Bearer with a secret or token is required"};
  if (auto known = recall(credential))
    return unless_expired(std::move(*known));
  if (equal_secrets(credential, secret_)) {
    grant g;
    g.by_secret = true;
    return g;
  }
  auto g = read(credential);
  if (g)
    remember(credential, *g);
  return unless_expired(std::move(g));
}

} // namespace interject::gateway
