// A request on its way to its row: rights, errors, CORS, counting.
#include "gateway/directline.hpp"
#include "gateway/problem.hpp"
#include "gateway/routes.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace interject::gateway {

namespace {

bool is_directline(const request& in) {
  auto& s = in.target.segments;
  return s.size() >= 2 && s[0] == "v3" && s[1] == "directline";
}

response refuse(bool directline, unsigned status, std::string_view what) {
  return directline ? directline_error(status, what) : problem(status, what);
}

response refuse(const request& in, unsigned status, std::string_view what) {
  return refuse(is_directline(in), status, what);
}

// Every key is compared, so that the time does not tell which one was near.
std::optional<scope_set> scopes_of(const services& with, std::string_view key,
                                   std::string& caller) {
  std::optional<scope_set> found;
  for (auto& known : with.scoped_keys)
    if (equal_secrets(key, known.key)) {
      found = known.may;
      caller = known.name;
    }
  if (equal_secrets(key, with.api_key)) {
    found = scope_set::all();
    caller.clear();
  }
  return found;
}

result<void> allowed(const route& r, exchange& x) {
  if (r.needs == scope::open)
    return {};
  if (r.needs == scope::directline) {
    auto g = x.with.tokens.check_header(x.in.authorization);
    if (!g)
      return g.error();
    if (!g->origins.empty() && !x.in.origin.empty() &&
        std::find(g->origins.begin(), g->origins.end(), x.in.origin) == g->origins.end())
      return error{errc::forbidden, "this origin is not one that the token trusts"};
    x.who = std::move(*g);
    if (!x.captures.empty() && !opens(x.who, x.captures.front()))
      return error{errc::forbidden, "the token opens another conversation"};
    return {};
  }
  auto key = bearer(x.in.authorization);
  if (key.empty())
    return error{errc::unauthorized, "Authorization: Bearer with an API key is required"};
  auto may = scopes_of(x.with, key, x.caller);
  if (!may)
    return error{errc::unauthorized, "the API key is not one of this server"};
  if (!may->has(r.needs))
    return error{errc::forbidden,
                 std::string("this API key has not the scope ") + to_string(r.needs)};
  return {};
}

response not_allowed(const request& in, const error& e) {
  if (!is_directline(in))
    return problem(e);
  return directline_error(status_of(e.code), e.what,
                          e.what == token_office::expired ? "TokenExpired" : "");
}

/// What the headers of its answer depend on.
struct asker {
  explicit asker(const request& in)
      : directline(is_directline(in)), preflight(in.method == "OPTIONS"),
        // A session id is asked for with credentials, which the wildcard excludes.
        credentials_for(directline && in.target.segments.back() == "getsessionid" ? in.origin
                                                                                  : "") {}
  bool directline;
  bool preflight;
  std::string credentials_for; ///< an origin; empty: any, without them
};

void add_cors(const asker& by, response& r) {
  bool with_credentials = !by.credentials_for.empty();
  r.headers.emplace_back("Access-Control-Allow-Origin",
                         with_credentials ? by.credentials_for : "*");
  if (with_credentials) {
    r.headers.emplace_back("Access-Control-Allow-Credentials", "true");
    r.headers.emplace_back("Vary", "Origin");
  }
  if (by.preflight) {
    r.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
    r.headers.emplace_back("Access-Control-Allow-Headers",
                           "Authorization, Content-Type, X-Ms-Bot-Agent, X-Requested-With");
    r.headers.emplace_back("Access-Control-Max-Age", "86400");
  }
}

struct match {
  std::size_t row = routes().size(); ///< this: none
  std::vector<std::string> captures;
  std::string allow; ///< methods of rows whose path fits
};

match find(const request& in) {
  match m;
  auto table = routes();
  for (std::size_t i = 0; i < table.size(); ++i) {
    std::vector<std::string> captures;
    if (!fits(table[i].pattern, in.target.segments, captures))
      continue;
    if (in.method == table[i].method) {
      m.row = i;
      m.captures = std::move(captures);
      return m;
    }
    m.allow += (m.allow.empty() ? "" : ", ") + std::string(table[i].method);
  }
  return m;
}

response no_route(const request& in, const match& m) {
  if (m.allow.empty())
    return refuse(in, 404, "there is nothing at this path");
  auto r = refuse(in, 405, "this path takes " + m.allow);
  r.headers.emplace_back("Allow", m.allow);
  return r;
}

// A second answer is dropped, and a request that every callback has forgotten is still answered.
class answer_once {
public:
  answer_once(services& with, std::size_t row, std::chrono::steady_clock::time_point began,
              reply to, const request& in)
      : with_(with), row_(row), began_(began), to_(std::move(to)), by_(in) {}
  ~answer_once() {
    if (to_)
      give(refuse(by_.directline, 500, "an error of the server"));
  }
  void give(response r) {
    auto to = std::exchange(to_, nullptr);
    if (!to)
      return;
    if (by_.directline)
      add_cors(by_, r);
    auto took = std::chrono::steady_clock::now() - began_;
    with_.counted->answered(row_, r.status,
                            std::chrono::duration_cast<std::chrono::microseconds>(took));
    to(std::move(r));
  }

private:
  services& with_;
  std::size_t row_;
  std::chrono::steady_clock::time_point began_;
  reply to_;
  asker by_;
};

void run(const route& r, const exchange_ptr& x) {
  if (x->with.stopping && r.needs != scope::open)
    return x->answer(refuse(x->in, 503, "the server is stopping"));
  if (auto ok = allowed(r, *x); !ok)
    return x->answer(not_allowed(x->in, ok.error()));
  try {
    if (x->in.idempotency_key && takes_idempotency_key(r))
      return run_once(r, x);
    r.run(x);
  } catch (const std::exception& e) {
    spdlog::error("gateway.handler_failed route=\"{} {}\" why=\"{}\"", r.method, r.pattern,
                  e.what());
    x->answer(refuse(x->in, 500, "an error of the server; it has been logged"));
  }
}

} // namespace

