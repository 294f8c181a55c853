#include "gateway/directline.hpp"

#include "gateway/json.hpp"
#include "gateway/problem.hpp"
#include "protocols/codec/activity_json.hpp"
#include "protocols/codec/json_append.hpp"

#include <algorithm>
#include <charconv>

namespace interject::gateway::directline {

namespace {

constexpr std::size_t poll_limit = 1000;

// Clients of Direct Line send more than is documented: unknown members are accepted, wrong ones are
// not.
struct beginning {
  user_id user;
  std::string user_name;
  std::string locale;
  std::vector<std::string> origins;
};

result<std::string> member(const value& of, std::string_view name, std::size_t most) {
  auto v = of.find(name);
  if (!v || v->is_null())
    return std::string();
  if (auto text = v->as_text(); text && text->size() <= most)
    return *text;
  return error{errc::bad_input, std::string(name) + " must be a string of at most " +
                                    std::to_string(most) + " bytes"};
}

result<beginning> read_beginning(const std::string& body) {
  beginning out;
  if (body.find_first_not_of(" \t\r\n") == body.npos)
    return out;
  auto json = parse_json(body);
  if (!json)
    return json.error();
  if (!json->as_object())
    return error{errc::bad_input, "the body must be a JSON object"};
  auto locale = member(*json, "locale", 64);
  if (!locale)
    return locale.error();
  out.locale = std::move(*locale);
  if (auto user = json->find("user"); user && !user->is_null()) {
    auto id = member(*user, "id", 256);
    auto name = member(*user, "name", 256);
    if (!user->as_object() || !id || !name)
      return error{errc::bad_input,
                   "user must be an object with id and name, strings of at most 256 bytes"};
    out.user = std::move(*id);
    out.user_name = std::move(*name);
  }
  if (auto origins = json->find("trustedOrigins"); origins && origins->as_list()) {
    for (auto& o : *origins->as_list()) {
      auto text = o.as_text();
      if (!text || text->size() > 256 || out.origins.size() == 16)
        return error{errc::bad_input,
                     "trustedOrigins must hold at most 16 strings of at most 256 bytes"};
      out.origins.push_back(*text);
    }
  }
  return out;
}

// Clients open this address unchanged, and again after a lost connection: it carries the token.
std::string stream_url(const exchange& x, const conversation_id& id, std::string_view token) {
  return (x.in.secure ? "wss://" : "ws://") + host_of(x) + "/v3/directline/conversations/" +
         percent_encode(id) + "/stream?watermark=&t=" + std::string(token);
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += out.empty() ? '{' : ',';
  append_json_string(out, name);
  out += ':';
  append_json_string(out, text);
}

std::string token_body(const conversation_id& id, std::string_view token) {
  std::string out;
  append_member(out, "conversationId", id);
  append_member(out, "token", token);
  return out + ",\"expires_in\":" + std::to_string(token_lifetime.count());
}

void answer_error(const exchange_ptr& x, const error& e) {
  x->answer(directline_error(e));
}

} // namespace

std::string host_of(const exchange& x) {
  std::string host;
  for (char c : x.in.host)
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == ':' || c == '-' ||
        c == '[' || c == ']')
      host += c;
  return host.empty() ? x.with.how.listen : host;
}

