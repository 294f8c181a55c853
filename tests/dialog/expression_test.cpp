#define CAF_SUITE expression
#include "tests/support/caf_test.hpp"

#include "actors/dialog/expression.hpp"

#include <map>
#include <random>

using namespace interject;
using namespace interject::dialog;

namespace {

/// Variables by dotted name; a slot is the position in the map.
class scope final : public variables {
public:
  scope() {
    set("sell", true);
    set("kind", "market");
    set("n", 5);
    set("price", *decimal::parse("158.3"));
    set("level", 200);
    set("unset", value());
    set("huge", *decimal::parse("92233720368"));
    set("at", *parse_time("2026-11-22T12:00:00Z"));
    set("later", *parse_time("2026-11-22T12:00:01Z"));
    set("items", value::list{"a", 2, value::list{3}});
    set("offer",
        value::object{
            {"name", "Zoë"}, {"nights", value::list{1, 2, 3}}, {"price", 99}, {"none", value()}});
    set("user.name", "Ann");
    set("user.address", value::object{{"city", "Nice"}});
    set("long", std::string(40'000, 'x'));
    set("word", "trip to Paris");
    set("pattern", "^trip to \\p{L}+$");
    set("badpattern", "(");
    value deep(1);
    for (int i = 0; i < 31; ++i)
      deep = value(value::list{deep});
    set("deep", deep);
    set("many", value::list(6000, value(1)));
  }
  const value* get(std::uint32_t slot) const override {
    auto it = values_.begin();
    std::advance(it, slot);
    return it->second.is_null() ? nullptr : &it->second;
  }
  name_resolver resolver() const {
    return [this](std::span<const std::string_view> path) -> std::optional<resolved_name> {
      std::string name;
      for (std::size_t i = 0; i < path.size(); ++i) {
        name += i ? "." : "";
        name += path[i];
        if (auto it = values_.find(name); it != values_.end())
          return resolved_name{static_cast<std::uint32_t>(std::distance(values_.begin(), it)),
                               i + 1};
      }
      return std::nullopt;
    };
  }

private:
  void set(std::string name, value v) { values_.emplace(std::move(name), std::move(v)); }
  std::map<std::string, value> values_;
};

const scope all;

std::string shown(std::string_view source) {
  expression_fault fault;
  auto e = expression::parse(source, all.resolver(), fault);
  if (!e)
    return "fault " + std::to_string(fault.column) + ": " + fault.what;
  auto v = e->evaluate(all);
  if (!v)
    return "error " + v.error().what;
  std::string out;
  append_json(out, *v);
  return out;
}

struct row {
  std::string source;
  std::string shown;
};
void check(const std::vector<row>& rows) {
  for (auto& [source, want] : rows) {
    CAF_MESSAGE(source.substr(0, 80));
    CAF_CHECK_EQUAL(shown(source), want);
  }
}
/// `want` is how the fault begins.
void check_faults(const std::vector<row>& rows) {
  for (auto& [source, want] : rows) {
    CAF_MESSAGE(source.substr(0, 80));
    auto got = shown(source);
    CAF_CHECK_EQUAL(got.substr(0, want.size()), want);
  }
}

} // namespace

CAF_TEST(literals mean what they spell) {
  check({{"1", "1"},
         {"1.50", "1.5"},
         {"2e3", "2000"},
         {"true", "true"},
         {"false", "false"},
         {"null", "null"},
         {R"("a\"b")", R"("a\"b")"},
         {R"('it\'s')", R"("it's")"},
         {R"("\n\t\\\u00e9\x41\101\U0001f600")", "\"\\n\\t\\\\éAA😀\""},
         {R"(r"\d+")", R"("\\d+")"},
         {"\"é\"", "\"é\""},
         {"[]", "[]"},
         {"[1, 'a', [true],]", R"([1,"a",[true]])"},
         {" ( ( 7 ) ) ", "7"},
         {"-3", "-3"},
         {"--3", "3"},
         {"-92233720368.54775807", "-92233720368.54775807"}});
}

CAF_TEST(arithmetic is exact and binds as usual) {
  check({{"1 + 2 * 3", "7"},
         {"(1 + 2) * 3", "9"},
         {"10 - 4 - 3", "3"},
         {"7 / 2", "3.5"},
         {"7 % 4", "3"},
         {"-7 % 4", "-3"},
         {"0.1 + 0.2", "0.3"},
         {"level * 0.8", "160"},
         {"price - 0.3", "158"},
         {"-n + 1", "-4"},
         {"2 * -3", "-6"},
         {"'a' + \"b\" + kind", "\"abmarket\""},
         {"[1] + [2, n]", "[1,2,5]"},
         {"12 / 4 / 3", "1"}});
}

CAF_TEST(comparisons hold within a kind) {
  check({{"1 == 1.0", "true"},
         {"kind == \"market\"", "true"},
         {"kind != 'limit'", "true"},
         {"1 == n", "false"},
         {"kind == n", "false"},
         {"unset == null", "true"},
         {"n == null", "false"},
         {"2 < 10", "true"},
         {"\"2\" < \"10\"", "false"},
         {"at < later", "true"},
         {"at == at", "true"},
         {"n >= 5 && n <= 5", "true"},
         {"items == ['a', 2, [3]]", "true"},
         {"1 < 2 == true", "true"},
         {"n > 4.99999999", "true"}});
}

CAF_TEST(logic stops as soon as it knows) {
  check({{"true || 1 / n == 0", "true"},
         {"false && n / (n - 5) == 0", "false"},
         {"sell || n / (n - 5) == 0", "true"},
         {"!sell && n / (n - 5) == 0", "false"},
         {"!sell", "false"},
         {"!!sell", "true"},
         {"true && false || true", "true"},
         {"true || false && false", "true"},
         {"sell ? 'yes' : 'no'", "\"yes\""},
         {"n > 5 ? 1 : n > 4 ? 2 : 3", "2"},
         {"sell ? n : n / (n - 5)", "5"},
         {"n == 5 && sell && kind == 'market'", "true"}});
}

CAF_TEST(names reach into values) {
  check({{"user.name", "\"Ann\""},
         {"user.address.city", "\"Nice\""},
         {"offer.name", "\"Zoë\""},
         {"offer.nights[1]", "2"},
         {"offer['name']", "\"Zoë\""},
         {"offer.missing", "null"},
         {"offer.missing.deeper", "null"},
         {"offer['missing']", "null"},
         {"items[2][0]", "3"},
         {"items[n - 5]", "\"a\""},
         {"[1, 2][1]", "2"},
         {"unset", "null"},
         {"unset.name", "null"},
         {"(offer).price", "99"},
         {"[offer][0].price", "99"}});
}

CAF_TEST(membership and functions) {
  check({{"'a' in items", "true"},
         {"3 in items", "false"},
         {"'name' in offer", "true"},
         {"1 in offer", "false"},
         {"kind in ['market', 'limit']", "true"},
         {"size('Zoë')", "3"},
         {"size(items)", "3"},
         {"offer.size()", "4"},
         {"items.size() > 2", "true"},
         {"kind.contains('ark')", "true"},
         {"kind.startsWith('mar')", "true"},
         {"kind.endsWith('mar')", "false"},
         {"user.name.startsWith('A')", "true"},
         {R"(word.matches(r'to \p{L}+'))", "true"},
         {"word.matches('^to')", "false"},
         {"matches(word, 'Paris$')", "true"},
         {"word.matches(pattern)", "true"},
         {"has(user.name)", "true"},
         {"has(unset)", "false"},
         {"has(offer.name)", "true"},
         {"has(offer.none)", "false"},
         {"has(offer.x.y)", "false"},
         {"has(kind.x)", "false"},
         {"has(items[7])", "false"},
         {"!has(unset) && n == 5", "true"}});
}

CAF_TEST(what cannot be computed says why and where) {
  check({{"n / (n - 5)", "error column 3: division by zero"},
         {"huge * 2", "error column 6: the result is too large: numbers reach to 92 billion"},
         {"unset + 1", "error column 7: `+` adds two numbers, or joins two texts or two lists, not "
                       "nothing (null) and a number"},
         {"unset * 2", "error column 7: `*` needs numbers, not nothing (null)"},
         {"kind + n", "error column 6: `+` adds two numbers, or joins two texts or two lists, not "
                      "a text and a number"},
         {"kind < n",
          "error column 6: `<` compares two numbers, texts or times, not a text and a number"},
         {"sell && n", "error column 6: `&&` needs booleans, not a number"},
         {"n || sell", "error column 3: `||` needs booleans, not a number"},
         {"!n", "error column 1: `!` needs a boolean, not a number"},
         {"-kind", "error column 1: `-` needs a number, not a text"},
         {"n ? 1 : 2", "error column 3: `? :` needs a boolean before `?`, not a number"},
         {"items[3]", "error column 6: index 3 is outside a list of 3, which counts from 0"},
         {"items[0 - 1]", "error column 6: index -1 is outside a list of 3, which counts from 0"},
         {"items[0.5]", "error column 6: the index of a list is a whole number, not a fraction"},
         {"items[kind]", "error column 6: the index of a list is a whole number, not a text"},
         {"kind[0]", "error column 5: `[ ]` needs a list or an object, not a text"},
         {"kind.x", "error column 6: `.x` needs an object, not a text"},
         {"n in kind", "error column 3: `in` needs a list or an object at its right, not a text"},
         {"n.contains('a')", "error column 3: `contains` needs texts, not a number"},
         {"word.matches(badpattern)",
          "error column 6: the regular expression is malformed or too long"},
         {"size(n)", "error column 1: `size` needs a text, a list or an object, not a number"},
         {"'é' + kind + n", "error column 12: `+` adds two numbers, or joins two texts or two "
                            "lists, not a text and a number"},
         {"long + long", "error column 6: the text would be longer than 64 KiB"},
         {"[deep, [deep]]", "error column 1: the list would hold more than 10,000 values or 1 MiB "
                            "of text, or nest deeper than 32"},
         {"many + many", "error column 6: the list would hold more than 10,000 values or 1 MiB of "
                         "text, or nest deeper than 32"}});
}

CAF_TEST(a list holds a bounded length of text) {
  auto of = [](int texts) {
    std::string list = "[long";
    for (int i = 1; i < texts; ++i)
      list += ", long";
    return "size(" + list + "])";
  };
  check({{of(26), "26"},
         {of(27), "error column 6: the list would hold more than 10,000 values or 1 MiB of "
                  "text, or nest deeper than 32"}});
}

CAF_TEST(faults at load name the column) {
  check_faults(
      {{"", "fault 1: the expression is empty"},
       {"  ", "fault 1: the expression is empty"},
       {"1 +", "fault 4: the expression ends where a value is expected"},
       {"citty == 'x'", "fault 1: `citty` is not known here"},
       {"n + user.nme", "fault 5: `user.nme` is not known here"},
       {"n = 5", "fault 3: `=` alone compares nothing; use `==`"},
       {"n & sell", "fault 3: use `&&` for \"and\""},
       {"sell | sell", "fault 6: use `||` for \"or\""},
       {"sell and sell", "fault 6: use `&&` for \"and\""},
       {"sell or sell", "fault 6: use `||` for \"or\""},
       {"{n} > 5", "fault 1: an expression names a variable without braces"},
       {"n > 5)", "fault 6: `)` does not fit here"},
       {"(n > 5", "fault 7: `)` is missing here"},
       {"[1, 2", "fault 6: `]` is missing here"},
       {"sell ? 1", "fault 9: `:` is missing here"},
       {"n.", "fault 3: a name is missing after the dot"},
       {"'abc", "fault 1: this text is not closed"},
       {"'a\\qb'", "fault 3: this escape is unknown"},
       {"'\\ud800'", "fault 2: `\\u` takes four hexadecimal digits"},
       {"'\\x4'", "fault 2: `\\x` takes two"},
       {"5x", "fault 2: a number ends in something that is no digit"},
       {"1.123456789", "fault 1: this number is malformed, has more than eight decimals"},
       {"é", "fault 1: this character has no meaning here"},
       {"'é' + $", "fault 7: this character has no meaning here"},
       {"1 + 'a'", "fault 3: `+` cannot join a number and a text"},
       {"1 / 0", "fault 3: division by zero"},
       {"'a' < 5", "fault 5: `<` cannot compare a text with a number"},
       {"!5", "fault 2: `!` needs a boolean, not a number"},
       {"n > 5 && 'x'", "fault 10: `&&` needs a boolean, not a text"},
       {"(n > 5) * 2", "fault 4: `*` needs a number, not a boolean"},
       {"(n + 1) ? 1 : 2", "fault 4: what stands before `?` needs a boolean, not a number"},
       {"5.contains('a')", "fault 1: `contains` needs a text, not a number"},
       {"kind.contains(5)", "fault 15: `contains` needs a text, not a number"},
       {"kind.contains()", "fault 6: `contains` takes one argument"},
       {"kind.trim()", "fault 6: there is no function `trim`"},
       {"upper(kind)", "fault 1: there is no function `upper`"},
       {"contains(kind, 'a')", "fault 1: write `text.contains(…)`"},
       {"size()", "fault 1: `size` takes one argument"},
       {"size(1, 2, 3)", "fault 1: `size` takes fewer arguments"},
       {"has(1)", "fault 5: `has` takes a name"},
       {"word.matches('(')", "fault 14: RE2 refuses this regular expression: missing"},
       {"word.matches('" + std::string(1100, 'a') + "')",
        "fault 14: a regular expression takes at most 1024 bytes"},
       {"in items", "fault 1: `in` needs a value at its left"},
       {std::string(4097, '1'), "fault 4097: an expression has at most 4,096 characters"},
       {std::string(100, '(') + "1" + std::string(100, ')'), "fault 65: this nests deeper than 64"},
       {std::string(100, '!') + "sell", "fault 65: this nests deeper than 64"},
       {std::string(100, '-') + "1", "fault 65: this nests deeper than 64"},
       {std::string(2000, '['), "fault 65: this nests deeper than 64"}});
}

CAF_TEST(long alternatives are not bounded as long chains are) {
  std::string sum = "n", either = "n == 1";
  for (int i = 0; i < 300; ++i) {
    sum += "+n";
    either += "||n==1";
  }
  check_faults({{sum, "fault 512: this chain is too long"}});
  check({{either, "false"}, {either + "||sell", "true"}});
}

CAF_TEST(what it reads is told once each) {
  expression_fault fault;
  auto e = expression::parse("n > 1 && n < 9 && user.name == kind", all.resolver(), fault);
  CAF_REQUIRE(e);
  CAF_CHECK_EQUAL(e->reads().size(), 3u);
  CAF_CHECK_EQUAL(e->source(), "n > 1 && n < 9 && user.name == kind");
  CAF_CHECK(!expression());
  CAF_CHECK(!expression().holds(all));
}

CAF_TEST(only the boolean true holds) {
  for (auto& [source, want] :
       std::vector<std::pair<const char*, bool>>{{"sell", true},
                                                 {"!sell", false},
                                                 {"n", false},
                                                 {"kind", false},
                                                 {"unset", false},
                                                 {"n / (n - 5) == 1", false}}) {
    expression_fault fault;
    auto e = expression::parse(source, all.resolver(), fault);
    CAF_REQUIRE(e);
    CAF_CHECK_EQUAL(e->holds(all), want);
  }
}

CAF_TEST(random expressions never do harm) {
  std::mt19937_64 random(20261122);
  const std::vector<std::string> pieces{
      "n",     "sell", "kind", "offer", "items", "user",       ".name",     ".nights", "[",
      "]",     "(",    ")",    "+",     "-",     "*",          "/",         "%",       "==",
      "<",     "&&",   "||",   "!",     "?",     ":",          " in ",      "1",       "0.5",
      "'a'",   "\"",   "\\",   "size",  "has",   ".contains(", ".matches(", ",",       "null",
      "unset", "\xc3", "many", "deep",  "true"};
  int parsed = 0, computed = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string source;
    for (auto left = 1 + random() % 12; left > 0; --left)
      source += pieces[random() % pieces.size()];
    expression_fault fault;
    auto e = expression::parse(source, all.resolver(), fault);
    if (!e) {
      CAF_REQUIRE_EQUAL(fault.what.empty(), false);
      continue;
    }
    ++parsed;
    computed += e->evaluate(all).has_value();
  }
  CAF_CHECK_GREATER(parsed, 1000);
  CAF_CHECK_GREATER(computed, 500);
}
