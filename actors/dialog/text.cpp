#include "actors/dialog/text.hpp"

#include "actors/dialog/text_pattern.hpp"

#include <algorithm>

namespace interject::dialog {

namespace {

/// Where the value of a pattern's name is: a slot, and the members to go through from there.
struct binding {
  std::uint32_t slot = 0;
  std::vector<std::string> reach;
};

struct variant {
  detail::pattern pattern;
  std::vector<binding> bindings; ///< beside `pattern.names`
};

struct translation {
  std::string locale;
  std::vector<variant> variants;
};

class bound final : public detail::pattern_values {
public:
  bound(const variant& of, const variables& in) : of_(of), in_(in) {}
  const value* get(std::uint32_t name) const override {
    auto& b = of_.bindings[name];
    auto* v = in_.get(b.slot);
    for (auto& part : b.reach)
      v = v ? v->find(part) : nullptr;
    return v;
  }

private:
  const variant& of_;
  const variables& in_;
};

std::vector<std::string_view> split(std::string_view dotted) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0;;) {
    auto dot = dotted.find('.', start);
    parts.push_back(dotted.substr(start, dot - start));
    if (dot == std::string_view::npos)
      return parts;
    start = dot + 1;
  }
}

} // namespace

struct text::compiled {
  std::vector<translation> translations; ///< the fallback first
  bool universal = false;                ///< one pattern for all locales
  std::vector<std::uint32_t> reads;

  const translation& in(std::string_view locale) const {
    for (auto& t : translations)
      if (t.locale == locale)
        return t;
    return translations.front();
  }
};

namespace {

/// Compiles one text; the faults of its kind are collected, so that all are seen at once.
class compiler {
public:
  compiler(const name_resolver& names, std::vector<text_fault>& faults,
           std::vector<std::uint32_t>& reads)
      : names_(names), faults_(faults), reads_(reads) {}

  void fault(std::string pointer, std::string what, std::string remedy = {}, bool warning = false) {
    failed = failed || !warning;
    text_fault f{std::move(pointer), std::move(what), std::move(remedy), warning};
    auto same = [&](const text_fault& g) { return g.pointer == f.pointer && g.what == f.what; };
    if (std::none_of(faults_.begin() + static_cast<std::ptrdiff_t>(first_), faults_.end(), same))
      faults_.push_back(std::move(f)); // a text for all locales is compiled in each
  }

  translation translate(const value& spec, const std::string& locale, const std::string& pointer) {
    translation made{locale, {}};
    if (auto* variants = spec.as_list()) {
      for (std::size_t i = 0; i < variants->size(); ++i)
        add(made, (*variants)[i], locale, pointer + "/" + std::to_string(i));
      if (variants->empty())
        fault(pointer, "the list of variants is empty", "give one text at least");
    } else {
      add(made, spec, locale, pointer);
    }
    return made;
  }

  bool failed = false;

private:
  void add(translation& to, const value& spec, const std::string& locale,
           const std::string& pointer) {
    auto* source = spec.as_text();
    if (!source)
      return fault(pointer, std::string("a text is expected here, not a ") + to_string(spec.type()),
                   R"(write "…", ["…", "…"], or {"en": "…", "fr": "…"})");
    variant v;
    std::vector<detail::pattern_fault> found;
    if (!detail::compile(v.pattern, *source, locale, found))
      failed = true;
    for (auto& f : found)
      fault(pointer, (f.column ? "column " + std::to_string(f.column) + ": " : "") + f.what,
            f.remedy, f.warning);
    for (auto& name : v.pattern.names)
      bind(v, name, pointer);
    to.variants.push_back(std::move(v));
  }

  void bind(variant& v, const std::string& name, const std::string& pointer) {
    auto path = split(name);
    auto found = names_ ? names_(path) : std::nullopt;
    if (!found || found->used == 0 || found->used > path.size())
      return fault(pointer, "`" + name + "` is not known here");
    binding b{found->slot, {}};
    for (auto i = found->used; i < path.size(); ++i)
      b.reach.emplace_back(path[i]);
    v.bindings.push_back(std::move(b));
    if (std::find(reads_.begin(), reads_.end(), found->slot) == reads_.end())
      reads_.push_back(found->slot);
  }

