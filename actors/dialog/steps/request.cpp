// An outbound HTTP call. In the foreground the dialog waits for it; in the background the
// conversation goes on, and the result comes as a notice.
#include "actors/dialog/nearest.hpp"
#include "actors/dialog/notice.hpp"
#include "actors/dialog/steps/parse.hpp"
#include "actors/dialog/substitution.hpp"

#include <algorithm>

namespace interject::dialog {

namespace {

class request_step final : public step {
public:
  const char* kind() const override { return "request"; }
  void run(machine& m) const override;
  void answered(machine& m, const call_result& result) const override;
  /// What may not be done twice must not be left half done.
  bool cancellable() const override { return base.restart == call_restart::repeat; }

  call_row base;
  substitution url, body;
  std::vector<std::pair<std::string, substitution>> headers;
  std::vector<std::uint32_t> read_into; ///< beside base.read
  std::optional<std::uint32_t> into, reason;
  bool has_phase = false, has_failure = false, has_timeout = false;
  std::uint16_t failure = 0, timeout = 0;
  notice_template notice;
  std::vector<std::string> local_names;

private:
  void take(machine& m, const call_result& result) const;
};

void request_step::run(machine& m) const {
  auto row = base;
  auto in = m.here();
  row.url = url.fill(in);
  row.body = body.fill(in);
  for (auto& [name, content] : headers)
    row.headers.emplace_back(name, content.fill(in));
  row.conversation = m.talk().id;
  row.created = m.now();
  row.id = m.new_id("c-");
  if (row.mode == call_mode::background) {
    auto filled = fill(notice, local_names, in);
    if (!filled)
      return m.fail(filled.error().what);
    row.notify = std::move(*filled);
    row.notify.solicited = true;
    row.notify.from = origin::call;
    if (!m.subscribe(origin::call, row.id, row.name))
      return;
    m.emit(std::move(row));
    if (has_phase)
      m.end_phase();
    return m.next();
  }
  auto& f = m.top();
  f.call = row.id;
  f.generation = row.generation;
  f.deadline = m.now() + row.timeout;
  f.since = m.now();
  f.waiting = waiting::call;
  m.emit(std::move(row));
}

void request_step::take(machine& m, const call_result& result) const {
  value::object all;
  for (std::size_t i = 0; i < base.read.size(); ++i) {
    auto& name = base.read[i].first;
    auto it = std::find_if(result.values.begin(), result.values.end(),
                           [&](auto& v) { return v.first == name; });
    auto v = it == result.values.end() ? value() : it->second;
    m.assign(read_into[i], v);
    if (into)
      all.emplace_back(name, std::move(v));
  }
  if (into)
    m.assign(*into, value(std::move(all)));
}

void request_step::answered(machine& m, const call_result& result) const {
  if (has_phase)
    m.end_phase();
  if (result.outcome == call_outcome::succeeded) {
    take(m, result);
    return m.next();
  }
  auto why = result.reason.empty() ? std::string(to_string(result.outcome)) : result.reason;
  if (reason)
    m.assign(*reason, value(why));
  if (result.outcome == call_outcome::timed_out && has_timeout)
    return m.jump(timeout);
  if (has_failure)
    return m.jump(failure);
  m.fail("the request failed: " + why);
}

/// As everywhere in HTTP, case makes no difference.
bool is_content_type(std::string_view name) {
  constexpr std::string_view lower = "content-type";
  return std::equal(name.begin(), name.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

/// A token of RFC 9110, or no server would take it.
bool is_header_name(std::string_view name) {
  auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), fits);
}

void parse_headers(dialog_compiler& c, const value& spec, request_step& s) {
  auto* all = object_member(c.faults, spec, c.pointer(), "headers");
  if (!all)
    return;
  for (auto& [name, content] : *all->as_object()) {
    auto at = below(c.pointer("headers"), name);
    if (!content.as_text())
      c.faults.fault(at, std::string("expected text, found ") + to_string(content.type()));
    else if (!is_header_name(name))
      c.faults.fault(at, "\"" + name + "\" is no name of a header");
    else
      s.headers.emplace_back(name,
                             c.substituted(*content.as_text(), at, substitution::encoding::header));
  }
}

void parse_read(dialog_compiler& c, const value& spec, request_step& s) {
  auto* all = object_member(c.faults, spec, c.pointer(), "read");
  if (!all)
    return;
  bool foreground = s.base.mode == call_mode::foreground;
  for (auto& [name, where] : *all->as_object()) {
    auto at = below(c.pointer("read"), name);
    if (!where.as_text() || (!where.as_text()->empty() && where.as_text()->front() != '/')) {
      c.faults.fault(at, "expected a JSON pointer",
                     "such as \"/items/0/price\", or \"\" for the whole answer");
      continue;
    }
    s.base.read.emplace_back(name, *where.as_text());
    if (foreground)
      s.read_into.push_back(c.target(name, at).value_or(0));
    else
      c.facts.push_back(name);
  }
}

void parse_manner(dialog_compiler& c, const value& spec, request_step& s) {
  auto word = [&](const char* key,
                  std::initializer_list<std::string_view> known) -> const std::string* {
    auto* given = text_member(c.faults, spec, c.pointer(), key);
    if (!given || std::find(known.begin(), known.end(), *given) != known.end())
      return given;
    std::string all;
    for (auto k : known)
      all += (all.empty() ? "" : ", ") + std::string(k);
    c.faults.fault(c.pointer(key), "\"" + *given + "\" is unknown", all);
    return nullptr;
  };
  if (auto* method = word("method", {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"}))
    s.base.method = *method;
  if (auto* mode = word("mode", {"foreground", "background"}); mode && *mode == "background")
    s.base.mode = call_mode::background;
  // What is not known to be safe to repeat is not repeated after a crash.
  bool safe = s.base.method == "GET" || s.base.method == "HEAD";
  s.base.restart = safe ? call_restart::repeat : call_restart::fail;
  if (auto* restart = word("restart", {"repeat", "fail"}))
    s.base.restart = *restart == "repeat" ? call_restart::repeat : call_restart::fail;
  if (auto length = duration_member(c.faults, spec, c.pointer(), "timeout")) {
    s.base.timeout = *length;
    if (*length < std::chrono::milliseconds(1) || *length > std::chrono::hours(24))
      c.faults.fault(c.pointer("timeout"), "the time-out is out of range", "1ms to 24h");
  }
  if (auto retries = whole_member(c.faults, spec, c.pointer(), "retries", 0, 10))
    s.base.retries = static_cast<std::uint32_t>(*retries);
  if (auto redirects = whole_member(c.faults, spec, c.pointer(), "redirects", 0, 5))
    s.base.redirects = static_cast<std::uint32_t>(*redirects);
  if (auto* name = text_member(c.faults, spec, c.pointer(), "name"))
    s.base.name = *name;
}

/// The host of a URL as `hosts` lists it; nothing when a variable stands in it.
void check_host(dialog_compiler& c, const std::string& url) {
  auto at = c.pointer("url");
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    return c.faults.fault(at, "the URL needs http:// or https://");
  auto from = url.find("//") + 2;
  auto host = url.substr(from, url.find_first_of("/?#", from) - from);
  if (host.find('@') != std::string::npos)
    return c.faults.fault(at, "the URL carries a user name",
                          "use a header, with the secret by reference");
  if (host.find('{') != std::string::npos)
    return c.faults.fault(at, "the host may not depend on variables",
                          "write it out; what it may be stands in \"hosts\"");
  auto& known = c.of().hosts;
  if (std::find(known.begin(), known.end(), host) == known.end())
    c.faults.fault(at, "\"hosts\" does not list " + host,
                   "add \"" + host + "\" to the bot's \"hosts\"");
}

void parse_ways_out(dialog_compiler& c, const value& spec, request_step& s) {
  std::vector<jump_step*> over;
  auto way = [&](const char* key, bool& has, std::uint16_t& target) {
    if (!spec.find(key))
      return;
    has = true;
    over.push_back(&c.emit(std::make_unique<jump_step>()));
    target = c.here();
    c.block(spec, key);
  };
  way("on_failure", s.has_failure, s.failure);
  way("on_timeout", s.has_timeout, s.timeout);
  for (auto* jump : over)
    jump->target = c.here();
}

} // namespace

void parse_request(dialog_compiler& c, const value& spec) {
  auto made = std::make_unique<request_step>();
  auto& s = *made;
  s.has_phase = c.before_actions(spec);
  parse_manner(c, spec, s);
  if (auto* url = text_member(c.faults, spec, c.pointer(), "url")) {
    check_host(c, *url);
    s.url = c.substituted(*url, c.pointer("url"), substitution::encoding::url);
  }
  parse_headers(c, spec, s);
  if (auto* body = spec.find("body")) {
    // JSON written out is sent as JSON; names inside its texts are substituted.
    std::string source;
    if (auto* words = body->as_text())
      source = *words;
    else
      append_json(source, *body);
    s.body = c.substituted(source, c.pointer("body"), substitution::encoding::body);
    bool typed = std::any_of(s.headers.begin(), s.headers.end(),
                             [](auto& h) { return is_content_type(h.first); });
    if (!body->as_text() && !typed)
      s.headers.emplace_back("Content-Type",
                             c.substituted("application/json", {}, substitution::encoding::header));
  }
  bool background = s.base.mode == call_mode::background;
  parse_read(c, spec, s);
  if (background) {
    for (auto key : {"into", "on_failure", "on_timeout"})
      if (spec.find(key))
        c.faults.fault(c.pointer(key),
                       std::string("\"") + key + "\" has no meaning in the background",
                       "the result comes as the notice in \"notify\"");
    c.facts.insert(c.facts.end(), {"outcome", "reason"});
    if (auto* notify = spec.find("notify"))
      s.notice = compile_notice(c, *notify, c.pointer("notify"));
    else
      c.faults.fault(c.pointer(), "in the background \"notify\" says how the result comes");
    if (auto* notify = spec.find("notify"); notify && !notify->find("urgency"))
      s.notice.base.urgency = urgency::time_sensitive;
    c.facts.clear();
    s.local_names = c.model().locals;
  } else {
    if (spec.find("notify"))
      c.faults.fault(c.pointer("notify"), "\"notify\" is for \"mode\": \"background\"");
    s.into = c.target_of(spec, "into");
    s.reason = c.target("reason", c.pointer());
  }
  c.emit(std::move(made));
  c.after_actions(spec);
  parse_ways_out(c, spec, s);
}

} // namespace interject::dialog
