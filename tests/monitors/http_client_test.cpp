// The HTTP client against a small server of the test's own, on a loopback port that the system
// picks.
#define CAF_SUITE http_client
#include "tests/support/caf_test.hpp"

#include "tests/monitors/tiny_server.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace interject;
using namespace interject::monitors;
using interject::test::call;
using interject::test::get;
using interject::test::tiny_server;

namespace {

namespace http = boost::beast::http;
using kind = http_answer::kind;
using request = tiny_server::request;
using tcp = tiny_server::tcp;

} // namespace

CAF_TEST(a call arrives as it was asked for and its answer comes back) {
  request seen;
  tiny_server server([&](tcp::socket& to, const request& in) {
    seen = in;
    tiny_server::respond(http::status::created, "{\"ok\":true}")(to, in);
  });
  auto client = make_http_client({{server.host()}});
  http_request what{"POST",
                    server.url("/orders?x=1"),
                    {{"Idempotency-Key", "c-1.1"}, {"Host", "evil"}},
                    "{\"n\":2}"};
  auto a = call(*client, what);
  CAF_CHECK(a.how == kind::answered);
  CAF_CHECK_EQUAL(a.status, 201);
  CAF_CHECK_EQUAL(a.body, "{\"ok\":true}");
  CAF_CHECK_EQUAL(std::string(seen.method_string()), "POST");
  CAF_CHECK_EQUAL(std::string(seen.target()), "/orders?x=1");
  CAF_CHECK_EQUAL(std::string(seen["Idempotency-Key"]), "c-1.1");
  CAF_CHECK_EQUAL(std::string(seen[http::field::host]), server.host());
  CAF_CHECK_EQUAL(std::string(seen[http::field::content_type]), "application/json");
  CAF_CHECK_EQUAL(seen.body(), "{\"n\":2}");
}

CAF_TEST(every status is an answer and redirects are not followed) {
  int served = 0;
  tiny_server server([&](tcp::socket& to, const request& in) {
    ++served;
    http::response<http::string_body> out(
        in.target() == "/old" ? http::status::found : http::status::not_found, 11);
    out.set(http::field::location, "/new");
    out.prepare_payload();
    http::write(to, out);
  });
  auto client = make_http_client({{server.host()}});
  CAF_CHECK_EQUAL(call(*client, get(server.url("/old"))).status, 302);
  CAF_CHECK_EQUAL(call(*client, get(server.url("/gone"))).status, 404);
  CAF_CHECK_EQUAL(served, 2);
}

namespace {

/// Answers `/N` by a redirect to `/N-1`, and `/0` by what it got.
tiny_server::handler countdown(http::status how = http::status::found) {
  return [how](tcp::socket& to, const request& in) {
    auto left = std::stoi(std::string(in.target().substr(1)));
    http::response<http::string_body> out(left ? how : http::status::ok, 11);
    if (left)
      out.set(http::field::location, std::to_string(left - 1));
    else
      out.body() =
          std::string(in.method_string()) + " " + in.body() + " " + std::string(in["X-Key"]);
    out.prepare_payload();
    http::write(to, out);
  };
}

tiny_server::handler redirect_to(std::string where, http::status how = http::status::found) {
  return [where = std::move(where), how](tcp::socket& to, const request&) {
    http::response<http::string_body> out(how, 11);
    out.set(http::field::location, where);
    out.prepare_payload();
    http::write(to, out);
  };
}

} // namespace

CAF_TEST(as many redirects are followed as are allowed) {
  tiny_server server(countdown());
  auto client = make_http_client({{server.host()}});
  auto ask = [&](const char* path, int redirects) {
    auto r = get(server.url(path));
    r.redirects = redirects;
    return call(*client, r).status;
  };
  CAF_CHECK_EQUAL(ask("/1", 0), 302);
  CAF_CHECK_EQUAL(ask("/1", 1), 200);
  CAF_CHECK_EQUAL(ask("/3", 2), 302);
  CAF_CHECK_EQUAL(ask("/3", 5), 200);
}

CAF_TEST(a redirect keeps or drops method and body as its status says) {
  for (auto& [how, expected] : std::vector<std::pair<http::status, const char*>>{
           {http::status::moved_permanently, "GET  k"},
           {http::status::found, "GET  k"},
           {http::status::see_other, "GET  k"},
           {http::status::temporary_redirect, "POST x k"},
           {http::status::permanent_redirect, "POST x k"}}) {
    tiny_server server(countdown(how));
    auto client = make_http_client({{server.host()}});
    http_request r;
    r.method = "POST";
    r.url = server.url("/1");
    r.headers = {{"X-Key", "k"}};
    r.body = "x";
    r.redirects = 1;
    CAF_CHECK_EQUAL(call(*client, r).body, expected);
  }
}

