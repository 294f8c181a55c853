// The sections of a bot beside its dialogs. The dialogs are compiled by then, as events open them
// and `migrate` names their steps.
#include "actors/dialog/compile_sections.hpp"
#include "actors/dialog/nearest.hpp"
#include "actors/dialog/notice.hpp"
#include "protocols/secret_reference.hpp"

#include <algorithm>

namespace interject::dialog {

namespace {

constexpr std::string_view feed_keys[] = {"url",  "every", "items",   "symbol",      "price",
                                          "time", "seq",   "headers", "stale_after", "stale_text"};
constexpr std::string_view event_keys[] = {"type", "to", "notification", "with"};
constexpr std::string_view to_keys[] = {"user", "conversation", "filter"};
constexpr std::string_view recognizer_keys[] = {"url", "timeout", "confidence"};
constexpr std::string_view inactivity_keys[] = {"nudge", "end"};
constexpr std::string_view nudge_keys[] = {"after", "text"};
constexpr std::string_view channel_keys[] = {"max_silence", "buttons",  "cards",          "url",
                                             "secret",      "budget",   "session_window", "reach",
                                             "otherwise",   "templates"};
constexpr std::string_view migrate_keys[] = {"from", "dialog", "steps"};

constexpr std::size_t most_rules = 1000; ///< feeds, events and migrations, each

bool is_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/')
    return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')))
      return false;
  return true;
}

bool is_web_address(std::string_view url) {
  for (std::string_view scheme : {"http://", "https://"})
    if (url.starts_with(scheme))
      return url.size() > scheme.size() && url[scheme.size()] != '/' &&
             url.find_first_of(" \t\r\n") == url.npos;
  return false;
}

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

class section_compiler {
public:
  section_compiler(bot& b, const value& document, report& faults)
      : b_(b), document_(document), faults_(faults), c_(b, none_, faults, "") {}

  void compile() {
    feeds();
    events();
    recognizer();
    inactivity();
    channels();
    migrations();
  }

private:
  void feeds();
  void events();
  event_rule event(const value& spec, const std::string& at);
  void addressee(const value& spec, const std::string& at, event_rule& rule);
  void event_notice(const value& spec, const std::string& at, event_rule& rule);
  static std::string key_pattern(const value& spec, std::string_view key);
  void recognizer();
  void inactivity();
  void channels();
  void webhook(const value& spec, const std::string& at, channel_profile& p);
  void reach(const value& channel, const std::string& at, const value& all);
  void migrations();
  migration moved(const value& spec, const std::string& at);
  void moved_steps(const value& spec, const std::string& at, migration& m);

  bool needs(const value& object, const std::string& at, std::string_view key, const char* remedy);
  std::string address(const value& object, const std::string& at, std::string_view key);
  void named(const std::string& url, const std::string& at);
  std::string pointer(const value& object, const std::string& at, std::string_view key);
  std::optional<duration> length(const value& object, const std::string& at, std::string_view key,
                                 duration least, const char* remedy);
  template <class Each> void each_of(std::string_view key, Each each);