bool opens(const grant& g, const conversation_id& which) {
  return g.by_secret || g.conversation == which;
}

void dispatch(services& with, bridge& via, request in, reply give_back) {
  auto m = find(in);
  auto began = std::chrono::steady_clock::now();
  auto x =
      std::make_shared<exchange>(exchange{std::move(in), with, via, {}, {}, std::move(m.captures)});
  x->answer = [once =
                   std::make_shared<answer_once>(with, m.row, began, std::move(give_back), x->in)](
                  response r) { once->give(std::move(r)); };
  if (m.row != routes().size())
    return run(routes()[m.row], x);
  if (x->in.method == "OPTIONS" && is_directline(x->in))
    return x->answer({.status = 204, .body = {}, .content_type = {}, .headers = {}});
  x->answer(no_route(x->in, m));
}

const response* turn_away(services& with, const bridge& via, std::string_view method,
                          std::string_view target) {
  constexpr std::string_view above = "/v3/directline/conversations/", here = "/activities";
  if (method != "POST" || !target.starts_with(above) || !target.ends_with(here) || via.admits())
    return nullptr;
  static const std::size_t row = [] {
    auto table = routes();
    return static_cast<std::size_t>(
        std::find_if(table.begin(), table.end(),
                     [](auto& r) { return r.run == directline::post_activity; }) -
        table.begin());
  }();
  static const response away = [] {
    auto r = directline_error(error{errc::unavailable, std::string(bridge::crowded)});
    r.headers.emplace_back("Access-Control-Allow-Origin", "*");
    return r;
  }();
  with.counted->answered(row, away.status, std::chrono::microseconds(0));
  return &away;
}

response json_response(unsigned status, std::string body) {
  response r;
  r.status = status;
  r.body = std::move(body);
  return r;
}

} // namespace interject::gateway