CAF_TEST(each hop is checked and secrets do not travel to another host) {
  std::vector<std::string> got;
  tiny_server other([&](tcp::socket& to, const request& in) {
    got.push_back(std::string(in["X-Key"]) + "|" + std::string(in["Idempotency-Key"]));
    tiny_server::respond(http::status::ok, "there")(to, in);
  });
  tiny_server first(redirect_to(other.url("/x")));
  http_request r = get(first.url("/"));
  r.headers = {{"X-Key", "k"}, {"Idempotency-Key", "c-1.1"}};
  r.redirects = 3;
  auto unnamed = call(*make_http_client({{first.host()}}), r);
  CAF_CHECK(unnamed.how == kind::not_allowed);
  CAF_CHECK_EQUAL(unnamed.reason,
                  "it redirects to a host that is not among those that the bot may call");
  CAF_CHECK(got.empty());
  CAF_CHECK_EQUAL(call(*make_http_client({{first.host(), other.host()}}), r).body, "there");
  CAF_CHECK_EQUAL(got, std::vector<std::string>{"|c-1.1"});
  tiny_server keeps(redirect_to(other.url("/x"), http::status::temporary_redirect));
  r.url = keeps.url("/");
  r.method = "POST";
  r.body = "secret";
  auto refused = call(*make_http_client({{keeps.host(), other.host()}}), r);
  CAF_CHECK_EQUAL(refused.reason, "it redirects the body to another host");
  CAF_CHECK_EQUAL(got.size(), 1u);
}

CAF_TEST(a redirect to nowhere is refused with its reason) {
  for (auto& [where, why] : std::vector<std::pair<const char*, const char*>>{
           {"ftp://127.0.0.1/x", "it redirects: the URL is neither http nor https"},
           {"http://user@127.0.0.1/", "it redirects: the URL carries a user name; use a header"},
           {"http://a b/", "it redirects to a malformed address"}}) {
    tiny_server server(redirect_to(where));
    auto r = get(server.url("/"));
    r.redirects = 1;
    auto a = call(*make_http_client({{server.host(), "127.0.0.1"}}), r);
    CAF_CHECK(a.how == kind::not_allowed);
    CAF_CHECK_EQUAL(a.reason, why);
  }
}

CAF_TEST(secrets are put in on the way out and one that is missing is named) {
  request seen;
  tiny_server server([&](tcp::socket& to, const request& in) {
    seen = in;
    tiny_server::respond(http::status::ok, "")(to, in);
  });
  http_options how{{server.host()}};
  how.secrets = [](std::string_view, std::string_view name) -> result<std::string> {
    if (name == "KEY")
      return std::string("s3 cret");
    return error{errc::not_found, "the secret ${env:NONE} is not set"};
  };
  auto client = make_http_client(how);
  http_request r;
  r.method = "POST";
  r.url = server.url("/?k=" + *mark_references("${env:KEY}"));
  r.headers = {{"Authorization", *mark_references("Bearer ${env:KEY}")}};
  r.body = *mark_references(R"({"k":"${env:KEY}","said":"${env:KEY}"})");
  CAF_CHECK(call(*client, r).how == kind::answered);
  CAF_CHECK_EQUAL(std::string(seen.target()), "/?k=s3%20cret");
  CAF_CHECK_EQUAL(std::string(seen[http::field::authorization]), "Bearer s3 cret");
  r.headers = {{"Authorization", *mark_references("${env:NONE}")}};
  auto a = call(*client, r);
  CAF_CHECK(a.how == kind::bad_request);
  CAF_CHECK_EQUAL(a.reason, "the secret ${env:NONE} is not set");
}

CAF_TEST(secrets come from files without their line break) {
  auto from = system_secrets();
  auto path =
      std::filesystem::temp_directory_path() / ("interject-secret-" + std::to_string(::getpid()));
  auto write = [&](const std::string& what) { std::ofstream(path, std::ios::binary) << what; };
  write("top\n");
  CAF_CHECK_EQUAL(*from("file", path.string()), "top");
  write("two\nlines\r\n");
  CAF_CHECK_EQUAL(*from("file", path.string()), "two\nlines");
  write("\n");
  CAF_CHECK(!from("file", path.string()));
  write(std::string(64 * 1024 + 1, 'x'));
  CAF_CHECK(!from("file", path.string()));
  std::filesystem::remove(path);
  auto why = [&](const char* kind, const std::string& name) {
    return from(kind, name).error().what;
  };
  CAF_CHECK_EQUAL(why("file", path.string()),
                  "the secret ${file:" + path.string() + "} cannot be read");
  CAF_CHECK(from("env", "PATH").has_value());
  CAF_CHECK_EQUAL(why("env", "INTERJECT_NO_SUCH"),
                  "the secret ${env:INTERJECT_NO_SUCH} is not set");
}

