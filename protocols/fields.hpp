// Lists the fields of a struct once. The binary codec, JSON, test printing and CAF's `inspect` all
// walk that list, so a new field is one word in one place.
#pragma once

#define INTERJECT_PARENS ()
#define INTERJECT_EXPAND(...) INTERJECT_EXPAND3(INTERJECT_EXPAND3(INTERJECT_EXPAND3(__VA_ARGS__)))
#define INTERJECT_EXPAND3(...) INTERJECT_EXPAND2(INTERJECT_EXPAND2(INTERJECT_EXPAND2(__VA_ARGS__)))
#define INTERJECT_EXPAND2(...) INTERJECT_EXPAND1(INTERJECT_EXPAND1(INTERJECT_EXPAND1(__VA_ARGS__)))
#define INTERJECT_EXPAND1(...) __VA_ARGS__
#define INTERJECT_FOR_EACH(macro, ...)                                                             \
  __VA_OPT__(INTERJECT_EXPAND(INTERJECT_FOR_EACH_STEP(macro, __VA_ARGS__)))
#define INTERJECT_FOR_EACH_STEP(macro, head, ...)                                                  \
  macro(head) __VA_OPT__(INTERJECT_FOR_EACH_AGAIN INTERJECT_PARENS(macro, __VA_ARGS__))
#define INTERJECT_FOR_EACH_AGAIN() INTERJECT_FOR_EACH_STEP

#define INTERJECT_VISIT_FIELD(name) visit(#name, self.name);
#define INTERJECT_CAF1_FIELD(name) , f.field(#name, self.name)
#define INTERJECT_COUNT_FIELD(name) +1

/// Inside the body of struct `T`: `T::visit_fields(object, visit)` calls `visit(name, member)` for
/// each listed member, in order, and `T::field_count` is how many there are. Append new fields at
/// the end: stored rows of an older version then still load, the missing fields keeping their
/// defaults.
#define INTERJECT_FIELDS(T, ...)                                                                   \
  static constexpr int field_count = 0 INTERJECT_FOR_EACH(INTERJECT_COUNT_FIELD, __VA_ARGS__);     \
  template <class Self, class Visit> static void visit_fields(Self& self, Visit&& visit) {         \
    INTERJECT_FOR_EACH(INTERJECT_VISIT_FIELD, __VA_ARGS__)                                         \
    (void)self;                                                                                    \
    (void)visit;                                                                                   \
  }

namespace interject {

template <class T>
concept has_fields = requires {
  T::field_count;
};

} // namespace interject
