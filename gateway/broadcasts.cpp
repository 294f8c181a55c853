// One notification to many people.
#include "gateway/management.hpp"
#include "gateway/notification_json.hpp"

#include "actors/person/broadcast.hpp"
#include "protocols/codec/binary.hpp"

namespace interject::gateway::management {

namespace {

void append_broadcast(std::string& out, const person::broadcast& b) {
  object_writer o(out);
  o.text("id", b.id).text("state", person::to_string(b.state));
  o.number("considered", b.considered)
      .number("recipients", b.recipients)
      .number("refused", b.refused);
  object_writer counts(o.raw("counts"));
  for (std::size_t i = 0; i < b.counts.size(); ++i)
    if (b.counts[i] > 0)
      counts.number(to_string(static_cast<delivery_code>(i)), b.counts[i]);
  counts.end();
  o.time("created", b.created).time("finished", b.finished);
  append_notification(o.raw("notification"), b.what);
  o.end();
}

template <class Then> void find_broadcast(const exchange_ptr& x, const std::string& id, Then then) {
  x->via.read(
      x->with.reader, [id](journal::reader& rows) { return rows.broadcast(id); },
      [x, then](result<std::optional<journal::broadcast_row>> row) {
        person::broadcast b;
        if (!row)
          return x->answer(problem(row.error()));
        if (!*row)
          return x->answer(problem(404, "there is no such broadcast"));
        if (!decode_all((*row)->body, b))
          return x->answer(problem(500, "the stored broadcast cannot be read"));
        then(b);
      });
}

void answer_with(const exchange_ptr& x, unsigned status, const person::broadcast& b) {
  std::string body;
  append_broadcast(body, b);
  auto r = json_response(status, std::move(body));
  if (status == 202)
    r.headers.emplace_back("Location", "/api/v1/broadcasts/" + b.id);
  x->answer(std::move(r));
}

person::broadcast read_broadcast(const exchange& x, const value& body, field_faults& faults) {
  person::broadcast b;
  object_reader in(body, "", faults);
  auto id = in.text("id", person::broadcast_id_limit);
  if (id && !is_notification_id(*id))
    in.fault("id", "1 to 100 characters of A–Z a–z 0–9 . _ : - are expected");
  b.id = id ? *id : in.take("id") ? "" : new_id("b-");
  if (auto* filter = in.take("filter")) {
    std::vector<person::filter_fault> wrong;
    b.to = person::read_filter(*filter, wrong);
    for (auto& w : wrong)
      faults.push_back({"/filter" + w.pointer, w.why});
  }
  b.per_second = in.whole("per_second", 1, 100'000).value_or(0);
  in.require("notification");
  if (auto* what = in.take("notification")) {
    object_reader inner(*what, "/notification", faults);
    read_notification(inner, *x.with.bot, {}, faults, b.what);
    inner.finish();
  }
  in.finish();
  b.created = x.with.clock->now();
  return b;
}

void begin(const exchange_ptr& x, person::broadcast b) {
  person::begin_broadcast what;
  what.what = b;
  x->via.ask(x->with.broadcasts, std::move(what), x->with.how.answer_timeout,
             when_done(x, [x, b] { answer_with(x, 202, b); }));
}

} // namespace

void post_broadcast(exchange_ptr x) {
  auto body = read_body(x);
  if (!body)
    return;
  field_faults faults;
  auto b = read_broadcast(*x, *body, faults);
  if (refuse_fields(x, faults))
    return;
  struct known {
    std::uint64_t until = 0;
    std::optional<journal::broadcast_row> same;
  };
  x->via.read(
      x->with.reader,
      [id = b.id](journal::reader& rows) -> result<known> {
        auto until = rows.newest_person();
        auto same = rows.broadcast(id);
        if (!until || !same)
          return !until ? until.error() : same.error();
        return known{*until, std::move(*same)};
      },
      [x, b](result<known> found) mutable {
        if (!found)
          return x->answer(problem(found.error()));
        person::broadcast first;
        if (found->same && decode_all(found->same->body, first))
          return answer_with(x, 202, first); // its id is its idempotency key
        b.until = found->until;
        begin(x, std::move(b));
      });
}

void get_broadcast(exchange_ptr x) {
  find_broadcast(x, x->captures.front(),
                 [x](const person::broadcast& b) { answer_with(x, 200, b); });
}

void cancel_broadcast(exchange_ptr x) {
  find_broadcast(x, x->captures.front(), [x](const person::broadcast& b) {
    person::cancel_broadcast what;
    what.id = b.id;
    x->via.ask(x->with.broadcasts, std::move(what), x->with.how.answer_timeout, when_done(x, [x] {
                 x->answer({.status = 204, .body = {}, .content_type = {}, .headers = {}});
               }));
  });
}

} // namespace interject::gateway::management
