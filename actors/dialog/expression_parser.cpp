// Recursive descent by CEL's grammar. Constants are folded on the way, so `1 + "x"` is a fault at
// load.
#include "actors/dialog/expression_lexer.hpp"
#include "actors/dialog/expression_program.hpp"

#include <algorithm>

namespace interject::dialog::detail {

namespace {

using kind = value::kind;

/// What is known about a node before anything runs.
struct known {
  std::uint16_t depth = 1;
  bool constant = false;
  std::optional<value::kind> type;
};

struct refused {}; ///< ends a parse; the fault has been noted

class parser {
public:
  parser(program& p, const name_resolver& names, expression_fault& fault)
      : p_(p), names_(names), fault_(fault), lex_(p.source) {}

  bool whole() {
    try {
      advance();
      p_.root = choice();
      if (now_.kind != token_kind::end)
        refuse(now_.offset, unexpected());
      return true;
    } catch (const refused&) {
      return false;
    }
  }

private:
  struct nesting {
    explicit nesting(parser& in) : it(in) {
      if (++it.nested_ > max_nesting)
        it.refuse(it.now_.offset, "this nests deeper than 64");
    }
    ~nesting() { --it.nested_; }
    parser& it;
  };

  [[noreturn]] void refuse(std::size_t offset, std::string why) {
    fault_ = {column_of(p_.source, offset), std::move(why)};
    throw refused{};
  }

  void advance() {
    if (!lex_.next(now_))
      refuse(lex_.offset, lex_.what);
  }
  bool is(std::string_view sign) const {
    return now_.kind == token_kind::sign && now_.spelled == sign;
  }
  bool accept(std::string_view sign) {
    if (!is(sign))
      return false;
    advance();
    return true;
  }
  void expect(std::string_view sign) {
    if (!accept(sign))
      refuse(now_.offset, "`" + std::string(sign) + "` is missing here");
  }
  std::string unexpected() const {
    if (now_.kind == token_kind::end)
      return "the expression ends where a value is expected";
    auto word = now_.spelled;
    if (word == "and" || word == "AND")
      return "use `&&` for \"and\"";
    if (word == "or" || word == "OR")
      return "use `||` for \"or\"";
    return "`" + std::string(word) + "` does not fit here";
  }

  std::uint32_t push(node n, known k) {
    if (k.depth > max_chain)
      refuse(n.offset, "this chain is too long: at most 256 operations in a row");
    p_.nodes.push_back(n);
    known_.push_back(k);
    auto at = static_cast<std::uint32_t>(p_.nodes.size() - 1);
    if (k.constant && n.what != op::literal)
      fold(at);
    return at;
  }

  void fold(std::uint32_t at) {
    evaluation run(p_, nullptr);
    value room;
    auto* result = run.run(at, room);
    if (!result)
      refuse(run.offset, run.what);
    value kept = *result;
    known_[at].type = kept.type();
    p_.nodes[at] = {op::literal, p_.nodes[at].offset, constant(std::move(kept))};
  }

  std::uint32_t constant(value v) {
    p_.constants.push_back(std::move(v));
    return static_cast<std::uint32_t>(p_.constants.size() - 1);
  }
  std::uint32_t literal(std::size_t offset, value v) {
    known k{1, true, v.type()};
    return push({op::literal, narrow(offset), constant(std::move(v))}, k);
  }
  std::uint32_t make(op what, std::size_t offset, std::uint32_t a,
                     std::optional<value::kind> type) {
    auto& of = known_[a];
    return push({what, narrow(offset), a}, {deeper(of.depth), of.constant, type});
  }
  std::uint32_t make(op what, std::size_t offset, std::uint32_t a, std::uint32_t b,
                     std::optional<value::kind> type) {
    auto &l = known_[a], &r = known_[b];
    return push({what, narrow(offset), a, b},
                {deeper(std::max(l.depth, r.depth)), l.constant && r.constant, type});
  }
  static std::uint16_t narrow(std::size_t n) { return static_cast<std::uint16_t>(n); }
  static std::uint16_t deeper(std::uint16_t n) { return static_cast<std::uint16_t>(n + 1); }

