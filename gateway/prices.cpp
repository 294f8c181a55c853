// Price samples and price watches.
#include "actors/monitors/price_index.hpp"
#include "gateway/notification_json.hpp"
#include "gateway/rows.hpp"
#include "protocols/samples.hpp"

namespace interject::gateway::management {

namespace {

constexpr std::size_t max_samples = 10'000;
/// A broken batch of thousands says what is wrong, not all of it.
constexpr std::size_t max_faults = 100;

std::string read_symbol(object_reader& in) {
  in.require("symbol");
  auto symbol = in.text("symbol", symbol_limit);
  if (symbol && symbol->empty())
    in.fault("symbol", "must not be empty");
  return symbol.value_or("");
}

price_sample read_sample(const value& item, const std::string& pointer, time_point now,
                         field_faults& faults) {
  price_sample s;
  object_reader in(item, pointer, faults);
  in.require("price");
  s.symbol = read_symbol(in);
  s.price = in.number("price").value_or(decimal{});
  s.at = in.instant("at");
  if (s.at && *s.at > now + sample_ahead_limit)
    in.fault("at", "lies more than a day ahead; it is " + format_time(now) + " now");
  s.seq = in.serial("seq");
  in.finish();
  return s;
}

/// A price, or a percentage ("20%" or 20) where the condition is one.
std::optional<decimal> read_level(object_reader& in, const value& members, const char* name,
                                  bool percent, field_faults& faults) {
  auto given = in.take(name);
  if (!given)
    return {};
  auto level = *members.find(name);
  if (auto text = level.as_text(); percent && text && text->ends_with('%'))
    level = value(text->substr(0, text->size() - 1));
  value wrapped(value::object{{name, level}});
  auto pointer = in.at(name);
  object_reader inner(wrapped, pointer.substr(0, pointer.rfind('/')), faults);
  return inner.number(name);
}

// "when": {"drops_by": "20%", "from": "high", "for": "5m", "rearm": "10%", "repeat": true,
// "expires_in": "30d"}
void read_condition(object_reader& in, field_faults& faults, watch_row& row) {
  in.require("when");
  auto v = in.take("when");
  if (!v)
    return;
  constexpr const char* kinds[] = {"falls_to", "rises_to", "crosses", "drops_by", "gains_by"};
  const char* kind = nullptr;
  int found = 0;
  for (auto name : kinds)
    if (v->as_object() && v->find(name))
      kind = name, ++found;
  if (found != 1)
    return in.fault("when",
                    "exactly one of {\"falls_to\": 100}, {\"rises_to\": 100}, {\"crosses\": 100}, "
                    "{\"drops_by\": \"20%\"}, {\"gains_by\": \"5%\"} is expected");
  object_reader inner(*v, in.at("when"), faults);
  auto& when = row.when;
  when.kind = *parse_watch_kind(kind);
  bool percent = when.kind == watch_kind::drops_by || when.kind == watch_kind::gains_by;
  auto level = read_level(inner, *v, kind, percent, faults);
  when.level = level.value_or(decimal::of(percent ? 50 : 100));
  when.rearm = read_level(inner, *v, "rearm", percent, faults);
  if (auto from = inner.text("from")) {
    if (auto known = parse_watch_from(*from))
      when.from = *known;
    else
      inner.fault("from", "one of \"creation\", \"last_fired\", \"high\", \"low\" is expected");
  }
  when.hold = inner.length("for").value_or(duration::zero());
  when.repeat = inner.boolean("repeat").value_or(false);
  when.first_sample = inner.boolean("first_sample").value_or(false);
  if (auto length = inner.length("expires_in")) {
    if (*length <= duration::zero() || *length > std::chrono::hours(24 * 3660))
      inner.fault("expires_in", "more than nothing and at most ten years");
    row.expires = row.created + *length;
  }
  inner.finish();
  if (auto wrong = level ? check(when) : std::nullopt)
    inner.fault(std::string_view(wrong->key) == "level" ? kind : wrong->key, wrong->what);
}

void append_condition(std::string& out, const watch_row& row) {
  auto& w = row.when;
  bool percent = w.kind == watch_kind::drops_by || w.kind == watch_kind::gains_by;
  object_writer when(out);
  auto level = [&](const char* name, decimal n) {
    if (percent)
      when.text(name, to_string(n) + "%");
    else
      when.number(name, n);
  };
  level(to_string(w.kind), w.level);
  if (w.from != watch_from::creation)
    when.text("from", to_string(w.from));
  if (w.hold > duration::zero())
    when.length("for", w.hold);
  if (w.rearm)
    level("rearm", *w.rearm);
  if (w.repeat)
    when.flag("repeat", true);
  if (w.first_sample)
    when.flag("first_sample", true);
  if (row.expires)
    when.length("expires_in", *row.expires - row.created);
  when.end();
}

/// The prices at which it fires, and is armed again; none that are not known yet, or move with the
/// price.
void append_levels(object_writer& o, const watch_row& row) {
  auto& w = row.when;
  std::optional<decimal> fires = w.level, rearms = w.rearm;
  bool drop = w.kind == watch_kind::drops_by;
  if (drop || w.kind == watch_kind::gains_by) {
    if (!row.baseline || w.from == watch_from::high || w.from == watch_from::low)
      return;
    auto back = [](decimal share) { return decimal{-share.units}; };
    fires = drop ? monitors::drop_level(*row.baseline, w.level)
                 : monitors::gain_level(*row.baseline, w.level);
    if (rearms)
      rearms = drop ? monitors::gain_level(*row.baseline, back(*rearms))
                    : monitors::drop_level(*row.baseline, back(*rearms));
  }
  object_writer levels(o.raw("levels"));
  if (fires)
    levels.number("fires", *fires);
  if (rearms)
    levels.number("rearms", *rearms);
  levels.end();
}

const row_kind<watch_row> watches{"there is no such watch", &journal::reader::watch,
                                  &journal::reader::watches, &append_watch};

} // namespace

void append_watch(std::string& out, const watch_row& row) {
  object_writer o(out);
  o.text("id", row.id).text("conversation", row.conversation).text("name", row.name);
  o.text("symbol", row.symbol);
  append_condition(o.raw("when"), row);
  append_notification(o.raw("notify"), row.notify);
  o.text("state", to_string(row.state)).time("created", row.created);
  append_localized(o, "no_longer", row.no_longer);
  if (row.baseline)
    o.number("baseline", *row.baseline);
  append_levels(o, row);
  o.number("firings", row.firings);
  if (row.fired_price)
    o.number("fired_price", *row.fired_price).time("fired_at", row.fired_at);
  if (row.state == watch_state::pending)
    o.time("holding_since", row.holding_since);
  if (row.expires)
    o.time("expires", row.expires);
  o.end();
}

void post_prices(exchange_ptr x) {
  auto body = read_body(x, "seq");
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
  auto now = x->with.clock->now();
  if (faults.empty())
    for (auto& item : *list) {
      take.samples.push_back(
          read_sample(item, "/samples/" + std::to_string(take.samples.size()), now, faults));
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
  for (auto name : {"conversation", "notify"})
    in.require(name);
  row.id = x->row_id("w-");
  row.conversation = in.text("conversation", 256).value_or("");
  row.symbol = read_symbol(in);
  row.created = x->with.clock->now();
  read_condition(in, faults, row);
  read_localized(in, "no_longer", row.no_longer);
  row.name = in.text("name", 128).value_or("");
  if (auto notify = in.take("notify")) {
    object_reader inner(*notify, "/notify", faults);
    const std::vector<std::string_view> facts{"symbol", "price", "baseline", "previous", "at"};
    read_notification(inner, *x->with.bot, facts, faults, row.notify);
    inner.finish();
    check_patterns(row.no_longer, in.at("no_longer"), facts, row.notify.params, faults);
  }
  in.finish();
  if (refuse_fields(x, faults))
    return;
  row.notify.from = origin::watch;
  row.notify.source = row.id;
  interject::create_watch create;
  create.row = row;
  x->via.ask(x->with.router, std::move(create), x->with.how.answer_timeout,
             when_done(x, [x, id = row.id] {
               find_row(watches, x, id, [x](const watch_row& made) {
                 x->answer(row_response(watches, 201, "/api/v1/watches/", made));
               });
             }));
}

void list_watches(exchange_ptr x) {
  list_rows(watches, x);
}

void get_watch(exchange_ptr x) {
  get_row(watches, x);
}

void delete_watch(exchange_ptr x) {
  delete_row<cancel_watch>(watches, x);
}

} // namespace interject::gateway::management
