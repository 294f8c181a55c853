// Certificates: which servers the HTTP client believes. The authority is the test's own.
#define CAF_SUITE http_tls
#include "tests/support/caf_test.hpp"

#include "actors/monitors/http_client.hpp"
#include "tests/monitors/tiny_server.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/beast/ssl.hpp>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace interject;
using namespace interject::monitors;
using kind = http_answer::kind;

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using tcp = asio::ip::tcp;

struct identity {
  std::shared_ptr<EVP_PKEY> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  std::shared_ptr<X509> paper{X509_new(), X509_free};
};

void extend(X509* paper, X509* by, int what, const char* how) {
  X509V3_CTX with;
  X509V3_set_ctx_nodb(&with);
  X509V3_set_ctx(&with, by, paper, nullptr, nullptr, 0);
  auto* more = X509V3_EXT_conf_nid(nullptr, &with, what, how);
  X509_add_ext(paper, more, -1);
  X509_EXTENSION_free(more);
}

/// Good from `from` to `until`, in seconds from now; signed by `by`, or by itself when that is
/// null.
identity issue(const char* name, const char* alternatives, const identity* by, long from = -3600,
               long until = 3600) {
  static long serial = 0;
  identity out;
  auto* p = out.paper.get();
  X509_set_version(p, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(p), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(p), from);
  X509_gmtime_adj(X509_getm_notAfter(p), until);
  X509_set_pubkey(p, out.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(p), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  auto* issuer = by ? by->paper.get() : p;
  X509_set_issuer_name(p, X509_get_subject_name(issuer));
  if (alternatives)
    extend(p, issuer, NID_subject_alt_name, alternatives);
  else
    extend(p, issuer, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(p, by ? by->key.get() : out.key.get(), EVP_sha256());
  return out;
}

/// Answers every call with "hello", by that certificate.
class tls_server {
public:
  explicit tls_server(const identity& who)
      : acceptor_(on_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        port_(acceptor_.local_endpoint().port()) {
    SSL_CTX_use_certificate(how_.native_handle(), who.paper.get());
    SSL_CTX_use_PrivateKey(how_.native_handle(), who.key.get());
    thread_ = std::thread([this] { run(); });
  }
  ~tls_server() {
    closing_ = true;
    tcp::socket knock(on_);
    beast::error_code ignored;
    knock.connect({asio::ip::address_v4::loopback(), port_}, ignored);
    thread_.join();
  }
  std::string url(const char* host) const {
    return "https://" + std::string(host) + ":" + std::to_string(port_) + "/";
  }

private:
  void run() {
    for (;;) {
      beast::error_code failed;
      tcp::socket peer(on_);
      acceptor_.accept(peer, failed);
      if (failed || closing_)
        return;
      beast::ssl_stream<tcp::socket> stream(std::move(peer), how_);
      stream.handshake(ssl::stream_base::server, failed);
      beast::flat_buffer buffer;
      http::request<http::string_body> in;
      if (!failed)
        http::read(stream, buffer, in, failed);
      if (failed)
        continue;
      http::response<http::string_body> out(http::status::ok, 11);
      out.body() = "hello";
      out.prepare_payload();
      http::write(stream, out, failed);
    }
  }

  asio::io_context on_;
  ssl::context how_{ssl::context::tls_server};
  tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::atomic<bool> closing_{false};
  std::thread thread_;
};

struct fixture {
  fixture() {
    std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_X509(out.get(), authority.paper.get());
    char* text = nullptr;
    auto size = BIO_get_mem_data(out.get(), &text);
    std::ofstream(roots) << std::string(text, static_cast<std::size_t>(size));
  }
  ~fixture() { std::filesystem::remove(roots); }

  http_answer ask(const identity& who, const char* host) {
    tls_server server(who);
    http_options how{{host, "127.0.0.1"}};
    how.roots = roots;
    return interject::test::call(*make_http_client(how), interject::test::get(server.url(host)));
  }

  identity authority = issue("Test authority", nullptr, nullptr);
  std::string roots =
      (std::filesystem::temp_directory_path() / ("interject-roots-" + std::to_string(::getpid())))
          .string();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(http_tls_tests, fixture)

CAF_TEST(a server that a trusted authority names is believed) {
  auto a = ask(issue("localhost", "DNS:localhost", &authority), "localhost");
  CAF_CHECK_EQUAL(a.reason, "");
  CAF_CHECK_EQUAL(a.body, "hello");
  CAF_CHECK_EQUAL(ask(issue("x", "IP:127.0.0.1", &authority), "127.0.0.1").body, "hello");
}

CAF_TEST(any other certificate ends the call before anything is sent) {
  auto stranger = issue("Other authority", nullptr, nullptr);
  struct row {
    const char* what;
    identity who;
    const char* host;
  };
  for (auto& r : std::vector<row>{
           {"another name", issue("localhost", "DNS:elsewhere.example", &authority), "localhost"},
           {"a name where an address was asked for",
            issue("127.0.0.1", "DNS:localhost", &authority), "127.0.0.1"},
           {"expired", issue("localhost", "DNS:localhost", &authority, -7200, -3600), "localhost"},
           {"not valid yet", issue("localhost", "DNS:localhost", &authority, 3600, 7200),
            "localhost"},
           {"an authority that is not trusted", issue("localhost", "DNS:localhost", &stranger),
            "localhost"},
           {"signed by itself", issue("localhost", "DNS:localhost", nullptr), "localhost"},
       }) {
    auto a = ask(r.who, r.host);
    CAF_MESSAGE(r.what << ": " << a.reason);
    CAF_CHECK(a.how == kind::unreachable);
    CAF_CHECK(a.reason.starts_with("TLS: "));
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