  /// Refuses what can never be of that kind; what only a variable decides is left to evaluation.
  void require(std::uint32_t at, kind wanted, const std::string& who) {
    auto& type = known_[at].type;
    if (type && *type != wanted)
      refuse(p_.nodes[at].offset,
             who + " needs a " + to_string(wanted) + ", not a " + to_string(*type));
  }

  std::uint32_t choice() {
    nesting guard(*this);
    auto condition = either();
    if (!is("?"))
      return condition;
    auto offset = now_.offset;
    advance();
    require(condition, kind::boolean, "what stands before `?`");
    auto yes = choice();
    expect(":");
    auto no = choice();
    auto &c = known_[condition], &y = known_[yes], &n = known_[no];
    known k{deeper(std::max({c.depth, y.depth, n.depth})), c.constant && y.constant && n.constant,
            y.type == n.type ? y.type : std::nullopt};
    return push({op::choose, narrow(offset), condition, yes, no}, k);
  }

  std::uint32_t either() {
    return chain(op::either, "||", [this] { return both(); });
  }
  std::uint32_t both() {
    return chain(op::both, "&&", [this] { return relation(); });
  }
  /// Right-nested, whatever its length: evaluation goes through it in a loop.
  template <class Part> std::uint32_t chain(op what, std::string_view sign, Part part) {
    auto first = part();
    if (!is(sign))
      return first;
    std::vector<std::pair<std::uint32_t, std::size_t>> parts{{first, now_.offset}};
    while (is(sign)) {
      parts.back().second = now_.offset;
      advance();
      parts.emplace_back(part(), 0);
    }
    auto name = "`" + std::string(sign) + "`";
    for (auto& [at, offset] : parts)
      require(at, kind::boolean, name);
    auto right = parts.back().first;
    for (std::size_t i = parts.size() - 1; i-- > 0;) {
      auto [at, offset] = parts[i];
      auto &l = known_[at], &r = known_[right];
      right = push({what, narrow(offset), at, right},
                   {std::max(deeper(l.depth), r.depth), l.constant && r.constant, kind::boolean});
    }
    return right;
  }

  std::uint32_t relation() {
    static constexpr std::pair<std::string_view, op> signs[] = {
        {"==", op::equal},      {"!=", op::unequal}, {"<", op::less},
        {"<=", op::less_equal}, {">", op::greater},  {">=", op::greater_equal}};
    auto left = sum();
    for (;;) {
      auto offset = now_.offset;
      if (now_.kind == token_kind::name && now_.spelled == "in") {
        advance();
        left = make(op::in, offset, left, sum(), kind::boolean);
        continue;
      }
      auto found =
          std::find_if(std::begin(signs), std::end(signs), [&](auto& s) { return is(s.first); });
      if (found == std::end(signs))
        return left;
      advance();
      auto right = sum();
      auto &l = known_[left].type, &r = known_[right].type;
      if (l && r && *l != *r && found->second >= op::less)
        refuse(offset, "`" + std::string(found->first) + "` cannot compare a " + to_string(*l) +
                           " with a " + to_string(*r));
      left = make(found->second, offset, left, right, kind::boolean);
    }
  }

  std::uint32_t sum() {
    auto left = product();
    while (is("+") || is("-")) {
      auto offset = now_.offset;
      bool plus = is("+");
      advance();
      auto right = product();
      if (!plus) {
        require(left, kind::number, "`-`");
        require(right, kind::number, "`-`");
        left = make(op::subtract, offset, left, right, kind::number);
        continue;
      }
      auto l = known_[left].type, r = known_[right].type;
      if (l && r && *l != *r)
        refuse(offset,
               std::string("`+` cannot join a ") + to_string(*l) + " and a " + to_string(*r));
      left = make(op::add, offset, left, right, l ? l : r);
    }
    return left;
  }

  std::uint32_t product() {
    auto left = unary();
    while (is("*") || is("/") || is("%")) {
      auto offset = now_.offset;
      auto name = "`" + std::string(now_.spelled) + "`";
      auto what = is("*") ? op::multiply : is("/") ? op::divide : op::remainder;
      advance();
      auto right = unary();
      require(left, kind::number, name);
      require(right, kind::number, name);
      left = make(what, offset, left, right, kind::number);
    }
    return left;
  }

