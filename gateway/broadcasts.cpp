// One notification to many people.
#include "gateway/broadcasts.hpp"

#include "gateway/management.hpp"
#include "gateway/notification_json.hpp"
#include "gateway/problem.hpp"
#include "protocols/codec/binary.hpp"

namespace interject::gateway {

namespace {

struct beginning : std::enable_shared_from_this<beginning> {
  exchange_ptr x;
  std::vector<begun> all;
  std::function<void(std::vector<begun>)> then;
  std::size_t next = 0;

  void refuse_all(const error& why) {
    for (auto& each : all)
      each.no = refused{0, why.code, why.what};
  }
  /// One after the other: how they are ordered is how they are told.
  void go_on() {
    while (next < all.size() && (all[next].before || all[next].no))
      ++next;
    if (next == all.size())
      return std::exchange(then, nullptr)(std::move(all));
    person::begin_broadcast what;
    what.what = all[next].it;
    x->via.ask(x->with.broadcasts, std::move(what), x->with.how.answer_timeout,
               [self = shared_from_this()](answer a) {
                 if (auto* no = std::get_if<refused>(&a))
                   self->all[self->next].no = *no;
                 ++self->next;
                 self->go_on();
               });
  }
};

/// Those that came before, as they stand, and nothing for the others; and the last person who is
/// known.
struct known_before {
  std::uint64_t until = 0;
  std::vector<std::optional<person::broadcast>> same;
};

result<known_before> look_up(journal::reader& rows, const std::vector<std::string>& ids) {
  known_before out;
  auto until = rows.newest_person();
  if (!until)
    return until.error();
  out.until = *until;
  for (auto& id : ids) {
    auto row = rows.broadcast(id);
    if (!row)
      return row.error();
    auto& same = out.same.emplace_back();
    if (person::broadcast b; *row && decode_all((*row)->body, b))
      same = std::move(b);
  }
  return out;
}

} // namespace

void begin_all(const exchange_ptr& x, std::vector<person::broadcast> items,
               std::function<void(std::vector<begun>)> then) {
  auto work = std::make_shared<beginning>();
  work->x = x;
  work->then = std::move(then);
  std::vector<std::string> ids;
  for (auto& each : items) {
    ids.push_back(each.id);
    work->all.push_back({std::move(each), {}, false});
  }
  if (ids.empty())
    return work->go_on();
  x->via.read(
      x->with.reader, [ids](journal::reader& rows) { return look_up(rows, ids); },
      [work](result<known_before> found) {
        if (!found)
          work->refuse_all(found.error());
        for (std::size_t i = 0; found && i < work->all.size(); ++i) {
          auto& each = work->all[i];
          each.it.until = found->until;
          if ((each.before = found->same[i].has_value()))
            each.it = std::move(*found->same[i]);
        }
        work->go_on();
      });
}

void append_begun(std::string& out, const begun& b) {
  object_writer o(out);
  o.text("id", b.it.id);
  if (b.no)
    append_problem(o.raw("error"), status_of(b.no->code), b.no->what, {});
  else
    o.text("state", person::to_string(b.it.state));
  o.end();
}

namespace management {

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
      faults.push_back({"/filter" + w.pointer, w.remedy.empty() ? w.why : w.why + "; " + w.remedy});
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

} // namespace

void post_broadcast(exchange_ptr x) {
  auto body = read_body(x);
  if (!body)
    return;
  field_faults faults;
  auto b = read_broadcast(*x, *body, faults);
  if (refuse_fields(x, faults))
    return;
  begin_all(x, {std::move(b)}, [x](std::vector<begun> all) {
    if (auto& first = all.front(); first.no)
      x->answer(problem({first.no->code, first.no->what}));
    else
      answer_with(x, 202, first.it);
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

} // namespace management

} // namespace interject::gateway
