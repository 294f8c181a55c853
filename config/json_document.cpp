#include "config/json_document.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>

namespace interject::config {

namespace {

using json = nlohmann::json;

constexpr std::size_t max_bytes = 4 * 1024 * 1024;
constexpr std::size_t max_depth = 64;

/// Walks the text beside the parser: nlohmann's SAX events carry no position, so the line of each
/// value is found by following the same tokens.
class cursor {
public:
  explicit cursor(std::string_view text) : text_(text) {}

  /// The line on which the next value or key begins. Moves past it.
  std::size_t scalar_or_open() {
    skip();
    auto line = line_;
    if (at_ < text_.size() && text_[at_] == '"')
      string();
    else if (at_ < text_.size() && (text_[at_] == '{' || text_[at_] == '['))
      ++at_;
    else
      while (at_ < text_.size() && !std::strchr(" \t\r\n,]}:", text_[at_]))
        ++at_;
    return line;
  }
  void close() {
    skip();
    ++at_;
  }

private:
  void skip() {
    while (at_ < text_.size() && std::strchr(" \t\r\n,:", text_[at_])) {
      line_ += text_[at_] == '\n';
      ++at_;
    }
  }
  void string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
      at_ += text_[at_] == '\\';
    ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

struct reader : nlohmann::json_sax<json> {
  reader(std::string_view from, json_document& out) : text(from), where(from), doc(out) {}

  struct level {
    bool object = false;
    value::list items;
    value::object members;
    std::string key;
    std::string pointer;
    std::size_t line = 1;
  };

  std::string_view text;
  cursor where;
  json_document& doc;
  std::vector<level> stack;

  std::string here() const {
    if (stack.empty())
      return "";
    auto& top = stack.back();
    return top.pointer + "/" +
           (top.object ? pointer_step(top.key) : std::to_string(top.items.size()));
  }
  bool add(value v, const std::string& pointer, std::size_t line) {
    doc.lines.emplace(pointer, line);
    if (stack.empty()) {
      doc.root = std::move(v);
      return true;
    }
    auto& top = stack.back();
    if (!top.object) {
      top.items.push_back(std::move(v));
      return true;
    }
    auto same = [&](auto& m) { return m.first == top.key; };
    if (std::any_of(top.members.begin(), top.members.end(), same))
      doc.faults.push_back({line, pointer, "the key \"" + top.key + "\" is given twice"});
    top.members.emplace_back(std::move(top.key), std::move(v));
    return true;
  }
  bool scalar(value v) {
    auto pointer = here();
    return add(std::move(v), pointer, where.scalar_or_open());
  }
  bool number(const std::string& lexeme) {
    if (auto d = decimal::parse(lexeme))
      return scalar(*d);
    auto pointer = here();
    auto line = where.scalar_or_open();
    doc.faults.push_back(
        {line, pointer, "the number " + lexeme + " is out of range or finer than eight decimals"});
    return add({}, pointer, line);
  }
  bool open(bool object) {
    level l;
    l.object = object;
    l.pointer = here();
    l.line = where.scalar_or_open();
    if (stack.size() >= max_depth) {
      doc.faults.push_back({l.line, l.pointer, "nested more than 64 deep"});
      return false;
    }
    stack.push_back(std::move(l));
    return true;
  }
  bool close() {
    where.close();
    auto l = std::move(stack.back());
    stack.pop_back();
    return add(l.object ? value(std::move(l.members)) : value(std::move(l.items)), l.pointer,
               l.line);
  }

  bool null() override { return scalar({}); }
  bool boolean(bool b) override { return scalar(b); }
  bool number_integer(std::int64_t n) override { return number(std::to_string(n)); }
  bool number_unsigned(std::uint64_t n) override { return number(std::to_string(n)); }
  bool number_float(double, const std::string& lexeme) override { return number(lexeme); }
  bool string(std::string& s) override { return scalar(value(std::move(s))); }
  bool binary(json::binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(true); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(false); }
  bool end_array() override { return close(); }
  bool key(std::string& k) override {
    where.scalar_or_open();
    stack.back().key = std::move(k);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const json::exception& e) override {
    auto until = text.substr(0, std::min(position, text.size()));
    auto line = 1 + static_cast<std::size_t>(std::count(until.begin(), until.end(), '\n'));
    std::string what = e.what();
    if (auto cut = what.find("] "); cut != std::string::npos)
      what.erase(0, cut + 2);
    bool before_key = !stack.empty() && stack.back().object && stack.back().key.empty();
    doc.faults.push_back({line, before_key ? stack.back().pointer : here(), "not JSON: " + what});
    return false;
  }
};

} // namespace

json_document read_json(std::string_view text) {
  json_document doc;
  if (text.size() > max_bytes) {
    doc.faults.push_back({1, "", "larger than 4 MB"});
    return doc;
  }
  reader into(text, doc);
  if (!json::sax_parse(text, &into))
    doc.root = {};
  return doc;
}

std::size_t line_of(const json_document& doc, std::string pointer) {
  for (;;) {
    if (auto it = doc.lines.find(pointer); it != doc.lines.end())
      return it->second;
    auto cut = pointer.rfind('/');
    if (cut == std::string::npos)
      return 1;
    pointer.erase(cut);
  }
}

std::string pointer_step(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

} // namespace interject::config