  std::uint32_t unary() {
    auto offset = now_.offset;
    if (accept("!")) {
      nesting guard(*this);
      auto of = unary();
      require(of, kind::boolean, "`!`");
      return make(op::invert, offset, of, kind::boolean);
    }
    if (accept("-")) {
      nesting guard(*this);
      auto of = unary();
      require(of, kind::number, "`-`");
      return make(op::negate, offset, of, kind::number);
    }
    return member();
  }

  std::uint32_t member() {
    auto of = primary();
    for (;;) {
      auto offset = now_.offset;
      if (accept("[")) {
        auto index = choice();
        expect("]");
        of = make(op::index, offset, of, index, std::nullopt);
      } else if (accept(".")) {
        auto name = now_;
        if (name.kind != token_kind::name)
          refuse(name.offset, "a name is missing after the dot");
        advance();
        of = is("(") ? method(of, name) : field(of, name.offset, name.spelled);
      } else {
        return of;
      }
    }
  }

  std::uint32_t field(std::uint32_t of, std::size_t offset, std::string_view name) {
    require(of, kind::object, "`." + std::string(name) + "`");
    p_.names.emplace_back(name);
    auto at = static_cast<std::uint32_t>(p_.names.size() - 1);
    return push({op::member, narrow(offset), of, at},
                {deeper(known_[of].depth), known_[of].constant, {}});
  }

  std::uint32_t method(std::uint32_t of, const token& name) {
    auto arguments = call(name);
    auto one = [&] {
      if (arguments.size() != 1)
        refuse(name.offset,
               "`" + std::string(name.spelled) + "` takes one argument in its parentheses");
      return arguments.front();
    };
    if (name.spelled == "size") {
      if (!arguments.empty())
        refuse(name.offset, "`.size()` takes no argument");
      return make(op::size, name.offset, of, kind::number);
    }
    static constexpr std::pair<std::string_view, op> tests[] = {
        {"contains", op::contains}, {"startsWith", op::starts_with}, {"endsWith", op::ends_with}};
    for (auto& [known_name, what] : tests)
      if (name.spelled == known_name) {
        require(of, kind::text, "`" + std::string(name.spelled) + "`");
        require(one(), kind::text, "`" + std::string(name.spelled) + "`");
        return make(what, name.offset, of, one(), kind::boolean);
      }
    if (name.spelled == "matches")
      return matches(name.offset, of, one());
    refuse(name.offset, "there is no function `" + std::string(name.spelled) +
                            "`; there are size, contains, startsWith, endsWith, matches and has");
  }

  std::uint32_t matches(std::size_t offset, std::uint32_t text, std::uint32_t pattern) {
    require(text, kind::text, "`matches`");
    require(pattern, kind::text, "`matches`");
    if (!known_[pattern].constant)
      return make(op::matches, offset, text, pattern, kind::boolean);
    auto& source = *p_.constants[p_.nodes[pattern].a].as_text();
    if (source.size() > max_pattern_bytes)
      refuse(p_.nodes[pattern].offset, "a regular expression takes at most 1024 bytes");
    auto compiled = compile_pattern(source);
    if (!compiled->ok())
      refuse(p_.nodes[pattern].offset, "RE2 refuses this regular expression: " + compiled->error());
    p_.patterns.push_back(std::move(compiled));
    auto at = static_cast<std::uint32_t>(p_.patterns.size() - 1);
    return push({op::matches_literal, narrow(offset), text, at},
                {deeper(known_[text].depth), known_[text].constant, kind::boolean});
  }

  /// What stands in a call's parentheses.
  std::vector<std::uint32_t> call(const token& name) {
    expect("(");
    std::vector<std::uint32_t> arguments;
    if (accept(")"))
      return arguments;
    do {
      if (arguments.size() == 2)
        refuse(name.offset, "`" + std::string(name.spelled) + "` takes fewer arguments");
      arguments.push_back(choice());
    } while (accept(","));
    expect(")");
    return arguments;
  }