CAF_TEST(what is sent has its limit and what stops calls is read) {
  tiny_server server([](tcp::socket& to, const request&) {
    http::response<http::string_body> out(http::status::too_many_requests, 11);
    out.set(http::field::retry_after, "12");
    out.prepare_payload();
    http::write(to, out);
  });
  http_options how{{server.host()}};
  how.max_body = 10;
  auto client = make_http_client(how);
  http_request r{"POST", server.url("/"), {}, std::string(11, 'x')};
  CAF_CHECK(call(*client, r).how == kind::bad_request);
  r.body.pop_back();
  CAF_CHECK_EQUAL(call(*client, r).retry_after, "12");
}

CAF_TEST(hosts that are not named are refused before anything is sent) {
  int served = 0;
  tiny_server server([&](tcp::socket& to, const request& in) {
    ++served;
    tiny_server::respond(http::status::ok, "")(to, in);
  });
  for (auto& hosts :
       std::vector<std::vector<std::string>>{{}, {"127.0.0.1:1"}, {"localhost"}, {"example.com"}}) {
    auto client = make_http_client({hosts});
    CAF_CHECK(call(*client, get(server.url("/"))).how == kind::not_allowed);
  }
  CAF_CHECK_EQUAL(served, 0);
}

CAF_TEST(an answer above the limit is not read) {
  tiny_server server(tiny_server::respond(http::status::ok, std::string(5000, 'x')));
  http_options how{{server.host()}};
  how.max_body = 4999;
  CAF_CHECK(call(*make_http_client(how), get(server.url("/"))).how == kind::too_large);
  how.max_body = 5000;
  CAF_CHECK(call(*make_http_client(how), get(server.url("/"))).how == kind::answered);
}

CAF_TEST(a call ends at its time limit) {
  std::promise<void> over;
  auto wait = over.get_future().share();
  tiny_server server([wait](tcp::socket&, const request&) { wait.wait(); });
  auto client = make_http_client({{server.host()}});
  auto what = get(server.url("/slow"));
  what.timeout = std::chrono::milliseconds(50);
  auto a = call(*client, what);
  over.set_value();
  CAF_CHECK(a.how == kind::timed_out);
  CAF_CHECK_EQUAL(a.reason, "no answer within 50ms");
}

CAF_TEST(what cannot be reached is told so) {
  std::string closed;
  {
    tiny_server server(tiny_server::respond(http::status::ok, ""));
    closed = server.host();
  }
  auto client = make_http_client({{closed}});
  CAF_CHECK(call(*client, get("http://" + closed + "/")).how == kind::unreachable);
  // It hangs up without an answer.
  tiny_server rude([](tcp::socket& to, const request&) { to.close(); });
  client = make_http_client({{rude.host()}});
  CAF_CHECK(call(*client, get(rude.url("/"))).how == kind::unreachable);
  // It speaks no TLS.
  CAF_CHECK(call(*client, get("https://" + rude.host() + "/")).how == kind::unreachable);
}

CAF_TEST(what cannot be sent is refused) {
  auto client = make_http_client({{"localhost"}});
  auto how = [&](http_request r) { return call(*client, std::move(r)).how; };
  CAF_CHECK(how(get("nonsense")) == kind::bad_request);
  auto r = get("http://localhost/");
  r.method = "GET /x";
  CAF_CHECK(how(r) == kind::bad_request);
  r.method = "GET";
  r.headers = {{"X-A", "b\r\nX-C: d"}};
  CAF_CHECK(how(r) == kind::bad_request);
  r.headers = {{"X A", "b"}};
  CAF_CHECK(how(r) == kind::bad_request);
}

CAF_TEST(a cancelled call says nothing and others go on) {
  std::promise<void> arrived, over;
  auto wait = over.get_future().share();
  int served = 0;
  tiny_server server([&, wait](tcp::socket& to, const request& in) {
    if (served++ == 0) {
      arrived.set_value();
      wait.wait();
    }
    tiny_server::respond(http::status::ok, "")(to, in);
  });
  auto client = make_http_client({{server.host()}});
  std::atomic<bool> called{false};
  auto id = client->start(get(server.url("/")), [&](http_answer) { called = true; });
  arrived.get_future().wait();
  client->cancel(id);
  over.set_value();
  CAF_CHECK(call(*client, get(server.url("/"))).how == kind::answered);
  CAF_CHECK(!called);
}

