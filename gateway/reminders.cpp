// Reminders: at an instant, after a while, or by a rule.
#include "gateway/notification_json.hpp"
#include "gateway/rows.hpp"
#include "protocols/recurrence.hpp"

namespace interject::gateway::management {

namespace {

const row_kind<reminder_row> reminders{"there is no such reminder, or it has been said",
                                       &journal::reader::reminder, &journal::reader::reminders,
                                       &append_reminder};

void read_rule(object_reader& in, time_point now, reminder_row& row) {
  row.rrule = in.text("rrule", 512).value_or("");
  row.zone = in.text("zone", 64).value_or("");
  row.start = std::chrono::floor<std::chrono::minutes>(now);
  if (auto zone = recurrence::parse("FREQ=DAILY", row.zone, row.start); !zone)
    return in.fault("zone", zone.error().what);
  auto rule = recurrence::parse(row.rrule, row.zone, row.start);
  if (!rule)
    return in.fault("rrule", rule.error().what);
  if (auto first = rule->after(now))
    row.due = *first;
  else
    in.fault("rrule", "comes no more: it begins with this minute, which COUNT counts");
}

void read_due(object_reader& in, time_point now, reminder_row& row) {
  bool has_at = in.take("at"), has_in = in.take("in"), has_rule = in.take("rrule");
  if (in.take("zone") && !has_rule)
    in.fault("zone", "belongs to \"rrule\"; an instant in \"at\" carries its own");
  if (auto policy = in.text("misfire")) {
    if (auto known = parse_misfire_policy(*policy))
      row.misfire = *known;
    else
      in.fault("misfire", "\"fire_once\" or \"skip\" is expected");
  }
  if (has_at + has_in + has_rule != 1)
    return in.fault(has_at   ? (has_in ? "in" : "rrule")
                    : has_in ? "rrule"
                             : "at",
                    "one of \"at\", \"in\" and \"rrule\" is expected");
  if (has_rule)
    return read_rule(in, now, row);
  if (has_in) {
    auto length = in.length("in");
    if (length && (*length <= duration::zero() || *length > std::chrono::hours(24 * 3660)))
      in.fault("in", "more than nothing and at most ten years");
    row.due = now + length.value_or(duration::zero());
  } else if (auto at = in.instant("at")) {
    row.due = *at;
    if (*at <= now)
      in.fault("at", "lies in the past; it is " + format_time(now) + " now");
  }
}

} // namespace

void append_reminder(std::string& out, const reminder_row& row) {
  object_writer o(out);
  o.text("id", row.id).text("conversation", row.conversation).text("name", row.name);
  o.time("next", row.due).number("occurrence", row.occurrence).time("created", row.created);
  if (!row.rrule.empty())
    o.text("rrule", row.rrule).text("zone", row.zone.empty() ? "UTC" : row.zone);
  if (row.misfire != misfire_policy::fire_once)
    o.text("misfire", to_string(row.misfire));
  append_notification(o.raw("notify"), row.notify);
  o.end();
}

void post_reminder(exchange_ptr x) {
  auto body = read_body(x);
  if (!body)
    return;
  field_faults faults;
  object_reader in(*body, "", faults);
  reminder_row row;
  in.require("conversation");
  in.require("notify");
  row.id = x->row_id("r-");
  row.conversation = in.text("conversation", 256).value_or("");
  row.created = x->with.clock->now();
  read_due(in, row.created, row);
  row.name = in.text("name", 128).value_or("");
  if (auto notify = in.take("notify")) {
    object_reader inner(*notify, "/notify", faults);
    read_notification(inner, *x->with.bot, {"name", "at"}, faults, row.notify);
    inner.finish();
  }
  in.finish();
  if (refuse_fields(x, faults))
    return;
  row.notify.from = origin::reminder;
  row.notify.source = row.id;
  interject::create_reminder create;
  create.row = row;
  x->via.ask(x->with.router, std::move(create), x->with.how.answer_timeout, when_done(x, [x, row] {
               x->answer(row_response(reminders, 201, "/api/v1/reminders/", row));
             }));
}

void list_reminders(exchange_ptr x) {
  list_rows(reminders, x);
}

void get_reminder(exchange_ptr x) {
  get_row(reminders, x);
}

void delete_reminder(exchange_ptr x) {
  delete_row<cancel_reminder>(reminders, x);
}

} // namespace interject::gateway::management
