#include "actors/dialog/expression_program.hpp"

#include <algorithm>

namespace interject::dialog::detail {

namespace {

const value nothing;

const char* with_article(const value& v) {
  switch (v.type()) {
  case value::kind::null:
    return "nothing (null)";
  case value::kind::boolean:
    return "a boolean";
  case value::kind::number:
    return "a number";
  case value::kind::time:
    return "a time";
  case value::kind::text:
    return "a text";
  case value::kind::list:
    return "a list";
  case value::kind::object:
    return "an object";
  }
  return "something unknown";
}

const char* sign(op what) {
  switch (what) {
  case op::negate:
  case op::subtract:
    return "`-`";
  case op::invert:
    return "`!`";
  case op::add:
    return "`+`";
  case op::multiply:
    return "`*`";
  case op::divide:
    return "`/`";
  case op::remainder:
    return "`%`";
  case op::less:
    return "`<`";
  case op::less_equal:
    return "`<=`";
  case op::greater:
    return "`>`";
  case op::greater_equal:
    return "`>=`";
  case op::in:
    return "`in`";
  case op::both:
    return "`&&`";
  case op::either:
    return "`||`";
  case op::choose:
    return "`? :`";
  case op::size:
    return "`size`";
  case op::contains:
    return "`contains`";
  case op::starts_with:
    return "`startsWith`";
  case op::ends_with:
    return "`endsWith`";
  case op::matches:
  case op::matches_literal:
    return "`matches`";
  default:
    return "this";
  }
}

struct room_left {
  std::size_t values = max_list_values, bytes = max_list_bytes;

