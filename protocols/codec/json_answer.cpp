#include "protocols/codec/json_answer.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace interject {
namespace {

constexpr std::size_t max_depth = 64;

value number_of(const std::string& text) {
  if (auto n = decimal::parse(text))
    return *n;
  return value(text);
}

/// Builds the value bottom up, without recursion.
class builder final : public nlohmann::json_sax<nlohmann::json> {
public:
  value root;

  bool null() override { return add({}); }
  bool boolean(bool b) override { return add(b); }
  bool number_integer(std::int64_t n) override { return add(number_of(std::to_string(n))); }
  bool number_unsigned(std::uint64_t n) override { return add(number_of(std::to_string(n))); }
  bool number_float(double, const std::string& text) override { return add(number_of(text)); }
  bool string(std::string& text) override { return add(value(std::move(text))); }
  bool binary(nlohmann::json::binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(true); }
  bool start_array(std::size_t) override { return open(false); }
  bool key(std::string& name) override {
    stack_.back().key = std::move(name);
    return true;
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

private:
  struct level {
    bool object = false;
    std::string key;
    value::object members;
    value::list items;
  };

  bool open(bool object) {
    if (stack_.size() >= max_depth)
      return false;
    stack_.emplace_back().object = object;
    return true;
  }
  bool close() {
    auto done = std::move(stack_.back());
    stack_.pop_back();
    return add(done.object ? value(std::move(done.members)) : value(std::move(done.items)));
  }
  bool add(value v) {
    if (stack_.empty())
      root = std::move(v);
    else if (stack_.back().object)
      stack_.back().members.emplace_back(std::move(stack_.back().key), std::move(v));
    else
      stack_.back().items.push_back(std::move(v));
    return true;
  }

  std::vector<level> stack_;
};

std::string unescape(std::string_view step) {
  std::string out;
  for (std::size_t i = 0; i < step.size(); ++i) {
    bool escaped =
        step[i] == '~' && i + 1 < step.size() && (step[i + 1] == '0' || step[i + 1] == '1');
    out += escaped ? (step[++i] == '0' ? '~' : '/') : step[i];
  }
  return out;
}

const value* child(const value& of, const std::string& step) {
  if (of.as_object())
    return of.find(step);
  auto* items = of.as_list();
  std::size_t at = 0;
  if (!items || step.empty() || (step.size() > 1 && step[0] == '0'))
    return nullptr;
  auto [end, code] = std::from_chars(step.data(), step.data() + step.size(), at);
  if (code != std::errc() || end != step.data() + step.size() || at >= items->size())
    return nullptr;
  return &(*items)[at];
}

} // namespace

std::optional<value> read_json_answer(std::string_view text) {
  builder to;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &to))
    return {};
  return std::move(to.root);
}

value at_pointer(const value& root, std::string_view pointer) {
  auto* at = &root;
  if (!pointer.empty() && pointer[0] != '/')
    return {};
  while (at && !pointer.empty()) {
    pointer.remove_prefix(1);
    auto end = std::min(pointer.find('/'), pointer.size());
    at = child(*at, unescape(pointer.substr(0, end)));
    pointer.remove_prefix(end);
  }
  return at ? *at : value();
}

} // namespace interject
