#include "actors/dialog/substitution.hpp"

#include <algorithm>

namespace interject::dialog {

namespace {

std::vector<std::string_view> split(std::string_view dotted) {
  std::vector<std::string_view> out;
  for (std::size_t from = 0; from <= dotted.size();) {
    auto dot = std::min(dotted.find('.', from), dotted.size());
    out.push_back(dotted.substr(from, dot - from));
    from = dot + 1;
  }
  return out;
}

bool is_path(std::string_view text) {
  if (text.empty() || text.size() > 128)
    return false;
  for (char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
          c == '.'))
      return false;
  return true;
}

void append_url(std::string& out, std::string_view text) {
  constexpr char hex[] = "0123456789ABCDEF";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
        c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += hex[byte >> 4U];
      out += hex[byte & 15U];
    }
  }
}

} // namespace

substitution substitution::parse(std::string_view source, encoding how, const name_resolver& names,
                                 bool lenient, std::string& unknown) {
  substitution out;
  out.how_ = how;
  std::string literal;
  while (!source.empty()) {
    auto open = std::min(source.find('{'), source.size());
    literal += source.substr(0, open);
    source.remove_prefix(open);
    if (source.empty())
      break;
    auto close = source.find('}');
    auto name = close == std::string_view::npos ? std::string_view{} : source.substr(1, close - 1);
    auto path = split(name);
    auto found = is_path(name) ? names(path) : std::nullopt;
    if (!found) {
      if (!lenient && unknown.empty())
        unknown = name.empty() ? std::string(source.substr(0, 20)) : std::string(name);
      literal += '{';
      source.remove_prefix(1);
      continue;
    }
    part p{std::move(literal), true, found->slot, {}};
    literal.clear();
    for (auto i = found->used; i < path.size(); ++i)
      p.path.emplace_back(path[i]);
    out.parts_.push_back(std::move(p));
    source.remove_prefix(close + 1);
  }
  if (!literal.empty())
    out.parts_.push_back({std::move(literal), false, 0, {}});
  return out;
}

std::string substitution::fill(const scene& in) const {
  std::string out;
  for (auto& p : parts_) {
    out += p.literal;
    if (!p.variable)
      continue;
    auto* v = in.get(p.slot);
    for (auto& member : p.path)
      v = v ? v->find(member) : nullptr;
    if (!v)
      continue;
    auto words = display(*v);
    if (how_ == encoding::url) {
      append_url(out, words);
    } else if (how_ == encoding::body) {
      std::string quoted;
      append_json(quoted, value(words));
      out.append(quoted, 1, quoted.size() - 2);
    } else {
      for (char c : words)
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
  }
  return out;
}

} // namespace interject::dialog