  bool take(std::size_t text) {
    if (text > bytes)
      return false;
    bytes -= text;
    return true;
  }
};

/// Counts values and texts down; false when there are too many or they nest too deep.
bool fits(const value& v, room_left& left, int depth) {
  if (left.values == 0 || depth > max_list_depth)
    return false;
  --left.values;
  if (auto* text = v.as_text())
    return left.take(text->size());
  if (auto* items = v.as_list())
    return std::all_of(items->begin(), items->end(),
                       [&](auto& i) { return fits(i, left, depth + 1); });
  if (auto* members = v.as_object())
    return std::all_of(members->begin(), members->end(), [&](auto& m) {
      return left.take(m.first.size()) && fits(m.second, left, depth + 1);
    });
  return true;
}

std::int64_t characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

} // namespace

std::unique_ptr<re2::RE2> compile_pattern(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  return std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
}

const value* evaluation::fail(const node& n, std::string why) {
  if (what.empty()) {
    offset = n.offset;
    what = std::move(why);
  }
  return nullptr;
}

const value* evaluation::misfit(const node& n, const char* needs, const value& got) {
  return fail(n, std::string(sign(n.what)) + " needs " + needs + ", not " + with_article(got));
}

const value* evaluation::run(std::uint32_t at, value& room) {
  for (;;) {
    const node& n = p_.nodes[at];
    switch (n.what) {
    case op::literal:
      return &p_.constants[n.a];
    case op::variable: {
      auto* found = in_ ? in_->get(n.a) : nullptr;
      return found ? found : &nothing;
    }
    case op::both:
    case op::either: {
      auto* left = run(n.a, room);
      if (!left)
        return nullptr;
      auto* b = left->as_bool();
      if (!b)
        return misfit(n, "booleans", *left);
      if (*b == (n.what == op::either)) {
        room = value(*b);
        return &room;
      }
      at = n.b;
      // The last operand is the result; it has to be a boolean as well.
      if (auto& last = p_.nodes[at]; last.what != n.what) {
        auto* right = run(at, room);
        if (right && !right->as_bool())
          return misfit(n, "booleans", *right);
        return right;
      }
      continue;
    }
    case op::choose: {
      auto* condition = run(n.a, room);
      if (!condition)
        return nullptr;
      auto* b = condition->as_bool();
      if (!b)
        return misfit(n, "a boolean before `?`", *condition);
      at = *b ? n.b : n.c;
      continue;
    }
    case op::list:
      return make_list(n, room);
    case op::member:
    case op::negate:
    case op::invert:
    case op::size:
    case op::matches_literal:
    case op::has:
      return unary(n, room);
    default:
      return binary(n, room);
    }
  }
}

const value* evaluation::unary(const node& n, value& room) {
  value inner;
  auto* v = run(n.a, inner);
  if (n.what == op::has) {
    room = value(v && !v->is_null());
    what.clear(); // what cannot be reached is not there
    return &room;
  }
  if (!v)
    return nullptr;
  switch (n.what) {
  case op::member: {
    if (!v->as_object() && !v->is_null())
      return fail(n, "`." + p_.names[n.b] + "` needs an object, not " + with_article(*v));
    auto* found = v->find(p_.names[n.b]);
    if (v != &inner)
      return found ? found : &nothing;
    room = found ? value(*found) : value(); // `inner` ends here
    return &room;
  }
  case op::negate:
    if (v->as_number())
      return arithmetic(n, value(decimal{}), *v, room);
    return misfit(n, "a number", *v);
  case op::invert:
    if (auto* b = v->as_bool()) {
      room = value(!*b);
      return &room;
    }
    return misfit(n, "a boolean", *v);
  case op::size: {
    std::int64_t count = 0;
    if (auto* text = v->as_text())
      count = characters(*text);
    else if (auto* items = v->as_list())
      count = static_cast<std::int64_t>(items->size());
    else if (auto* members = v->as_object())
      count = static_cast<std::int64_t>(members->size());
    else
      return misfit(n, "a text, a list or an object", *v);
    room = value(decimal::of(count));
    return &room;
  }
  default: // matches_literal
    if (auto* text = v->as_text()) {
      room = value(re2::RE2::PartialMatch(*text, *p_.patterns[n.b]));
      return &room;
    }
    return misfit(n, "a text", *v);
  }
}

const value* evaluation::binary(const node& n, value& room) {
  value left_room, right_room;
  auto* l = run(n.a, left_room);
  auto* r = l ? run(n.b, right_room) : nullptr;
  if (!r)
    return nullptr;
  switch (n.what) {
  case op::equal:
    room = value(*l == *r);
    return &room;
  case op::unequal:
    room = value(!(*l == *r));
    return &room;
  case op::add:
    return sum(n, *l, *r, room);
  case op::subtract:
  case op::multiply:
  case op::divide:
  case op::remainder:
    return arithmetic(n, *l, *r, room);
  case op::less:
  case op::less_equal:
  case op::greater:
  case op::greater_equal:
    return order(n, *l, *r, room);
  case op::index:
    if (auto* items = l->as_list()) {
      auto* number = r->as_number();
      if (!number || !number->is_whole())
        return fail(n, std::string("the index of a list is a whole number, not ") +
                           (number ? "a fraction" : with_article(*r)));
      if (number->units < 0 || static_cast<std::size_t>(number->whole()) >= items->size())
        return fail(n, "index " + to_string(*number) + " is outside a list of " +
                           std::to_string(items->size()) + ", which counts from 0");
      room = value((*items)[static_cast<std::size_t>(number->whole())]);
      return &room;
    }
    if (l->as_object()) {
      auto* name = r->as_text();
      if (!name)
        return fail(n, std::string("the index of an object is a text, not ") + with_article(*r));
      auto* found = l->find(*name);
      room = found ? value(*found) : value();
      return &room;
    }
    return fail(n, std::string("`[ ]` needs a list or an object, not ") + with_article(*l));
  case op::in:
    if (auto* items = r->as_list()) {
      room = value(std::find(items->begin(), items->end(), *l) != items->end());
      return &room;
    }
    if (r->as_object()) {
      room = value(l->as_text() && r->find(*l->as_text()));
      return &room;
    }
    return misfit(n, "a list or an object at its right", *r);
  default:
    return text_test(n, *l, *r, room);
  }
}

const value* evaluation::arithmetic(const node& n, const value& l, const value& r, value& room) {
  auto *a = l.as_number(), *b = r.as_number();
  if (!a || !b)
    return misfit(n, "numbers", a ? r : l);
  if (b->units == 0 && (n.what == op::divide || n.what == op::remainder))
    return fail(n, "division by zero");
  auto made = n.what == op::add         ? add(*a, *b)
              : n.what == op::multiply  ? multiply(*a, *b)
              : n.what == op::divide    ? divide(*a, *b)
              : n.what == op::remainder ? remainder(*a, *b)
                                        : subtract(*a, *b);
  if (!made)
    return fail(n, "the result is too large: numbers reach to 92 billion");
  room = value(*made);
  return &room;
}

const value* evaluation::sum(const node& n, const value& l, const value& r, value& room) {
  if (l.as_number() && r.as_number())
    return arithmetic(n, l, r, room);
  if (auto* a = l.as_text(), *b = r.as_text(); a && b) {
    if (a->size() + b->size() > max_text_bytes)
      return fail(n, "the text would be longer than 64 KiB");
    std::string joined;
    joined.reserve(a->size() + b->size());
    room = value(std::move(joined.append(*a).append(*b)));
    return &room;
  }
  if (auto* a = l.as_list(), *b = r.as_list(); a && b) {
    value::list joined(*a);
    joined.insert(joined.end(), b->begin(), b->end());
    return keep_list(n, std::move(joined), room);
  }
  return fail(n, std::string("`+` adds two numbers, or joins two texts or two lists, not ") +
                     with_article(l) + " and " + with_article(r));
}

const value* evaluation::order(const node& n, const value& l, const value& r, value& room) {
  auto decide = [&](auto& a, auto& b) {
    bool held = n.what == op::less         ? a < b
                : n.what == op::less_equal ? a <= b
                : n.what == op::greater    ? a > b
                                           : a >= b;
    room = value(held);
    return &room;
  };
  if (l.as_number() && r.as_number())
    return decide(*l.as_number(), *r.as_number());
  if (l.as_text() && r.as_text())
    return decide(*l.as_text(), *r.as_text());
  if (l.as_time() && r.as_time())
    return decide(*l.as_time(), *r.as_time());
  return fail(n, std::string(sign(n.what)) + " compares two numbers, texts or times, not " +
                     with_article(l) + " and " + with_article(r));
}

const value* evaluation::text_test(const node& n, const value& l, const value& r, value& room) {
  auto *text = l.as_text(), *part = r.as_text();
  if (!text || !part)
    return misfit(n, "texts", text ? r : l);
  switch (n.what) {
  case op::contains:
    room = value(text->find(*part) != std::string::npos);
    break;
  case op::starts_with:
    room = value(text->starts_with(*part));
    break;
  case op::ends_with:
    room = value(text->ends_with(*part));
    break;
  default: {
    auto pattern = part->size() <= max_pattern_bytes ? compile_pattern(*part) : nullptr;
    if (!pattern || !pattern->ok())
      return fail(n, "the regular expression is malformed or too long");
    room = value(re2::RE2::PartialMatch(*text, *pattern));
  }
  }
  return &room;
}

const value* evaluation::make_list(const node& n, value& room) {
  value::list items;
  items.reserve(n.b);
  for (std::uint32_t i = 0; i < n.b; ++i) {
    value one;
    auto* item = run(p_.operands[n.a + i], one);
    if (!item)
      return nullptr;
    if (item == &one)
      items.push_back(std::move(one));
    else
      items.push_back(*item);
  }
  return keep_list(n, std::move(items), room);
}

/// A loop could otherwise double or deepen a list until nothing can store it.
const value* evaluation::keep_list(const node& n, value::list&& items, value& room) {
  room_left left;
  for (auto& item : items)
    if (!fits(item, left, 1))
      return fail(
          n,
          "the list would hold more than 10,000 values or 1 MiB of text, or nest deeper than 32");
  room = value(std::move(items));
  return &room;
}

} // namespace interject::dialog::detail
