#include "gateway/json.hpp"

#include "actors/dialog/nearest.hpp"
#include "protocols/samples.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <unordered_set>

namespace interject::gateway {

namespace {

using json = nlohmann::json;

// Builds values bottom-up. nlohmann gives the lexeme of a fraction, and whole numbers exactly.
class builder final : public nlohmann::json_sax<json> {
public:
  std::string fault;
  value root;
  std::string_view serial;

  bool null() override { return add(value()); }
  bool boolean(bool b) override { return add(value(b)); }
  bool number_integer(number_integer_t n) override { return whole(std::to_string(n)); }
  bool number_unsigned(number_unsigned_t n) override { return whole(std::to_string(n)); }
  bool number_float(number_float_t, const string_t& lexeme) override { return whole(lexeme); }
  bool string(string_t& s) override { return add(value(std::move(s))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(false); }
  bool start_array(std::size_t) override { return open(true); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (!is_new(open_.back(), name)) {
      fault = "\"" + name + "\" stands twice in the object at \"" + here() + "\"";
      return false;
    }
    open_.back().members.emplace_back(std::move(name), value());
    return true;
  }
  bool parse_error(std::size_t at, const std::string&, const json::exception&) override {
    fault = "malformed JSON at byte " + std::to_string(at);
    return false;
  }

private:
  struct level {
    bool array = false;
    value::list items;
    value::object members;
    std::unordered_set<std::string> names; ///< of an object with many members
  };
  std::vector<level> open_;

  /// Looks at each member while they are few; a body of a hundred thousand must not cost the square
  /// of that.
  static bool is_new(level& at, const string_t& name) {
    constexpr std::size_t few = 16;
    if (at.members.size() < few)
      return std::none_of(at.members.begin(), at.members.end(),
                          [&](auto& m) { return m.first == name; });
    if (at.names.empty())
      for (auto& [known, v] : at.members)
        at.names.insert(known);
    return at.names.insert(name).second;
  }

  /// The object or list that is read, or (`within`) what is read of it.
  std::string here(bool within = false) const {
    std::string out;
    for (std::size_t i = 0; i + (within ? 0 : 1) < open_.size(); ++i)
      out += "/" + (open_[i].array ? std::to_string(open_[i].items.size())
                                   : open_[i].members.back().first);
    return out;
  }
  bool whole(const std::string& lexeme) {
    auto number = decimal::parse(lexeme);
    if (number)
      return add(value(*number));
    if (!open_.empty() && !open_.back().array && open_.back().members.back().first == serial)
      return add(value(lexeme));
    fault = "the number " + lexeme.substr(0, 40) +
            " is out of range, or has more than eight decimals (at \"" + here(true) + "\")";
    return false;
  }
  bool add(value v) {
    if (open_.empty())
      root = std::move(v);
    else if (open_.back().array)
      open_.back().items.push_back(std::move(v));
    else
      open_.back().members.back().second = std::move(v);
    return true;
  }
  bool open(bool array) {
    if (open_.size() == 64) {
      fault = "more than 64 levels deep";
      return false;
    }
    open_.emplace_back();
    open_.back().array = array;
    return true;
  }
  bool close() {
    auto done = std::move(open_.back());
    open_.pop_back();
    return add(done.array ? value(std::move(done.items)) : value(std::move(done.members)));
  }
};

std::string quoted_list(const std::vector<std::string>& names) {
  std::string out;
  for (auto& name : names)
    out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::string escaped(std::string_view name) {
  std::string out;
  for (char c : name)
    out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

} // namespace

result<value> parse_json(std::string_view text, std::string_view serial) {
  builder into;
  into.serial = serial;
  if (json::sax_parse(text.begin(), text.end(), &into))
    return std::move(into.root);
  return error{errc::bad_input, into.fault.empty() ? "malformed JSON" : into.fault};
}

object_reader::object_reader(const value& object, std::string pointer, field_faults& faults)
    : it_(&object), pointer_(std::move(pointer)), faults_(faults) {
  if (!object.as_object())
    faults_.push_back({pointer_, "an object is expected"});
}

std::string object_reader::at(std::string_view name) const {
  return pointer_ + "/" + escaped(name);
}

void object_reader::fault(std::string_view name, std::string detail) {
  faults_.push_back({at(name), std::move(detail)});
}

const value* object_reader::take(std::string_view name) {
  known_.emplace_back(name);
  return it_->find(name);
}

void object_reader::require(std::string_view name) {
  if (it_->as_object() && !it_->find(name))
    fault(name, "is required");
}

std::optional<std::string> object_reader::text(std::string_view name, std::size_t max_bytes) {
  auto v = take(name);
  if (!v)
    return std::nullopt;
  auto s = v->as_text();
  if (!s)
    fault(name, "a string is expected");
  else if (s->size() > max_bytes)
    fault(name, "at most " + std::to_string(max_bytes) + " bytes");
  else
    return *s;
  return std::nullopt;
}

std::optional<bool> object_reader::boolean(std::string_view name) {
  auto v = take(name);
  if (!v)
    return std::nullopt;
  if (auto b = v->as_bool())
    return *b;
  fault(name, "true or false is expected");
  return std::nullopt;
}

std::optional<std::int64_t> object_reader::whole(std::string_view name, std::int64_t least,
                                                 std::int64_t most) {
  auto v = take(name);
  if (!v)
    return std::nullopt;
  auto n = v->as_number();
  if (n && n->is_whole() && n->whole() >= least && n->whole() <= most)
    return n->whole();
  fault(name, "a whole number from " + std::to_string(least) + " to " + std::to_string(most) +
                  " is expected");
  return std::nullopt;
}

std::optional<decimal> object_reader::number(std::string_view name) {
  auto v = take(name);
  if (!v)
    return std::nullopt;
  if (auto n = v->as_number())
    return *n;
  if (auto s = v->as_text())
    if (auto n = decimal::parse(*s))
      return n;
  fault(name, "a number is expected, with at most eight decimals (158 or \"158.25\")");
  return std::nullopt;
}

std::optional<std::uint64_t> object_reader::serial(std::string_view name) {
  auto v = take(name);
  if (!v)
    return std::nullopt;
  auto n = v->as_number();
  auto s = v->as_text();
  if (auto whole = n ? parse_serial(to_string(*n)) : s ? parse_serial(*s) : std::nullopt)
    return whole;
  fault(name, "a whole number from 0 to 9223372036854775807 is expected");
  return std::nullopt;
}

std::optional<duration> object_reader::length(std::string_view name) {
  auto v = take(name);
  if (!v)
    return std::nullopt;
  if (auto s = v->as_text())
    if (auto d = parse_duration(*s))
      return d;
  fault(name, "a duration is expected: \"90s\", \"10m\", \"24h\", or ISO 8601 (\"PT1M30S\")");
  return std::nullopt;
}

std::optional<time_point> object_reader::instant(std::string_view name) {
  auto v = take(name);
  if (!v)
    return std::nullopt;
  if (auto s = v->as_text())
    if (auto t = parse_time(*s))
      return t;
  fault(name, "an RFC 3339 time with a zone is expected: \"2026-12-01T09:00:00+01:00\"");
  return std::nullopt;
}

void object_reader::finish() {
  auto members = it_->as_object();
  if (!members)
    return;
  std::sort(known_.begin(), known_.end());
  known_.erase(std::unique(known_.begin(), known_.end()), known_.end());
  std::vector<std::string_view> names(known_.begin(), known_.end());
  for (auto& [name, v] : *members)
    if (!std::binary_search(known_.begin(), known_.end(), name))
      fault(name,
            "unknown field; " + dialog::suggest(name, names, "known are: " + quoted_list(known_)));
}

} // namespace interject::gateway