CAF_TEST(a name whose servers are silent keeps no other call waiting) {
  tiny_server server(tiny_server::respond(http::status::ok, "{}"));
  auto port = server.host().substr(server.host().find(':'));
  std::promise<void> begun, over;
  auto silent = over.get_future().share();
  std::atomic<int> asked{0};
  http_options how;
  how.hosts = {"silent.local", "quick.local", "127.0.0.1"};
  how.look_up = [&, silent](const std::string& name) -> std::vector<std::string> {
    if (name == "quick.local")
      return {"127.0.0.1"};
    if (++asked == 1)
      begun.set_value();
    silent.wait();
    return {};
  };
  auto client = make_http_client(how);
  auto stuck = get("http://silent.local" + port + "/");
  stuck.timeout = std::chrono::milliseconds(1);
  for (int i = 0; i < 20; ++i)
    CAF_CHECK(call(*client, stuck).how == kind::timed_out);
  CAF_CHECK(call(*client, get("http://quick.local" + port + "/")).how == kind::answered);
  CAF_CHECK(call(*client, get(server.url("/"))).how == kind::answered);
  begun.get_future().wait();
  CAF_CHECK_EQUAL(asked.load(), 1); // they share one look-up
  over.set_value();
  stuck.timeout = std::chrono::seconds(30);
  CAF_CHECK_EQUAL(call(*client, stuck).reason, "the host's name was not found");
}

CAF_TEST(a name is looked up where the system does) {
  tiny_server server(tiny_server::respond(http::status::ok, "{}"));
  auto port = server.host().substr(server.host().find(':'));
  auto client = make_http_client({{"localhost", "no-such-name.invalid"}});
  CAF_CHECK(call(*client, get("http://localhost" + port + "/")).how == kind::answered);
  CAF_CHECK_EQUAL(call(*client, get("http://no-such-name.invalid" + port + "/")).reason,
                  "the host's name was not found");
}

CAF_TEST(each call looks at the address that the name has then) {
  tiny_server server(tiny_server::respond(http::status::ok, "{}"));
  auto port = server.host().substr(server.host().find(':'));
  std::vector<std::string> now = {"127.0.0.1"};
  http_options how;
  how.hosts = {"api.example.com"};
  how.look_up = [&](const std::string&) { return now; };
  auto client = make_http_client(how);
  auto what = get("http://api.example.com" + port + "/");
  for (auto* inside : {"127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0", "::1",
                       "::ffff:127.0.0.1", "fe80::1", "fd00::1", "64:ff9b::7f00:1"}) {
    now = {inside};
    CAF_CHECK(call(*client, what).how == kind::not_allowed);
  }
  now = {};
  CAF_CHECK(call(*client, what).how == kind::unreachable);
  how.hosts.push_back(server.host());
  now = {"10.0.0.1", "127.0.0.1"}; // only the second is named
  CAF_CHECK(call(*make_http_client(how), what).how == kind::answered);
}

CAF_TEST(what announces an answer is none) {
  int announced = 2;
  tiny_server server([&](tcp::socket& to, const request& in) {
    std::string out;
    for (int i = 0; i < announced; ++i)
      out += i % 2 ? "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                   : "HTTP/1.1 100 Continue\r\n\r\n";
    boost::beast::error_code ignored;
    boost::asio::write(to, boost::asio::buffer(out), ignored);
    tiny_server::respond(http::status::created, "{\"ok\":true}")(to, in);
  });
  auto client = make_http_client({{server.host()}});
  auto a = call(*client, get(server.url("/")));
  CAF_CHECK_EQUAL(a.status, 201);
  CAF_CHECK_EQUAL(a.body, "{\"ok\":true}");
  announced = 17;
  CAF_CHECK(call(*client, get(server.url("/"))).how == kind::unreachable);
}

CAF_TEST(a client ends with calls under way) {
  std::promise<void> arrived, over;
  auto wait = over.get_future().share();
  tiny_server server([&, wait](tcp::socket&, const request&) {
    arrived.set_value();
    wait.wait();
  });
  bool called = false;
  {
    auto client = make_http_client({{server.host()}});
    client->start(get(server.url("/")), [&](http_answer) { called = true; });
    arrived.get_future().wait();
  }
  over.set_value();
  CAF_CHECK(!called);
}
