// Price samples and price watches.
#include "gateway/management.hpp"
#include "gateway/notification_json.hpp"

namespace interject::gateway::management {

namespace {

constexpr std::size_t max_samples = 10'000;
/// A broken batch of thousands says what is wrong, not all of it.
constexpr std::size_t max_faults = 100;

price_sample read_sample(const value& item, const std::string& pointer, field_faults& faults) {
  price_sample s;
  object_reader in(item, pointer, faults);
  in.require("symbol");
  in.require("price");
  auto symbol = in.text("symbol", 64);
  if (symbol && symbol->empty())
    in.fault("symbol", "must not be empty");
  s.symbol = symbol.value_or("");
  s.price = in.number("price").value_or(decimal{});
  s.at = in.instant("at");
  if (auto seq = in.whole("seq", 0, 90'000'000'000))
    s.seq = static_cast<std::uint64_t>(*seq);
  in.finish();
  return s;
}

// "when": {"drops_by": "20%"}
void read_condition(object_reader& in, field_faults& faults, watch_condition& out) {
  in.require("when");
  auto v = in.take("when");
  if (!v)
    return;
  constexpr const char* expected = "one of {\"falls_to\": 100}, {\"rises_to\": 100}, {\"crosses\": "
                                   "100}, {\"drops_by\": \"20%\"}, "
                                   "{\"gains_by\": \"5%\"} is expected";
  auto members = v->as_object();
  auto kind =
      members && members->size() == 1 ? parse_watch_kind(members->front().first) : std::nullopt;
  if (!kind)
    return in.fault("when", expected);
  out.kind = *kind;
  bool share = out.kind == watch_kind::drops_by || out.kind == watch_kind::gains_by;
  auto level = members->front().second;
  if (auto text = level.as_text(); share && text && text->ends_with('%'))
    level = value(text->substr(0, text->size() - 1));
  value wrapped(value::object{{members->front().first, level}});
  object_reader inner(wrapped, in.at("when"), faults);
  if (auto number = inner.number(members->front().first))
    out.level = *number;
  else
    return;
  if (share && (out.level <= decimal{} ||
                (out.kind == watch_kind::drops_by && out.level > decimal::of(100))))
    inner.fault(members->front().first, "a percentage above 0 is expected, of a drop at most 100");
}

template <class Then> void find_watch(const exchange_ptr& x, const std::string& id, Then then) {
  x->via.read(
      x->with.reader, [id](journal::reader& rows) { return rows.watch(id); },
      [x, then](result<std::optional<watch_row>> row) {
        if (!row)
          return x->answer(problem(row.error()));
        if (!*row)
          return x->answer(problem(404, "there is no such watch"));
        then(**row);
      });
}

void answer_watch(const exchange_ptr& x, unsigned status, const watch_row& row) {
  std::string body;
  append_watch(body, row);
  auto r = json_response(status, std::move(body));
  if (status == 201)
    r.headers.emplace_back("Location", "/api/v1/watches/" + row.id);
  x->answer(std::move(r));
}

} // namespace

void append_watch(std::string& out, const watch_row& row) {
  object_writer o(out);
  o.text("id", row.id).text("conversation", row.conversation).text("name", row.name);
  o.text("symbol", row.symbol);
  bool share = row.when.kind == watch_kind::drops_by || row.when.kind == watch_kind::gains_by;
  object_writer when(o.raw("when"));
  if (share)
    when.text(to_string(row.when.kind), to_string(row.when.level) + "%");
  else
    when.number(to_string(row.when.kind), row.when.level);
  when.end();
  append_notification(o.raw("notify"), row.notify);
  o.text("state", to_string(row.state)).time("created", row.created);
  if (row.baseline)
    o.number("baseline", *row.baseline);
  o.number("firings", row.firings);
  if (row.fired_price)
    o.number("fired_price", *row.fired_price).time("fired_at", row.fired_at);
  o.end();
}

void post_prices(exchange_ptr x) {
  auto body = read_body(x);
  if (!body)
    return;
  field_faults faults;
  object_reader in(*body, "", faults);
  in.require("samples");
  auto samples = in.take("samples");
  in.finish();
  auto list = samples ? samples->as_list() : nullptr;
  if (samples && (!list || list->empty() || list->size() > max_samples))
    in.fault("samples", "a list of 1 to 10,000 samples is expected");
  interject::take_prices take;
  if (faults.empty())
    for (auto& item : *list) {
      take.samples.push_back(
          read_sample(item, "/samples/" + std::to_string(take.samples.size()), faults));
      if (faults.size() >= max_faults)
        break;
    }
  if (refuse_fields(x, faults))
    return;
  x->via.ask(x->with.prices, std::move(take), x->with.how.answer_timeout, [x](answer a) {
    if (auto no = std::get_if<refused>(&a))
      return x->answer(problem({no->code, no->what}));
    auto taken = std::get_if<prices_taken>(&a);
    if (!taken)
      return x->answer(problem(500, "an unexpected answer"));
    std::string out;
    object_writer o(out);
    o.number("accepted", taken->accepted).number("ignored", taken->ignored);
    o.number("fired", taken->fired).end();
    x->answer(json_response(200, std::move(out)));
  });
}

void post_watch(exchange_ptr x) {
  auto body = read_body(x);
  if (!body)
    return;
  field_faults faults;
  object_reader in(*body, "", faults);
  watch_row row;
  for (auto name : {"conversation", "symbol", "notify"})
    in.require(name);
  row.id = new_id("w-");
  row.conversation = in.text("conversation", 256).value_or("");
  row.symbol = in.text("symbol", 64).value_or("");
  read_condition(in, faults, row.when);
  row.name = in.text("name", 128).value_or("");
  if (auto notify = in.take("notify")) {
    object_reader inner(*notify, "/notify", faults);
    read_notification(inner, *x->with.bot, {"symbol", "price", "baseline", "previous", "at"},
                      faults, row.notify);
    inner.finish();
  }
  in.finish();
  if (refuse_fields(x, faults))
    return;
  row.created = x->with.clock->now();
  row.notify.from = origin::watch;
  row.notify.source = row.id;
  interject::create_watch create;
  create.row = row;
  x->via.ask(x->with.router, std::move(create), x->with.how.answer_timeout,
             when_done(x, [x, id = row.id] {
               find_watch(x, id, [x](const watch_row& made) { answer_watch(x, 201, made); });
             }));
}

void list_watches(exchange_ptr x) {
  auto wish = read_list_wish(x, true);
  if (!wish)
    return;
  x->via.read(
      x->with.reader,
      [wish = *wish](journal::reader& rows) {
        return rows.watches(wish.conversation, wish.limit, wish.cursor);
      },
      [x](result<journal::page<watch_row>> found) {
        if (!found)
          return x->answer(problem(found.error()));
        x->answer(list_response(found->items, found->next, append_watch));
      });
}

void get_watch(exchange_ptr x) {
  find_watch(x, x->captures.front(), [x](const watch_row& row) { answer_watch(x, 200, row); });
}

void delete_watch(exchange_ptr x) {
  find_watch(x, x->captures.front(), [x](const watch_row& row) {
    interject::cancel_watch cancel;
    cancel.conversation = row.conversation;
    cancel.id = row.id;
    x->via.ask(x->with.router, std::move(cancel), x->with.how.answer_timeout, when_done(x, [x] {
                 x->answer({.status = 204, .body = {}, .content_type = {}, .headers = {}});
               }));
  });
}

} // namespace interject::gateway::management