  const name_resolver& names_;
  std::vector<text_fault>& faults_;
  std::vector<std::uint32_t>& reads_;
  std::size_t first_ = faults_.size();
};

bool listed(const std::vector<std::string>& locales, std::string_view locale) {
  return std::find(locales.begin(), locales.end(), locale) != locales.end();
}

std::string joined(const std::vector<std::string>& locales) {
  std::string all;
  for (auto& locale : locales)
    (all += all.empty() ? "" : ", ") += locale;
  return all;
}

} // namespace

text text::compile(const value& spec, const std::vector<std::string>& locales,
                   const name_resolver& names, std::vector<text_fault>& faults) {
  auto made = std::make_shared<compiled>();
  static const std::vector<std::string> english{"en"};
  auto& all = locales.empty() ? english : locales;
  compiler c(names, faults, made->reads);
  if (auto* by_locale = spec.as_object()) {
    for (auto& [locale, one] : *by_locale) {
      auto pointer = "/" + locale;
      if (!listed(all, locale))
        c.fault(pointer, "the bot has no locale `" + locale + "`",
                "its locales are " + joined(all));
      else
        made->translations.push_back(c.translate(one, locale, pointer));
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (by_locale->end() != std::find_if(by_locale->begin(), by_locale->end(),
                                           [&](auto& m) { return m.first == all[i]; }))
        continue;
      if (i == 0)
        c.fault("", "the text is missing in `" + all[0] + "`, which the other locales fall back to",
                "add it");
      else
        c.fault("", "the text is missing in `" + all[i] + "`",
                "until it is added, `" + all[0] + "` is said", true);
    }
    std::stable_partition(made->translations.begin(), made->translations.end(),
                          [&](const translation& t) { return t.locale == all[0]; });
  } else {
    made->universal = true;
    for (auto& locale : all)
      made->translations.push_back(c.translate(spec, locale, ""));
  }
  text out;
  if (!c.failed)
    out.it_ = std::move(made);
  return out;
}

void text::append(std::string& out, std::string_view locale, std::uint32_t turn,
                  const variables& in) const {
  if (!it_)
    return;
  auto& variants = it_->in(locale).variants;
  auto& v = variants[turn % variants.size()];
  detail::append(out, v.pattern, bound(v, in), detail::when_missing::leave_out);
}

std::string text::format(std::string_view locale, std::uint32_t turn, const variables& in) const {
  std::string out;
  append(out, locale, turn, in);
  return out;
}

const std::vector<std::uint32_t>& text::reads() const {
  static const std::vector<std::uint32_t> none;
  return it_ ? it_->reads : none;
}

localized_text text::patterns() const {
  localized_text out;
  if (it_ && it_->universal)
    out.emplace_back("", it_->translations.front().variants.front().pattern.source);
  else if (it_)
    for (auto& t : it_->translations)
      out.emplace_back(t.locale, t.variants.front().pattern.source);
  return out;
}

std::vector<std::string> text::names() const {
  std::vector<std::string> all;
  if (it_)
    for (auto& t : it_->translations)
      for (auto& v : t.variants)
        for (auto& name : v.pattern.names)
          if (std::find(all.begin(), all.end(), name) == all.end())
            all.push_back(name);
  return all;
}

std::optional<std::vector<std::string>> pattern_names(const std::string& pattern,
                                                      const std::string& locale, std::string& why) {
  detail::pattern taken;
  std::vector<detail::pattern_fault> faults;
  if (detail::compile(taken, pattern, locale, faults))
    return taken.names;
  for (auto& f : faults)
    if (!f.warning)
      why = (f.column ? "column " + std::to_string(f.column) + ": " : "") + f.what;
  return std::nullopt;
}

} // namespace interject::dialog