  bot& b_;
  const value& document_;
  report& faults_;
  dialog_model none_; ///< sections have no variables
  dialog_compiler c_;
};

bool section_compiler::needs(const value& object, const std::string& at, std::string_view key,
                             const char* remedy) {
  if (object.find(key))
    return true;
  faults_.fault(at, "\"" + std::string(key) + "\" is missing", remedy);
  return false;
}

/// With its secrets in the form of rows.
std::string section_compiler::address(const value& object, const std::string& at,
                                      std::string_view key) {
  auto* url = text_member(faults_, object, at, key);
  if (!url)
    return {};
  auto marked = mark_references(*url);
  if (!marked)
    faults_.fault(below(at, key), marked.error().what,
                  "a secret is written ${env:NAME} or ${file:/absolute/path}");
  else if (!is_web_address(*marked))
    faults_.fault(below(at, key), "\"" + *url + "\" is no web address",
                  "such as \"https://example.test/quotes\"");
  else if (auto from = marked->find("//") + 2;
           holds_reference(marked->substr(from, marked->find_first_of("/?#", from) - from)))
    faults_.fault(below(at, key), "the host may not be a secret", "write it out");
  return marked ? *std::move(marked) : std::string();
}

/// Only what "hosts" lists is asked.
void section_compiler::named(const std::string& url, const std::string& at) {
  auto lower = [](std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
  };
  if (!is_web_address(url))
    return;
  auto from = url.find("//") + 2;
  auto host = lower(url.substr(from, url.find_first_of("/?#", from) - from));
  auto colon = host.ends_with(']') ? host.npos : host.rfind(':');
  auto name = host.substr(0, colon);
  auto port = colon == host.npos ? std::string(url.starts_with("https") ? ":443" : ":80")
                                 : host.substr(colon);
  bool listed = std::any_of(b_.hosts.begin(), b_.hosts.end(), [&](auto& each) {
    auto known = lower(each);
    return known == name || known == name + port || "[" + known + "]" == name;
  });
  if (!listed)
    faults_.warn(at, "\"hosts\" does not list " + host + ", so that it is never asked",
                 "add \"" + host + "\" to the bot's \"hosts\"");
}

std::string section_compiler::pointer(const value& object, const std::string& at,
                                      std::string_view key) {
  auto* text = text_member(faults_, object, at, key);
  if (text && !is_pointer(*text))
    faults_.fault(below(at, key), "\"" + *text + "\" is no JSON pointer",
                  text->empty() || text->front() != '/'
                      ? "it begins with /, such as \"/data/id\""
                      : "~ is written ~0, and / within a name ~1");
  return text ? *text : std::string();
}

std::optional<duration> section_compiler::length(const value& object, const std::string& at,
                                                 std::string_view key, duration least,
                                                 const char* remedy) {
  auto found = duration_member(faults_, object, at, key);
  if (found && *found < least)
    faults_.fault(below(at, key), "\"" + *object.find(key)->as_text() + "\" is too short", remedy);
  return found;
}

/// Calls `each` with the objects of a list, and where they stand.
template <class Each> void section_compiler::each_of(std::string_view key, Each each) {
  auto* all = list_member(faults_, document_, "", key);
  if (!all)
    return;
  auto at = below("", key);
  if (all->size() > most_rules)
    return faults_.fault(at, "more than " + std::to_string(most_rules) + " entries");
  for (std::size_t i = 0; i < all->size(); ++i)
    if ((*all)[i].as_object())
      each((*all)[i], below(at, i));
    else
      faults_.fault(below(at, i),
                    std::string("expected an object, found ") + to_string((*all)[i].type()));
}

void section_compiler::feeds() {
  auto* all = object_member(faults_, document_, "", "feeds");
  if (!all)
    return;
  if (all->as_object()->size() > most_rules)
    return faults_.fault("/feeds", "more than " + std::to_string(most_rules) + " entries");
  for (auto& [name, spec] : *all->as_object()) {
    auto at = below("/feeds", name);
    if (!spec.as_object()) {
      faults_.fault(at, std::string("expected a feed, found ") + to_string(spec.type()),
                    "{\"url\": …, \"every\": \"5s\", \"symbol\": \"/id\", \"price\": \"/last\"}");
      continue;
    }
    check_keys(faults_, spec, at, feed_keys);
    needs(spec, at, "url", "where the prices are, such as \"https://example.test/quotes\"");
    needs(spec, at, "every", "how often it is asked, such as \"5s\"");
    needs(spec, at, "symbol", "a JSON pointer within an item, such as \"/id\"");
    needs(spec, at, "price", "a JSON pointer within an item, such as \"/last\"");
    price_feed f;
    f.name = name;
    f.url = address(spec, at, "url");
    named(f.url, below(at, "url"));
    f.every = length(spec, at, "every", std::chrono::seconds(1), "\"1s\" or longer")
                  .value_or(std::chrono::minutes(1));
    f.items = pointer(spec, at, "items");
    f.symbol = pointer(spec, at, "symbol");
    f.price = pointer(spec, at, "price");
    f.time = pointer(spec, at, "time");
    f.seq = pointer(spec, at, "seq");
    f.stale_after =
        length(spec, at, "stale_after", f.every, "longer than \"every\", or each pause is stale");
    if (auto* words = spec.find("stale_text")) {
      c_.facts = {"symbol", "since"};
      f.stale_text = c_.compile_text(*words, below(at, "stale_text"), true).patterns();
      c_.facts.clear();
    } else {
      f.stale_text = {
          {"", "No new price of {symbol} has come since {since, time, short}."},
          {"fr", "Aucun nouveau cours de {symbol} depuis {since, time, short}."},
          {"de", "Seit {since, time, short} ist kein neuer Preis von {symbol} gekommen."}};
    }
    if (auto* headers = object_member(faults_, spec, at, "headers")) {
      for (auto& [field, what] : *headers->as_object())
        if (auto* text = what.as_text(); text && text->find_first_of("\r\n") == text->npos) {
          if (auto marked = mark_references(*text))
            f.headers.emplace_back(field, *marked);
          else
            faults_.fault(below(below(at, "headers"), field), marked.error().what);
        } else
          faults_.fault(below(below(at, "headers"), field), "expected a text of one line");
    }
    b_.sections.feeds.push_back(std::move(f));
  }
}

void section_compiler::events() {
  each_of("events", [this](const value& spec, const std::string& at) {
    b_.sections.events.push_back(event(spec, at));
  });
}

event_rule section_compiler::event(const value& spec, const std::string& at) {
  check_keys(faults_, spec, at, event_keys);
  event_rule rule;
  needs(spec, at, "type", "the event's type, such as \"com.example.order.shipped\"");
  if (auto* type = text_member(faults_, spec, at, "type")) {
    rule.type = *type;
    if (type->empty())
      faults_.fault(below(at, "type"), "the type is empty");
  }
  if (auto* with = object_member(faults_, spec, at, "with"))
    for (auto& [name, where] : *with->as_object())
      rule.with.emplace_back(name, pointer(*with, below(at, "with"), name));
  if (needs(spec, at, "to", "{\"user\": \"/data/customer\"}, a JSON pointer into the event"))
    addressee(spec, at, rule);
  if (needs(spec, at, "notification", "{\"text\": …}"))
    event_notice(spec, at, rule);
  return rule;
}

void section_compiler::addressee(const value& spec, const std::string& at, event_rule& rule) {
  auto* to = object_member(faults_, spec, at, "to");
  if (!to)
    return;
  auto here = below(at, "to");
  check_keys(faults_, *to, here, to_keys);
  rule.to_user = pointer(*to, here, "user");
  rule.to_conversation = pointer(*to, here, "conversation");
  if (auto* named = to->find("filter")) {
    std::vector<filter_fault> wrong;
    rule.to_everybody = read_attribute_filter(*named, wrong);
    for (auto& w : wrong)
      faults_.fault(below(here, "filter") + w.pointer, w.why, w.remedy);
  }
  auto given = [to](auto... keys) { return (0 + ... + (to->find(keys) ? 1 : 0)); };
  if (given("user", "conversation", "filter") != 1)
    faults_.fault(here, "expected either \"user\", \"conversation\" or \"filter\"",
                  "such as {\"user\": \"/data/customer\"}");
}

/// Nobody's variables are there when an event comes: only what `with` read.
void section_compiler::event_notice(const value& spec, const std::string& at, event_rule& rule) {
  auto here = below(at, "notification");
  auto& what = *spec.find("notification");
  for (auto& [name, where] : rule.with)
    c_.facts.push_back(name);
  auto compiled = compile_notice(c_, what, here, true);
  if (!compiled.captured.empty())
    faults_.fault(here, "its texts name variables of a conversation",
                  "an event knows only what its \"with\" reads");
  rule.base = std::move(compiled.base);
  rule.base.solicited = false;
  for (auto& [name, value] : compiled.params)
    if (value.is_literal())
      rule.base.params.emplace_back(name, value.literal());
    else
      faults_.fault(below(below(here, "params"), name), "expected a plain value",
                    "what the event brings stands in \"with\"");
  for (auto& [name, value] : compiled.dialog_params)
    if (value.is_literal() || value.deferred())
      rule.base.dialog_params.emplace_back(name,
                                           value.is_literal() ? value.literal() : value.source());
    else
      faults_.fault(below(below(below(here, "dialog"), "params"), name),
                    "expected a plain value, or an expression over \"with\"",
                    "such as {\"=\": \"number\"}");
  rule.collapse_key = key_pattern(what, "collapse_key");
  rule.digest_key = key_pattern(what, "digest_key");
  c_.facts.clear();
}

std::string section_compiler::key_pattern(const value& spec, std::string_view key) {
  auto* source = spec.find(key);
  return source && source->as_text() ? *source->as_text() : std::string();
}

void section_compiler::recognizer() {
  auto* spec = object_member(faults_, document_, "", "recognizer");
  if (!spec)
    return;
  const std::string at = "/recognizer";
  check_keys(faults_, *spec, at, recognizer_keys);
  needs(*spec, at, "url", "such as \"http://127.0.0.1:5005/model/parse\"");
  recognizer_settings made;
  made.url = address(*spec, at, "url");
  if (auto limit =
          length(*spec, at, "timeout", std::chrono::milliseconds(10), "\"10ms\" or longer"))
    made.timeout = *limit;
  if (made.timeout > std::chrono::seconds(10))
    faults_.fault(below(at, "timeout"), "every message would wait so long", "\"10s\" at most");
  if (auto* least = spec->find("confidence")) {
    auto* number = least->as_number();
    if (number && number->units >= 0 && number->units <= decimal::of(1).units)
      made.confidence =
          static_cast<double>(number->units) / static_cast<double>(decimal::of(1).units);
    else
      faults_.fault(below(at, "confidence"), "expected a number from 0 to 1", "such as 0.5");
  }
  b_.sections.recognizer = std::move(made);
}

void section_compiler::inactivity() {
  auto* spec = object_member(faults_, document_, "", "inactivity");
  if (!spec)
    return;
  const std::string at = "/inactivity";
  constexpr auto least = std::chrono::seconds(1);
  check_keys(faults_, *spec, at, inactivity_keys);
  auto& made = b_.sections.inactivity;
  made.end_after = length(*spec, at, "end", least, "\"1s\" or longer");
  auto* nudge = object_member(faults_, *spec, at, "nudge");
  if (!nudge)
    return;
  auto here = below(at, "nudge");
  check_keys(faults_, *nudge, here, nudge_keys);
  needs(*nudge, here, "after", "how long nothing was said, such as \"10m\"");
  made.nudge_after = length(*nudge, here, "after", least, "\"1s\" or longer");
  if (needs(*nudge, here, "text", "what is said then"))
    made.nudge = c_.compile_text(*nudge->find("text"), below(here, "text"));
  if (made.nudge_after && made.end_after && *made.nudge_after >= *made.end_after)
    faults_.fault(below(here, "after"), "the conversation has ended by then",
                  "shorter than \"end\"");
}

void section_compiler::channels() {
  auto* all = object_member(faults_, document_, "", "channels");
  if (!all)
    return;
  for (auto& [name, spec] : *all->as_object()) {
    auto at = below("/channels", name);
    if (!spec.as_object()) {
      faults_.fault(at, std::string("expected an object, found ") + to_string(spec.type()), "{}");
      continue;
    }
    check_keys(faults_, spec, at, channel_keys);
    channel_profile p;
    p.name = name;
    p.max_silence = length(spec, at, "max_silence", std::chrono::seconds(1), "\"1s\" or longer");
    webhook(spec, at, p);
    p.buttons = bool_member(faults_, spec, at, "buttons").value_or(p.url.empty());
    p.cards = bool_member(faults_, spec, at, "cards").value_or(p.url.empty());
    b_.sections.channels.push_back(std::move(p));
    if (auto* budget = spec.find("budget"))
      check_budget(faults_, *budget, below(at, "budget"));
    length(spec, at, "session_window", std::chrono::seconds(1), "\"24h\", say");
    reach(spec, at, *all);
  }
}

void section_compiler::webhook(const value& spec, const std::string& at, channel_profile& p) {
  if (!spec.find("url") && !spec.find("secret"))
    return;
  const char* how = "a secret is written ${env:NAME} or ${file:/absolute/path}";
  needs(spec, at, "url", "where its activities are posted");
  needs(spec, at, "secret", how);
  p.url = address(spec, at, "url");
  auto* secret = text_member(faults_, spec, at, "secret");
  auto marked = mark_references(secret ? *secret : std::string_view());
  if (secret && (!marked || !holds_reference(*marked)))
    faults_.fault(below(at, "secret"),
                  marked ? "a secret may not stand in a bot" : marked.error().what, how);
  else if (marked)
    p.secret = *marked;
}

/// Whom the channel reaches, and what may be said there; read by the delivery rule.
void section_compiler::reach(const value& channel, const std::string& at, const value& all) {
  auto* how = text_member(faults_, channel, at, "reach");
  if (how && *how != "always" && *how != "connected")
    faults_.fault(below(at, "reach"), "\"" + *how + "\" is unknown", "always, connected");
  auto* other = text_member(faults_, channel, at, "otherwise");
  if (other && !all.find(*other))
    faults_.fault(below(at, "otherwise"), "there is no channel \"" + *other + "\"",
                  "add it under \"channels\"");
  if (auto* templates = object_member(faults_, channel, at, "templates"))
    for (auto& [name, words] : *templates->as_object())
      if (!words.as_text() && !words.as_object())
        faults_.fault(below(below(at, "templates"), name), "expected a text",
                      "one text, or one per locale");
}

void section_compiler::migrations() {
  each_of("migrate", [this](const value& spec, const std::string& at) {
    b_.sections.migrations.push_back(moved(spec, at));
  });
}

migration section_compiler::moved(const value& spec, const std::string& at) {
  check_keys(faults_, spec, at, migrate_keys);
  migration m;
  needs(spec, at, "from", "the beginning of the older version, as \"interject check\" prints it");
  if (auto* from = text_member(faults_, spec, at, "from")) {
    m.from = *from;
    if (from->size() < 4 || from->size() > 64 || !is_hex(*from))
      faults_.fault(below(at, "from"), "\"" + *from + "\" is no beginning of a version",
                    "4 to 64 of the digits 0-9 and a-f");
  }
  if (!needs(spec, at, "dialog", "the dialog whose steps have other names now"))
    return m;
  auto* id = text_member(faults_, spec, at, "dialog");
  auto dialog = id ? c_.dialog_named(*id, below(at, "dialog")) : std::nullopt;
  if (!dialog)
    return m;
  m.dialog = *dialog;
  needs(spec, at, "steps", "{\"old_step\": \"new_step\"}");
  moved_steps(spec, at, m);
  return m;
}

void section_compiler::moved_steps(const value& spec, const std::string& at, migration& m) {
  auto* steps = object_member(faults_, spec, at, "steps");
  if (!steps)
    return;
  auto& model = b_.dialogs[m.dialog];
  std::vector<std::string_view> ids;
  for (auto& s : model.program)
    if (!s->id.empty())
      ids.push_back(s->id);
  auto known = [&](const std::string& name) {
    return std::any_of(model.program.begin(), model.program.end(),
                       [&](auto& s) { return s->id == name || s->pointer == name; });
  };
  auto here = below(at, "steps");
  for (auto& [old, now] : *steps->as_object()) {
    auto* name = now.as_text();
    if (!name)
      faults_.fault(below(here, old), "expected the name of a step");
    else if (!known(*name))
      faults_.fault(below(here, old), "dialog \"" + model.id + "\" has no step \"" + *name + "\"",
                    suggest(*name, ids, "the step's \"id\", or its place, such as \"steps/2\""));
    else
      m.steps.emplace_back(old, *name);
  }
}

} // namespace

void compile_sections(bot& b, const value& document, report& faults) {
  section_compiler(b, document, faults).compile();
}

notification notice_of(const event_rule& rule, const named_values& with, std::string_view locale) {
  auto n = rule.base;
  for (auto& given : with) {
    std::erase_if(n.params, [&](auto& p) { return p.first == given.first; });
    n.params.push_back(given);
  }
  if (!rule.collapse_key.empty())
    n.collapse_key = render({{"", rule.collapse_key}}, n.params, locale);
  if (!rule.digest_key.empty())
    n.digest_key = render({{"", rule.digest_key}}, n.params, locale);
  return n;
}

const channel_profile* find_channel(const bot_sections& s, std::string_view name) {
  auto it =
      std::find_if(s.channels.begin(), s.channels.end(), [&](auto& c) { return c.name == name; });
  return it == s.channels.end() ? nullptr : &*it;
}

} // namespace interject::dialog