std::optional<std::uint64_t> parse_watermark(std::string_view text) {
  if (text.empty() || text == "-")
    return 0;
  std::uint64_t number = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

std::string frame_tail(std::uint64_t watermark) {
  return "],\"watermark\":\"" + std::to_string(watermark) + "\"}";
}

void generate_token(exchange_ptr x) {
  if (!x->who.by_secret)
    return x->answer(directline_error(403, "a token is generated with the secret"));
  auto wish = read_beginning(x->in.body);
  if (!wish)
    return answer_error(x, wish.error());
  if (!wish->user.empty() && !wish->user.starts_with("dl_"))
    return x->answer(directline_error(400, "user.id must begin with dl_"));
  grant g;
  g.conversation = new_conversation_id(wish->user);
  g.user = wish->user;
  g.user_name = wish->user_name;
  g.origins = wish->origins;
  x->answer(json_response(200, token_body(g.conversation, x->with.tokens.issue(g)) + "}"));
}

void refresh_token(exchange_ptr x) {
  if (x->who.by_secret)
    return x->answer(
        directline_error(400, "only a token can be refreshed; a secret never expires"));
  x->answer(
      json_response(200, token_body(x->who.conversation, x->with.tokens.issue(x->who)) + "}"));
}

void start_conversation(exchange_ptr x) {
  auto wish = read_beginning(x->in.body);
  if (!wish)
    return answer_error(x, wish.error());
  auto g = x->who;
  if (g.by_secret || g.user.empty()) {
    g.user = wish->user;
    g.user_name = wish->user_name;
  }
  if (g.by_secret)
    g.conversation = new_conversation_id(g.user);
  // With the secret the user in the token would bind all later posts to what one client said of
  // itself.
  auto carried = g;
  carried.user = x->who.user;
  carried.user_name = x->who.user_name;
  interject::open_conversation open;
  open.conversation = g.conversation;
  open.user = g.user;
  open.user_name = g.user_name;
  open.locale = wish->locale;
  x->via.ask(x->with.router, std::move(open), x->with.how.answer_timeout, [x, carried](answer a) {
    if (auto no = std::get_if<refused>(&a))
      return answer_error(x, {no->code, no->what});
    auto yes = std::get_if<opened>(&a);
    if (!yes)
      return answer_error(x, {errc::internal, "an unexpected answer"});
    auto token = x->with.tokens.issue(carried);
    auto body = token_body(carried.conversation, token);
    append_member(body, "streamUrl", stream_url(*x, carried.conversation, token));
    append_member(body, "referenceGrammarId", carried.conversation);
    x->answer(json_response(yes->created ? 201 : 200, body + "}"));
  });
}

void get_conversation(exchange_ptr x) {
  auto mark = x->in.find("watermark");
  auto after = parse_watermark(mark ? *mark : "");
  if (!after)
    return x->answer(directline_error(400, "watermark must be one that this server gave"));
  auto id = x->captures.front();
  x->via.read(
      x->with.reader, [id](journal::reader& rows) { return rows.load(id); },
      [x, id, after](result<std::optional<journal::conversation_row>> row) {
        if (!row)
          return answer_error(x, row.error());
        if (!*row)
          return x->answer(directline_error(404, "there is no such conversation"));
        auto g = x->who;
        g.conversation = id;
        auto token = x->with.tokens.issue(g);
        auto url = stream_url(*x, id, token);
        auto gap = url.find("watermark=") + std::string_view("watermark=").size();
        if (*after)
          url.insert(gap, std::to_string(*after));
        auto body = token_body(id, token);
        append_member(body, "streamUrl", url);
        x->answer(json_response(200, body + "}"));
      });
}

void post_activity(exchange_ptr x) {
  if (!x->in.content_type.empty() && !is_json(x->in.content_type))
    return x->answer(
        directline_error(415, "An activity is JSON, with Content-Type: application/json."));
  auto activity = read_activity(x->in.body);
  if (!activity)
    return answer_error(x, activity.error());
  post(x, std::move(*activity), {});
}

void post(const exchange_ptr& x, incoming_activity activity, std::vector<attached_file> files) {
  interject::post_activity post;
  post.conversation = x->captures.front();
  post.activity = std::move(activity);
  post.files = std::move(files);
  if (!x->who.user.empty()) {
    post.activity.from = x->who.user;
    if (!x->who.user_name.empty())
      post.activity.from_name = x->who.user_name;
  }
  x->via.ask(x->with.router, std::move(post), x->with.how.answer_timeout, [x](answer a) {
    if (auto yes = std::get_if<posted>(&a)) {
      std::string body;
      append_member(body, "id", yes->activity);
      return x->answer(json_response(200, body + "}"));
    }
    if (auto no = std::get_if<refused>(&a))
      return answer_error(x, {no->code, no->what});
    answer_error(x, {errc::internal, "an unexpected answer"});
  });
}

void get_activities(exchange_ptr x) {
  auto mark = x->in.find("watermark");
  auto after = parse_watermark(mark ? *mark : "");
  if (!after)
    return x->answer(directline_error(400, "watermark must be one that this server gave"));
  struct found {
    std::vector<journal::activity_row> rows;
    std::uint64_t watermark = 0;
  };
  x->via.read(
      x->with.reader,
      [id = x->captures.front(), after = *after](journal::reader& rows) -> result<found> {
        auto row = rows.load(id);
        if (!row)
          return row.error();
        if (!*row)
          return error{errc::not_found, "there is no such conversation"};
        // A watermark from the future would hide what comes next.
        found out{{}, std::min(after, (*row)->last_seq)};
        auto page = rows.history(id, out.watermark, poll_limit);
        if (!page)
          return page.error();
        out.rows = std::move(*page);
        return out;
      },
      [x](result<found> it) {
        if (!it)
          return answer_error(x, it.error());
        std::string body(frame_head);
        for (auto& row : it->rows) {
          if (&row != &it->rows.front())
            body += ',';
          body += *row.body;
        }
        body += frame_tail(it->rows.empty() ? it->watermark : it->rows.back().seq);
        x->answer(json_response(200, std::move(body)));
      });
}

void get_session_id(exchange_ptr x) {
  std::string body;
  append_member(body, "sessionId", new_id("s-"));
  x->answer(json_response(200, body + "}"));
}

void stream_needs_upgrade(exchange_ptr x) {
  auto r = directline_error(426, "this address takes a WebSocket handshake", "BadArgument");
  r.headers.emplace_back("Upgrade", "websocket");
  x->answer(std::move(r));
}

std::optional<result<stream_wish>> read_stream_wish(const services& with, const request& in) {
  auto& s = in.target.segments;
  if (s.size() != 5 || s[0] != "v3" || s[1] != "directline" || s[2] != "conversations" ||
      s[4] != "stream")
    return std::nullopt;
  auto token = in.find("t");
  if (!token && in.authorization.empty())
    return error{errc::unauthorized, "the address must carry its token (t=…)"};
  auto g = token ? with.tokens.check_token(*token) : with.tokens.check_header(in.authorization);
  if (!g)
    return g.error();
  if (!g->by_secret && g->conversation != s[3])
    return error{errc::forbidden, "the token opens another conversation"};
  if (!g->origins.empty() && !in.origin.empty() &&
      std::find(g->origins.begin(), g->origins.end(), in.origin) == g->origins.end())
    return error{errc::forbidden, "this origin is not one that the token trusts"};
  auto mark = in.find("watermark");
  auto after = parse_watermark(mark ? *mark : "");
  if (!after)
    return error{errc::bad_input, "watermark must be one that this server gave"};
  return stream_wish{s[3], *after};
}

} // namespace interject::gateway::directline
