#include "gateway/webhooks.hpp"

#include "actors/dialog/bot_sections.hpp"
#include "actors/monitors/webhook_signature.hpp"
#include "gateway/management.hpp"

#include <openssl/evp.h>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

namespace interject::gateway {

namespace webhook {

namespace {

/// One conversation per person and channel, so that an adapter keeps no ids: in the form of every
/// id, in the person's shard.
conversation_id conversation_of(std::string_view channel, std::string_view user) {
  std::string text(channel);
  text += '\0';
  text += user;
  std::array<unsigned char, 32> hash{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), hash.data(), &size, EVP_sha256(), nullptr);
  constexpr char digits[] = "0123456789abcdef", base32[] = "abcdefghijklmnopqrstuvwxyz234567";
  auto shard = shard_of_user(user);
  std::string out{digits[shard >> 8U & 15U], digits[shard >> 4U & 15U], digits[shard & 15U], '-'};
  for (std::size_t i = 0; i < 20; ++i)
    out += base32[hash[i] & 31U];
  return out;
}

/// False when the request has been answered.
bool is_signed(const exchange_ptr& x, const dialog::channel_profile& channel) {
  auto secret = resolve_references(channel.secret, secret_place::header, x->with.secrets);
  if (!secret) {
    spdlog::error("webhook.no_secret channel={} why=\"{}\"", channel.name, secret.error().what);
    x->answer(problem(503, "the channel's secret is not at hand"));
    return false;
  }
  auto* wrong =
      monitors::wrong_signature(*secret, x->in.signature, x->in.body, x->with.clock->now());
  if (wrong)
    x->answer(problem(401, wrong));
  return wrong == nullptr;
}

struct incoming {
  open_conversation open;
  interject::post_activity post;
};

std::optional<incoming> read(const exchange_ptr& x, const std::string& channel) {
  auto body = management::read_body(x);
  if (!body)
    return {};
  incoming out;
  field_faults faults;
  object_reader in(*body, "", faults);
  for (auto name : {"id", "from", "text"})
    in.require(name);
  auto& a = out.post.activity;
  auto filled = [&](object_reader& from, const char* name, std::size_t most) {
    auto text = from.text(name, most);
    if (text && text->empty())
      from.fault(name, "it may not be empty");
    return text.value_or("");
  };
  a.client_id = filled(in, "id", 128);
  a.text = filled(in, "text", 32 * 1024);
  a.locale = in.text("locale", 64).value_or("");
  if (auto* from = in.take("from")) {
    object_reader who(*from, "/from", faults);
    who.require("id");
    a.from = filled(who, "id", 256);
    a.from_name = who.text("name", 256).value_or("");
    who.finish();
  }
  in.finish();
  if (management::refuse_fields(x, faults))
    return {};
  auto where = conversation_of(channel, a.from);
  out.post.conversation = where;
  out.open = {0, where, a.from, a.from_name, a.locale, channel};
  return out;
}

} // namespace

void post_activity(exchange_ptr x) {
  auto& name = x->captures.front();
  auto bot = x->with.bot.get(); // its channel is looked at, whatever is loaded meanwhile
  auto* channel = dialog::find_channel(dialog::sections(*bot), name);
  if (!channel || channel->url.empty())
    return x->answer(problem(404, "the bot has no webhook channel of this name"));
  if (!is_signed(x, *channel))
    return;
  auto in = read(x, name);
  if (!in)
    return;
  auto post = [x, what = in->post](answer a) {
    if (auto* no = std::get_if<refused>(&a))
      return x->answer(problem({no->code, no->what}));
    x->via.ask(x->with.router, what, x->with.how.answer_timeout,
               [x, where = what.conversation](answer b) {
                 auto* ok = std::get_if<posted>(&b);
                 if (auto* no = std::get_if<refused>(&b))
                   return x->answer(problem({no->code, no->what}));
                 std::string body;
                 object_writer out(body);
                 out.text("id", ok ? ok->activity : "").text("conversation", where).end();
                 x->answer(json_response(200, std::move(body)));
               });
  };
  x->via.ask(x->with.router, std::move(in->open), x->with.how.answer_timeout, std::move(post));
}

} // namespace webhook

namespace management {

namespace {

void append_dead(std::string& out, const call_row& row) {
  object_writer o(out);
  o.text("id", row.id).text("channel", row.channel).text("conversation", row.conversation);
  o.time("created", row.created).time("given_up", *row.dead_at);
  o.number("tries", row.tries).text("why", row.why);
  o.raw("activity") += row.body.empty() ? "{}" : row.body;
  o.end();
}

} // namespace

void list_dead_letters(exchange_ptr x) {
  auto wish = read_list_wish(x);
  if (!wish)
    return;
  auto job = [](journal::reader& rows) { return rows.calls(""); };
  x->via.read(x->with.reader, job, [x, wish = *wish](result<std::vector<call_row>> found) {
    if (!found)
      return x->answer(problem(found.error()));
    auto all = *std::move(found);
    std::erase_if(all, [](auto& row) { return !row.dead_at; });
    auto key = [](const call_row& row) { return format_time(*row.dead_at) + " " + row.id; };
    std::sort(all.begin(), all.end(), [&](auto& a, auto& b) { return key(a) < key(b); });
    std::erase_if(all, [&](auto& row) { return !wish.cursor.empty() && key(row) <= wish.cursor; });
    bool more = all.size() > wish.limit;
    if (more)
      all.resize(wish.limit);
    x->answer(list_response(all, more ? key(all.back()) : std::string(), append_dead));
  });
}

void resend_dead_letter(exchange_ptr x) {
  x->via.ask(x->with.webhooks, resend_delivery{0, x->captures.front()}, x->with.how.answer_timeout,
             when_done(x, [x] {
               x->answer({.status = 204, .body = {}, .content_type = {}, .headers = {}});
             }));
}

} // namespace management

} // namespace interject::gateway