  std::uint32_t function(const token& name) {
    auto arguments = call(name);
    if (name.spelled == "matches" && arguments.size() == 2)
      return matches(name.offset, arguments[0], arguments[1]);
    if (name.spelled == "size" && arguments.size() == 1)
      return make(op::size, name.offset, arguments[0], kind::number);
    if (name.spelled == "has" && arguments.size() == 1) {
      auto what = p_.nodes[arguments[0]].what;
      if (what != op::variable && what != op::member && what != op::index)
        refuse(p_.nodes[arguments[0]].offset, "`has` takes a name, as in has(user.name)");
      return make(op::has, name.offset, arguments[0], kind::boolean);
    }
    auto all = expression_functions();
    auto spelled = std::string(name.spelled);
    if (std::find(all.begin(), all.end(), name.spelled) == all.end())
      refuse(name.offset, "there is no function `" + spelled +
                              "`; there are size, contains, startsWith, endsWith, matches and has");
    if (name.spelled == "has" || name.spelled == "size")
      refuse(name.offset, "`" + spelled + "` takes one argument");
    refuse(name.offset, "write `text." + spelled + "(…)`");
  }

  std::uint32_t primary() {
    auto first = now_;
    switch (now_.kind) {
    case token_kind::number:
      advance();
      return literal(first.offset, value(first.number));
    case token_kind::text:
      advance();
      return literal(first.offset, value(std::move(first.text)));
    case token_kind::name:
      advance();
      return named(first);
    default:
      break;
    }
    if (accept("(")) {
      auto inner = choice();
      expect(")");
      return inner;
    }
    if (accept("["))
      return list(first.offset);
    refuse(now_.offset, unexpected());
  }

  std::uint32_t list(std::size_t offset) {
    std::vector<std::uint32_t> items;
    known k{1, true, kind::list};
    while (!is("]")) {
      items.push_back(choice());
      k.depth = std::max(k.depth, deeper(known_[items.back()].depth));
      k.constant = k.constant && known_[items.back()].constant;
      if (!accept(","))
        break;
    }
    expect("]");
    auto start = static_cast<std::uint32_t>(p_.operands.size());
    p_.operands.insert(p_.operands.end(), items.begin(), items.end());
    return push({op::list, narrow(offset), start, static_cast<std::uint32_t>(items.size())}, k);
  }

  /// A literal word, a function, or a path that the resolver knows the beginning of.
  std::uint32_t named(const token& first) {
    if (first.spelled == "true" || first.spelled == "false")
      return literal(first.offset, value(first.spelled == "true"));
    if (first.spelled == "null")
      return literal(first.offset, value());
    if (first.spelled == "in")
      refuse(first.offset, "`in` needs a value at its left");
    if (is("("))
      return function(first);
    std::vector<std::string_view> path{first.spelled};
    std::vector<std::size_t> offsets{first.offset};
    while (is(".")) {
      auto saved_lexer = lex_;
      auto saved_token = now_;
      advance();
      auto part = now_;
      if (part.kind == token_kind::name)
        advance();
      if (part.kind != token_kind::name || is("(")) { // a method: not part of the path
        lex_ = saved_lexer;
        now_ = saved_token;
        break;
      }
      path.push_back(part.spelled);
      offsets.push_back(part.offset);
    }
    return variable(path, offsets);
  }

  std::uint32_t variable(const std::vector<std::string_view>& path,
                         const std::vector<std::size_t>& offsets) {
    auto found = names_ ? names_(path) : std::nullopt;
    if (!found || found->used == 0 || found->used > path.size()) {
      std::string spelled(path.front());
      for (std::size_t i = 1; i < path.size(); ++i)
        (spelled += '.') += path[i];
      refuse(offsets.front(), "`" + spelled + "` is not known here");
    }
    if (std::find(p_.reads.begin(), p_.reads.end(), found->slot) == p_.reads.end())
      p_.reads.push_back(found->slot);
    auto at = push({op::variable, narrow(offsets.front()), found->slot}, {});
    for (auto i = found->used; i < path.size(); ++i)
      at = field(at, offsets[i], path[i]);
    return at;
  }

  program& p_;
  const name_resolver& names_;
  expression_fault& fault_;
  lexer lex_;
  token now_;
  std::vector<known> known_; ///< beside `p_.nodes`
  int nested_ = 0;
};

} // namespace

bool parse(program& out, const name_resolver& names, expression_fault& fault) {
  return parser(out, names, fault).whole();
}

} // namespace interject::dialog::detail
